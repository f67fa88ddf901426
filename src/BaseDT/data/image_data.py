"""``ImageData``: pictures as the input of a network. What it does to them, ``BaseDT.preprocess`` does."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import display, draw, image
from BaseDT.arguments import check_integer, documented
from BaseDT.data import options
from BaseDT.data.model_data import ModelData
from BaseDT.errors import ParameterInvalid
from BaseDT.image import ImageSource, NamedImage, Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess

Size = int | Sequence[int]
Tensor = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Prepared:
    """One picture with its tensor.

    Attributes:
        pixels: As they were read, H×W×3 uint8 in the order BGR.
        tensor: The input of the network, 1×C×H×W float32.
        to_original: Maps boxes (N, 4) in pixels of the tensor onto the picture.
    """

    pixels: Pixels
    tensor: Tensor
    to_original: Callable[[npt.ArrayLike], npt.NDArray[np.float64]]


class ImageData:
    """One picture, or many, as the input of a network. 图像数据：把图片变成模型的输入。

    Without options the numbers are those of the picture, 0 to 255. With ``backbone=`` they are what the original tools
    feed to that model; with ``preprocess=`` what MMEdu fed in training, bit for bit.
    """

    @documented
    def __init__(
        self,
        source: ImageSource | Sequence[ImageSource],
        backbone: str | None = None,
        size: Size | None = None,
        crop_size: Size | None = None,
        normalize: bool | None = None,
        to_rgb: bool = True,
        mean: Sequence[float] | float | None = None,
        std: Sequence[float] | float | None = None,
        size_keep_ratio: bool = False,
        pad_size_divisor: int = 0,
        *,
        preprocess: Preprocess | Mapping[str, Any] | ModelInfo | ModelData | None = None,
    ) -> None:
        """Take a picture, and say how it becomes numbers.

        Args:
            source: Path, array (BGR), Pillow image; a folder, or a list of these, for many.
            backbone: Name of an original model (``MobileNet``, ``LeNet``…), whose preprocessing is used.
            size: Height and width to resize to, or one number for both.
            crop_size: Height and width to cut out of the middle afterwards.
            normalize: Whether to take (value − mean) / std; None means where mean or std is given.
            to_rgb: The order of the colours: RGB, or as OpenCV has them.
            mean: Subtracted, for each channel, 0 to 255; one number means a gray picture. Usual: ImageNet's.
            std: Divided by, likewise.
            size_keep_ratio: Keep the ratio: the long side is at most the longer of ``size``, the short one the shorter.
            pad_size_divisor: Pad with zeros, right and below, to a multiple of this.
            preprocess: A ``Preprocess``, its dictionary as it stands in a model's metadata, or the ``ModelInfo`` or
                ``ModelData`` of a model, instead of all the others.

        Raises:
            ImageNotFound: A picture is missing (-103).
            ImageUnsupported: A file is no picture (-203).
            ImageDamaged: A file does not decode whole (-205).
            ImageTypeUnsupported: This can hold no picture (-304).
            BackboneUnknown: Nothing is known of this backbone (-302).
            ParameterInvalid: An option has a value that cannot work (-305).
            ParameterUnknown: There is no such option (-501).
        """
        self._recipe = options.of_model(backbone, preprocess)
        if self._recipe is not None:
            options.beside_a_model(
                size=size,
                crop_size=crop_size,
                normalize=normalize,
                to_rgb=None if to_rgb is True else to_rgb,
                mean=mean,
                std=std,
                size_keep_ratio=size_keep_ratio or None,
            )
        self._options = options.Options(
            size=options.pair("size", size),
            crop=options.pair("crop_size", crop_size),
            keep_ratio=options.check_keep_ratio(size_keep_ratio, size),
            colours=options.colours(normalize, to_rgb, mean, std),
        )
        self._divisor = options.divisor(pad_size_divisor)
        self._images, self._many = image.expand(source)
        # Many pictures are read when they are needed: all at once might not fit into memory.
        self._single = None if self._many else self._read(0)

    def __len__(self) -> int:
        """Return how many pictures these are."""
        return len(self._images)

    @property
    def files(self) -> list[str]:
        """File names of the pictures, in order (图片文件名); those that come from no file are numbered."""
        return [named.name for named in self._images]

    def to_tensor(self) -> Tensor:
        """Return the input of the network, N×C×H×W float32 (转换为模型输入); N is 1 for one picture.

        Raises:
            ParameterInvalid: Pictures of different sizes do not fit into one tensor (-305).
        """
        tensors = [self._tensor_of(self._pixels(index)) for index in range(len(self))]
        shapes = sorted({tensor.shape[2:] for tensor in tensors})
        if len(shapes) > 1:
            raise ParameterInvalid(
                say(
                    f"the pictures have different sizes, such as {shapes[0]} and {shapes[-1]} (height, width).",
                    f"图片的大小不一致，例如 {shapes[0]} 和 {shapes[-1]}（高、宽）。",
                ),
                hint=say("Give them one with size=(height, width).", "请用 size=(高, 宽) 统一尺寸。"),
            )
        return np.concatenate(tensors) if len(tensors) > 1 else tensors[0]

    @property
    def value(self) -> Tensor:
        """The same numbers as ``to_tensor`` with the channels last: H×W×C float32, for many N×H×W×C (处理后的值)."""
        values = np.ascontiguousarray(self.to_tensor().transpose(0, 2, 3, 1))
        return values if self._many else values[0]

    @property
    def raw_value(self) -> Pixels | list[Pixels]:
        """The pixels as they were read: H×W×3 uint8 in the order BGR; for many a list (原始像素)."""
        return [self._pixels(index) for index in range(len(self))] if self._many else self._pixels(0)

    def show(self) -> bool:
        """Show what the network sees, before its numbers are normalised (显示图像); many are shown side by side.

        Returns:
            Whether there was a place to show it: a notebook or a desktop.
        """
        seen = [self._seen(index) for index in range(len(self))]
        if not self._many:
            return display.show(seen[0])
        tiles = [draw.Tile(pixels, named.name) for pixels, named in zip(seen, self._images, strict=True)]
        return display.show(draw.contact_sheet(tiles))

    @property
    def many(self) -> bool:
        """Whether a folder or a list was given, be it of one picture (是否为多张图片)."""
        return self._many

    @property
    def images(self) -> list[NamedImage]:
        """The pictures' names, and where they come from (图片名称及来源)."""
        return list(self._images)

    def prepared(self, index: int = 0) -> Prepared:
        """Return one picture with its tensor, read now where there are many (单张图片及其张量).

        Args:
            index: Which of many pictures, from 0.

        Raises:
            ImageDamaged: Its file does not decode whole (-205); likewise -103, -203.
            ParameterInvalid: There is no such picture (-305).
        """
        pixels = self._pixels(self._checked(index))
        return Prepared(pixels, self._tensor_of(pixels), self._back(pixels))

    def map_orig_coords(self, boxes: npt.ArrayLike, index: int = 0) -> npt.NDArray[np.float64]:
        """Map boxes that a network found back onto the original picture (把框映射回原图).

        Args:
            boxes: (N, 4) of x1, y1, x2, y2 in pixels of the tensor; further columns, such as a score, stay as they are.
            index: Which of many pictures, from 0.

        Returns:
            The same shape, in pixels of the picture, clipped to it.

        Raises:
            ParameterInvalid: These are no boxes, or there is no such picture (-305).
        """
        return self._back(self._pixels(self._checked(index)))(boxes)

    def _checked(self, index: int) -> int:
        return check_integer("index", index, least=0, most=len(self) - 1)

    def _back(self, pixels: Pixels) -> Callable[[npt.ArrayLike], npt.NDArray[np.float64]]:
        """Return what maps boxes onto a picture, without keeping the picture itself."""
        return functools.partial(_to_original, self._recipe_for(pixels), (pixels.shape[0], pixels.shape[1]))

    def _pixels(self, index: int) -> Pixels:
        return self._read(index) if self._single is None else self._single

    def _read(self, index: int) -> Pixels:
        return image.read(self._images[index].source, bits=16 if self._recipe is None else self._recipe.bits)

    def _recipe_for(self, pixels: Pixels) -> Preprocess:
        return self._recipe or self._options.recipe_for(pixels.shape[0], pixels.shape[1])

    def _tensor_of(self, pixels: Pixels) -> Tensor:
        tensor = self._recipe_for(pixels)(pixels)
        if not self._divisor:
            return tensor
        below, right = (-side % self._divisor for side in tensor.shape[2:])
        return np.pad(tensor, ((0, 0), (0, 0), (0, below), (0, right)))

    def _seen(self, index: int) -> Pixels:
        pixels = self._pixels(index)
        recipe = self._recipe_for(pixels)
        seen = recipe.pixels(pixels)
        if recipe.color == "gray":
            return seen[:, :, 0]
        return np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGB2BGR)) if recipe.color == "rgb" else seen


def _to_original(recipe: Preprocess, picture: tuple[int, int], boxes: npt.ArrayLike) -> npt.NDArray[np.float64]:
    rows = _rows(boxes)
    return np.concatenate([recipe.to_original(rows[:, :4], picture), rows[:, 4:]], axis=1)


def _rows(boxes: Any) -> npt.NDArray[np.float64]:
    try:
        rows = np.asarray(boxes, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        rows = np.zeros(1)
    if rows.size == 0:
        return np.zeros((0, rows.shape[-1] if rows.ndim == 2 and rows.shape[-1] >= 4 else 4))
    if rows.ndim == 2 and rows.shape[1] >= 4:
        return rows
    raise ParameterInvalid(
        say(
            f"boxes are {type(boxes).__name__} of shape {rows.shape}.",
            f"boxes 是形状为 {rows.shape} 的 {type(boxes).__name__}。",
        ),
        hint=say("Expected rows of x1, y1, x2, y2.", "应为若干行 x1、y1、x2、y2。"),
    )
