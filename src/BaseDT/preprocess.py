"""``Preprocess``: the one description, and the one implementation, of how pixels become a tensor.

Training, evaluation, inference and deployment all call it, so that they feed the same bits to the network.
Only numpy and OpenCV come in; images arrive decoded (see ``BaseDT.image``).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.arguments import is_integer, is_number
from BaseDT.errors import ParameterInvalid, ParameterUnknown, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.geometry import mapping
from BaseDT.geometry.fit import FITS, Fit
from BaseDT.geometry.mapping import Placement
from BaseDT.image.reading import Reading
from BaseDT.language import english, say

Pixels: TypeAlias = npt.NDArray[np.uint8]
JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

_COLORS = ("rgb", "bgr", "gray")
_RESIZES = ("stretch", "short_side", "letterbox")
_INTERPOLATIONS = ("linear", "area", "auto")
_LONGEST_SIDE = 8192
"""Longer ones are a mistake, or meant to fill the memory: a description of a few bytes can ask for gigabytes."""
# Pixels that are normalised at once: they and their result stay in the cache of one core.
_BLOCK = 65536


@dataclass(frozen=True)
class Preprocess:
    """How an image becomes the input of a network. 图像如何变成模型的输入。

    Attributes:
        size: Height and width of the tensor, in pixels.
        color: Order of the channels of the tensor, or one gray channel.
        mean: Subtracted from each channel, in units of 0 to 255; one per channel.
        std: Each channel is divided by it, same units; one per channel.
        resize: ``stretch`` ignores the ratio; ``short_side`` keeps it; ``letterbox`` keeps it and pads right and below.
        resize_to: Size before the centre crop: (height, width) for ``stretch``, the length of the short side for
            ``short_side``. None means ``size``.
        interpolation: ``auto`` averages areas where the picture shrinks to a half or less, else is linear.
        pad_value: Gray level, 0 to 255, beside a letterboxed picture.
        bits: How many bits of pictures of 16 bits hold their values, 8 to 16: 12 where a camera of 12 bits made them.
            ``BaseDT.image.read`` takes it.
    """

    size: tuple[int, int]
    color: Literal["rgb", "bgr", "gray"] = "rgb"
    mean: tuple[float, ...] = (123.675, 116.28, 103.53)
    std: tuple[float, ...] = (58.395, 57.12, 57.375)
    resize: Literal["stretch", "short_side", "letterbox"] = "stretch"
    resize_to: tuple[int, int] | int | None = None
    interpolation: Literal["linear", "area", "auto"] = "auto"
    pad_value: int = 0
    bits: int = 16

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            ParameterInvalid: Naming the field, what was found and what was expected.
        """
        set_field = object.__setattr__
        set_field(self, "size", _side_limited("size", _pair("size", self.size)))
        _one_of("color", self.color, _COLORS)
        _one_of("resize", self.resize, _RESIZES)
        _one_of("interpolation", self.interpolation, _INTERPOLATIONS)
        set_field(self, "mean", _numbers("mean", self.mean, self.channels))
        set_field(self, "std", _numbers("std", self.std, self.channels))
        if min(self.std) <= 0:
            raise _invalid("std", self.std, say("numbers above 0", "大于 0 的数"))
        if not is_integer(self.pad_value) or not 0 <= self.pad_value <= 255:
            raise _invalid("pad_value", self.pad_value, say("a whole number from 0 to 255", "0 到 255 之间的整数"))
        set_field(self, "pad_value", int(self.pad_value))
        if not is_integer(self.bits) or not 8 <= self.bits <= 16:
            raise _invalid("bits", self.bits, say("a whole number from 8 to 16", "8 到 16 之间的整数"))
        set_field(self, "bits", int(self.bits))
        set_field(self, "resize_to", self._checked_resize_to())

    def _checked_resize_to(self) -> tuple[int, int] | int | None:
        value, (height, width) = self.resize_to, self.size
        if value is None:
            return None
        if self.resize == "letterbox":
            raise _invalid(
                "resize_to", value, say("None, because 'letterbox' crops nothing", "None，因为 'letterbox' 不裁剪")
            )
        if self.resize == "short_side":
            if isinstance(value, tuple) or not is_integer(value) or value < max(height, width):
                raise _invalid(
                    "resize_to",
                    value,
                    say(f"a whole number of at least {max(height, width)}", f"不小于 {max(height, width)} 的整数"),
                )
            return _side_limited("resize_to", (int(value), int(value)))[0]
        pair = _side_limited("resize_to", _pair("resize_to", value))
        if pair[0] < height or pair[1] < width:
            raise _invalid("resize_to", value, say(f"at least the size {self.size}", f"不小于 size {self.size}"))
        return pair

    @property
    def channels(self) -> int:
        """Channels of the tensor: 1 for gray, otherwise 3."""
        return 1 if self.color == "gray" else 3

    @property
    def reading(self) -> Reading:
        """How the pictures are read that become such tensors."""
        return Reading(gray=self.color == "gray", bits=self.bits)

    def pixels(self, image: Pixels) -> Pixels:
        """Apply geometry and colour, nothing else.

        Args:
            image: H×W×3 in the order BGR, H×W×1 or H×W gray, uint8.

        Returns:
            Height × width × channels, uint8, contiguous.

        Raises:
            ParameterInvalid: If the image is anything else; ``BaseDT.image.read`` makes it right.
        """
        _check_image(image)
        # Colour first where it makes the picture smaller, last where it makes it larger: less to resize.
        if image.ndim == 3 and image.shape[2] == 1:
            image = image[:, :, 0]
        if self.color == "gray" and image.ndim == 3:
            image = _uint8(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        image = self._in_shape(image)
        if self.color == "gray":
            return np.ascontiguousarray(image)[:, :, None]
        if image.ndim == 2:
            return _uint8(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
        if self.color == "rgb":
            return _uint8(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        return np.ascontiguousarray(image)

    def content(self, image: Pixels) -> Pixels:
        """Return ``pixels`` without the ground beside a letterboxed picture.

        Args:
            image: As in ``pixels``.
        """
        height, width = self._placement((image.shape[0], image.shape[1])).scaled
        return self.pixels(image)[:height, :width]

    def to_original(self, boxes: npt.ArrayLike, picture: tuple[int, int]) -> npt.NDArray[np.float64]:
        """Map boxes that a network found in its input back onto the picture: the inverse of the geometry.

        Args:
            boxes: (N, 4): x1, y1, x2, y2 in pixels of the tensor; whole numbers are edges of pixels, not their middles.
            picture: Height and width of the picture, as it was before ``pixels``.

        Returns:
            (N, 4) in pixels of the picture, clipped to it.

        Raises:
            ParameterInvalid: If these are no boxes, or no size of a picture.
        """
        return self._placement(_pair("picture", picture)).to_picture(_corners(boxes))

    def to_input(self, boxes: npt.ArrayLike, picture: tuple[int, int]) -> npt.NDArray[np.float64]:
        """Map boxes of a picture into the network's input, as ``pixels`` maps the picture: ``to_original`` backwards.

        Args:
            boxes: (N, 4): x1, y1, x2, y2 in pixels of the picture, edges.
            picture: Height and width of the picture.

        Returns:
            (N, 4) in pixels of the tensor, clipped to it: what was cropped away has no area.

        Raises:
            ParameterInvalid: If these are no boxes, or no size of a picture.
        """
        return self._placement(_pair("picture", picture)).to_input(_corners(boxes), self.size)

    def placement(self, picture: tuple[int, int]) -> Placement:
        """Return where a picture lies in the network's input, for points and for maps of pixels.

        Args:
            picture: Height and width of the picture.

        Raises:
            ParameterInvalid: This is no size of a picture.
        """
        return self._placement(_pair("picture", picture))

    def _placement(self, picture: tuple[int, int]) -> Placement:
        return mapping.placement(self.resize, self.size, self.resize_to, picture)

    def _in_shape(self, image: Pixels) -> Pixels:
        placement = self._placement((image.shape[0], image.shape[1]))
        image = mapping.crop(image, placement.start, placement.window)
        image = mapping.crop(self._resized(image, placement.scaled), placement.shift, self.size)
        # Only a letterbox is smaller than the input now; it lies at the upper left, so that boxes need no shift.
        below, right = self.size[0] - image.shape[0], self.size[1] - image.shape[1]
        if below == right == 0:
            return image
        value = (self.pad_value,) * 3
        return _uint8(cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT, value=value))

    def _resized(self, image: Pixels, target: tuple[int, int]) -> Pixels:
        height, width = image.shape[:2]
        if (height, width) == target:
            return image
        # Linear interpolation reads four pixels: from a half on it skips some, and fine patterns turn into false ones.
        shrinks = height >= 2 * target[0] and width >= 2 * target[1]
        area = self.interpolation == "area" or (self.interpolation == "auto" and shrinks)
        how = cv2.INTER_AREA if area else cv2.INTER_LINEAR
        return _uint8(cv2.resize(image, (target[1], target[0]), interpolation=how))

    def normalize(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Turn pixels into the tensor: ``(value - mean) * (1 / std)`` in float32, channels first.

        Args:
            batch: N×H×W×C, uint8, as ``pixels`` makes them.

        Returns:
            N×C×H×W, float32, contiguous.

        Raises:
            ParameterInvalid: If the last axis of the batch is not the channels.
        """
        if batch.ndim != 4 or batch.shape[3] != self.channels or batch.dtype != np.uint8:
            raise _invalid(
                "batch",
                f"{batch.dtype} {batch.shape}",
                say(f"uint8 (N, height, width, {self.channels})", f"uint8 数组 (N, 高, 宽, {self.channels})"),
            )
        count, height, width, channels = batch.shape
        batch = np.ascontiguousarray(batch)
        # Multiplying by 1 / std is not the same last bit as dividing by std: everybody does this, or nobody.
        mean, factor = _constants(self.mean, self.std)
        out = np.empty((count, channels, height, width), np.float32)
        step = max(1, _BLOCK // (height * width))
        for start in range(0, count, step):
            block = batch[start : start + step]
            # Split first: the arithmetic then reads each channel in one piece, not every third byte.
            planes = cv2.split(block.reshape(-1, width, channels))
            for channel, plane in enumerate(planes):
                target = out[start : start + step, channel]
                # The type is named because numpy 1 would compute in float16 here.
                np.subtract(plane.reshape(target.shape), mean[channel], out=target, dtype=np.float32)
                np.multiply(target, factor[channel], out=target)
        return out

    def __call__(self, image: Pixels) -> npt.NDArray[np.float32]:
        """Return the tensor of one image, 1×C×H×W float32: ``normalize`` of ``pixels``, bit for bit."""
        return self.normalize(self.pixels(image)[None])

    def scaled(self, share: float) -> Preprocess:
        """Return the same recipe for an input whose sides are a share of these; as much is cropped away as here.

        Args:
            share: Above 0.
        """
        size = max(1, round(self.size[0] * share)), max(1, round(self.size[1] * share))
        resize_to: tuple[int, int] | int | None = None
        if isinstance(self.resize_to, tuple):
            pair = [max(side, round(larger * share)) for side, larger in zip(size, self.resize_to, strict=True)]
            resize_to = (pair[0], pair[1])
        elif self.resize_to is not None:
            resize_to = max(*size, round(self.resize_to * share))
        return dataclasses.replace(self, size=size, resize_to=resize_to)

    def with_size(self, image_size: int) -> Preprocess:
        """Return the same recipe for another square size; what is cropped away stays the same share.

        Args:
            image_size: Height and width of the tensor, in pixels.
        """
        height, width = self.size
        if not is_integer(image_size) or image_size < 1:
            raise _invalid("image_size", image_size, say("a whole number of at least 1", "不小于 1 的整数"))
        scaled: tuple[int, int] | int | None = None
        if isinstance(self.resize_to, tuple):
            scaled = (round(self.resize_to[0] * image_size / height), round(self.resize_to[1] * image_size / width))
        elif self.resize_to is not None:
            scaled = round(self.resize_to * image_size / max(height, width))
        return dataclasses.replace(self, size=(image_size, image_size), resize_to=scaled)

    @property
    def fit(self) -> Fit:
        """What ``resize`` means to a user: the middle, the whole with its ratio, or the whole without."""
        return "crop" if self.resize == "short_side" else self.resize

    def with_fit(self, fit: Fit) -> Preprocess:
        """Return the same recipe with another fit; itself where it fits pictures so already.

        ``letterbox`` and ``stretch`` show the whole picture; the ground beside a letterboxed one is the mean, so that
        the network sees zeros there.

        Args:
            fit: ``crop``, ``letterbox`` or ``stretch``.
        """
        _one_of("fit", fit, FITS)
        if fit == self.fit and (fit != "stretch" or self.resize_to is None):
            return self
        if fit == "letterbox":
            ground = min(255, max(0, round(sum(self.mean) / self.channels)))
            return dataclasses.replace(self, resize="letterbox", resize_to=None, pad_value=ground)
        resize: Literal["short_side", "stretch"] = "short_side" if fit == "crop" else "stretch"
        return dataclasses.replace(self, resize=resize, resize_to=None, pad_value=0)

    def visible(self, picture: tuple[int, int]) -> float:
        """Return which share of a picture's area the network gets to see.

        Args:
            picture: Its height and width.
        """
        return self._placement(_pair("picture", picture)).visible(self.size)

    def to_dict(self) -> dict[str, JSON]:
        """Return plain JSON data that ``from_dict`` turns back into an equal object."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        if self.bits == 16:  # older readers know no such field
            del values["bits"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Preprocess:
        """Build it from what ``to_dict`` returned, also after a trip through JSON.

        Raises:
            ParameterUnknown: If there is a key that is no field.
            ParameterInvalid: If a value cannot work or ``size`` is missing.
        """
        if not isinstance(values, dict):
            raise _invalid(say("the description", "预处理的描述"), values, say("a dict", "字典"))
        names = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in names:
                raise ParameterUnknown(
                    say(f"Preprocess has no field '{name}'.", f"Preprocess 没有字段 '{name}'。"),
                    hint=_known_fields(name, names),
                )
        if "size" not in values:
            raise _invalid("size", None, say("height and width, such as [224, 224]", "高和宽，例如 [224, 224]"))
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**fields)


@lru_cache(maxsize=32)
def _constants(
    mean: tuple[float, ...], std: tuple[float, ...]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the mean and 1 / std of each channel in float32."""
    subtrahend, factor = np.asarray(mean, np.float32), np.float32(1) / np.asarray(std, np.float32)
    subtrahend.setflags(write=False)
    factor.setflags(write=False)
    return subtrahend, factor


def _check_image(image: object) -> None:
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.size:
        if image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (1, 3)):
            return
        raise _invalid(
            "image", image.shape, say("the shape (height, width) or (height, width, 3)", "形状 (高, 宽) 或 (高, 宽, 3)")
        )
    raise _invalid(
        "image", f"{getattr(image, 'dtype', '')} {type(image).__name__}".strip(), say("a uint8 array", "uint8 数组")
    )


def _uint8(image: Any) -> Pixels:
    """Give OpenCV's result its type."""
    result: Pixels = image
    return result


def _corners(boxes: npt.ArrayLike) -> npt.NDArray[np.float64]:
    try:
        corners = np.asarray(boxes, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        corners = np.full(1, np.nan)
    corners = corners.reshape(0, 4) if corners.size == 0 else corners
    if corners.ndim != 2 or corners.shape[1] != 4 or not np.isfinite(corners).all():
        raise _invalid(
            "boxes",
            boxes,
            say("finite numbers of the shape (N, 4): x1, y1, x2, y2", "形状为 (N, 4) 的有限数字：x1, y1, x2, y2"),
        )
    return corners


def _pair(field: str, value: object) -> tuple[int, int]:
    if (
        not isinstance(value, (tuple, list))
        or len(value) != 2
        or not all(is_integer(number) and number >= 1 for number in value)
    ):
        raise _invalid(
            field, value, say("two whole numbers of at least 1: height and width", "两个不小于 1 的整数：高和宽")
        )
    return int(value[0]), int(value[1])


def _side_limited(field: str, pair: tuple[int, int]) -> tuple[int, int]:
    if max(pair) > _LONGEST_SIDE:
        raise _invalid(field, pair, say(f"at most {_LONGEST_SIDE} pixels", f"不超过 {_LONGEST_SIDE} 像素"))
    return pair


def _numbers(field: str, value: object, count: int) -> tuple[float, ...]:
    expected = say(
        f"{count} finite number{'s' if count > 1 else ''}, one per channel", f"{count} 个有限数字，每个通道一个"
    )
    if not isinstance(value, (tuple, list)) or len(value) != count:
        raise _invalid(field, value, expected)
    for number in value:
        if not is_number(number):
            raise _invalid(field, value, expected)
    return tuple(float(number) for number in value)


def _one_of(field: str, value: object, allowed: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in allowed:
        raise _invalid(field, value, _among(allowed))


def _among(allowed: tuple[str, ...]) -> str:
    names = ", ".join(f"'{name}'" for name in allowed)
    return say(f"one of {names}", f"{names} 之一")


def _invalid(field: str, value: object, expected: str) -> ParameterInvalid:
    return ParameterInvalid(
        say(
            f"Preprocess: {english(field)} is {quoted(value)}, expected {english(expected)}.",
            f"Preprocess：{field} 是 {quoted(value)}，应为 {expected}。",
        ),
        hint=say(f"Change '{field}'.", f"请修改 '{field}'。"),
    )


def _known_fields(name: str, names: list[str]) -> str:
    fields = ", ".join(names)
    return f"{did_you_mean(name, names)} {say(f'Known fields: {fields}.', f'已知字段：{fields}。')}".strip()
