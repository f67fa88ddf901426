"""A run: from a plan to a folder with checkpoints and a log. Sets up, loops over epochs, ends in order."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy.typing as npt
import psutil
import torch

from BaseDT import files
from BaseDT.errors import TrainingInterrupted, XEduError
from BaseDT.interrupts import Ending
from BaseDT.language import say
from MMEdu.engine import checkpoint, device, run_folder
from MMEdu.engine.distributed import Group
from MMEdu.engine.events import (
    EpochFinished,
    Listener,
    LogLine,
    Notice,
    RunFailed,
    RunFinished,
    RunStarted,
    Validated,
    silent,
)
from MMEdu.engine.feed import Feed
from MMEdu.engine.fitting import fit_memory
from MMEdu.engine.listeners.logfile import LogFile
from MMEdu.engine.loop import StopSignal, Trainer, check_finite, train_epoch, validate
from MMEdu.engine.pace import Pace
from MMEdu.engine.plan import Outcome, Plan, SecondPhase
from MMEdu.engine.precision_trial import faster_precision
from MMEdu.engine.protocol import DescribesScores
from MMEdu.engine.resuming import (
    check_same_run,
    edited_is_refused,
    going_on,
    progress_of,
    read_interrupted,
    restore,
    where_to_resume,
)
from MMEdu.engine.saving import RunProgress, Saver
from MMEdu.engine.slow_kernels import slow_layers_in_float32


class Run:
    """One training, from its first line to its last file.

    Args:
        plan: What is to be done.
        group: The processes that do it together.
        listener: Told of everything, in the leading process only.
        stop: Ends the run between two steps, as Ctrl-C does; None never.
    """

    def __init__(self, plan: Plan, group: Group, listener: Listener, stop: StopSignal | None = None) -> None:
        self.plan, self.group, self._stop = plan, group, stop
        self._listener = listener if group.leads else silent
        self._log: LogFile | None = None
        self._lock: run_folder.FolderLock | None = None
        self._best: Sequence[npt.NDArray[Any]] | None = None
        self._trained: Trainer | None = None
        self._unfinished: Path | None = None
        self._threads = torch.get_num_threads()
        self.state = RunProgress(threads=self._threads if plan.settings.seeded else 0)
        keep, every = plan.settings.max_keep_ckpts, plan.parts.save_every
        self.saver = Saver(plan.save_fold, plan.meta, plan.parts.best_key, self.emit, keep=keep, every=every)

    def emit(self, event: Any) -> None:
        """Tell the log and the listener."""
        if self._log is not None:
            self._log(event)
        self._listener(event)

    def execute(self) -> Outcome:
        """Train to the end.

        Raises:
            TrainingInterrupted: The user stopped it (-801).
            XEduError: It could not go on; what was saved stays, and the event names it.
        """
        with Ending() as ending:  # a second Ctrl-C does not spoil what the first one has saved
            return self._guarded(ending)

    def _guarded(self, ending: Ending) -> Outcome:
        threads, of_torch = cv2.getNumThreads(), torch.get_num_threads()
        cv2.setNumThreads(1)  # the feed's threads are the parallel ones
        started = time.perf_counter()
        try:
            with device.large_buffers_kept():
                self._execute()
        except KeyboardInterrupt as error:
            ending.begins()
            raise self._interrupted() from error
        except XEduError as error:
            self._save_the_rest()
            self._add_last_checkpoint(error)
            self.emit(RunFailed(str(error), self.saver.last))
            raise
        except Exception as error:
            self.emit(RunFailed(repr(error), self.saver.last))
            raise
        finally:
            if self._lock is not None:
                self._lock.release()
            cv2.setNumThreads(threads)
            if torch.get_num_threads() != of_torch:
                torch.set_num_threads(of_torch)
        best, latest = self.saver.best_file(self.state.best_epoch), self.plan.save_fold / checkpoint.LATEST
        self.emit(RunFinished(time.perf_counter() - started, (best, latest) if best else (latest,)))
        # A script under torchrun reads the log in every process: log[-1].
        log = self.group.share(self._log.lines if self._log else [])
        return Outcome(log, best, latest, self._log.path if self._log else None, *(self._best or (None, None)))

    def _execute(self) -> None:
        settings = self.plan.settings
        trainer = self._trainer()
        if self.group.leads:
            self._lock = run_folder.FolderLock(self.plan.save_fold)
        interrupted = read_interrupted(self.plan.save_fold) if settings.resume else None
        if interrupted:
            trainer, notices = self._resume(trainer, interrupted)
        else:
            notices = self.plan.load(trainer.model)
        self._choose_precision(trainer, resumed=interrupted is not None)
        self._open_log(trainer)
        for text in notices:
            self.emit(Notice(text))
        self._prepare(trainer)
        if self.group.leads:
            self.saver.limit_to_disk(trainer.model, settings.epochs)
        second = self.plan.parts.second
        if second is not None and self.state.epoch <= second.after:
            self._train(trainer, second.after)
            if self._is_worthwhile(second):
                self.state = replace(self.state, second_from=self.state.epoch)
                trainer = self._second_phase(trainer, second)
                self._choose_precision(trainer, resumed=False)
                self._prepare(trainer)
        self._train(trainer, settings.epochs)
        self._say_where_it_stopped()
        if self._best is None and self.plan.parts.val is not None:
            self._predict_with_best(trainer, self.plan.parts.val)
        self._say_what_was_learnt()

    def _prepare(self, trainer: Trainer) -> None:
        """Compute what every epoch needs, and choose parts of a batch and threads that suit this computer."""
        self.plan.parts.prepare(trainer)
        fit_memory(trainer, str(self.plan.header.get("backbone", "")))
        trainer.pace = self._pace(trainer)

    def _train(self, trainer: Trainer, epochs: int) -> None:
        with slow_layers_in_float32(trainer.learner, trainer.precision):
            while self.state.epoch < epochs and not self._is_patience_over():
                self._trained = trainer
                passes = min(self.plan.parts.passes, epochs - self.state.epoch)
                train_epoch(trainer, self.plan.parts.train, self.state.epoch, self._stop, passes)
                self._finish_epoch(trainer, self.state.epoch + passes)

    def _is_worthwhile(self, second: SecondPhase) -> bool:
        """Ask the task's room; the leading process decides for all, whose clocks differ."""
        if self.state.best is None or self._is_patience_over():
            return False
        worthwhile, text = second.judge(self.state.best)
        self.emit(Notice(text))
        return self.group.share(worthwhile)

    def _second_phase(self, trainer: Trainer, second: SecondPhase) -> Trainer:
        """Go on with the same network, of which more learns; the state tells after which epoch."""
        self.saver.flush()
        torch.set_num_threads(self._threads)
        second.thaw(trainer.model)
        parts = replace(second.parts(self.plan.parts), build=lambda: trainer.model)
        settings = replace(self.plan.settings, lr=second.lr)
        self.plan = replace(self.plan, parts=parts, recipe=second.recipe, settings=settings)
        self.saver.every = parts.save_every
        return self._trainer(first_epoch=self.state.second_from)

    def _say_what_was_learnt(self) -> None:
        """Tell the user what the best epoch's validation says, in the task's own words."""
        task = self.plan.parts.task
        if self.group.leads and self._best is not None and isinstance(task, DescribesScores):
            predictions, indices = self._best
            for line in task.closing_words(self._log.lines if self._log else [], predictions, indices):
                self.emit(Notice(line))

    def _choose_precision(self, trainer: Trainer, *, resumed: bool) -> None:
        """Take the precision that is faster here; a run that goes on keeps its own."""
        settings, plan = self.plan.settings, self.plan
        if settings.precision == "auto" and resumed and self.state.precision:
            trainer.precision = device.choose_precision(self.state.precision, trainer.device, bfloat16_wins=False)
        elif (
            settings.precision == "auto"
            and not resumed
            and trainer.device.type == "cpu"
            and self.group.world == 1
            and device.cpu_has_bfloat16()
        ):
            size = plan.meta.get("preprocess", {}).get("size")
            samples = settings.epochs * plan.parts.size
            trainer.precision = faster_precision(trainer, str(plan.header.get("backbone", "")), size, samples)
        self.state = replace(self.state, precision=trainer.precision.name)

    def _pace(self, trainer: Trainer) -> Pace | None:
        """Measure the number of threads where there is one to choose: not with a given seed, nor in several processes.

        One thread and two add the same numbers in another order, and the sums differ in their last digits.
        """
        threads = torch.get_num_threads()  # ``prepare`` may have lowered it
        if threads == 1 or self.state.threads or trainer.device.type != "cpu" or self.group.world > 1:
            return None
        return Pace(threads)

    def _predict_with_best(self, trainer: Trainer, val: Feed) -> None:
        """The best epoch was before the interruption: its predictions are needed for the report all the same."""
        file = self.saver.best_file(self.state.best_epoch)
        if self.group.share(file is not None and file.exists()) and file is not None:
            trainer.evaluated.load_state_dict(checkpoint.read(file)["state_dict"])
            _, *self._best = validate(trainer, val)

    def _trainer(self, first_epoch: int = 0) -> Trainer:
        plan, settings = self.plan, self.plan.settings
        target = device.resolve(settings.device)
        if target.type == "cuda" and self.group.world > 1:
            target = torch.device("cuda", self.group.local_rank)
        precision = device.choose_precision(settings.precision, target, bfloat16_wins=plan.recipe.bfloat16)
        torch.manual_seed(settings.seed)
        model = plan.parts.build().to(target, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return Trainer(
            task=plan.parts.task,
            model=model,
            optimizers=plan.parts.optimizers(model),
            precision=precision,
            device=target,
            group=self.group,
            emit=self.emit,
            schedule=plan.recipe.schedule,
            lr=settings.lr,
            epochs=settings.epochs,
            micro_batch=settings.batch_size,
            clip_norm=plan.recipe.clip_norm,
            first_epoch=first_epoch,
            log_interval=settings.log_interval,
        )

    @edited_is_refused()
    def _resume(self, trainer: Trainer, content: Mapping[str, Any]) -> tuple[Trainer, list[str]]:
        check_same_run(content["meta"], self.plan.meta, self.plan.fixed)
        self.state = progress_of(content["meta"])
        if self.state.threads:
            self._threads = min(self.state.threads, self._threads)
            torch.set_num_threads(self._threads)
        second = self.plan.parts.second
        if self.state.second_from and second is not None:
            trainer = self._second_phase(trainer, second)
        restore(trainer, content)
        if best := self.state.best:
            self.plan.parts.task.better(best, best, self.plan.parts.best_key)  # can be compared
        trainer.micro_batch = self.state.micro_batch  # parts of a batch are normalised each by itself
        self.saver.last = self.plan.save_fold / checkpoint.LATEST
        if self.group.leads:
            self.saver.forget_later_epochs(self.state.epoch, self.plan.settings.epochs)
            self.saver.remove_other_bests(self.state.best_epoch)
        return trainer, [going_on(self.state.epoch, self.plan.settings.epochs, patience_over=self._is_patience_over())]

    def _open_log(self, trainer: Trainer) -> None:
        self.group.collect(True)  # all have read their weights: they may lie among the older run's files
        if not self.group.leads:
            return
        folder = self.plan.save_fold
        aside = None if self.plan.settings.resume else run_folder.put_aside(folder, self.plan.report_files)
        files.sweep(folder)
        self._log = LogFile(folder, self.state.log, self.state.epoch)
        self.state = replace(self.state, log=self._log.path.name)
        self.emit(RunStarted(self._environment(trainer), self.plan.settings.epochs))
        if aside is not None:
            text = f"An older training was in {folder}: its files are now in {aside.name}."
            self.emit(Notice(say(text, f"{folder} 中有以前的训练结果，已移到其中的 {aside.name} 文件夹。")))

    def _environment(self, trainer: Trainer) -> LogLine:
        """Return the first line of the log: what was asked for, and what it runs on."""
        return {
            "mode": "env",
            **self.plan.header,
            "device": str(trainer.device),
            "precision": trainer.precision.name,
            "threads": torch.get_num_threads(),
            "threads_fixed": self.state.threads > 0,
            "processes": self.group.world,
            "iterations_per_epoch": self.plan.parts.train.steps,
            "time": time.strftime("%Y-%m-%d %H:%M:%S"),
            "started": psutil.Process().create_time(),
        }

    def _finish_epoch(self, trainer: Trainer, epoch: int) -> None:
        metrics, is_best, description = None, False, None
        check_finite(trainer, epoch)
        if self.plan.parts.val is not None and self._is_validated(epoch):
            metrics, predictions, indices = validate(trainer, self.plan.parts.val)
            self.emit(Validated(epoch, self.plan.parts.train.steps, trainer.current_lr, metrics))
            best = self.state.best
            is_best = best is None or trainer.task.better(metrics, best, self.plan.parts.best_key)
            if self.group.leads and isinstance(trainer.task, DescribesScores):
                description = trainer.task.description(predictions, indices)
            if is_best:
                self._best = predictions, indices
                self.state = replace(self.state, best=dict(metrics), best_epoch=epoch)
        self.state = replace(self.state, epoch=epoch, micro_batch=trainer.micro_batch)
        if self.group.leads:
            state, is_last = self.state, epoch == self.plan.settings.epochs or self._is_patience_over()
            self.saver.save(trainer, state, metrics, is_best=is_best, is_last=is_last, description=description)
        self.emit(EpochFinished(epoch, self.plan.settings.epochs))

    def _is_validated(self, epoch: int) -> bool:
        """Whether a validation follows an epoch, counted from 1: after each that is due, and the last of a phase."""
        second, settings = self.plan.parts.second, self.plan.settings
        last = (settings.epochs, second.after if second is not None else 0)
        return epoch % settings.eval_interval == 0 or epoch in last

    def _is_patience_over(self) -> bool:
        patience = self.plan.settings.early_stop
        if not patience or self.plan.parts.val is None:
            return False
        return self.state.epoch - max(self.state.best_epoch, self.state.second_from) >= patience

    def _say_where_it_stopped(self) -> None:
        if self.state.epoch < self.plan.settings.epochs:
            best = self.state.best_epoch
            text = f"No better since epoch {best}: stopped early."
            self.emit(Notice(say(text, f"第 {best} 轮之后没有提高，提前结束训练。")))

    def _interrupted(self) -> TrainingInterrupted:
        error = TrainingInterrupted(say("The training was stopped.", "训练已停止。"))
        self._save_the_rest()
        self._save_unfinished()
        self._add_last_checkpoint(error)
        self.emit(RunFailed(str(error), self.saver.last or self._unfinished))
        return error

    def _save_the_rest(self) -> None:
        """Write what waits for a later saving; where that fails, the last saving still stands."""
        try:
            self.saver.flush()
        except (XEduError, MemoryError, RuntimeError, KeyboardInterrupt) as error:
            text = f"The epochs since the last saving could not be written: {error!s}"
            self.emit(Notice(say(text, f"上次保存之后的训练结果未能写入：{error!s}")))

    def _save_unfinished(self) -> None:
        """Write the weights of a first epoch that the user stopped, if they learned anything: it may have been long."""
        trainer = self._trained
        if trainer is None or self.state.epoch or not self.group.leads:
            return
        if any(optimizer.state for optimizer in trainer.optimizers.values()):
            with contextlib.suppress(XEduError, MemoryError, RuntimeError, KeyboardInterrupt):
                self._unfinished = self.saver.save_unfinished(trainer)

    def _add_last_checkpoint(self, error: XEduError) -> None:
        if self._log is None:  # it never began
            return
        if (last := self.saver.last) is not None:
            text = where_to_resume(last)
        elif (weights := self.saver.newest_epoch) is not None:
            text = say(
                f"Its weights are in {weights}: checkpoint= starts from them.",
                f"权重已保存：{weights}；可用 checkpoint= 从它开始训练。",
            )
        elif self._unfinished is not None:
            text = say(
                f"No epoch was whole yet; the weights so far are in {self._unfinished}: checkpoint= starts from them.",
                f"还没有完成一轮训练；目前的权重已保存：{self._unfinished}；可用 checkpoint= 从它开始训练。",
            )
        else:
            text = say("No epoch was whole yet; nothing was saved.", "还没有完成一轮训练，没有保存权重。")
        error.hint = f"{error.hint}\n{text}".strip()
