"""What ``train`` and the prediction of a segmenter take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import check_choice
from BaseDT.language import say
from MMEdu.tasks.arguments import TrainArguments, flip_argument, unchecked
from MMEdu.tasks.pretrained_start import paced
from MMEdu.tasks.spec import Choice

if TYPE_CHECKING:  # the command line reads the dataclass and starts without numpy
    from MMEdu.models.registry import ModelEntry

METRICS = ("mIoU", "mAcc", "aAcc")
"""As OpenMMLab calls them: mean IoU and mean recall of the classes, and the share of pixels that are right."""
_TYPICAL = "FPN_MobileNet"
_ITERATIONS = 1000


@dataclass(frozen=True, kw_only=True)
class SegmentationArguments(TrainArguments):
    """The arguments of ``MMSegmentation.train``."""

    epochs: int = argument(
        50, "How many, in total when a run is resumed.", "训练轮数（继续训练时为总轮数）。", resume="free"
    )
    weight_decay: float = argument(0.0005, "L2 penalty.", "权重衰减（L2 惩罚）。", least=0)
    metric: str = argument(
        "mIoU",
        "mIoU; the other metrics are measured beside it.",
        "评价指标：mIoU，其他指标一并给出。",
        choices=("mIoU",),
        label=("Measured by", "评价指标"),
    )
    save_best: str = argument(
        "mIoU",
        "The metric that chooses the best checkpoint.",
        "用哪个指标选择最佳模型。",
        choices=("auto", *METRICS),
        label=("The best is chosen by", "最佳模型的依据"),
    )
    flip: bool | None = flip_argument()
    log_interval: int = argument(
        10, "A line of the log after so many steps.", "每隔多少步输出一行日志。", resume="free"
    )
    eval_interval: int = argument(
        1,
        "Validate after so many epochs, and after the last.",
        "每隔多少轮验证一次，最后一轮总会验证。",
        resume="free",
        label=("Validate after so many rounds", "每隔几轮验证"),
    )


@dataclass(frozen=True, kw_only=True)
class SegmentationPrediction:
    """The arguments of a segmenter's prediction.

    Attributes:
        thr: Pixels whose class has a lower probability have none.
        target_class: Names or numbers of the classes that are told and drawn; None: all but the background.
        cut_out: Draw these classes alone, on a transparent ground.
        erase: Draw the picture without these classes.
    """

    thr: float | None = argument(None, "Least probability of a pixel's class.", "像素类别的最低概率。", least=0, most=1)
    target_class: Any = argument(None, "Only this class, or these.", "只要这个（或这些）类别。", check=unchecked)
    cut_out: bool = argument(False, "Draw these classes alone.", "只画出这些类别（抠图）。")
    erase: bool = argument(False, "Draw the picture without these classes.", "画出擦除这些类别后的图片。")


def resolve(
    arguments: SegmentationArguments,
    entry: ModelEntry,
    data: Any,
    *,
    starts: bool,
    interrupted: Mapping[str, Any] | None,
) -> tuple[SegmentationArguments, list[str]]:
    """Fill in what the user left open; see ``tasks.spec.Resolve``."""
    del data, starts
    arguments, lines = paced(arguments, entry, interrupted)
    if arguments.epochs >= _ITERATIONS and interrupted is None:
        lines = [*lines, _epochs_text(arguments.epochs)]
    best = check_choice("save_best", arguments.save_best, ("auto", *METRICS))
    resolved = replace(
        arguments,
        batch_size=arguments.batch_size or entry.recipe.batch_size,
        save_best="mIoU" if best == "auto" else best,
    )
    return resolved, lines


def _epochs_text(epochs: int) -> str:
    usual = SegmentationArguments.epochs
    return say(
        f"epochs={epochs}: these are epochs here, each of them all pictures once, and not single steps as in older "
        f"versions; {usual} are usual.",
        f"epochs={epochs}：这里的 epochs 是轮数（每轮看完全部图片），不是旧版本中的迭代步数；一般 {usual} 轮就够。",
    )


def usual_start(path: Path) -> Choice:
    """Choose a model for a set of masks: the smallest that is pretrained; see ``tasks.spec.UsualStart``."""
    del path
    text = f"Masks: {_TYPICAL}, from pretrained weights."
    return Choice(_TYPICAL, True, say(text, f"分割数据：使用 {_TYPICAL}，从预训练权重开始。"))
