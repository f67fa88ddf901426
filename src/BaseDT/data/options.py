"""The documented options of ``ImageData`` as a ``Preprocess`` for each picture. Only ``image_data`` calls it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from BaseDT import legacy
from BaseDT.arguments import checked_flag, invalid, is_integer
from BaseDT.data.model_data import ModelData
from BaseDT.errors import BackboneUnknown, did_you_mean
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess

_USUAL_MEAN, _USUAL_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


@dataclass(frozen=True)
class Options:
    """What was asked for, checked.

    Attributes:
        size: Height and width to resize to; with ``keep_ratio`` the picture fits into its long and its short side.
        crop: Height and width to cut out of the middle afterwards.
        keep_ratio: Whether the picture keeps its ratio.
        colours: Colours and numbers: a ``Preprocess`` whose size does not matter.
    """

    size: tuple[int, int] | None
    crop: tuple[int, int] | None
    keep_ratio: bool
    colours: Preprocess

    def recipe_for(self, height: int, width: int) -> Preprocess:
        """Return the ``Preprocess`` for a picture of this size."""
        target = self.size or (height, width)
        if self.keep_ratio:
            scale = min(max(target) / max(height, width), min(target) / min(height, width))
            target = max(1, math.floor(height * scale + 0.5)), max(1, math.floor(width * scale + 0.5))
        if self.crop is None:
            return dataclasses.replace(self.colours, size=target)
        if self.crop[0] > target[0] or self.crop[1] > target[1]:
            raise invalid(
                "crop_size",
                self.crop,
                f"at most the picture's {target[0]}×{target[1]} pixels (height×width)",
                f"不大于图片的 {target[0]}×{target[1]} 像素（高×宽）的尺寸",
            )
        return dataclasses.replace(self.colours, size=self.crop, resize_to=target)


def of_model(backbone: object, preprocess: object) -> Preprocess | None:
    """Return the ``Preprocess`` of a model that is named, or given; None where neither is.

    Raises:
        BackboneUnknown: Nothing is known of this name (-302).
        ParameterInvalid: ``preprocess`` describes no preprocessing (-305).
        ParameterUnknown: It is a dictionary with something that is no field (-501).
        CheckpointInvalid: The model does not say what it expects (-202).
    """
    if preprocess is None and backbone is None:
        return None
    if preprocess is not None and backbone is not None:
        raise invalid("backbone", backbone, "left out beside preprocess", "空（已传入 preprocess）")
    model = backbone if preprocess is None else preprocess
    if isinstance(model, str) and preprocess is None:
        return _of_name(model)
    if isinstance(model, ModelData):
        return model.get_preprocess()
    preprocess_or_fields = model.preprocess if isinstance(model, ModelInfo) else model
    if isinstance(preprocess_or_fields, dict) and backbone is None:
        return Preprocess.from_dict(preprocess_or_fields)
    if isinstance(preprocess_or_fields, Preprocess):
        return preprocess_or_fields
    which = "backbone" if preprocess is None else "preprocess"
    raise invalid(
        which,
        model,
        "a Preprocess, its dictionary, or a model that has one",
        " Preprocess、它的字典形式，或带有 Preprocess 的模型信息",
    )


def _of_name(name: str) -> Preprocess:
    preprocess = legacy.preprocess_of(name) or legacy.preprocess_of(name, channels=1)
    if preprocess is not None:
        return preprocess
    listed = ", ".join(legacy.names())
    near = did_you_mean(name, legacy.names())
    raise BackboneUnknown(
        say(f"No preprocessing is known for the backbone '{name}'.", f"没有已知的适用于模型 '{name}' 的预处理方式。"),
        hint=f"{near} {say(f'Known: {listed}.', f'可选：{listed}。')}".strip(),
    )


def colours(normalize: object, to_rgb: object, mean: object, std: object) -> Preprocess:
    """Return colours and numbers as a ``Preprocess`` of any size; one mean alone stands for gray pictures."""
    for name, value in (("to_rgb", to_rgb), ("normalize", True if normalize is None else normalize)):
        checked_flag(name, value)
    normalizes = normalize if normalize is not None else mean is not None or std is not None
    numbers = {"mean": _listed(mean), "std": _listed(std)}
    channels = min((len(value) for value in numbers.values() if value is not None), default=3)
    count = 1 if channels == 1 else 3
    usual = (_USUAL_MEAN, _USUAL_STD) if count == 3 else ((0.0,), (1.0,))
    return Preprocess(
        size=(1, 1),
        color="gray" if count == 1 else "rgb" if to_rgb else "bgr",
        mean=(0.0,) * count if not normalizes else usual[0] if numbers["mean"] is None else numbers["mean"],
        std=(1.0,) * count if not normalizes else usual[1] if numbers["std"] is None else numbers["std"],
        interpolation="linear",
    )


def pair(name: str, value: object) -> tuple[int, int] | None:
    """Check a size: height and width, or one number for both."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    numbers = value if isinstance(value, (tuple, list)) else (value, value)
    if value is None:
        return None
    if len(numbers) == 2 and all(is_integer(number) and 1 <= number <= 65535 for number in numbers):
        return int(numbers[0]), int(numbers[1])
    raise invalid(name, value, "a whole number from 1, or two: (height, width)", " 1 以上的整数，或 (高, 宽) 两个整数")


def divisor(value: object) -> int:
    """Check a divisor of the padded size; 0 pads nothing."""
    if is_integer(value) and 0 <= value <= 4096:
        return int(value)
    raise invalid("pad_size_divisor", value, "a whole number such as 32; 0 for none", "整数，例如 32；0 表示不填充")


def check_keep_ratio(value: object, size: object) -> bool:
    """Check ``size_keep_ratio``, which needs a size."""
    checked_flag("size_keep_ratio", value)
    if value and size is None:
        raise invalid("size", None, "given with size_keep_ratio", "一个尺寸（size_keep_ratio 需要它）")
    return bool(value)


def beside_a_model(**options: object) -> None:
    """Refuse options that a model has decided already."""
    for name, value in options.items():
        if value is not None:
            raise invalid(name, value, "left out beside backbone or preprocess", "空（已传入 backbone 或 preprocess）")


def _listed(value: object) -> tuple[float, ...] | None:
    """Return numbers as a tuple, one number too; ``Preprocess`` checks them."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return None if value is None else tuple(value) if isinstance(value, (list, tuple)) else (value,)  # type: ignore[return-value]
