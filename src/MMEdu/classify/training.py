"""How a classifier is trained: from the documented arguments and the loaded data to a run and its report."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import say
from MMEdu import training
from MMEdu.classify.data import ClassificationData
from MMEdu.engine.events import Listener, Notice, left_out
from MMEdu.engine.feed import EvalFeed, Source, TrainFeed
from MMEdu.engine.settings import Settings, resolve_save_best, resolve_topk
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.classification import ClassificationTask
from MMEdu.training import TrainingResult

if TYPE_CHECKING:
    from torch import nn

    from MMEdu.engine.distributed import Group
    from MMEdu.engine.run import Outcome, Plan


def settings_of(arguments: dict[str, Any], entry: ModelEntry, num_classes: int, save_fold: Path) -> Settings:
    """Make checked settings of the arguments of ``train``; what they leave open comes from the recipe.

    A resumed run goes on with its own seed.
    """
    topk = resolve_topk(arguments["topk"], num_classes)
    names = Settings.__dataclass_fields__.keys() & arguments.keys()
    return Settings(
        **{name: arguments[name] for name in names - {"topk", "batch_size", "save_best"}},
        batch_size=arguments["batch_size"] or entry.recipe.batch_size,
        topk=topk,
        save_best=resolve_save_best(arguments["save_best"], arguments["metric"], topk),
        seed=training.seed_of(arguments, save_fold),
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

    def load(model: nn.Module) -> list[str]:
        return predictor.start_from(model, entry, checkpoint) if checkpoint is not None else []

    return training.train_here(
        settings,
        lambda settings, group: _plan(entry, data, settings, save_fold, group, listener, load),
        lambda outcome: _report(data, outcome, save_fold, listener),
        listener,
    )


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
        val=EvalFeed(val_source, settings.batch_size * training.EVAL_BATCH, **place) if validates else None,
        meta=training.meta_of(entry, data.dataset.classes, len(data.dataset.train), data.fingerprint, settings, group),
        save_fold=save_fold,
        best_key=settings.save_best,
        load=load,
    )


def _class_weights(data: ClassificationData) -> npt.NDArray[np.float32]:
    """Weigh classes so that each counts the same in the loss: N / (C * n_c)."""
    counts = np.maximum(1, np.array(data.dataset.counts("train"), dtype=np.float64))
    weights: npt.NDArray[np.float32] = (counts.sum() / (len(counts) * counts)).astype(np.float32)
    return weights


def _report(data: ClassificationData, outcome: Outcome, save_fold: Path, listener: Listener) -> tuple[Path, ...]:
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
    return training.report_written(
        lambda: report.write(save_fold, outcome.log, evaluated), data.dataset.classes, listener
    )
