"""What there is to learn from in a folder of pictures, told before anything is trained. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from BaseDT import image
from BaseDT.dataset.scan import scan
from BaseDT.errors import DatasetInvalid
from BaseDT.language import english, say

SIZES = (28, 32, 48, 64, 96, 128)
"""Sides, in pixels, that pictures may be brought to."""
COLORS = ("RGB", "grayscale")
_PARTS = ("training_set", "trainning_set", "train")
"""Sub-folders that hold what is learned from, where a set has parts."""
_LARGEST = 64
_NAMED = 6


@dataclass(frozen=True)
class Pictures:
    """A folder with a folder of pictures a class.

    Attributes:
        folder: The one that holds the class folders.
        classes: Their names, sorted.
        samples: How many pictures there are.
        color: ``grayscale`` where the first picture has no colour, else ``RGB``.
        size: The side, in pixels, that they are brought to at first.
    """

    folder: Path
    classes: tuple[str, ...]
    samples: int
    color: str
    size: int

    @property
    def sentence(self) -> str:
        """What was found."""
        named = class_names(self.classes)
        return say(
            f"{self.samples} pictures of {len(self.classes)} classes: {english(named)}.",
            f"{self.samples} 张图片，{len(self.classes)} 个类别：{named}。",
        )


def class_names(classes: tuple[str, ...]) -> str:
    """Return the first names of classes, for a sentence."""
    few = [name if len(name) <= 16 else f"{name[:15]}…" for name in classes[:_NAMED]]
    if len(classes) > _NAMED:
        few.append("…")
    return say(", ".join(few), "、".join(few))


def pictures(folder: Path) -> Pictures:
    """Say what is in a folder of pictures.

    Raises:
        DatasetInvalid: It has fewer than two folders with pictures (-201).
        ImageUnsupported, ImageDamaged: The first picture cannot be read.
    """
    inner = next((folder / part for part in _PARTS if (folder / part).is_dir()), folder)
    found = scan(inner, inner.name)
    if len(found.classes) < 2:
        raise DatasetInvalid(
            say(f"{folder.name} has fewer than two folders with pictures.",
                f"{folder.name} 中有图片的类别文件夹少于两个。"),
            hint=say("Put the pictures of each class into a folder of its own, named after the class.",
                     "请把每一类图片放进各自的文件夹，文件夹名就是类别名。"),
        )  # fmt: skip
    pixels = image.read(inner / next(iter(found.classes.values()))[0])
    side = min(max(pixels.shape[:2]), _LARGEST)
    is_gray = pixels.ndim == 2 or bool((pixels[..., :1] == pixels).all())
    return Pictures(
        inner,
        tuple(sorted(found.classes)),
        sum(map(len, found.classes.values())),
        "grayscale" if is_gray else "RGB",
        next(size for size in SIZES if size >= side),
    )
