"""Pictures become tensors on a board: numpy and OpenCV only (图像预处理，供开发板单独使用).

    dt = BaseData.ImageData("cat.jpg", backbone="MobileNet")
    tensor = dt.to_tensor()

The exported model itself knows the exact preprocessing of its training; give it as ``preprocess=`` where you can.
"""

import math
import os

import cv2
import numpy as np

_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
_IMAGENET = {"size": (224, 224), "resize": "short_side", "resize_to": 256}
_BY_NAME = {
    "LeNet": {"size": (32, 32), "color": "gray", "mean": (33.46,), "std": (78.87,)},
    "MobileNet": _IMAGENET,
    "RegNet": _IMAGENET,
    "RegNet_384": _IMAGENET,
    "RepVGG": _IMAGENET,
    "ResNeXt": _IMAGENET,
    "ResNet18": _IMAGENET,
    "ResNet50": _IMAGENET,
    "ShuffleNet_v2": _IMAGENET,
    "VGG": _IMAGENET,
    "VGG_BN": _IMAGENET,
    "SSD_Lite": {"size": (320, 320)},
    "Yolov3": {"size": (416, 416)},
}
_MAX_RATIO = 32


class ImageData:
    """One picture on its way into a network.

    Args:
        source: Path of a picture, or an array (H, W, 3) in BGR or (H, W) in gray.
        backbone: Name of the model; letter case is ignored.
        preprocess: The description in the model's own metadata; wins over ``backbone``.
    """

    def __init__(self, source, backbone=None, preprocess=None):
        self.raw_value = _read(source)
        self.recipe = dict(_recipe(backbone) if preprocess is None else preprocess)

    @property
    def value(self):
        """The pixels that the network sees, (H, W, C) uint8."""
        return _pixels(self.raw_value, self.recipe)

    def to_tensor(self):
        """Return the network's input, (1, C, H, W) float32."""
        gray = self.recipe.get("color") == "gray"
        mean = np.asarray(self.recipe.get("mean") or _MEAN[: 1 if gray else 3], np.float32)
        std = np.asarray(self.recipe.get("std") or _STD[: 1 if gray else 3], np.float32)
        planes = self.value.transpose(2, 0, 1).astype(np.float32)
        tensor = (planes - mean[:, None, None]) * (np.float32(1) / std)[:, None, None]
        return np.ascontiguousarray(tensor)[None]


def _recipe(backbone):
    known = {name.lower(): recipe for name, recipe in _BY_NAME.items()}
    if str(backbone).lower() not in known:
        raise ValueError("backbone={!r} is not known. Choose one of: {}".format(backbone, ", ".join(_BY_NAME)))
    return known[str(backbone).lower()]


def _read(source):
    if isinstance(source, np.ndarray):
        image = source
    else:
        if not os.path.isfile(source):
            raise FileNotFoundError(f"No such picture: {source}")
        data = np.fromfile(source, np.uint8)  # cv2.imread fails on Chinese paths under Windows
        image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
        if image is None:
            raise ValueError(f"Not a picture that OpenCV can read: {source}")
        if image.ndim < 3 or image.shape[2] != 4 or image.dtype != np.uint8:
            image = cv2.imdecode(data, cv2.IMREAD_COLOR)  # turned as EXIF says
    if image.ndim == 3 and image.shape[2] == 4:  # transparency onto white
        alpha = image[:, :, 3:].astype(np.float32) / 255
        image = np.rint(image[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return np.ascontiguousarray(image)


def _pixels(image, recipe):
    gray = recipe.get("color") == "gray"
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if gray and image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    image = _shaped(image, recipe)
    if gray:
        return np.ascontiguousarray(image)[:, :, None]
    if image.ndim == 2:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    if recipe.get("color", "rgb") == "rgb":
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return np.ascontiguousarray(image)


def _shaped(image, recipe):
    size = tuple(recipe["size"])
    how, to = recipe.get("resize", "stretch"), recipe.get("resize_to")
    height, width = image.shape[:2]
    if how == "letterbox":
        return _letterboxed(image, size, recipe)
    if how == "short_side":
        image = _centre(image, (min(height, _MAX_RATIO * width), min(width, _MAX_RATIO * height)))
        height, width = image.shape[:2]
        short = to or max(size)
        scale = short / min(height, width)
        target = (max(short, int(height * scale + 0.5)), max(short, int(width * scale + 0.5)))
    else:
        target = tuple(to) if to else size
    return _centre(_resized(image, target, recipe), size)


def _letterboxed(image, size, recipe):
    height, width = image.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    target = tuple(min(side, max(1, math.floor(n * scale + 0.5))) for side, n in zip(size, (height, width)))
    below, right = size[0] - target[0], size[1] - target[1]
    value = (recipe.get("pad_value", 0),) * 3
    return cv2.copyMakeBorder(_resized(image, target, recipe), 0, below, 0, right, cv2.BORDER_CONSTANT, value=value)


def _resized(image, target, recipe):
    height, width = image.shape[:2]
    if (height, width) == target:
        return image
    how = recipe.get("interpolation", "auto")
    shrinks = height >= 2 * target[0] and width >= 2 * target[1]
    area = how == "area" or (how == "auto" and shrinks)
    return cv2.resize(image, (target[1], target[0]), interpolation=cv2.INTER_AREA if area else cv2.INTER_LINEAR)


def _centre(image, size):
    top, left = int(round((image.shape[0] - size[0]) / 2)), int(round((image.shape[1] - size[1]) / 2))
    return image[top : top + size[0], left : left + size[1]]
