"""``visual_feature``: what each layer makes of a sample, as pictures or as a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import display, fonts, image
from BaseDT.arguments import PathLike, checked_flag, checked_path
from BaseDT.errors import MethodUnsupported
from BaseDT.files import write_whole
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.terminal import note, write_line
from BaseNN.diffusion.model import Diffusion
from BaseNN.looking.maps import drawn, photograph, stacked
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
    if fonts.lacking_for(classes):
        note(fonts.font_hint())
    sample = view.sample(data)
    seen = outputs_of(model, sample, view.device)
    if sample.ndim == 2 and not view.words:
        return [write_whole(folder / "layer_data.txt", _text(sample, seen).encode("utf-8"), durable=False)]
    if together:
        pictures = [
            *_input(sample, view.brightest),
            *(_picture(n, out, seen, classes, _MOST_IN_ONE) for n, out in enumerate(seen, 1)),
        ]
        total = stacked(pictures)
        display.show(total)
        return [image.write(folder / "total.jpg", total)]
    return [
        image.write(folder / f"{number}.jpg", _picture(number, output, seen, classes))
        for number, output in enumerate(seen, start=1)
    ]


def _input(sample: npt.NDArray[Any], brightest: float) -> list[Pixels]:
    """Draw what goes in, a picture as it looks; nothing of words."""
    if sample.dtype.kind != "f":
        return []
    one = sample[0]
    words = summary(one)
    lines = [say(f"input    {words}", f"输入    {words}")]
    is_picture = one.ndim == 3 and len(one) in (1, 3) and one.min() >= 0 and one.max() <= brightest
    return [photograph(one / brightest, lines) if is_picture else drawn(one, lines)]


def _picture(
    number: int, output: Output, seen: Sequence[Output], classes: Sequence[str], most: int | None = None
) -> Pixels:
    values = output.values
    are_classes = all(out.values.shape == (len(classes),) for out in seen[number - 1 :])  # an activation behind, too
    lines = [f"{number}.  {output.name}    {summary(values)}"]
    if most is not None and values.ndim == 3 and len(values) > most:
        lines[0] += say(f"    (the first {most} maps)", f"    （前 {most} 张）")
    names = classes if are_classes else ()
    return drawn(values, lines, names) if most is None else drawn(values, lines, names, most)


def _text(sample: npt.NDArray[Any], seen: Sequence[Output]) -> str:
    """Write numbers as they go through the layers: a line that names the layer, a line with all its numbers."""
    parts = [("0. input", sample[0]), *((f"{n}. {out.name} {out.module}", out.values) for n, out in enumerate(seen, 1))]
    return "".join(
        f"{name}\n{[float(f'{value:.{_DIGITS}g}') for value in np.ravel(values)]}\n" for name, values in parts
    )
