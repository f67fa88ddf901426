"""``show``: pictures that a network drew, in a grid, at the end or on their way out of noise. Torch-free."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import display, image
from BaseDT.arguments import PathLike, checked_flag, checked_path, invalid, is_integer
from BaseDT.errors import GridMismatch, ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseNN.looking.pixels import as_pixels, in_rows

MOST_TILES = 10_000


def show_drawn(
    data: Any, size: tuple[int, int], visual_timesteps: bool, *, show: bool = True, save: PathLike | None = None
) -> Pixels:
    """Lay drawn pictures out in a grid.

    Args:
        data: What ``inference`` gave: (N, T + 1, C, H, W) with all steps, or (N, C, H, W).
        size: Rows and columns. Together as many as there are pictures; with ``visual_timesteps`` a row is a picture
            on its way from noise on the left.
        visual_timesteps: See there.
        show: Show it where there is a place: a notebook or a desktop.
        save: Also write the picture to this file.

    Returns:
        The grid, H×W×3 uint8, BGR.

    Raises:
        GridMismatch: The grid does not fit (-308).
        ParameterInvalid: These are no pictures (-305).
    """
    checked_flag("visual_timesteps", visual_timesteps)
    steps = _checked(data)
    rows, columns = _checked_size(size)
    if visual_timesteps:
        _check_ways(rows, columns, *steps.shape[:2])
        shown = np.linspace(0, steps.shape[1] - 1, columns).round().astype(int) if columns > 1 else [-1]
        tiles = [[as_pixels(steps[row, step]) for step in shown] for row in range(rows)]
    else:
        _check_grid(rows, columns, len(steps))
        tiles = [[as_pixels(steps[row * columns + column, -1]) for column in range(columns)] for row in range(rows)]
    sheet = in_rows(tiles)
    if save is not None:
        image.write(checked_path("save", save), sheet)
    if show:
        display.show(sheet)
    return sheet


def _checked(data: Any) -> npt.NDArray[Any]:
    """Return (N, T, C, H, W)."""
    try:
        values = np.asarray(data) if isinstance(data, (np.ndarray, list, tuple)) else np.zeros(0)
    except ValueError:  # lists of different lengths
        values = np.zeros(0)
    if values.ndim == 4:
        values = values[:, None]
    if values.ndim != 5 or not values.size or values.dtype.kind not in "fiub" or values.shape[2] not in (1, 3):
        found = f"{values.dtype} {values.shape}" if isinstance(data, np.ndarray) else type(data).__name__
        hint = say("Give what inference() of a diffusion model returned.", "请传入扩散模型 inference() 的返回值。")
        raise ParameterInvalid(say(f"These are no drawn pictures: {found}.", f"这不是生成的图片：{found}。"), hint=hint)
    return values


def _checked_size(size: Any) -> tuple[int, int]:
    if isinstance(size, (tuple, list)) and len(size) == 2 and all(is_integer(n) and n > 0 for n in size):
        rows, columns = int(size[0]), int(size[1])
        if rows * columns <= MOST_TILES:
            return rows, columns
    raise invalid("size", size, "(rows, columns), e.g. (2, 2)", "（行数，列数），例如 (2, 2)")


def _check_grid(rows: int, columns: int, count: int) -> None:
    if rows * columns == count:
        return
    fits = max(n for n in range(1, int(count**0.5) + 1) if count % n == 0)
    raise GridMismatch(
        say(
            f"size=({rows}, {columns}) has room for {rows * columns} pictures, and there are {count}.",
            f"size=({rows}, {columns}) 可放 {rows * columns} 张图片，而图片有 {count} 张。",
        ),
        hint=say(f"Would fit: size=({fits}, {count // fits}).", f"合适的写法：size=({fits}, {count // fits})。"),
    )


def _check_ways(rows: int, columns: int, count: int, steps: int) -> None:
    if rows <= count and columns <= steps:
        return
    text = say(
        f"size=({rows}, {columns}) asks for {rows} pictures at {columns} steps; there are {count} at {steps}.",
        f"size=({rows}, {columns}) 要求 {rows} 张图片、每张 {columns} 步；现有 {count} 张、每张 {steps} 步。",
    )
    hint = say(
        f"At most size=({count}, {steps}); inference(return_all_timesteps=True) gives all steps.",
        f"最多 size=({count}, {steps})；inference(return_all_timesteps=True) 会返回所有步骤。",
    )
    raise GridMismatch(text, hint=hint)
