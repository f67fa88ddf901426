"""How a detector is trained: from the documented arguments and the loaded data to a run and its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.language import say
from MMEdu import training
from MMEdu.engine.events import Listener, Notice, left_out
from MMEdu.engine.feed import EvalFeed, Source, TrainFeed
from MMEdu.engine.settings import Settings, check_choice
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.detection.data import DetectionData
from MMEdu.tasks.detection.learning import DetectionTask
from MMEdu.training import TrainingResult

if TYPE_CHECKING:
    from torch import nn

    from MMEdu.engine.distributed import Group
    from MMEdu.engine.run import Outcome, Plan
    from MMEdu.weights.start import Start

METRICS = ("bbox", "segm")
_DOCUMENTED_BEST = "bbox_mAP"
_BEST = ("mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l")


def settings_of(arguments: dict[str, Any], entry: ModelEntry, interrupted: Mapping[str, Any] | None) -> Settings:
    """Make checked settings of the arguments of ``train``; what they leave open comes from the recipe.

    A resumed run goes on with its own seed.
    """
    names = Settings.__dataclass_fields__.keys() & arguments.keys()
    return Settings(
        **{name: arguments[name] for name in names - {"batch_size", "save_best"}},
        batch_size=arguments["batch_size"] or entry.recipe.batch_size,
        save_best=best_key(arguments["save_best"], arguments["metric"]),
        seed=training.seed_of(arguments["random_seed"], interrupted),
        # Frozen noise helps nobody: stages stay as they are only where weights were loaded.
        frozen_stages=arguments["Frozen_stages"] or 0 if arguments["checkpoint"] is not None else 0,
    )


def best_key(save_best: str, metric: str) -> str:
    """Return the name of the metric that chooses the best checkpoint.

    Raises:
        ParameterInvalid: No metric of detection has this name (-305).
    """
    if save_best in ("auto", _DOCUMENTED_BEST):  # the default follows the metric
        return f"{metric}_mAP"
    measured = ("bbox", "segm") if metric == "segm" else ("bbox",)
    check_choice("save_best", save_best, ("auto", *(f"{kind}_{name}" for kind in measured for name in _BEST)))
    return save_best


def train_here(
    entry: ModelEntry,
    data: DetectionData,
    settings: Settings,
    save_fold: Path,
    start: Start | None,
    listener: Listener,
) -> TrainingResult:
    """Train in this process, joined with others where torch's launcher started several."""

    def load(model: nn.Module) -> list[str]:
        if start is not None:
            return start.load(model, entry, data.dataset.classes)
        return [say("From scratch: Frozen_stages does nothing.", "从零开始训练：Frozen_stages 不起作用。")]

    return training.train_here(
        settings,
        lambda settings, group: _plan(entry, data, settings, save_fold, group, listener, start, load),
        lambda outcome: _report(data, outcome, save_fold, listener),
        listener,
    )


def _plan(
    entry: ModelEntry,
    data: DetectionData,
    settings: Settings,
    save_fold: Path,
    group: Group,
    listener: Listener,
    start: Start | None,
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
    data.train.pictures.see(train_source.kept)
    classes = data.dataset.classes

    def build() -> nn.Module:
        network = entry.build(len(classes))
        if settings.frozen_stages:
            network.freeze(settings.frozen_stages)  # type: ignore[operator]
        if start is None and hasattr(network.backbone, "norm_eval"):
            network.backbone.norm_eval = False  # fresh statistics must be learned
        return network

    return Plan(
        settings=settings,
        recipe=entry.recipe,
        build=build,
        task=DetectionTask(entry.preprocess, data.val.pictures, len(classes)),
        train=TrainFeed(train_source, settings.batch_size, settings.seed, **place),
        val=EvalFeed(val_source, settings.batch_size * training.EVAL_BATCH, **place) if validates else None,
        meta=training.meta_of(entry, classes, len(data.dataset.train), data.fingerprint, settings, group),
        save_fold=save_fold,
        best_key=settings.save_best,
        load=load,
    )


def _report(data: DetectionData, outcome: Outcome, save_fold: Path, listener: Listener) -> tuple[Path, ...]:
    from MMEdu.tasks.detection import report

    evaluated = None
    if outcome.predictions is not None and outcome.indices is not None:
        evaluated = report.EvaluatedBoxes.of(
            data.val.pictures, data.dataset.classes, outcome.predictions, outcome.indices
        )
    return training.report_written(
        lambda: report.write(save_fold, outcome.log, evaluated), data.dataset.classes, listener
    )
