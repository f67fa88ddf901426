"""``visual_feature``: what each layer makes of a sample, as pictures or as a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from BaseDT import image
from BaseDT.errors import MethodUnsupported
from BaseDT.files import write_whole
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseNN.diffusion.model import Diffusion
from BaseNN.looking.maps import drawn, stacked
from BaseNN.looking.outputs import Output, outputs_of, summary
from BaseNN.looking.pixels import Values

_MOST_IN_ONE = 16
_WHOLE = 8


def write_layers(
    model: nn.Module,
    sample: Values,
    folder: Path,
    *,
    together: bool,
    device: torch.device,
    classes: Sequence[str] = (),
) -> list[Path]:
    """Write what each layer makes of a sample.

    Args:
        model: The network.
        sample: (1, …) as it takes it.
        folder: Made where it is missing.
        together: All layers in one picture.
        device: Where to run.
        classes: Names of the last numbers.

    Returns:
        The files: ``layer_data.txt`` for a row of numbers; for others ``1.jpg`` … of the layers, or ``total.jpg``.

    Raises:
        MethodUnsupported: The network takes no sample (-405).
        InputMismatch: The sample does not fit (-309).
        PathNotWritable, DiskFull: -104, -803.
    """
    if isinstance(model, Diffusion):
        raise MethodUnsupported(
            say(
                "A diffusion model makes pictures out of noise: it takes none.", "扩散模型由噪声生成图片，不接受输入。"
            ),
            hint=say(
                "show(inference(), visual_timesteps=True) shows how it draws.",
                "show(inference(), visual_timesteps=True) 可查看它的生成过程。",
            ),
        )
    seen = outputs_of(model, sample, device)
    if sample.ndim == 2:
        return [write_whole(folder / "layer_data.txt", _text(sample, seen).encode("utf-8"), durable=False)]
    if together:
        pictures = [_input(sample)] + [_picture(n, out, seen, classes, _MOST_IN_ONE) for n, out in enumerate(seen, 1)]
        return [image.write(folder / "total.jpg", stacked(pictures))]
    return [
        image.write(folder / f"{number}.jpg", _picture(number, output, seen, classes))
        for number, output in enumerate(seen, start=1)
    ]


def _input(sample: Values) -> Pixels:
    return drawn(sample[0], [say(f"input    {summary(sample[0])}", f"输入    {summary(sample[0])}")])


def _picture(
    number: int, output: Output, seen: Sequence[Output], classes: Sequence[str], most: int | None = None
) -> Pixels:
    values, is_last = output.values, number == len(seen)
    lines = [f"{number}.  {output.name}    {summary(values)}"]
    if most is not None and values.ndim == 3 and len(values) > most:
        lines[0] += say(f"    (the first {most} maps)", f"    （前 {most} 张）")
    names = classes if is_last and values.ndim == 1 and len(values) == len(classes) else ()
    return drawn(values, lines, names) if most is None else drawn(values, lines, names, most)


def _text(sample: Values, seen: Sequence[Output]) -> str:
    """Write numbers as they go through the layers: a line that names the layer, a line with all its numbers."""
    parts = [("0. input", sample[0]), *((f"{n}. {out.name} {out.module}", out.values) for n, out in enumerate(seen, 1))]
    return "".join(f"{name}\n{np.round(values.astype(float), _WHOLE).tolist()}\n" for name, values in parts)
