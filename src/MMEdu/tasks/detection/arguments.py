"""What ``train`` and the prediction of a detector take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import check_choice, checked_rejection
from BaseDT.language import say
from MMEdu.tasks.arguments import TrainArguments, flip_argument, unchecked
from MMEdu.tasks.pretrained_start import paced
from MMEdu.tasks.spec import Choice

if TYPE_CHECKING:  # the command line reads the dataclass and starts without numpy
    from MMEdu.models.registry import ModelEntry

METRICS = ("bbox", "segm")
_TYPICAL = "SSD_Lite"
_DOCUMENTED_BEST = "bbox_mAP"
_BEST = ("mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l")


@dataclass(frozen=True, kw_only=True)
class DetectionArguments(TrainArguments):
    """The arguments of ``MMDetection.train``."""

    lr: float = argument(0.001, "Base learning rate.", "基础学习率。", above=0)
    metric: str = argument(
        "bbox",
        "bbox, or segm of a model that has masks.",
        "评价指标：bbox，带掩膜的模型还可用 segm。",
        check=unchecked,
        label=("Measured by", "评价指标"),
        form={"enum": list(METRICS)},
    )
    save_best: str = argument(
        "bbox_mAP",
        "The metric that chooses the best checkpoint.",
        "用哪个指标选择最佳模型。",
        check=unchecked,
        label=("The best is chosen by", "最佳模型的依据"),
        form={"type": "string"},
    )
    flip: bool | None = flip_argument()
    Frozen_stages: int | None = argument(  # the documented name
        1,
        "Stages of the backbone that stay as loaded (detectors, with a start).",
        "主干网络中保持不变的阶段数（检测，需有起始权重）。",
        least=0,
        recorded_as="frozen_stages",
        label=("Frozen stages", "冻结的阶段数"),
    )


@dataclass(frozen=True, kw_only=True)
class DetectionPrediction:
    """The arguments of a detector's prediction.

    Attributes:
        rpn_threshold: Least objectness of a proposal (two-stage models).
        rcnn_threshold: Least score of a box (two-stage models).
        thr: Least score of a box, of any model; None is 0.3, or ``rcnn_threshold`` of a two-stage model; ``"auto"`` is
            what the validation suggests.
    """

    rpn_threshold: float = argument(
        0.7, "Least score of a region in two-stage models.", "两阶段模型候选区域的最低得分。", least=0, most=1
    )
    rcnn_threshold: float = argument(
        0.7, "Least score of a box in two-stage models.", "两阶段模型检测框的最低得分。", least=0, most=1
    )
    thr: float | str | None = argument(
        None,
        "Least score of a box: 0.3, or 0.7 in two-stage models; 'auto' is what the validation suggests.",
        "检测框的最低得分：默认 0.3，两阶段模型为 0.7；'auto' 为验证结果建议的得分。",
        check=checked_rejection,
    )


def resolve(
    arguments: DetectionArguments,
    entry: ModelEntry,
    data: Any,
    *,
    starts: bool,
    interrupted: Mapping[str, Any] | None,
) -> tuple[DetectionArguments, list[str]]:
    """Fill in what the user left open; see ``tasks.spec.Resolve``.

    Freezing fresh weights helps nobody: stages stay as they are only where there are weights to start from.
    """
    del data
    arguments, lines = paced(arguments, entry, interrupted)
    metric = check_choice("metric", arguments.metric, METRICS if entry.options.masks else METRICS[:1])
    resolved = replace(
        arguments,
        batch_size=arguments.batch_size or entry.recipe.batch_size,
        metric=metric,
        save_best=best_key(arguments.save_best, metric),
        Frozen_stages=(arguments.Frozen_stages or 0) if starts else 0,
    )
    is_usual = arguments.Frozen_stages in (None, 0, DetectionArguments.Frozen_stages)
    if not starts and interrupted is None and not is_usual:  # what nobody asked for needs no word
        lines = [*lines, say("From scratch: Frozen_stages does nothing.", "从零开始训练：Frozen_stages 不起作用。")]
    return resolved, lines


def best_key(save_best: str, metric: str) -> str:
    """Return the name of the metric that chooses the best checkpoint.

    Raises:
        ParameterInvalid: No metric of detection has this name (-305).
    """
    if isinstance(save_best, str) and save_best in ("auto", _DOCUMENTED_BEST):  # the default follows the metric
        return f"{metric}_mAP"
    measured = METRICS if metric == "segm" else METRICS[:1]
    return check_choice("save_best", save_best, ("auto", *(f"{kind}_{name}" for kind in measured for name in _BEST)))


def usual_start(path: Path) -> Choice:
    """Choose a model for a detection set: the smallest; see ``tasks.spec.UsualStart``."""
    del path
    text = f"Boxes: {_TYPICAL}, from pretrained weights."
    return Choice(_TYPICAL, True, say(text, f"检测数据：使用 {_TYPICAL}，从预训练权重开始。"))


def one_stage_ignores(entry: ModelEntry) -> str:
    """Say that the thresholds of two-stage models do nothing here."""
    return say(
        f"{entry.name} has one stage: rpn_threshold and rcnn_threshold do nothing, thr does.",
        f"{entry.name} 是单阶段模型：rpn_threshold、rcnn_threshold 不起作用，请使用 thr。",
    )
