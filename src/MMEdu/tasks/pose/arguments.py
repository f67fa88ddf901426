"""What ``train`` and the prediction of a model of keypoints take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import PathLike, check_choice
from BaseDT.language import say
from MMEdu.tasks.arguments import TrainArguments, flip_argument, unchecked
from MMEdu.tasks.pretrained_start import paced
from MMEdu.tasks.spec import Choice

if TYPE_CHECKING:  # the command line reads the dataclass and starts without numpy
    from MMEdu.models.registry import ModelEntry

METRICS = ("PCK",)
_BEST = ("PCK", "PCK_0.05")
_TYPICAL = "SimpleBaseline_MobileNet"
_VALIDATIONS = 10  # of a run, at least


@dataclass(frozen=True, kw_only=True)
class PoseArguments(TrainArguments):
    """The arguments of ``MMPose.train``."""

    optimizer: str = argument(
        "Adam", "SGD, Adam, Adagrad or AdamW.", "优化器：SGD、Adam、Adagrad 或 AdamW。",
        choices=("SGD", "Adam", "Adagrad", "AdamW"),
    )  # fmt: skip
    lr: float = argument(5e-4, "Base learning rate.", "基础学习率。", above=0)
    weight_decay: float = argument(0.0, "L2 penalty.", "权重衰减（L2 惩罚）。", least=0)
    metric: str = argument(
        "PCK",
        "PCK: the share of points that are right.",
        "评价指标：PCK，即位置正确的关键点所占的比例。",
        choices=METRICS,
        label=("Measured by", "评价指标"),
    )
    save_best: str = argument(
        "PCK",
        "The metric that chooses the best checkpoint: PCK, or PCK_0.05, which is stricter.",
        "用哪个指标选择最佳模型：PCK，或更严格的 PCK_0.05。",
        choices=("auto", *_BEST),
        label=("The best is chosen by", "最佳模型的依据"),
    )
    flip: bool | None = flip_argument()
    eval_interval: int = argument(
        10,
        "Validate after so many epochs; ten times in a run at least, and after the last.",
        "每隔多少轮验证一次；整个训练至少验证十次，最后一轮之后也会验证。",
        label=("Validate after so many rounds", "每隔几轮验证"),
    )
    log_interval: int = argument(5, "A line of the log after so many steps.", "每隔多少步记录一行日志。", resume="free")
    resume_from: PathLike | None = argument(
        None,
        "The latest.pth of an interrupted run: it goes on in its folder.",
        "被中断训练的 latest.pth：在其所在文件夹中继续训练。",
        check=unchecked,
        resume="unrecorded",
        python_only=True,
    )


@dataclass(frozen=True, kw_only=True)
class PosePrediction:
    """The arguments of a prediction.

    Attributes:
        thr: Least score of a person, the mean of its points; None is 0.2.
        boxes: Where the persons of one picture are; None: the whole picture is the person.
    """

    thr: float | None = argument(
        None,
        "Least score of a person, the mean of its points: 0.2.",
        "人体的最低得分（各关键点得分的平均值）：默认 0.2。",
        least=0,
        most=1,
    )
    boxes: Any = argument(
        None,
        "Where the persons of one picture are.",
        "一张图片中各人体的框。",
        check=unchecked,
        python_only=True,
    )


def resolve(
    arguments: PoseArguments,
    entry: ModelEntry,
    data: Any,
    *,
    starts: bool,
    interrupted: Mapping[str, Any] | None,
) -> tuple[PoseArguments, list[str]]:
    """Fill in what the user left open; see ``tasks.spec.Resolve``."""
    del starts
    arguments, lines = paced(arguments, entry, interrupted)
    resolved = replace(
        arguments,
        batch_size=arguments.batch_size or entry.recipe.batch_size,
        save_best="PCK" if arguments.save_best == "auto" else check_choice("save_best", arguments.save_best, _BEST),
        eval_interval=min(arguments.eval_interval, max(1, arguments.epochs // _VALIDATIONS)),
    )
    if arguments.flip and not data.dataset.mirrors and interrupted is None:
        text = "flip does nothing: the names of the points do not tell what is left and what is right."
        lines = [*lines, say(text, "flip 不起作用：从关键点名称看不出左右。")]
    return resolved, lines


def usual_start(path: Path) -> Choice:
    """Choose a model for a set of keypoints; see ``tasks.spec.UsualStart``."""
    del path
    text = f"Keypoints: {_TYPICAL}, from pretrained weights."
    return Choice(_TYPICAL, True, say(text, f"关键点数据：使用 {_TYPICAL}，从预训练权重开始。"))
