"""Whether a converted network says what the published one says: run once on a made-up picture, compared with numbers.

The numbers of ``recorded`` come from the runtime that the networks were published for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ExportDiffers
from BaseDT.language import say
from XEdu import runtime

Summary: TypeAlias = tuple[float, float, float, float]
"""Of an output: mean, mean of the absolute values, least, largest."""

_TOLERANCE = 2e-3
"""Of the largest value of an output. Runtimes differ by less than 1e-5, a wrong network by some tenths."""
_PART_OF_NOTHING = 0.05
"""An output whose values are all smaller is compared with this: what is nearly 0 is so in every runtime."""
_FIGURE = (
    ((0.0, 1.05), (0.36, 0.42), (0.2, 0.3, 0.6)),  # shoulders
    ((0.0, 0.36), (0.18, 0.22), (0.15, 0.1, 0.08)),  # hair
    ((0.0, 0.44), (0.16, 0.19), (0.85, 0.65, 0.55)),  # face
    ((0.06, 0.4), (0.025, 0.015), (0.1, 0.1, 0.1)),  # eyes
    ((0.0, 0.53), (0.06, 0.015), (0.6, 0.2, 0.2)),  # mouth
)
"""Ellipses, mirrored: their middle and radii in heights of the picture, and their colour."""


def made_up_input(shape: Sequence[int]) -> npt.NDArray[np.float32]:
    """Return a drawn person before waves, (1, 3, H, W) float32 RGB from 0 to 1, the same everywhere."""
    _, channels, height, width = shape
    c, y, x = np.ogrid[:channels, :height, :width]
    y, x = y / height, (x - width / 2) / height
    picture = 0.5 + (np.sin(9 * x + c) + np.sin(7 * y - c) + np.sin(40 * (x + y) * (c + 1)) / 2) / 20
    for (middle_x, middle_y), (radius_x, radius_y), color in _FIGURE:
        inside = ((np.abs(x) - middle_x) / radius_x) ** 2 + ((y - middle_y) / radius_y) ** 2 < 1
        picture = np.where(inside, np.reshape(color, (3, 1, 1)), picture)
    return np.asarray(picture[None], np.float32)


def summary(values: npt.NDArray[np.float32]) -> Summary:
    """Return the numbers of an output that are recorded."""
    return float(values.mean()), float(np.abs(values).mean()), float(values.min()), float(values.max())


def check(data: bytes, name: str, recorded: Sequence[Summary]) -> None:
    """Run a network once and compare its outputs with the numbers that were recorded.

    Args:
        data: The ONNX file.
        name: The network's, for the message.
        recorded: Of each output, in their order.

    Raises:
        ExportDiffers: They are others (-807).
        XEduError: It cannot be run; as ``XEdu.runtime.open``.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.onnx")
        path.write_bytes(data)
        backend = runtime.open(path, threads=1)
        spec = backend.inputs[0]
        shape = [size if isinstance(size, int) else 1 for size in spec.shape]
        outputs = backend.run({spec.name: made_up_input(shape)})
        del backend  # its file goes
    for number, (output, numbers) in enumerate(zip(outputs, recorded, strict=True), start=1):
        scale = max(*map(abs, numbers), _PART_OF_NOTHING)
        difference = max(abs(now - then) for now, then in zip(summary(output), numbers, strict=True)) / scale
        if not difference <= _TOLERANCE:  # NaN, too
            raise _differs(name, number, difference)


def _differs(name: str, number: int, difference: float) -> ExportDiffers:
    hint = say(
        "Nothing was kept. Update onnxruntime, or report it with the versions that mmedu doctor lists.",
        "没有保留任何内容。请更新 onnxruntime，或附上 mmedu doctor 列出的版本报告此问题。",
    )
    text = f"The converted {name} computes otherwise than the published one: its output {number} differs by "
    zh = f"转换后的 {name} 与发布的网络计算结果不同：第 {number} 个输出相差 {difference:.1%}。"
    return ExportDiffers(say(f"{text}{difference:.1%}.", zh), hint=hint)
