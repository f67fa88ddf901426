"""Training: the data set of a model, a run from arguments to files, and what it left. The plan is assembled here alone.

Classes, networks and batches come from the task's room (``tasks.spec.TaskSpec``); the engine runs the plan.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT import argument_schema, fonts
from BaseDT.arguments import PathLike, check_choice, check_integer
from BaseDT.dataset.check import damaged_error
from BaseDT.errors import (
    CannotResume,
    DatasetNotLoaded,
    DiskFull,
    ParameterInvalid,
    PathNotWritable,
)
from BaseDT.escaping import quoted
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.preprocess import Preprocess
from MMEdu.actions.checkpoints import check_class_count
from MMEdu.actions.training_result import TrainingResult
from MMEdu.engine.events import Listener, Notice, Pulse
from MMEdu.engine.run_settings import RunSettings, drawn_seed
from MMEdu.models.adapting import adapted
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train
from MMEdu.tasks.arguments import TrainArguments
from MMEdu.tasks.spec import RunContext, TaskData, TaskSpec

if TYPE_CHECKING:  # neither torch nor the engine is loaded before a training begins
    from MMEdu.engine.distributed import Group
    from MMEdu.engine.loop import StopSignal
    from MMEdu.engine.plan import Outcome, Plan, RunParts
    from MMEdu.weights.initial_weights import InitialWeights

_OF_THE_INPUT = ("fit", "flip")
"""Arguments that shape what the network sees; a resumed run keeps them where they are left open."""


@dataclass(frozen=True)
class LoadedDataset:
    """A data set in memory.

    Attributes:
        data: The task's own.
        paths: The arguments that lead to it again, in other processes.
    """

    data: TaskData
    paths: Mapping[str, Path]


@dataclass
class TrainingSession:
    """The trainings of one model: its data set, the folder of the last run, and what that left.

    Attributes:
        spec: The task.
        backbone: What the user chose: a model's name, or the path of a recipe.
        entry: The model.
        dataset: What ``load_dataset`` read; None before.
        folder: Where the last run wrote, be it whole or not; None before the first.
        result: What the last run left; None before the first, and after one that ended early.
    """

    spec: TaskSpec
    backbone: str
    entry: ModelEntry
    dataset: LoadedDataset | None = None
    folder: Path | None = None
    result: TrainingResult | None = None

    def load_dataset(self, path: PathLike, check: bool | str, listener: Listener, **paths: PathLike | None) -> None:
        """Read a data set, and decode every file once where that is asked for.

        Args:
            path: Its folder.
            check: True names all damaged files in one error; ``"skip"`` leaves them out; False trusts the folder.
            listener: Told of notes and progress.
            paths: For folders of another shape, what of it is where; relative to ``path`` or absolute.

        Raises:
            XEduError: See the task's ``load_data``.
            DatasetInvalid: Files are damaged (-201).
        """
        check_choice("check", check, (True, False, "skip"))
        data: TaskData = self.spec.part("load_data")(self.entry, path, **paths)
        require_train()
        # A check finds on its own what else there is to say; not every task has something.
        unchecked = () if check else getattr(data, "unchecked_notes", ())
        for note in (*data.notes, *unchecked):
            listener(Notice(note))
        if check:
            data = _checked(data, listener, skip=check == "skip")
        others = {name: data.root / place for name, place in paths.items() if place is not None}
        self.dataset = LoadedDataset(data, {"path": data.root, **others})

    def leave_out(self, paths: Sequence[Path]) -> None:
        """Use the data set less some files, which another process found damaged."""
        assert self.dataset is not None
        self.dataset = replace(self.dataset, data=self.dataset.data.without(paths))

    def refuse_mixing(self, folder: Path) -> None:
        """Raise where what is written into a folder would lie among the pictures of the data set (-305)."""
        if self.dataset is None or not self.dataset.data.would_mix(folder):
            return
        example = quoted(str(self.dataset.data.root.with_name("my_model")), 300)
        raise ParameterInvalid(
            say(
                f"save_fold={quoted(str(folder))} lies in the data set: the pictures that are drawn there would be "
                "taken for its own.",
                f"save_fold={quoted(str(folder))} 在数据集文件夹中：输出的图片会与数据集的图片混在一起。",
            ),
            hint=say(
                f"Choose a folder outside of it, e.g. save_fold={example}.",
                f"请选择数据集以外的文件夹，例如 save_fold={example}。",
            ),
        )

    def train(
        self,
        arguments: TrainArguments,
        folder: Path,
        listener: Listener,
        *,
        num_classes: int = -1,
        stop: StopSignal | None = None,
    ) -> TrainingResult:
        """Train in this process, in several, or as one of several.

        Args:
            arguments: Checked by ``checked_arguments``.
            folder: Where everything is written.
            listener: Told of everything.
            num_classes: What the user says; -1 leaves it to the data.
            stop: Ends the run between two steps, as Ctrl-C does; None is that of whoever runs the program.

        Raises:
            XEduError: Named by its code; a run that ends early keeps its last checkpoint and says where it is.
        """
        if self.dataset is None:
            raise _no_dataset()
        self.refuse_mixing(folder)
        require_train()
        _load_torch(listener)
        from MMEdu.actions import distributed_job
        from MMEdu.engine.device import resolve
        from MMEdu.engine.host import stop_of_host
        from MMEdu.engine.resuming import read_interrupted
        from MMEdu.weights import pretrained
        from MMEdu.weights.initial_weights import InitialWeights
        from XEdu.weights import weights_folder

        stop = stop_of_host() if stop is None else stop
        arguments = pretrained.with_usual_start(self.entry, arguments)
        weights = pretrained.requested(self.entry, vars(arguments))
        _check_class_count(num_classes, getattr(self.dataset.data, "classes", None))
        resolve(arguments.device)
        launches = arguments.distributed and not distributed_job.is_launched()
        interrupted = read_interrupted(folder)["meta"] if arguments.resume else None
        arguments = _as_before(arguments, interrupted)
        entry = pretrained.suited(_adapted(self.entry, arguments), weights)
        file = arguments.checkpoint if weights is None else weights_folder.place_of(weights)
        resolved, lines = self.spec.part("resolve")(
            arguments, entry, self.dataset.data, starts=file is not None, interrupted=interrupted
        )
        seed = _seed(arguments.random_seed, interrupted)
        start = None if file is None else InitialWeights(file)
        if interrupted is not None:  # an interrupted run reads its own file
            entry = _as_interrupted(entry, interrupted)
        elif weights is not None:
            start = InitialWeights(weights_folder.obtain(weights, listener))
        elif start is not None and not launches:  # each process reads for itself
            entry, changed = start.matching_entry(entry)
            lines = [*lines, *changed]
        entry = self.dataset.data.suited(entry)
        self.dataset = replace(self.dataset, data=self.dataset.data.prepared_for(entry))
        self.result, self.folder = None, folder  # an interrupted run leaves something there, too
        if launches:
            job = distributed_job.Job.of(self, replace(arguments, random_seed=seed), folder)
            self.result = distributed_job.run(job, listener, stop)
            return self.result
        for line in lines:
            listener(Notice(line))
        seeded, resolved = arguments.random_seed != 0, replace(resolved, random_seed=seed)
        self.result = self._run_here(entry, resolved, folder, start, listener, stop, seeded=seeded)
        return self.result

    def _run_here(
        self,
        entry: ModelEntry,
        arguments: TrainArguments,
        folder: Path,
        start: InitialWeights | None,
        listener: Listener,
        stop: StopSignal | None,
        *,
        seeded: bool,
    ) -> TrainingResult:
        """Train in this process, joined with others where torch's launcher started several."""
        from MMEdu.engine import device, distributed
        from MMEdu.engine.run import Run

        assert self.dataset is not None
        data = self.dataset.data if arguments.validate else _all_to_train_on(self.dataset.data, listener)
        with distributed.joined(device.resolve(arguments.device).type) as group:
            arguments = replace(arguments, random_seed=group.share(arguments.random_seed))
            context = RunContext(entry, data, arguments, group, listener, start is not None)
            plan = make_plan(self.spec, context, folder, start, seeded=seeded)
            outcome = Run(plan, group, listener, stop).execute()
            report = self._report(data, outcome, folder, listener) if group.leads else ()
        return TrainingResult(outcome.log, outcome.best_file, outcome.latest_file, outcome.log_file, report)

    def _report(self, data: TaskData, outcome: Outcome, folder: Path, listener: Listener) -> tuple[Path, ...]:
        """Draw the report; a folder that closed meanwhile costs the pictures, not the training."""
        if fonts.lacking_for(getattr(data, "classes", ())):
            listener(Notice(fonts.font_hint()))
        try:
            files: tuple[Path, ...] = self.spec.part("report")(data, outcome, folder)
        except (PathNotWritable, DiskFull) as error:  # the training itself is whole
            listener(Notice(f"{error.message} {error.hint}"))
            return ()
        return files


def _load_torch(listener: Listener) -> None:
    """Import torch, and let bars show it: on a slow disk it takes many seconds in which nothing else is seen."""
    if "torch" in sys.modules:
        return
    what = say("Loading PyTorch", "加载 PyTorch")
    listener(Pulse(what, 0, 1))
    try:
        importlib.import_module("torch")
    finally:
        listener(Pulse(what, 1, 1))


def checked_arguments(spec: TaskSpec, values: Mapping[str, Any]) -> Any:
    """Return the arguments of a training, checked one by one and together.

    Args:
        spec: The task.
        values: By name; what is missing has its default.

    Raises:
        ParameterInvalid: A value cannot be used (-305).
    """
    names = {item.name for item in argument_schema.arguments_of(spec.part("train_arguments"))}
    arguments = argument_schema.check(
        spec.part("train_arguments")(**{name: value for name, value in values.items() if name in names})
    )
    arguments.check_together()
    return arguments


def make_plan(spec: TaskSpec, context: RunContext, folder: Path, start: InitialWeights | None, *, seeded: bool) -> Plan:
    """Put together all that a run needs to know; ``seeded`` where the user gave the seed."""
    from MMEdu.engine.plan import Plan

    entry, arguments = context.entry, context.arguments
    parts: RunParts = spec.part("plan")(context)

    def load(network: Any) -> list[str]:
        if start is not None:
            return start.load(network, entry, parts.meta.get("CLASSES", ()))
        return []

    return Plan(
        settings=_settings(arguments, seeded=seeded),
        recipe=entry.recipe,
        parts=parts,
        header=_header(spec, entry, parts, arguments),
        meta=_meta(spec, entry, parts, context.data, arguments, context.group),
        fixed=("backbone", *parts.meta, "dataset", "settings", "preprocess"),  # arguments first: they say it plainly
        save_fold=folder,
        load=load,
        report_files=tuple(spec.part("report_meanings")),
    )


def _settings(arguments: TrainArguments, *, seeded: bool) -> RunSettings:
    assert arguments.batch_size is not None  # resolved
    own = {name: value for name, value in vars(arguments).items() if name in RunSettings.__dataclass_fields__}
    return RunSettings(seed=arguments.random_seed, seeded=seeded, **own)


def _header(spec: TaskSpec, entry: ModelEntry, parts: RunParts, arguments: TrainArguments) -> dict[str, Any]:
    """Return the first words of the log: what is trained on what, and everything that was asked for."""
    import torch

    return {
        "tool": _tool(),
        "task": spec.name,
        "backbone": entry.name,
        **{name.lower(): value for name, value in parts.meta.items()},
        "dataset_size": parts.size,
        "torch": torch.__version__,
        **argument_schema.recorded(arguments),
        "seed": arguments.random_seed,
    }


def _meta(
    spec: TaskSpec, entry: ModelEntry, parts: RunParts, data: TaskData, arguments: TrainArguments, group: Group
) -> dict[str, Any]:
    """Return what a run's checkpoints say of themselves."""
    return {
        "tool": _tool(),
        "backbone": entry.name,
        "device": arguments.device,
        "task": spec.name,
        **parts.meta,
        "dataset_size": parts.size,
        "learning_rate": arguments.lr,
        "preprocess": entry.preprocess.to_dict(),
        "dataset": data.fingerprint,
        **({} if data.as_loaded == data.fingerprint else {"dataset_as_loaded": data.as_loaded}),
        "random_seed": arguments.random_seed,
        # What moves the numbers of the epochs: a resumed run must have the same.
        "settings": {**argument_schema.recorded(arguments, ("fixed",)), "processes": group.world},
    }


def _tool() -> str:
    from MMEdu import __version__

    return f"MMEdu {__version__}"


def _adapted(entry: ModelEntry, arguments: TrainArguments) -> ModelEntry:
    """Return the model's entry as the arguments want it; not every task has all of these.

    Raises:
        ParameterInvalid: The architecture works at one size only (-305).
    """
    wanted = {name: getattr(arguments, name, None) for name in ("image_size", *_OF_THE_INPUT)}
    return adapted(entry, **wanted)


def _as_before(arguments: TrainArguments, interrupted: Mapping[str, Any] | None) -> TrainArguments:
    """Return the arguments of a run that goes on: what they leave open of the input is as it was.

    Raises:
        CannotResume: The run's own are none that a training writes (-604).
    """
    from MMEdu.engine.resuming import edited

    if interrupted is None:
        return arguments
    settings = interrupted["settings"]
    open_ones = [name for name in _OF_THE_INPUT if getattr(arguments, name, "") is None]
    before = {name: settings.get(name) for name in open_ones}
    known = {name: settings[name] for name in vars(arguments) if name in settings}
    try:
        argument_schema.check(replace(arguments, **known))  # a task takes over more of them
        return argument_schema.check(replace(arguments, **before))
    except ParameterInvalid as error:
        raise edited("settings") from error


def _checked(data: TaskData, listener: Listener, *, skip: bool) -> TaskData:
    damaged = data.check(listener)
    if not damaged:
        return data
    if not skip:
        raise damaged_error(damaged)
    names = shortened((item.path for item in damaged), 5)
    count = len(damaged)
    listener(Notice(say(f"Left out {count} damaged files: {english(names)}", f"已跳过 {count} 个损坏的文件：{names}")))
    return data.without([item.path for item in damaged])


def _all_to_train_on(data: TaskData, listener: Listener) -> TaskData:
    """Return the data of a training that does not validate."""
    whole = data.without_validation()
    if more := whole.size - data.size:
        text = f"validate=False: the {more} pictures that were kept for validation are trained on, too."
        listener(Notice(say(text, f"validate=False：原本留作验证的 {more} 张图片也用于训练。")))
    return whole


def _seed(random_seed: int, interrupted: Mapping[str, Any] | None) -> int:
    """Return the seed of a run; a resumed one goes on with its own.

    Raises:
        CannotResume: It had another seed (-604).
    """
    if interrupted is None:
        return drawn_seed(random_seed)
    seed = int(interrupted["random_seed"])
    if random_seed not in (0, seed):
        hint = say(f"Leave random_seed out, or use {seed}.", f"请去掉 random_seed，或使用 {seed}。")
        raise CannotResume(
            say(
                f"The interrupted run had random_seed={seed}, this one has {random_seed}.",
                f"中断的训练使用 random_seed={seed}，而这次是 {random_seed}。",
            ),
            hint=hint,
        )
    return seed


def _as_interrupted(entry: ModelEntry, interrupted: Mapping[str, Any]) -> ModelEntry:
    """Return the model's entry with the colours that an interrupted run was trained with."""
    from MMEdu.weights.pretrained import coloured

    preprocess = interrupted.get("preprocess")
    return coloured(entry, Preprocess.from_dict(preprocess)) if isinstance(preprocess, dict) else entry


def _check_class_count(num_classes: object, classes: Sequence[str] | None) -> None:
    """Raise where the user's ``num_classes`` disagrees with the data (-306); -1 leaves it to the data."""
    count = check_integer("num_classes", num_classes, least=-(2**62))
    if classes is not None:
        check_class_count(count, classes, say("the dataset", "数据集"))


def _no_dataset() -> DatasetNotLoaded:
    """Make the error of a training without data (-603)."""
    hint = say("Call load_dataset(path=...) first.", "请先调用 load_dataset(path=...)。")
    return DatasetNotLoaded(say("There is no dataset to train on.", "没有可以训练的数据集。"), hint=hint)
