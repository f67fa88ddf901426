"""The sentences with which ``BaseDT.image`` refuses what it cannot read.

Only ``BaseDT.image`` and its private modules call this. Of files it reads names only, beside a missing one.
"""

from __future__ import annotations

from pathlib import Path

from BaseDT.errors import ImageDamaged, ImageNotFound, ImageTypeUnsupported, ImageUnsupported, did_you_mean
from BaseDT.language import say

IMAGE_SUFFIXES: frozenset[str] = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff"})


def suffix_hint() -> str:
    """Return the line that lists what can be read."""
    known = " ".join(sorted(IMAGE_SUFFIXES))
    return say(f"Supported: {known}", f"支持的格式：{known}")


def not_found(path: Path) -> ImageNotFound:
    """There is nothing at this path."""
    try:
        near = did_you_mean(path.name, (file.name for file in path.parent.iterdir()))
    except (OSError, ValueError):
        near = ""
    folder = Path.cwd() if not path.is_absolute() else path.parent
    hint = say(f"Looked from {folder}.", f"查找位置：{folder}。")
    return ImageNotFound(f"No such file: {path}.", hint=near or hint)


def damaged(name: str, reason: str) -> ImageDamaged:
    """It is an image, but not a whole one."""
    return ImageDamaged(
        f"Damaged image file: {name or 'the image'}, {reason}.",
        hint=say("Replace the file, or save it anew with an image program.", "请更换该文件，或用图片软件重新保存。"),
    )


def unsupported(name: str, reason: str) -> ImageUnsupported:
    """It is a file, but no image that we read."""
    return ImageUnsupported(f"Unsupported file: {name or 'the image'}, {reason}.", hint=suffix_hint())


def too_large(name: str, width: int, height: int, limit: int) -> ImageUnsupported:
    """The header claims more pixels than we decode."""
    return unsupported(name, f"it has {width}×{height} pixels, more than the limit of {limit}")


def no_source(source: object) -> ImageTypeUnsupported:
    """The argument is no path, array or Pillow image."""
    empty = isinstance(source, (list, tuple)) and not source
    found = "an empty list" if empty else f"type {type(source).__name__}"
    return ImageTypeUnsupported(
        f"The image argument cannot be used: {found}.",
        hint=say(
            "Expected a path, a folder, a numpy array, a Pillow image, or a list of these.",
            "应为：图片路径、文件夹、numpy 数组、PIL 图像，或由它们组成的列表。",
        ),
    )
