"""Pictures become tensors on a board: numpy and OpenCV only (图像预处理，供开发板单独使用).

    dt = BaseData.ImageData("cat.jpg", backbone="MobileNet")
    tensor = dt.to_tensor()

The exported model itself knows the exact preprocessing of its training; give it as ``preprocess=`` where you can.
"""

import math
import os

import cv2
import numpy as np

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # import this file before onnxruntime: it reports nothing then

_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
# What the original tools feed to a model of this name, as BaseDT.data.ImageData(backbone=...) does.
_IMAGENET = {"size": (224, 224), "resize": "stretch", "resize_to": (256, 256), "interpolation": "linear"}
_FRAME = {"size": (800, 1344), "resize": "letterbox", "interpolation": "linear"}
_BY_NAME = {
    "LeNet": {"size": (32, 32), "color": "gray", "mean": (33.46,), "std": (78.87,), "interpolation": "linear"},
    "MobileNet": _IMAGENET,
    "ResNet18": _IMAGENET,
    "ResNet50": _IMAGENET,
    "ResNeXt": _IMAGENET,
    "ShuffleNet_v2": _IMAGENET,
    "VGG": _IMAGENET,
    "RepVGG": _IMAGENET,
    "SSD_Lite": {"size": (320, 320), "interpolation": "linear"},
    "Yolov3": {"size": (416, 416), "interpolation": "linear"},
    "FasterRCNN": {"size": (1333, 800), "interpolation": "linear"},
    "RegNet": _FRAME,
    "Mask_RCNN": _FRAME,
}
_MAX_RATIO = 32
_ROUNDING = 1e-3


class ImageData:
    """One picture on its way into a network.

    Args:
        source: Path of a picture, or an array (H, W, 3) in BGR, (H, W, 4) in BGRA or (H, W) in gray: uint8, uint16,
            bool, whole numbers from 0 to 255, or floats from 0 to 1 or from 0 to 255.
        backbone: Name of the model, which gets what the original tools feed to it; letter case is ignored.
        preprocess: The description in the model's own metadata; wins over ``backbone``.
    """

    def __init__(self, source, backbone=None, preprocess=None):
        self.recipe = dict(_recipe(backbone) if preprocess is None else preprocess)
        self.raw_value = _read(source, self.recipe.get("bits", 16))

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


def _read(source, bits):
    image = _uint8(source if isinstance(source, np.ndarray) else _decoded(source), bits)
    if image.ndim == 3 and image.shape[2] == 4:  # transparency onto white
        alpha = image[:, :, 3:].astype(np.uint16)
        image = ((image[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(image)


def _decoded(source):
    if source is None:
        raise TypeError(
            "The picture is None: cv2.imread found no file, or the camera gave no frame (没有读到图片或画面)"
        )
    if not isinstance(source, (str, os.PathLike)):
        if hasattr(source, "convert"):
            raise TypeError("A Pillow image: give np.array(image.convert('RGB'))[:, :, ::-1] instead (请先转换为数组)")
        raise TypeError("A picture is a path or an array, not {}".format(type(source).__name__))
    if not os.path.isfile(source):
        raise FileNotFoundError(f"No such picture: {source}")
    data = np.fromfile(source, np.uint8)  # cv2.imread fails on Chinese paths under Windows
    if data[:4].tobytes() == b"GIF8":
        raise ValueError(f"A GIF is no picture for a model: {source}. Save it as PNG (请另存为 PNG)")
    image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if image is None:
        raise ValueError(f"Not a picture that OpenCV can read: {source}")
    if image.ndim == 3 and image.shape[2] == 4:
        return image
    return cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)  # turned as EXIF says


def _uint8(array, bits):
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels not in (1, 3, 4) or array.size == 0:
        raise ValueError(
            "An array of the shape {} is no picture: give (H, W), (H, W, 3) or (H, W, 4)".format(array.shape)
        )
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return np.where(array, np.uint8(255), np.uint8(0))
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        high = np.minimum(array >> (bits - 8), 255).astype(np.uint8)
        if channels == 4:
            high[:, :, 3] = array[:, :, 3] >> 8
        return high
    return _rounded(array)


def _rounded(array):
    if array.dtype.kind not in "iuf":
        raise ValueError("An array of type {} is no picture: give uint8".format(array.dtype))
    low, high = array.min(), array.max()
    whole = array.dtype.kind != "f"
    unclear = not whole and 1 + _ROUNDING < high <= 2
    if unclear or not (low >= -_ROUNDING and high <= 255 + _ROUNDING):  # written so that NaN fails too
        raise ValueError("Values from {} to {} are no picture: give uint8, or floats from 0 to 1".format(low, high))
    if whole:
        return array.astype(np.uint8)
    scaled = array * 255 if high <= 1 + _ROUNDING else array
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


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
