"""Metrics by name, from a table: of one batch on the device, and of a whole held-out set."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from BaseDT.arguments import invalid
from BaseDT.errors import did_you_mean

METRICS = ("acc", "mae", "mse")
"""In the order in which they are printed."""
_NAMES = {
    "acc": "acc",
    "accuracy": "acc",
    "mae": "mae",
    "l1loss": "mae",
    "mse": "mse",
    "mseloss": "mse",
}
LABELS = {"acc": "Accuracy", "mae": "MAE", "mse": "MSE"}
"""What the printed line calls them."""


def checked_metrics(value: object, task: str) -> tuple[str, ...]:
    """Return the metrics that were asked for, in their order, each once; one name alone will do.

    Raises:
        ParameterInvalid: There is no such metric, or not for this task (-305).
    """
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence):
        raise invalid("metrics", value, "a list of names, e.g. ['acc']", "名称的列表，例如 ['acc']")
    chosen = {_known(name) for name in names}
    if task == "reg":  # numbers are never quite equal; the original leaves it out, too, and adds the error
        chosen = {*chosen, "mse"} - {"acc"}
    return tuple(name for name in METRICS if name in chosen)


def _known(name: object) -> str:
    if isinstance(name, str) and name.strip().lower() in _NAMES:
        return _NAMES[name.strip().lower()]
    listed = ", ".join(map(repr, METRICS))
    error = invalid("metrics", name, f"some of {listed}", f"以下之中的几个：{listed}")
    near = did_you_mean(name, _NAMES) if isinstance(name, str) else ""
    error.hint = f"{near} {error.hint}".strip()
    raise error


def measured(name: str, outputs: Tensor, targets: Tensor, *, logits: bool) -> Tensor:
    """Measure a metric of a batch; it stays on the device.

    Args:
        name: One of ``METRICS``.
        outputs: (N, K).
        targets: (N,) labels, or (N, K) numbers.
        logits: Whether outputs are before the softmax or sigmoid.
    """
    if name == "acc":
        return (chosen(outputs, logits=logits) == labels_of(targets)).float().mean()
    if targets.ndim == 1:
        from BaseNN.learning.losses import as_numbers

        targets = as_numbers(targets, outputs.shape[1])
    if logits and outputs.shape[1] > 1:
        outputs = outputs.softmax(dim=1)
    difference = outputs - targets
    return difference.abs().mean() if name == "mae" else difference.square().mean()


def chosen(outputs: Tensor, *, logits: bool) -> Tensor:
    """Return the class that each row says, (N,); of one output whether it is beyond the middle."""
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > (0.0 if logits else 0.5)).long()
    return outputs.argmax(dim=1)


def labels_of(targets: Tensor) -> Tensor:
    """Return the class that each row of targets is, (N,)."""
    if targets.ndim == 1:
        return targets
    return targets[:, 0].round().long() if targets.shape[1] == 1 else targets.argmax(dim=1)
