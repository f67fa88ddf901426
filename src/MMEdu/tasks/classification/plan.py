"""How a classifier is trained: from the documented arguments and the loaded data to a run and its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import say
from MMEdu import training
from MMEdu.engine.events import Listener, Notice, left_out
from MMEdu.engine.feed import EvalFeed, Source, TrainFeed
from MMEdu.engine.optim import two_rates
from MMEdu.engine.settings import Settings, resolve_save_best, resolve_topk
from MMEdu.models.heads import head_of
from MMEdu.models.registry import ModelEntry
from MMEdu.models.stages import freeze_stages
from MMEdu.tasks.classification.data import ClassificationData
from MMEdu.tasks.classification.frozen_backbone import SAVE_EVERY, FrozenBackbone, HeadTask, freeze_backbone
from MMEdu.tasks.classification.learning import ClassificationTask
from MMEdu.training import TrainingResult

if TYPE_CHECKING:
    from torch import nn

    from MMEdu.engine.distributed import Group
    from MMEdu.engine.run import Outcome, Plan
    from MMEdu.weights.start import Start


def settings_of(
    arguments: dict[str, Any], entry: ModelEntry, num_classes: int, interrupted: Mapping[str, Any] | None
) -> Settings:
    """Make checked settings of the arguments of ``train``; what they leave open comes from the recipe.

    A resumed run goes on with its own seed. Frozen noise helps nobody: without weights nothing is frozen.
    """
    topk = resolve_topk(arguments["topk"], num_classes)
    names = Settings.__dataclass_fields__.keys() & arguments.keys()
    if freezes_noise(arguments, interrupted):
        arguments = {**arguments, "freeze": None, "views": None}
    return Settings(
        **{name: arguments[name] for name in names - {"topk", "batch_size", "save_best"}},
        batch_size=arguments["batch_size"] or entry.recipe.batch_size,
        topk=topk,
        save_best=resolve_save_best(arguments["save_best"], arguments["metric"], topk),
        seed=training.seed_of(arguments["random_seed"], interrupted),
    )


def freezes_noise(arguments: Mapping[str, Any], interrupted: Mapping[str, Any] | None) -> bool:
    """Whether weights are to be frozen that were neither given nor learned.

    Args:
        arguments: Those of ``train``.
        interrupted: What the run says of itself that is to go on; what it froze without weights stays free.
    """
    starts = arguments["checkpoint"] is not None or bool(arguments["pretrained"])
    if interrupted is not None:
        starts = starts or bool(interrupted.get("settings", {}).get("freeze"))
    return bool(arguments["freeze"]) and not starts


def noise_stays_free(freeze: str | int, *, resumed: bool) -> Notice:
    """Tell that nothing is frozen."""
    if resumed:
        text = f"The interrupted run froze nothing: freeze={freeze!r} does nothing."
        return Notice(say(text, f"中断的训练没有冻结任何层：freeze={freeze!r} 不起作用。"))
    return Notice(
        say(
            f"From scratch: freeze={freeze!r} does nothing. Give weights with checkpoint= or pretrained=True.",
            f"从零开始训练：freeze={freeze!r} 不起作用。请用 checkpoint= 或 pretrained=True 提供权重。",
        )
    )


def train_here(
    entry: ModelEntry,
    data: ClassificationData,
    settings: Settings,
    save_fold: Path,
    start: Start | None,
    listener: Listener,
) -> TrainingResult:
    """Train in this process, joined with others where torch's launcher started several."""

    def load(model: nn.Module) -> list[str]:
        return start.load(model, entry, data.dataset.classes) if start is not None else []

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

    classes = data.dataset.classes
    validates = settings.validate and bool(data.dataset.val)
    if settings.validate and not validates:
        listener(Notice(say("There are no pictures to validate with.", "没有可用于验证的图片，跳过验证。")))
    kind = HeadTask if settings.freeze == "backbone" else ClassificationTask
    task = kind(
        entry.preprocess,
        data.val.pictures.labels,
        len(classes),
        topk=settings.topk,
        metric=settings.metric,
        class_weights=_class_weights(data) if settings.balance == "auto" else None,
    )
    plan = Plan(
        settings=settings,
        recipe=entry.recipe,
        build=lambda: _kept(entry.build(len(classes)), settings.freeze),
        task=task,
        meta=training.meta_of(entry, classes, len(data.dataset.train), data.fingerprint, settings, group),
        save_fold=save_fold,
        best_key=settings.save_best,
        load=load,
        **_feeds(data, settings, group, unreadable),
    )
    if not validates:
        plan = replace(plan, val=None)
    multiplier = settings.backbone_lr
    if multiplier is None:
        return plan
    return replace(plan, groups=lambda network: two_rates(network, head_of(network).module, multiplier))


def _feeds(
    data: ClassificationData, settings: Settings, group: Group, unreadable: Callable[[str], None]
) -> dict[str, Any]:
    """The fields of a plan that say what an epoch reads: pictures, or features that are computed once."""
    if settings.freeze == "backbone":
        cached = FrozenBackbone(data, settings, group, unreadable)
        return {"train": cached.train, "val": cached.val, "prepare": cached.prepare, "save_every": SAVE_EVERY}
    place = {"rank": group.rank, "world": group.world}
    train, val = (Source(s.pictures, s.store, unreadable) for s in (data.train, data.val))
    return {
        "train": TrainFeed(train, settings.batch_size, settings.seed, **place),
        "val": EvalFeed(val, settings.batch_size * training.EVAL_BATCH, **place),
    }


def _kept(network: nn.Module, freeze: str | int | None) -> nn.Module:
    """Freeze what the user wants to keep of a network."""
    if freeze == "backbone":
        return freeze_backbone(network)
    return freeze_stages(network, int(freeze)) if freeze else network


def _class_weights(data: ClassificationData) -> npt.NDArray[np.float32]:
    """Weigh classes so that each counts the same in the loss: N / (C * n_c)."""
    counts = np.maximum(1, np.array(data.dataset.counts("train"), dtype=np.float64))
    weights: npt.NDArray[np.float32] = (counts.sum() / (len(counts) * counts)).astype(np.float32)
    return weights


def _report(data: ClassificationData, outcome: Outcome, save_fold: Path, listener: Listener) -> tuple[Path, ...]:
    from MMEdu.tasks.classification import report

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
