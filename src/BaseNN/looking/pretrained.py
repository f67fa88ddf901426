"""Features of photographs by networks that learned from ImageNet, where their weights are on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT import image
from BaseDT.arguments import check_choice
from BaseDT.errors import CheckpointInvalid, WeightsUnavailable
from BaseDT.image import Pixels
from BaseDT.language import say
from MMEdu.engine import checkpoint
from MMEdu.models.torchvision_bridge import torchvision

Features = npt.NDArray[np.float32]
OURS = "EfficientNet_Lite0"
"""Comes with ``mmedu[train]``: its weights are at hand everywhere."""
_SHORT, _SIDE = 256, 224
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def pretrained_features(name: Any, data: Any) -> Features:
    """Return what a network sees in a picture before it decides, (1, features).

    Args:
        name: ``EfficientNet_Lite0`` (1,280 numbers), or a classifier of torchvision, ``resnet34`` (512 numbers).
        data: The picture: path, array (BGR or gray; whole numbers from 0 to 255, or shares from 0 to 1), Pillow image.

    Raises:
        ParameterInvalid: There is no such network (-305).
        WeightsUnavailable: Its weights are not on this machine (-107).
        ImageNotFound: There is no such picture (-103).
    """
    pixels = _pixels(data)
    models = torchvision().models
    known = [OURS, *sorted(models.list_models(module=models))]
    lower = {one.lower(): one for one in known}
    chosen = lower.get(name.lower().strip()) if isinstance(name, str) else None
    chosen = chosen or check_choice("pretrain", name, known)
    return _of_ours(pixels) if chosen == OURS else _of_torchvision(chosen, pixels)


def _pixels(data: Any) -> Pixels:
    """Return a picture as BGR."""
    if isinstance(data, np.ndarray) and data.dtype.kind == "f" and data.size and float(np.abs(data).max()) <= 1:
        data = np.rint(np.clip(data, 0, 1) * 255).astype(np.uint8)
    return image.read(data)


def _of_ours(pixels: Pixels) -> Features:
    from XEdu.hub import Workflow

    return np.asarray(Workflow(task="embedding_image").inference(data=pixels), np.float32).reshape(1, -1)


def _of_torchvision(name: str, pixels: Pixels) -> Features:
    models = torchvision().models
    file = weights_file(name)
    model = models.get_model(name, weights=None, **_quiet(name))
    try:
        model.load_state_dict(checkpoint.load(file))
    except (RuntimeError, TypeError) as error:
        raise CheckpointInvalid(
            say(f"{file} holds no weights of {name}.", f"{file} 不是 {name} 的权重。"),
            hint=say("Download it again.", "请重新下载。"),
        ) from error
    return _before_the_last(model.eval(), _input(pixels))


def _quiet(name: str) -> dict[str, Any]:
    """Fresh weights are drawn for nothing, and a line is written of it, where these are not told otherwise."""
    return {"init_weights": False} if name in ("googlenet", "inception_v3") else {}


def weights_file(name: str) -> Path:
    """Return where torch keeps the weights of a classifier of torchvision.

    Raises:
        WeightsUnavailable: They are not there (-107); nothing is downloaded.
    """
    url = str(torchvision().models.get_model_weights(name).DEFAULT.url)
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    if file.is_file():
        return file
    raise WeightsUnavailable(
        say(f"The weights of {name} are not on this machine: {file}", f"本机没有 {name} 的权重：{file}"),
        hint=say(
            f"Put {url} there, or use pretrain='{OURS}', whose weights are at hand.",
            f"请把 {url} 下载到该位置，或使用 pretrain='{OURS}'，其权重已随软件安装。",
        ),
    )


def _input(pixels: Pixels) -> Tensor:
    """Return the middle of a picture, (1, 3, 224, 224) RGB, as ImageNet's networks learned from them."""
    height, width = pixels.shape[:2]
    scale = _SHORT / min(height, width)
    size = max(_SIDE, round(width * scale)), max(_SIDE, round(height * scale))
    large = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    y, x = (size[1] - _SIDE) // 2, (size[0] - _SIDE) // 2
    crop = large[y : y + _SIDE, x : x + _SIDE, ::-1] / 255
    return torch.from_numpy(((crop - _MEAN) / _STD).transpose(2, 0, 1)[None].astype(np.float32))


def _before_the_last(model: nn.Module, pictures: Tensor) -> Features:
    """Return what goes into the last fully connected layer; what comes out where there is none."""
    kept: list[Tensor] = []
    linear = [part for part in model.modules() if isinstance(part, nn.Linear)]
    hook = linear[-1].register_forward_pre_hook(lambda _, given: kept.append(given[0])) if linear else None
    try:
        with torch.no_grad():
            out = model(pictures)
    finally:
        if hook is not None:
            hook.remove()
    return np.asarray((kept[-1] if kept else out).flatten(1).float())
