"""What may be done to pictures, by the names of torchvision's transforms: a table, nothing is evaluated. Torch-free.

What is the same for every picture becomes a ``Preprocess``, which training, inference and boards share; what is drawn
anew in every epoch (``Random…``, ``ColorJitter``) is for training alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from BaseDT.arguments import check_choice, invalid, is_integer, is_number
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.preprocess import Preprocess

NOTHING = ("ToTensor", "ToPILImage", "PILToTensor")
"""Steps between kinds of pictures, which are taken here anyway."""
FIXED = ("Resize", "CenterCrop", "Grayscale")
DRAWN = ("RandomHorizontalFlip", "RandomVerticalFlip", "RandomRotation", "ColorJitter")
KNOWN = (*FIXED, *DRAWN, *NOTHING)
_LONGEST = 1 << 14
"""Of a side, in pixels: a picture of more fills the memory."""


def checked_transform(transform: object) -> dict[str, Any]:
    """Return what is to be done to pictures as plain data: ``{name: value}`` in the order of work.

    Args:
        transform: ``{name: value}``, e.g. ``{"Resize": (128, 128), "RandomHorizontalFlip": 0.5}``; None for nothing.

    Raises:
        ParameterInvalid: A name is none of the table, or a value cannot be meant (-305).
    """
    if transform is None:
        return {}
    if not isinstance(transform, Mapping):
        expected = "a dictionary, e.g. {'Resize': (128, 128)}"
        raise invalid("transform", transform, expected, "字典，例如 {'Resize': (128, 128)}")
    checked: dict[str, Any] = {}
    for name, value in transform.items():
        if name == "Normalize":
            raise _no_normalize()
        if check_choice("transform", name, KNOWN) not in NOTHING:
            checked[name] = _CHECKS[name](name, value)
    if "CenterCrop" in checked and "Resize" in list(checked)[list(checked).index("CenterCrop") :]:
        raise ParameterInvalid(
            say("transform crops before it resizes.", "transform 先裁剪后缩放。"),
            hint=say("Put 'Resize' first, then 'CenterCrop'.", "请把 'Resize' 放在前面，'CenterCrop' 放在后面。"),
        )
    return checked


def _no_normalize() -> ParameterInvalid:
    error = invalid("transform", "Normalize", "without it: values are 0 to 1", "不含 Normalize：像素值为 0 到 1")
    error.hint = say(
        "Pictures come as numbers from 0 to 1; add('batchnorm2d', size=3) as the first layer normalises them.",
        "图片的数值为 0 到 1；把 add('batchnorm2d', size=3) 作为第一层即可做归一化。",
    )
    return error


def _size(name: str, value: object) -> int | list[int]:
    """One length, or height and width."""
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    sides: Sequence[Any] = value if isinstance(value, Sequence) and len(value) == 2 else [value]
    if all(is_integer(side) and 0 < side <= _LONGEST for side in sides):
        return [int(side) for side in sides] if len(sides) == 2 else int(sides[0])
    expected = f"a size: 128, or (height, width), {_LONGEST} at most"
    raise invalid(f"transform['{name}']", value, expected, f"尺寸：128 或 (高, 宽)，不超过 {_LONGEST}")


def _pair(name: str, value: object) -> list[int]:
    size = _size(name, value)
    return [size, size] if isinstance(size, int) else size


def _gray(name: str, value: object) -> int:
    if value in (None, 1, (), {}, "") or value is True:
        return 1
    raise invalid(f"transform['{name}']", value, "1: one channel", "1：单通道")


def _share(name: str, value: object) -> float:
    if value is None or value in ((), {}):
        return 0.5
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    if is_number(value) and 0 <= value <= 1:
        return float(value)
    raise invalid(f"transform['{name}']", value, "a share of the pictures, 0 to 1", "比例，0 到 1")


def _degrees(name: str, value: object) -> list[float]:
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    if is_number(value) and 0 <= value <= 360:
        return [-float(value), float(value)]
    if isinstance(value, Sequence) and len(value) == 2 and all(map(is_number, value)) and value[0] <= value[1]:
        return [float(v) for v in value]
    raise invalid(f"transform['{name}']", value, "degrees: 15, or (-15, 15)", "角度：15 或 (-15, 15)")


_JITTER = ("brightness", "contrast", "saturation")


def _jitter(name: str, value: object) -> dict[str, float]:
    values = [value] if is_number(value) else value
    if isinstance(values, Sequence) and not isinstance(values, str) and len(values) <= 4:
        values = dict(zip((*_JITTER, "hue"), values, strict=False))
    if isinstance(values, Mapping) and not values.get("hue"):
        shares = {part: share for part, share in values.items() if part != "hue"}
        known = all(part in _JITTER and is_number(v) and 0 <= v <= 1 for part, v in shares.items())
        if known and shares:
            return {part: float(share) for part, share in shares.items()}
    expected = "how much brightness, contrast, saturation vary, 0 to 1 each, e.g. (0.2, 0.2, 0.2)"
    chinese = "亮度、对比度、饱和度的变化幅度，各为 0 到 1，例如 (0.2, 0.2, 0.2)"
    raise invalid(f"transform['{name}']", value, expected, chinese)


_CHECKS = {
    "Resize": _size,
    "CenterCrop": _pair,
    "Grayscale": _gray,
    "RandomHorizontalFlip": _share,
    "RandomVerticalFlip": _share,
    "RandomRotation": _degrees,
    "ColorJitter": _jitter,
}


def of_pictures(transform: Mapping[str, Any], picture: tuple[int, int]) -> dict[str, Any]:
    """Return the same with the sizes that it has for pictures like the first one, so that all become equally large.

    Args:
        transform: Checked.
        picture: Height and width of the first picture.

    Raises:
        ParameterInvalid: A crop is larger than the picture (-305).
    """
    full = dict(transform)
    if isinstance(size := full.get("Resize"), int):
        full["Resize"] = _short_side(size, picture)
    if (crop := full.get("CenterCrop")) is not None:
        whole = full.setdefault("Resize", list(picture))
        if crop[0] > whole[0] or crop[1] > whole[1]:
            raise invalid("transform['CenterCrop']", crop, f"at most {whole}", f"不大于 {whole}")
        if "Resize" not in transform:  # first, as it is done first
            full = {"Resize": whole, **{name: value for name, value in full.items() if name != "Resize"}}
    return full


def _short_side(size: int, picture: tuple[int, int]) -> list[int]:
    share = size / min(picture)
    return [max(1, math.floor(side * share + 0.5)) if side != min(picture) else size for side in picture]


def preprocess(transform: Mapping[str, Any], gray: bool, picture: tuple[int, int]) -> Preprocess:
    """Return how pictures become the network's input: BGR or gray, divided by 255.

    Args:
        transform: As ``of_pictures`` returns it.
        gray: Whether one channel is wanted.
        picture: Height and width where nothing is resized.
    """
    whole = tuple(transform.get("Resize", picture))
    size = tuple(transform.get("CenterCrop", whole))
    channels = 1 if gray else 3
    return Preprocess(
        size=(size[0], size[1]),
        color="gray" if gray else "bgr",
        mean=(0.0,) * channels,
        std=(255.0,) * channels,
        resize_to=None if size == whole else (whole[0], whole[1]),
    )
