"""``visual_feature``: what each layer makes of a sample, as pictures or as a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import display, image
from BaseDT.arguments import PathLike, checked_flag, checked_path
from BaseDT.errors import MethodUnsupported
from BaseDT.files import write_whole
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.terminal import write_line
from BaseNN.diffusion.model import Diffusion
from BaseNN.looking.maps import drawn, stacked
from BaseNN.looking.outputs import Output, outputs_of, summary
from BaseNN.looking.view import View

_MOST_IN_ONE = 16
_DIGITS = 7
"""As many as float32 holds."""


def visual_feature(view: View, data: Any, folder: PathLike, in1img: bool) -> list[Path]:
    """Write what each layer makes of a sample, and say where.

    Args:
        view: The network.
        data: A sample: a picture (path, array, Pillow image), a row of numbers.
        folder: Made where it is missing.
        in1img: All layers in one picture, which is also shown where there is a place.

    Returns:
        The files: ``layer_data.txt`` for a row of numbers; for others ``1.jpg`` … of the layers, or ``total.jpg``.

    Raises:
        MethodUnsupported: The network takes no sample (-405).
        InputMismatch: The sample does not fit (-309).
        NothingLoaded: The network has no layers (-602).
        PathNotWritable, DiskFull: -104, -803.
    """
    written = _written(view, data, checked_path("save_fold", folder), together=checked_flag("in1img", in1img))
    write_line(say(f"Saved in {written[0].parent}.", f"各层的可视化结果已保存在 {written[0].parent}。"))
    return written


def _written(view: View, data: Any, folder: Path, *, together: bool) -> list[Path]:
    model, classes = view.model, view.classes
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
    sample = view.sample(data)
    seen = outputs_of(model, sample, view.device)
    if sample.ndim == 2 and not view.words:
        return [write_whole(folder / "layer_data.txt", _text(sample, seen).encode("utf-8"), durable=False)]
    if together:
        pictures = [*_input(sample), *(_picture(n, out, seen, classes, _MOST_IN_ONE) for n, out in enumerate(seen, 1))]
        total = stacked(pictures)
        display.show(total)
        return [image.write(folder / "total.jpg", total)]
    return [
        image.write(folder / f"{number}.jpg", _picture(number, output, seen, classes))
        for number, output in enumerate(seen, start=1)
    ]


def _input(sample: npt.NDArray[Any]) -> list[Pixels]:
    """Draw what goes in; nothing of words."""
    one = sample[0]
    words = summary(one)
    return [drawn(one, [say(f"input    {words}", f"输入    {words}")])] if sample.dtype.kind == "f" else []


def _picture(
    number: int, output: Output, seen: Sequence[Output], classes: Sequence[str], most: int | None = None
) -> Pixels:
    values, is_last = output.values, number == len(seen)
    lines = [f"{number}.  {output.name}    {summary(values)}"]
    if most is not None and values.ndim == 3 and len(values) > most:
        lines[0] += say(f"    (the first {most} maps)", f"    （前 {most} 张）")
    names = classes if is_last and values.ndim == 1 and len(values) == len(classes) else ()
    return drawn(values, lines, names) if most is None else drawn(values, lines, names, most)


def _text(sample: npt.NDArray[Any], seen: Sequence[Output]) -> str:
    """Write numbers as they go through the layers: a line that names the layer, a line with all its numbers."""
    parts = [("0. input", sample[0]), *((f"{n}. {out.name} {out.module}", out.values) for n, out in enumerate(seen, 1))]
    return "".join(
        f"{name}\n{[float(f'{value:.{_DIGITS}g}') for value in np.ravel(values)]}\n" for name, values in parts
    )
