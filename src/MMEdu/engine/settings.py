"""The arguments of a training, checked in one place and with one sentence shape."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from BaseDT.errors import ParameterInvalid, ValidateNotBoolean, did_you_mean
from BaseDT.language import say

OPTIMIZERS = ("SGD", "Adam", "Adagrad", "AdamW")
METRICS = ("accuracy", "precision", "recall", "f1_score")
_LARGEST = 1e30  # beyond it float32 overflows at the first multiplication
PRECISIONS = ("auto", "float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Settings:
    """What the user asked of ``train``; plain data, so that it travels to worker processes and into the log.

    The names are the documented ones. ``seed`` is ``random_seed``, or the number drawn where that is 0.
    """

    epochs: int = 100
    batch_size: int = 32
    lr: float = 0.01
    weight_decay: float = 0.001
    optimizer: str = "SGD"
    seed: int = 0
    validate: bool = True
    metric: str = "accuracy"
    save_best: str = "auto"
    topk: tuple[int, ...] = (1,)
    device: str = "cpu"
    precision: str = "auto"
    balance: str | None = None
    early_stop: int | None = None
    max_keep_ckpts: int | None = None
    image_size: int | None = None
    resume: bool = False
    frozen_stages: int = 0
    freeze: str | int | None = None
    backbone_lr: float | None = None
    views: int | None = None


def drawn_seed(random_seed: int) -> int:
    """Return the seed of a run: 0 means, as documented, that none is fixed; then one is drawn."""
    return random_seed or secrets.randbelow(2**31 - 1) + 1


def invalid(name: str, value: object, expected_en: str, expected_zh: str) -> ParameterInvalid:
    """Make the error of a bad argument, always in the same shape."""
    hint = say(f"{name} must be {expected_en}.", f"{name} 应当是{expected_zh}。")
    return ParameterInvalid(f"{name}={value!r} cannot be used.", hint=hint)


def check_whole(name: str, value: object, *, least: int = 1) -> None:
    """Raise unless ``value`` is a whole number of at least ``least``, and no more than a computer's own."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**63:
        raise invalid(name, value, f"a whole number, at least {least}", f"不小于 {least} 的整数")


def check_number(name: str, value: Any, *, above: float | None = None, least: float | None = None) -> None:
    """Raise unless ``value`` is a finite number above or from a bound."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST
    if number and (above is None or value > above) and (least is None or value >= least):
        return
    bound = f"> {above:g}" if above is not None else f">= {least:g}"
    raise invalid(name, value, f"a number {bound}", f" {bound} 的数")


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise unless ``value`` is one of ``choices``; offers the nearest."""
    if value in choices:
        return
    listed = ", ".join(map(repr, choices))
    error = invalid(name, value, f"one of {listed}", f"以下之一：{listed}")
    error.hint = f"{did_you_mean(str(value), choices)} {error.hint}".strip()
    raise error


def _optional(check: Callable[..., None], name: str, value: object, **bounds: int) -> None:
    if value is not None:
        check(name, value, **bounds)


def check_arguments(given: dict[str, Any], metrics: Sequence[str] = METRICS) -> None:
    """Check the arguments of ``train`` that need neither data nor hardware to be judged.

    Args:
        given: All of them.
        metrics: What ``metric`` may be.

    Raises:
        ValidateNotBoolean: ``validate`` is neither True nor False (-303).
        ParameterInvalid: Another one has a value that cannot work (-305); the hint says what would.
    """
    if not isinstance(given["validate"], bool):
        hint = say("Write validate=True or validate=False.", "请写 validate=True 或 validate=False。")
        raise ValidateNotBoolean(f"validate={given['validate']!r} is not a boolean.", hint=hint)
    for name in ("distributed", "resume"):
        if not isinstance(given[name], bool):
            raise invalid(name, given[name], "True or False", " True 或 False")
    check_whole("epochs", given["epochs"])
    check_whole("random_seed", given["random_seed"], least=0)
    for name in ("batch_size", "early_stop", "max_keep_ckpts", "devices"):
        _optional(check_whole, name, given[name])
    _optional(check_whole, "image_size", given["image_size"], least=8)
    _optional(check_whole, "Frozen_stages", given.get("Frozen_stages"), least=0)
    _check_frozen(given.get("freeze"), given.get("backbone_lr"), given.get("views"))
    check_number("lr", given["lr"], above=0)
    check_number("weight_decay", given["weight_decay"], least=0)
    check_choice("optimizer", given["optimizer"], OPTIMIZERS)
    check_choice("metric", given["metric"], metrics)
    check_choice("precision", given["precision"], PRECISIONS)
    if given.get("balance") not in (None, "auto"):
        raise invalid("balance", given["balance"], "None or 'auto'", " None 或 'auto'")


def _check_frozen(freeze: object, backbone_lr: object, views: object) -> None:
    """Raise where what is kept of a backbone makes no sense."""
    is_count = isinstance(freeze, int) and not isinstance(freeze, bool) and 0 <= freeze < 2**63
    if freeze not in (None, "backbone") and not is_count:
        raise invalid("freeze", freeze, "None, 'backbone' or a number of stages", " None、'backbone' 或阶段数")
    if backbone_lr is not None:
        check_number("backbone_lr", backbone_lr, above=0)
        if freeze == "backbone":
            raise invalid("backbone_lr", backbone_lr, "left out with freeze='backbone'", "空（已设 freeze='backbone'）")
    _optional(check_whole, "views", views)
    if views is not None and freeze != "backbone":
        raise invalid("views", views, "left out without freeze='backbone'", "空（未设 freeze='backbone'）")


def resolve_topk(topk: object, num_classes: int) -> tuple[int, ...]:
    """Return the documented k: top-1 up to five classes, otherwise top-5, or what the user says.

    Raises:
        ParameterInvalid: Not a whole number or several, between 1 and the number of classes (-305).
    """
    if topk is None:
        return (1,) if num_classes <= 5 else (5,)
    wanted = list(topk) if isinstance(topk, (tuple, list)) else [topk]
    ks = [k for k in wanted if type(k) is int and 0 < k <= num_classes]
    if not ks or len(ks) < len(wanted):
        text = f"whole numbers from 1 to {num_classes} (the number of classes), e.g. (1,)"
        raise invalid("topk", topk, text, f" 1 到 {num_classes}（类别数）之间的整数，例如 (1,)")
    return tuple(dict.fromkeys(ks))


def resolve_save_best(save_best: object, metric: str, topk: Sequence[int]) -> str:
    """Return the name of the metric that chooses the best checkpoint.

    Raises:
        ParameterInvalid: No metric of this run has this name (-305).
    """
    first = metric if metric != "accuracy" else f"accuracy_top-{topk[0]}"
    if save_best == "auto":
        return first
    known = tuple(dict.fromkeys((first, *(f"accuracy_top-{k}" for k in topk), "accuracy_top-1")))
    check_choice("save_best", save_best, ("auto", *known))
    return str(save_best)
