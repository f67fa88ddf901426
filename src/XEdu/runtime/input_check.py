"""Whether arrays fit a model's inputs: our error message comes before the runtime's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from BaseDT.errors import ParameterInvalid
from BaseDT.language import english, say
from XEdu.runtime.backend import Array, TensorSpec


class InputCheck:
    """Checks the arrays that a model shall run on; those like the last good ones cost next to nothing."""

    def __init__(self, inputs: Sequence[TensorSpec]) -> None:
        self._inputs = {spec.name: spec for spec in inputs}
        self._last_good: list[tuple[str, object, object]] | None = None

    def __call__(self, feeds: Mapping[str, Array]) -> None:
        """Check names, types and shapes.

        Raises:
            ParameterInvalid: Naming the input, the expected value and the actual one.
        """
        signature = [(name, getattr(item, "dtype", None), getattr(item, "shape", None)) for name, item in feeds.items()]
        if signature == self._last_good:
            return
        if set(feeds) != set(self._inputs):
            raise _wrong(
                say(
                    f"The model takes the inputs {_listed(self._inputs)}, and got {_listed(feeds)}.",
                    f"该模型的输入是 {_listed(self._inputs)}，而收到的是 {_listed(feeds)}。",
                ),
                f"Give one tensor for each of: {_listed(self._inputs)}.",
                f"请为每个输入提供一个张量：{_listed(self._inputs)}。",
            )
        for name, item in feeds.items():
            _check(self._inputs[name], item)
        self._last_good = signature


def _check(spec: TensorSpec, item: object) -> None:
    if not isinstance(item, np.ndarray):
        raise _wrong(
            say(
                f"The input '{spec.name}' is {type(item).__name__}, not a numpy array.",
                f"输入 '{spec.name}' 的类型是 {type(item).__name__}，不是 numpy 数组。",
            ),
            "Expected a numpy array.",
            "应为 numpy 数组。",
        )
    if item.dtype != spec.dtype:
        raise _wrong(
            say(
                f"The input '{spec.name}' is {item.dtype}, and the model takes {spec.dtype}.",
                f"输入 '{spec.name}' 的类型是 {item.dtype}，而模型需要 {spec.dtype}。",
            ),
            f"Convert it: tensor.astype('{spec.dtype}').",
            f"请转换类型：tensor.astype('{spec.dtype}')。",
        )
    if not _fits(item.shape, spec.shape):
        expected = " × ".join("N" if size is None else str(size) for size in spec.shape)
        shape = " × ".join(map(str, item.shape)) or say("no axis", "没有维度")
        raise _wrong(
            say(
                f"The input '{spec.name}' has the shape {english(shape)}, and the model takes {expected}.",
                f"输入 '{spec.name}' 的形状是 {shape}，而模型需要 {expected}。",
            ),
            "Resize the picture to the model's size, channels first, with an axis for the batch.",
            "请把图片缩放到模型的输入大小，通道在前，并带有批次维度。",
        )


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    if not expected:  # the file does not tell
        return True
    same = all(limit in (None, size) for size, limit in zip(shape, expected, strict=False))
    return len(shape) == len(expected) and same and 0 not in shape


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(map(str, names)) or "nothing"


def _wrong(message: str, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(message, hint=say(en, zh))
