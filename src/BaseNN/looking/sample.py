"""One sample as a network takes it, from what a pupil has in hand. Torch-free."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from BaseDT.arguments import invalid
from BaseDT.errors import InputMismatch
from BaseDT.language import english, say
from BaseDT.tabular.arrays import as_array
from BaseNN.layers.sizes import Shape, words
from BaseNN.looking.pixels import as_values

_BRIGHTEST = 255.0


def sample_of(data: Any, inputs: Shape | None, channels: int, brightest: float = 1.0) -> npt.NDArray[np.float32]:
    """Return (1, …) float32.

    Args:
        data: A picture (path, array H×W or H×W×C, Pillow image), a row of numbers, or a sample of the shape that the
            network takes.
        inputs: That shape; None where it is unknown.
        channels: Of pictures; 0 where it is unknown: then as the picture has.
        brightest: What white is to the network: 1, or 255 where it learned from arrays of bytes.

    Raises:
        InputMismatch: It is no such sample (-309).
        ImageNotFound: There is no such picture (-103).
    """
    one = _one(data, inputs, channels, brightest)
    if inputs is not None and not _fits(one.shape, inputs):
        raise _misfit(one.shape, inputs)
    return np.ascontiguousarray(one[None], np.float32)


def _one(data: Any, inputs: Shape | None, channels: int, brightest: float) -> npt.NDArray[Any]:
    if isinstance(data, (str, os.PathLike, Image.Image)):
        return as_values(data, gray=channels == 1) * np.float32(brightest)
    values = as_array("data", data)
    if values.dtype.kind not in "biuf":
        raise invalid("data", data, "numbers, or a picture", "数字或图片")
    if inputs is not None and values.ndim == len(inputs) + 1 and len(values) == 1:
        values = values[0]
    is_picture = values.dtype == np.uint8 or inputs is None or len(inputs) == 3
    if inputs is not None and _fits(values.shape, inputs) and not (values.dtype == np.uint8 and len(inputs) == 3):
        return values
    if values.ndim not in (2, 3) or not is_picture:
        return values
    if values.dtype == np.uint8 and (values.ndim == 2 or values.shape[2] in (3, 4)):
        return as_values(values, gray=channels == 1 or (channels == 0 and values.ndim == 2)) * np.float32(brightest)
    return _channels_first(values, brightest)


def _channels_first(values: npt.NDArray[Any], brightest: float) -> npt.NDArray[np.float32]:
    """Return pixels H×W, H×W×C or C×H×W as (C, H, W) from 0 to 1, or as they are for a network that knows bytes."""
    if values.ndim == 2:
        moved = values[None]
    elif values.shape[2] not in (1, 3) and values.shape[0] in (1, 3):
        moved = values
    else:
        moved = values.transpose(2, 0, 1)
    scale = _BRIGHTEST / brightest if values.size and float(np.abs(values).max()) > 1 else 1.0
    return np.asarray(moved / scale, np.float32)


def _fits(shape: tuple[int, ...], inputs: Shape) -> bool:
    return len(shape) == len(inputs) and all(want in (None, have) for have, want in zip(shape, inputs, strict=True))


def _misfit(shape: tuple[int, ...], inputs: Shape) -> InputMismatch:
    got, wants = words(shape), words(inputs)
    return InputMismatch(
        say(
            f"The network takes {english(wants)}, and this sample is {english(got)}.",
            f"网络的输入为 {wants}，而该样本为 {got}。",
        ),
        hint=say("Give one sample like those that it learned from.", "请给出一个与训练数据形状相同的样本。"),
    )
