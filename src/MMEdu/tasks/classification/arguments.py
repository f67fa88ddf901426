"""What ``train`` and the prediction of a classifier take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import check_choice, checked_rejection, invalid
from BaseDT.geometry.fit import FITS, Fit
from BaseDT.language import say
from MMEdu.tasks.arguments import TrainArguments, check_freeze, flip_argument, unchecked

if TYPE_CHECKING:  # the command line reads the dataclass and starts without numpy
    from MMEdu.models.registry import ModelEntry

METRICS = ("accuracy", "precision", "recall", "f1_score")


def _check_balance(name: str, value: object) -> object:
    if isinstance(value, str) and value == "auto":
        return value
    raise invalid(name, value, "None or 'auto'", " None 或 'auto'")


@dataclass(frozen=True, kw_only=True)
class ClassificationArguments(TrainArguments):
    """The arguments of ``MMClassification.train``."""

    metric: str = argument(
        "accuracy", "accuracy, precision, recall or f1_score.", "评价指标：accuracy、precision、recall 或 f1_score。",
        choices=METRICS,
    )  # fmt: skip
    save_best: str = argument(
        "auto", "The metric that chooses the best checkpoint.", "用哪个指标选择最佳模型。", check=unchecked
    )
    topk: int | Sequence[int] | None = argument(None, "The k of the accuracies.", "top-k 准确率的 k。", check=unchecked)
    fit: Fit | None = argument(
        None,
        "How pictures get into the square input: crop (the middle), letterbox or stretch (the whole); the recipe's by "
        "default (classifiers).",
        "图片如何放入正方形输入：crop（取中间）、letterbox 或 stretch（完整图片）；默认由模型配置决定（分类）。",
        choices=FITS,
    )
    flip: bool | None = flip_argument()
    balance: str | None = argument(
        None, "Weigh rare classes up (classifiers).", "提高少数类别的权重（分类）。", check=_check_balance
    )
    freeze: str | int | None = argument(
        None,
        "'backbone'; 'auto', the head first (default of pretrained=True); or how many stages stay as loaded.",
        "'backbone'；'auto'：先训练分类头（pretrained=True 时的默认值）；或保持不变的阶段数（分类）。",
        check=check_freeze,
    )
    backbone_lr: float | None = argument(
        None, "The backbone's rate as a share of --lr (classifiers).", "主干网络学习率与 --lr 之比（分类）。", above=0
    )
    views: int | None = argument(
        None,
        "Views of each picture that the last layer learns from, with --freeze backbone.",
        "每张图片用于训练分类头的视图数，与 --freeze backbone 一起使用。",
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
        "A lower score is answered with 'none of these', label -1; 'auto' is what the validation suggests.",
        "得分低于该值时回答“都不是”（标签 -1）；'auto' 为验证结果建议的得分。",
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

    topk = resolve_topk(arguments.topk, len(data.dataset.classes))
    save_best = resolve_save_best(arguments.save_best, arguments.metric, topk)
    lines = [] if interrupted is not None else _about_best(arguments, save_best)
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


def _about_best(arguments: ClassificationArguments, save_best: str) -> list[str]:
    """Say what the documented choice of the best epoch means, where nobody chose it: its name misleads."""
    if arguments.topk is not None or save_best != "accuracy_top-5":
        return []
    return [
        say(
            "Of more than five classes the best epoch is chosen by accuracy_top-5, as documented: how often the right "
            "class is among the five likeliest. How often it is the likeliest is accuracy_top-1, which decides between "
            "equals; topk=1 chooses by it alone.",
            "类别超过五个时，按文档以 accuracy_top-5 选择最佳轮次：正确类别在前五名之中的比例。"
            "正确类别排第一的比例是 accuracy_top-1，前者相同时由它决定；topk=1 则只按它选择。",
        )
    ]


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


def resolve_topk(topk: object, num_classes: int) -> tuple[int, ...]:
    """Return the documented k: top-1 up to five classes, otherwise top-5, or what the user says.

    Raises:
        ParameterInvalid: Not a whole number or several, between 1 and the number of classes (-305).
    """
    if topk is None:
        return (1,) if num_classes <= 5 else (5,)
    listed = list(topk) if isinstance(topk, (tuple, list)) else [topk]
    ks = [k for k in listed if type(k) is int and 0 < k <= num_classes]
    if not ks or len(ks) < len(listed):
        text = f"whole numbers from 1 to {num_classes} (the number of classes), e.g. (1,)"
        raise invalid("topk", topk, text, f" 1 到 {num_classes}（类别数）之间的整数，例如 (1,)")
    return tuple(dict.fromkeys(ks))


def resolve_save_best(save_best: object, metric: str, topk: Sequence[int]) -> str:
    """Return the name of the metric that chooses the best checkpoint.

    Raises:
        ParameterInvalid: No metric of this run has this name (-305).
    """
    first = metric if metric != "accuracy" else f"accuracy_top-{topk[0]}"
    if isinstance(save_best, str) and save_best == "auto":
        return first
    names = tuple(dict.fromkeys((first, *(f"accuracy_top-{k}" for k in topk), "accuracy_top-1")))
    check_choice("save_best", save_best, ("auto", *names))
    return str(save_best)
