"""Names of activations, and what each does. Torch-free."""

from __future__ import annotations

from BaseDT.arguments import checked_name

ACTIVATIONS: dict[str, tuple[str, str]] = {
    "relu": ("lets what is positive through", "只让正数通过"),
    "tanh": ("squeezes into -1 … 1", "压缩到 -1 … 1"),
    "leakyrelu": ("lets a fifth of what is negative through", "负数只通过五分之一"),
    "sigmoid": ("squeezes into 0 … 1", "压缩到 0 … 1"),
    "softmax": ("turns numbers into shares that sum to 1", "转换为总和为 1 的占比"),
}


def checked_activation(value: object) -> str:
    """Return the name of an activation in lower case; empty for none.

    Raises:
        ParameterInvalid: There is no such activation (-305); the hint offers the nearest.
    """
    return "" if value is None else checked_name("activation", value, {name: name for name in ACTIVATIONS})
