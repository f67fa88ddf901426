"""The loop: one training step, one epoch, one validation. Read it from top to bottom; it is the same for every task."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.errors import DatasetInvalid, LossNotFinite, MemoryExhausted, ParameterInvalid
from BaseDT.language import english, say
from MMEdu.engine import footprint, optim
from MMEdu.engine.device import Precision
from MMEdu.engine.distributed import Group
from MMEdu.engine.events import Iteration, Listener, Notice, Pulse
from MMEdu.engine.feed import Feed
from MMEdu.engine.pace import Pace
from MMEdu.engine.protocol import Batch, FollowsSteps, KeepsAverage, Metrics, OwnsStep, Task
from MMEdu.models.recipe import Schedule

_PULSE = 0.5


@dataclass
class Trainer:
    """What a step needs. ``micro_batch`` samples are computed at a time; gradients of a batch are summed over them.

    Attributes:
        optimizers: By the names that the task gives them; the first one's rate is the one that is logged.
        average: The average of weights that is validated and saved; None where the task keeps none.
        pace: Chooses the threads of every step; None where their number is fixed.
        first_epoch: Where the schedule of the rate begins, counted from 0: that of a run's second phase anew.
        log_interval: A line of the log after so many steps.
    """

    task: Task
    model: nn.Module
    optimizers: Mapping[str, torch.optim.Optimizer]
    precision: Precision
    device: torch.device
    group: Group
    emit: Listener
    schedule: Schedule
    lr: float
    epochs: int
    micro_batch: int
    clip_norm: float | None = None
    pace: Pace | None = None
    first_epoch: int = 0
    log_interval: int = 10

    def __post_init__(self) -> None:
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision.name == "float16")
        self.learner = self.task.trained(self.model)
        self.wrapped = self.group.wrap(self.learner, self.device)
        self.average = self.task.average(self.model) if isinstance(self.task, KeepsAverage) else None
        self._follower = self.task if isinstance(self.task, FollowsSteps) else None

    @property
    def evaluated(self) -> nn.Module:
        """The network that is validated, saved and exported: the average where there is one."""
        return self.model if self.average is None else self.average.module

    @property
    def current_lr(self) -> float:
        """The learning rate that is logged."""
        return float(next(iter(self.optimizers.values())).param_groups[0]["lr"])

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Learn from one batch; returns its losses, still on the device."""
        losses = self.task.step(self, batch) if isinstance(self.task, OwnsStep) else self._fitting_step(batch)
        if self.average is not None:
            self.average.update_parameters(self.model)
        if self._follower is not None:
            self._follower.after_step(losses)
        return losses

    def _fitting_step(self, batch: Batch) -> dict[str, Tensor]:
        """Take a step, in smaller parts where memory runs out."""
        while True:
            try:
                return self._gradient_step(batch)
            except ValueError as error:
                if not is_alone(error):
                    raise
                raise alone() from error
            except (RuntimeError, MemoryError) as error:
                if self.group.world > 1 or not footprint.is_out_of_memory(error):
                    raise
                self._clear_gradients()
                self._halve(len(batch), error)

    def _gradient_step(self, batch: Batch) -> dict[str, Tensor]:
        parts = batch.split(self.micro_batch, least=2)
        totals: dict[str, Tensor] = {}
        for number, part in enumerate(parts, start=1):
            share = self.task.weight(part) / self.task.weight(batch) if len(parts) > 1 else 1.0
            with self._gradients_stay_here(more=number < len(parts)):
                losses = self._losses(part)
                self.scaler.scale(losses["loss"] * share).backward()  # type: ignore[no-untyped-call]
            for name, value in losses.items():
                totals[name] = totals.get(name, 0.0) + value.detach() * share
        self._clip_gradients()
        for optimizer in self.optimizers.values():
            self.scaler.step(optimizer)
        self.scaler.update()
        self._clear_gradients()
        return totals

    def _clear_gradients(self) -> None:
        for optimizer in self.optimizers.values():
            optimizer.zero_grad(set_to_none=True)

    def _clip_gradients(self) -> None:
        """Clip the gradients' norm where the recipe says so."""
        if self.clip_norm is not None:
            for optimizer in self.optimizers.values():
                self.scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm, foreach=True)

    def _losses(self, part: Batch) -> dict[str, Tensor]:
        inputs = self.task.inputs(part, self.device)
        with self.precision.autocast():
            return self.task.losses(self.wrapped, inputs)

    def _gradients_stay_here(self, *, more: bool) -> AbstractContextManager[Any]:
        if more and self.group.world > 1:
            return self.wrapped.no_sync()  # type: ignore[operator,no-any-return]
        return nullcontext()

    def computes_alone(self) -> bool:
        """Tell whether the network can train with one sample at a time."""

        enter_training(self.learner)
        return footprint.computes(self.learner, partial(trial_loss, self), 1)

    def _halve(self, batch_size: int, error: BaseException) -> None:
        size = min(self.micro_batch, batch_size)
        half = (size + 1) // 2
        if size <= 1 or (half == 1 and not self.computes_alone()):
            raise out_of_memory(size) from error
        self.micro_batch = half
        self.emit(Notice(halved_text(self.micro_batch)))


def trial_loss(trainer: Trainer, size: int, precision: Precision | None = None) -> Tensor:
    """Compute the loss of made-up samples; in the run's precision where none is given."""
    inputs = trainer.task.dummy_inputs(size, trainer.device)
    with (precision or trainer.precision).autocast():
        return trainer.task.losses(trainer.learner, inputs)["loss"]


def out_of_memory(size: int = 1) -> MemoryExhausted:
    """Make the error of the smallest batch that can be computed, which does not fit: one picture, or two."""
    hint = say("Use a smaller image_size or model.", "请减小 image_size 或换一个更小的模型。")
    text = say(
        f"There is not enough memory for a batch of {'two' if size > 1 else 'one'}.",
        f"内存不足，连一批 {2 if size > 1 else 1} 张图片都放不下。",
    )
    return MemoryExhausted(text, hint=hint)


def is_alone(error: BaseException) -> bool:
    """Tell whether a network refused a batch because one value has no variance: it normalises maps of one pixel."""
    return isinstance(error, ValueError) and "more than 1 value per channel" in str(error)


def alone() -> ParameterInvalid:
    """Make the error of a single picture that a network cannot train with."""
    return ParameterInvalid(
        say(
            "This model cannot train with a single picture: there is nothing to normalise over.",
            "该模型无法只用一张图片训练：没有可以归一化的数据。",
        ),
        hint=say("Add pictures, or choose a larger image_size.", "请增加图片，或增大 image_size。"),
    )


def halved_text(micro_batch: int) -> str:
    """Say that batches are computed in parts."""
    return say(
        f"Memory is short: a batch is computed {micro_batch} pictures at a time; its size for the training stays.",
        f"内存不足：每批图片将分次计算，每次 {micro_batch} 张；训练的批大小不变。",
    )


class Meter:
    """Means since the last line of the log. Losses stay on the device until they are read."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._losses: dict[str, Tensor] = {}
        self._count = 0
        self._waited = 0.0
        self._since = time.perf_counter()

    def add(self, losses: Mapping[str, Tensor], waited: float) -> None:
        """Count one iteration."""
        for name, value in losses.items():
            self._losses[name] = self._losses[name] + value if name in self._losses else value
        self._count += 1
        self._waited += waited

    def read(self) -> tuple[dict[str, float], float, float]:
        """Return mean losses, seconds per iteration and seconds of waiting for data; start anew."""
        count = max(1, self._count)
        losses = {name: float(value) / count for name, value in self._losses.items()}  # waits for the device
        now = time.perf_counter()
        means = losses, (now - self._since) / count, self._waited / count
        self._reset()
        return means


class StopSignal(Protocol):
    """Ends a training between two steps, as Ctrl-C does: a ``threading.Event``, for instance."""

    def is_set(self) -> bool:
        """Whether the training is to end."""


def train_epoch(trainer: Trainer, feed: Feed, epoch: int, stop: StopSignal | None = None, passes: int = 1) -> None:
    """Train for one epoch, counted from 0, or for the few of a turn.

    Args:
        trainer: What a step needs.
        feed: Gives the batches.
        epoch: Counted from 0.
        stop: Looked at before every step; the leading process decides for all.
        passes: Epochs that the feed's batches are (``RunParts.passes``).

    Raises:
        KeyboardInterrupt: ``stop`` is set.
        LossNotFinite: The loss is NaN or infinite (-802).
    """
    enter_training(trainer.wrapped)
    meter = Meter()
    steps, pulse = feed.steps, _Pulse(trainer.emit, say("Training", "训练"))
    for done, (batch, waited) in enumerate(_timed(feed.epoch(epoch)), start=1):
        if stop is not None and trainer.group.share(stop.is_set()):
            raise KeyboardInterrupt
        step = (epoch - trainer.first_epoch) * steps + done - 1
        epochs = trainer.epochs - trainer.first_epoch
        factor = optim.lr_factor(trainer.schedule, step=step, steps_per_epoch=steps, epochs=epochs)
        for optimizer in trainer.optimizers.values():
            optim.set_lr(optimizer, trainer.lr * factor)
        with trainer.pace.step(len(batch)) if trainer.pace else nullcontext():
            losses = trainer.step(batch)
        meter.add(losses, waited)
        pulse(step + 1, steps * epochs)
        if done % trainer.log_interval == 0 or done == steps:
            _report(trainer, meter, epoch + passes - 1, done, steps, trainer.lr * factor, passes)


def enter_training(model: nn.Module) -> None:
    """Set training mode; parts whose every parameter is frozen stay in evaluation, statistics and all."""
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(p.requires_grad for p in parameters):
            module.eval()


def _timed(batches: Iterator[Batch]) -> Iterator[tuple[Batch, float]]:
    """Pair every batch with the seconds that were spent waiting for it."""
    start = time.perf_counter()
    for batch in batches:
        yield batch, time.perf_counter() - start
        start = time.perf_counter()


def _report(trainer: Trainer, meter: Meter, epoch: int, done: int, steps: int, lr: float, passes: int) -> None:
    losses, seconds, waited = meter.read()
    left = ((trainer.epochs - epoch) * steps - done) / passes
    used = footprint.peak_mb(trainer.device)
    if not all(map(math.isfinite, losses.values())):
        raise _diverged(losses["loss"], epoch + 1, done, lr)
    threads = trainer.pace.threads if trainer.pace else None
    trainer.emit(
        Iteration(epoch + 1, trainer.epochs, done, steps, lr, losses, seconds, waited, used, left * seconds, threads)
    )


def _diverged(loss: float, epoch: int, iteration: int, lr: float) -> LossNotFinite:
    hint = say(
        f"The learning rate {lr:g} is probably too large: try lr={lr / 10:g}. The last good checkpoint is kept.",
        f"学习率 {lr:g} 可能过大，请试试 lr={lr / 10:g}。上一个正常的权重文件已保留。",
    )
    position = (
        say(f"epoch {epoch}, iteration {iteration}", f"第 {epoch} 轮第 {iteration} 次迭代")
        if iteration > 0
        else say(f"epoch {epoch}", f"第 {epoch} 轮")
    )
    return LossNotFinite(
        say(f"The loss became {loss} in {english(position)}.", f"{position}的 loss 变成了 {loss}。"), hint=hint
    )


class _Pulse:
    """Tells bars how far a work is, twice a second at most."""

    def __init__(self, emit: Listener, what: str) -> None:
        self._emit, self._what = emit, what
        self._last = time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        if time.perf_counter() - self._last > _PULSE:
            self._last = time.perf_counter()
            self._emit(Pulse(self._what, done, total))


def check_finite(trainer: Trainer, epoch: int) -> None:
    """Make sure that no weight became NaN or infinite since the loss was last read.

    Raises:
        LossNotFinite: One did (-802).
    """
    for name, value in trainer.evaluated.state_dict().items():
        if not bool(torch.isfinite(value).all()):
            error = _diverged(math.nan, epoch, -1, trainer.current_lr)
            error.message = say(f"{error.message_en} (first seen in {name})", f"{error.message}（首先出现在 {name}）")
            raise error


Predict = Callable[[nn.Module, Batch, torch.device], npt.NDArray[Any]]


def predict_all(
    trainer: Trainer, feed: Feed, predict: Predict | None = None, progress: Callable[[int, int], None] | None = None
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Predict every sample of a feed: rows and the indices they belong to, in order, the same in every process.

    Args:
        trainer: Whose network predicts, in evaluation mode.
        feed: Gives the samples.
        predict: Makes one row for each of a batch; None is the task's own.
        progress: Called with the batches that are done, and all; None is for validation.

    Raises:
        DatasetInvalid: Not one of the files can be read any more (-201).
    """
    trainer.evaluated.eval()
    trainer.group.align(trainer.evaluated)
    own_rows: list[tuple[npt.NDArray[Any], npt.NDArray[np.int64]]] = []
    progress = progress or _Pulse(trainer.emit, say("Validating", "验证"))
    predict = predict or trainer.task.predict
    with torch.inference_mode(), trainer.precision.autocast():
        for done, batch in enumerate(feed.epoch(0), start=1):
            if len(batch):
                parts = batch.split(2 * trainer.micro_batch)
                own_rows += [(_predict(predict, trainer, part), part.indices) for part in parts]
            progress(done, feed.steps)
    pairs = [pair for part in trainer.group.collect(own_rows) for pair in part]
    if not pairs:
        hint = say("Is the drive still there?", "请检查磁盘或U盘是否还在。")
        raise DatasetInvalid(
            say("Not one of the pictures can be read any more.", "图片已经没有一张可以读取。"), hint=hint
        )
    pairs.sort(key=lambda pair: int(pair[1][0]))
    return np.concatenate([rows for rows, _ in pairs]), np.concatenate([indices for _, indices in pairs])


def _predict(predict: Predict, trainer: Trainer, batch: Batch) -> npt.NDArray[Any]:
    """Predict a batch, in halves where memory is short."""
    try:
        return predict(trainer.evaluated, batch, trainer.device)
    except (RuntimeError, MemoryError) as error:
        if not footprint.is_out_of_memory(error):
            raise
        if len(batch) == 1:
            raise out_of_memory() from error
    return np.concatenate([_predict(predict, trainer, part) for part in batch.split((len(batch) + 1) // 2)])


def validate(trainer: Trainer, feed: Feed) -> tuple[Metrics, npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Measure the model on the validation set."""
    predictions, indices = predict_all(trainer, feed)
    return trainer.task.metrics(predictions, indices), predictions, indices
