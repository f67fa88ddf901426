"""What ``train`` and the prediction of a classifier take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import checked_rejection, invalid
from BaseDT.geometry.fit import FITS, Fit
from BaseDT.language import say
from MMEdu.tasks.arguments import TrainArguments, check_freeze, flip_argument, unchecked

if TYPE_CHECKING:  # the command line reads the dataclass and starts without numpy
    from MMEdu.models.registry import ModelEntry

METRICS = ("accuracy", "precision", "recall", "f1_score", "mAP")


def _check_balance(name: str, value: object) -> object:
    if isinstance(value, str) and value == "auto":
        return value
    raise invalid(name, value, "None or 'auto'", " None 或 'auto'")


@dataclass(frozen=True, kw_only=True)
class ClassificationArguments(TrainArguments):
    """The arguments of ``MMClassification.train``."""

    metric: str = argument(
        "accuracy",
        "accuracy, precision, recall or f1_score; mAP where pictures have several labels.",
        "评价指标：accuracy、precision、recall 或 f1_score；多标签数据用 mAP。",
        choices=METRICS,
        label=("Measured by", "评价指标"),
    )
    save_best: str = argument(
        "auto",
        "The metric that chooses the best checkpoint.",
        "用哪个指标选择最佳模型。",
        check=unchecked,
        label=("The best is chosen by", "最佳模型的依据"),
        form={"type": "string"},
    )
    topk: int | Sequence[int] | None = argument(
        None,
        "The k of the accuracies.",
        "top-k 准确率的 k。",
        check=unchecked,
        label=("Top k", "top-k"),
        form={"type": ["integer", "array", "null"]},
    )
    fit: Fit | None = argument(
        None,
        "How pictures get into the square input: crop (the middle), letterbox or stretch (the whole); what suits the "
        "model by default (classifiers).",
        "图片如何放入正方形输入：crop（取中间）、letterbox 或 stretch（完整图片）；默认用适合该模型的值（分类）。",
        choices=FITS,
        label=("How pictures fit", "图片放置方式"),
    )
    flip: bool | None = flip_argument()
    balance: str | None = argument(
        None,
        "Weigh rare classes up (classifiers).",
        "提高少数类别的权重（分类）。",
        check=_check_balance,
        label=("Balance classes", "平衡类别"),
        form={"enum": ["auto", None]},
    )
    freeze: str | int | None = argument(
        None,
        "'backbone'; 'auto', the head first (default of pretrained=True); or how many stages stay as loaded.",
        "'backbone'；'auto'：先训练分类头（pretrained=True 时的默认值）；或保持不变的阶段数（分类）。",
        check=check_freeze,
        label=("What stays as loaded", "冻结的部分"),
        form={"type": ["string", "integer", "null"], "examples": ["backbone", "auto"]},
    )
    backbone_lr: float | None = argument(
        None,
        "The backbone's rate as a share of --lr (classifiers).",
        "主干网络学习率与 --lr 之比（分类）。",
        above=0,
        label=("The backbone's rate", "主干学习率比例"),
    )
    views: int | None = argument(
        None,
        "Views of each picture that the last layer learns from, with --freeze backbone.",
        "每张图片用于训练分类头的视图数，与 --freeze backbone 一起使用。",
        label=("Views of a picture", "每张图片的视图数"),
    )

    @property
    def head_first(self) -> bool:
        """Whether the head learns from features that are computed once, at least to begin with."""
        return self.freeze in ("backbone", "auto")

    def check_together(self) -> None:
        """Raise where arguments that are each in order contradict one another (-305)."""
        if self.backbone_lr is not None and self.head_first:
            text = f"freeze={self.freeze!r}"
            raise invalid("backbone_lr", self.backbone_lr, f"left out with {text}", f"空（已设 {text}）")
        if self.views is not None and not self.head_first:
            raise invalid("views", self.views, "left out without freeze='backbone'", "空（未设 freeze='backbone'）")


@dataclass(frozen=True, kw_only=True)
class ClassificationPrediction:
    """The arguments of a classifier's prediction."""

    thr: float | str | None = argument(
        None,
        "A lower score is answered with 'none of these', label -1, or leaves a label out where there may be several; "
        "'auto' is what the validation suggests.",
        "得分低于该值时回答“都不是”（标签 -1），多标签模型则不报告该标签；'auto' 为验证结果建议的得分。",
        check=checked_rejection,
    )


def resolve(
    arguments: ClassificationArguments,
    entry: ModelEntry,
    data: Any,
    *,
    starts: bool,
    interrupted: Mapping[str, Any] | None,
) -> tuple[ClassificationArguments, list[str]]:
    """Fill in what the user left open; see ``tasks.spec.Resolve``.

    Freezing fresh weights helps nobody: without weights to start from nothing is frozen, and a line says so.
    """
    from MMEdu.tasks.classification import starting  # it reads pictures; the command line reads the dataclass

    topk, save_best, lines = data.answers.resolve(arguments, len(data.dataset.classes))
    lines = [] if interrupted is not None else lines
    if interrupted is not None and arguments.freeze is None:
        arguments = replace(arguments, freeze=interrupted["settings"].get("freeze"))
    elif arguments.pretrained and _leaves_open_what_learns(arguments):
        arguments = replace(arguments, freeze="auto")
        lines.append(starting.head_first_text())
    elif not starts and interrupted is None and (text := starting.few_pictures_text(entry, data.dataset)):
        lines.append(text)
    if interrupted is None and arguments.fit is None and (text := starting.cut_away_text(entry, data.dataset)):
        lines.append(text)
    if arguments.freeze and not _has_weights(starts, interrupted):
        lines.append(_nothing_is_frozen(arguments.freeze, resumed=interrupted is not None))
        arguments = replace(arguments, freeze=None, views=None)
    resolved = replace(
        arguments,
        batch_size=arguments.batch_size or entry.recipe.batch_size,
        topk=topk,
        save_best=save_best,
    )
    return resolved, lines


def _leaves_open_what_learns(arguments: ClassificationArguments) -> bool:
    return arguments.freeze is None and arguments.backbone_lr is None


def _has_weights(starts: bool, interrupted: Mapping[str, Any] | None) -> bool:
    """Whether there are weights worth freezing; an interrupted run that began without stays free."""
    return starts or (interrupted is not None and bool(interrupted.get("settings", {}).get("freeze")))


def _nothing_is_frozen(freeze: str | int, *, resumed: bool) -> str:
    if resumed:
        text = f"The interrupted run froze nothing: freeze={freeze!r} does nothing."
        return say(text, f"中断的训练没有冻结任何层：freeze={freeze!r} 不起作用。")
    return say(
        f"From scratch: freeze={freeze!r} does nothing. Give weights with checkpoint= or pretrained=True.",
        f"从零开始训练：freeze={freeze!r} 不起作用。请用 checkpoint= 或 pretrained=True 提供权重。",
    )
