"""What a recipe will do with the pictures of a set: in a few lines, and as a sheet of what the network sees.

Torch-free; ``mmedu check`` shows both before anything is trained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from BaseDT import draw, fonts, image
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.samples import HasLabels, ImageNetDataset, MultiLabelDataset
from BaseDT.errors import XEduError
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.plot import names
from BaseDT.preprocess import Preprocess
from MMEdu.models.classification.augment import Augment
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.classification.framing import Sizes, cut_away, cut_text

_TILES, _COLUMNS, _TILE = 10, 5, 224
_NAME_COLUMNS = 20
_VISIBLY = 1.25  # of one side against the other
# Beyond this side the documents advise against LeNet, as for colour.
_TOO_RICH_FOR_GRAY = 224


def lines(entry: ModelEntry, sizes: Sizes, *, is_choice: bool) -> list[str]:
    """Say what a recipe will do with pictures of these sizes.

    Args:
        entry: The model.
        sizes: (height, width) of each picture.
        is_choice: Whether nobody named the model: it is what a training would choose.
    """
    height, width = entry.preprocess.size
    gray = entry.preprocess.color == "gray"
    usual = say(" (a training without --backbone takes it)", "（不指定 --backbone 时使用）") if is_choice else ""
    colour = say(entry.preprocess.color, "灰度" if gray else "彩色")
    told = [
        say(
            f"{entry.name}{usual} sees {colour} {width}x{height}.",
            f"{entry.name}{usual}的输入：{colour} {width}x{height}。",
        ),
        cut_text(entry.name, entry.preprocess, sizes) or _fit_text(entry.preprocess, sizes),
        _variation_text(entry.recipe.augment),
    ]
    counts = Counter(sizes)  # most sets have few
    small = sum(count for size, count in counts.items() if min(size) < min(height, width))
    large = sum(count for size, count in counts.items() if min(size) > _TOO_RICH_FOR_GRAY)
    if 2 * small > len(sizes):
        told.append(say(f"{small} pictures are smaller: they will be enlarged.", f"{small} 张图片比它小，将被放大。"))
    if gray and 2 * large > len(sizes):
        told.append(
            say(
                f"{large} pictures are larger than {_TOO_RICH_FOR_GRAY} pixels: MobileNet and ResNet18 see more.",
                f"{large} 张图片大于 {_TOO_RICH_FOR_GRAY} 像素：建议使用 MobileNet 或 ResNet18。",
            )
        )
    return told


def _fit_text(preprocess: Preprocess, sizes: Sizes) -> str:
    if preprocess.fit == "letterbox":
        return say(
            "fit='letterbox': the whole picture, on a plain ground.", "fit='letterbox'：完整图片，空白处填充底色。"
        )
    cut = f"{100 * cut_away(preprocess, sizes):.0f} %"
    if preprocess.fit == "crop":
        return say(
            f"fit='crop': the middle; {cut} of the area is cut away.", f"fit='crop'：取中间部分，裁掉面积的 {cut}。"
        )
    ratio = preprocess.size[0] / preprocess.size[1]
    uneven = sum(c for (h, w), c in Counter(sizes).items() if not 1 / _VISIBLY <= h / w / ratio <= _VISIBLY)
    return say(
        f"fit='stretch': the whole picture, stretched; {uneven} of {len(sizes)} change their shape visibly.",
        f"fit='stretch'：拉伸完整图片；{len(sizes)} 张中有 {uneven} 张明显变形。",
    )


def _variation_text(augment: Augment) -> str:
    parts = []
    if augment.crop_scale is not None:
        least = f"{100 * augment.crop_scale[0]:.0f} %"
        parts.append((f"random crops, from {least} of the area on", f"随机裁剪（不小于面积的 {least}）"))
    elif augment.changes_geometry:
        parts.append(("moved and made smaller, nothing cut away", "随机缩小和移动（不裁剪）"))
    if augment.flip > 0:
        parts.append(("mirrored left-right (flip=False leaves that out)", "左右翻转（flip=False 可关闭）"))
    if not parts:
        return say("Training shows them as they are.", "训练时不做随机变化。")
    english, chinese = (words for words in zip(*parts, strict=True))
    return say(f"Training varies them: {', '.join(english)}.", f"训练时随机变化：{'、'.join(chinese)}。")


def write_sheet(path: Path, entry: ModelEntry, dataset: ImageNetDataset | MultiLabelDataset) -> Path | None:
    """Draw ten pictures as the network sees them; None where no picture can be drawn.

    Raises:
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    samples = dataset.train or dataset.val
    tiles = list(_tiles(spread(samples, _TILES), entry.preprocess, dataset.classes))
    if not tiles:
        return None
    count = f"{len(tiles)} of {len(samples)} pictures"
    heading = fonts.picture_text(
        f"What {entry.name} sees: {count}", f"{entry.name} 看到的图片（共 {len(samples)} 张，显示 {len(tiles)} 张）"
    )
    note = names.font_note(dataset.classes)
    sheet = draw.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=f"{heading}\n{note}".strip())
    return image.write(path, sheet)


def _tiles(samples: Sequence[HasLabels], preprocess: Preprocess, classes: Sequence[str]) -> Iterator[draw.Tile]:
    shown = names.display_names(classes, _NAME_COLUMNS)
    for sample in samples:
        try:
            pixels = preprocess.reading.coloured().of(sample.path)
        except XEduError:
            continue  # it is among the damaged ones
        size = f"{pixels.shape[1]}x{pixels.shape[0]}"
        view = preprocess.pixels(pixels)
        caption = ", ".join(shown[label] for label in sample.labels) or "-"
        colour = draw.class_colour(next(iter(sample.labels), 0))
        yield draw.Tile(as_shown(view, preprocess.color), caption, colour, note=size)


def as_shown(pixels: Pixels, color: str) -> Pixels:
    """Turn what a network sees, (H, W, C), into what a person sees, BGR or gray."""
    if color == "gray":
        return pixels[:, :, 0]
    return np.ascontiguousarray(pixels[:, :, ::-1] if color == "rgb" else pixels)
