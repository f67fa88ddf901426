"""How a classifier is trained: from the documented arguments and the loaded data to a run and its report."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import fonts
from BaseDT.errors import CannotResume, ClassCountMismatch, DiskFull, ParameterInvalid, PathNotWritable
from BaseDT.language import say
from MMEdu.data import ClassificationData
from MMEdu.engine.events import Listener, LogLine, Notice, left_out
from MMEdu.engine.feed import EvalFeed, Source, TrainFeed
from MMEdu.engine.settings import Settings, drawn_seed, invalid, resolve_save_best, resolve_topk
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.classification import ClassificationTask

if TYPE_CHECKING:
    from torch import nn

    from MMEdu.engine.distributed import Group
    from MMEdu.engine.run import Outcome, Plan

_EVAL_BATCH = 2  # no gradients are kept: a larger batch fits


@dataclass(frozen=True)
class TrainingResult:
    """What a training left.

    Attributes:
        log: The lines of the log file.
        best_file: The best checkpoint, None without validation.
        latest_file: The last checkpoint.
        log_file: Where the log is; None in processes that do not lead.
        report: Curves, confusion matrix and what else was drawn.
    """

    log: list[LogLine]
    best_file: Path | None
    latest_file: Path
    log_file: Path | None
    report: tuple[Path, ...]


def settings_of(arguments: dict[str, Any], entry: ModelEntry, num_classes: int, save_fold: Path) -> Settings:
    """Make checked settings of the arguments of ``train``; what they leave open comes from the recipe.

    A resumed run goes on with its own seed.
    """
    seed = drawn_seed(arguments["random_seed"])
    if arguments["resume"]:
        seed = _seed_of_interrupted(save_fold, arguments["random_seed"])
    topk = resolve_topk(arguments["topk"], num_classes)
    names = Settings.__dataclass_fields__.keys() & arguments.keys()
    return Settings(
        **{name: arguments[name] for name in names - {"topk", "batch_size", "save_best"}},
        batch_size=arguments["batch_size"] or entry.recipe.batch_size,
        topk=topk,
        save_best=resolve_save_best(arguments["save_best"], arguments["metric"], topk),
        seed=seed,
    )


def _seed_of_interrupted(save_fold: Path, random_seed: int) -> int:
    from MMEdu.engine.saving import read_interrupted

    seed = int(read_interrupted(save_fold)["meta"]["random_seed"])
    if random_seed not in (0, seed):
        hint = say(f"Leave random_seed out, or use {seed}.", f"请去掉 random_seed，或使用 {seed}。")
        raise CannotResume(f"The interrupted run had random_seed={seed}, this one has {random_seed}.", hint=hint)
    return seed


def sized(entry: ModelEntry, image_size: int | None) -> ModelEntry:
    """Return the model's entry for another input size.

    Raises:
        ParameterInvalid: The architecture works at one size only (-305).
    """
    if image_size is None or entry.preprocess.size == (image_size, image_size):
        return entry
    if entry.fixed_size:
        side = entry.preprocess.size[0]
        hint = say("Leave image_size out, or choose another backbone.", "请去掉 image_size，或换一个 backbone。")
        raise ParameterInvalid(f"image_size={image_size!r}: {entry.name} works at {side} only.", hint=hint)
    return replace(entry, preprocess=entry.preprocess.with_size(image_size))


def check_class_count(num_classes: object, data: ClassificationData) -> None:
    """Raise where the user's ``num_classes`` disagrees with the data (-306); -1 leaves it to the data."""
    if type(num_classes) is not int:
        raise invalid("num_classes", num_classes, "a whole number", "整数")
    found = len(data.dataset.classes)
    if num_classes in (-1, found):
        return
    names = ", ".join(data.dataset.classes[:8])
    hint = say(f"Leave num_classes out, or set {found}.", f"可以不写 num_classes，或设为 {found}。")
    raise ClassCountMismatch(
        f"num_classes is {num_classes!r}, but the dataset has {found} classes: {names}.", hint=hint
    )


def train_here(
    entry: ModelEntry,
    data: ClassificationData,
    settings: Settings,
    save_fold: Path,
    checkpoint: str | os.PathLike[str] | None,
    listener: Listener,
) -> TrainingResult:
    """Train in this process, joined with others where torch's launcher started several."""
    from MMEdu import predictor
    from MMEdu.engine import device, distributed
    from MMEdu.engine.run import Run

    def load(model: nn.Module) -> list[str]:
        return predictor.start_from(model, entry, checkpoint) if checkpoint is not None else []

    with distributed.joined(device.resolve(settings.device).type) as group:
        settings = replace(settings, seed=group.share(settings.seed))
        plan = _plan(entry, data, settings, save_fold, group, listener, load)
        outcome = Run(plan, group, listener).execute()
        pictures = _report(data, outcome, save_fold, listener) if group.leads else ()
    return TrainingResult(outcome.log, outcome.best_file, outcome.latest_file, outcome.log_file, pictures)


def _plan(
    entry: ModelEntry,
    data: ClassificationData,
    settings: Settings,
    save_fold: Path,
    group: Group,
    listener: Listener,
    load: Callable[[nn.Module], list[str]],
) -> Plan:
    from MMEdu.engine.run import Plan

    def unreadable(text: str) -> None:
        listener(left_out(text))

    validates = settings.validate and bool(data.dataset.val)
    if settings.validate and not validates:
        listener(Notice(say("There are no pictures to validate with.", "没有可用于验证的图片，跳过验证。")))
    place = {"rank": group.rank, "world": group.world}
    train_source, val_source = (Source(s.pictures, s.store, unreadable) for s in (data.train, data.val))
    task = ClassificationTask(
        entry.preprocess,
        data.val.pictures.labels,
        len(data.dataset.classes),
        topk=settings.topk,
        metric=settings.metric,
        class_weights=_class_weights(data) if settings.balance == "auto" else None,
    )
    return Plan(
        settings=settings,
        recipe=entry.recipe,
        build=lambda: entry.build(len(data.dataset.classes)),
        task=task,
        train=TrainFeed(train_source, settings.batch_size, settings.seed, **place),
        val=EvalFeed(val_source, settings.batch_size * _EVAL_BATCH, **place) if validates else None,
        meta=_meta(entry, data, settings, group),
        save_fold=save_fold,
        best_key=settings.save_best,
        load=load,
    )


def _class_weights(data: ClassificationData) -> npt.NDArray[np.float32]:
    """Weigh classes so that each counts the same in the loss: N / (C * n_c)."""
    counts = np.maximum(1, np.array(data.dataset.counts("train"), dtype=np.float64))
    weights: npt.NDArray[np.float32] = (counts.sum() / (len(counts) * counts)).astype(np.float32)
    return weights


# Arguments that a resumed run may change: they do not move the numbers of the epochs that are left.
_FREE_IN_RESUME = frozenset({"epochs", "resume", "device", "max_keep_ckpts", "early_stop", "seed"})


def _meta(entry: ModelEntry, data: ClassificationData, settings: Settings, group: Group) -> dict[str, Any]:
    from MMEdu import __version__

    fixed = {name: value for name, value in vars(settings).items() if name not in _FREE_IN_RESUME}
    return {
        "tool": f"MMEdu {__version__}",
        "backbone": entry.name,
        "device": settings.device,
        "task": entry.task,
        "CLASSES": list(data.dataset.classes),
        "dataset_size": len(data.dataset.train),
        "learning_rate": settings.lr,
        "preprocess": entry.preprocess.to_dict(),
        "dataset": data.fingerprint,
        "random_seed": settings.seed,
        "settings": {**fixed, "topk": list(settings.topk), "processes": group.world},
    }


def _report(data: ClassificationData, outcome: Outcome, save_fold: Path, listener: Listener) -> tuple[Path, ...]:
    from BaseDT.plot import names
    from MMEdu import report

    evaluated = None
    if outcome.predictions is not None and outcome.indices is not None:
        pictures = data.val.pictures
        evaluated = report.Evaluated(
            classes=data.dataset.classes,
            paths=tuple(pictures.paths[i] for i in outcome.indices),
            labels=pictures.labels[outcome.indices],
            scores=outcome.predictions,
        )
    if names.lack_a_font(data.dataset.classes):
        listener(Notice(fonts.font_hint()))
    try:
        return report.write(save_fold, outcome.log, evaluated)
    except (PathNotWritable, DiskFull) as error:  # the training itself is whole
        listener(Notice(f"{error.message} {error.hint}"))
        return ()
