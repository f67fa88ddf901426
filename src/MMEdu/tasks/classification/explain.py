"""Where a classifier looks: Grad-CAM (Selvaraju et al. 2017, section 3, equations 1 and 2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT import display, draw, image
from BaseDT.errors import ImageTypeUnsupported, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.image import ImageSource, Pixels
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from BaseDT.results import ClassificationResult
from MMEdu.tasks.classification import last_step, outlook
from MMEdu.weights.loaded_model import LoadedModel


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a picture was given its class.

    Attributes:
        heat: How much each place speaks for the class, (h, w) float32 from 0 to 1, in the network's own resolution.
        picture: The heat map over what the network saw of the picture, in the picture's own shape, (H, W, 3) BGR.
        result: The class that is explained and its score.
        file: Where the picture was written, None if it was not.
    """

    heat: npt.NDArray[np.float32]
    picture: Pixels
    result: ClassificationResult
    file: Path | None

    def __repr__(self) -> str:
        """One line: as the last one of a notebook's cell it stands below the picture."""
        place = "" if self.file is None else f", file={str(self.file)!r}"
        return f"Explanation({self.result.name!r}, score={self.result.score:.4f}{place})"


def explain(loaded: LoadedModel, source: ImageSource, label: int | None, folder: Path | None) -> Explanation:
    """Explain one picture.

    Args:
        loaded: The model, with its branches unfused.
        source: The picture.
        label: The class to explain; None is the predicted one.
        folder: Where to draw it; None draws nothing.
    """
    items, many = image.expand(source)
    if many:
        hint = say("Give one picture at a time.", "一次只能解释一张图片。")
        raise ImageTypeUnsupported(
            say("explain() takes one picture, not several.", "explain() 一次只接受一张图片。"), hint=hint
        )
    original = loaded.preprocess.reading.coloured().of(items[0].source)
    pixels = loaded.preprocess.pixels(original)
    heat, scores = grad_cam(loaded, pixels, _checked(label, len(loaded.classes)))
    chosen = int(scores.argmax()) if label is None else label
    result = ClassificationResult(chosen, float(scores[chosen]), loaded.classes[chosen])
    shown, over_it = _in_own_shape(
        outlook.as_shown(pixels, loaded.preprocess.color), heat, loaded.preprocess, original.shape[:2]
    )
    picture = draw.classification(draw.heatmap(shown, over_it), result)
    file = None
    if folder is not None:
        name = Path(items[0].name)
        file = image.write(folder / f"{name.stem}_explain{name.suffix}", picture)
        display.show(picture)
    return Explanation(heat, picture, result, file)


def _checked(label: int | None, classes: int) -> int | None:
    if label is None or (type(label) is int and 0 <= label < classes):
        return label
    hint = say(f"label must be a whole number from 0 to {classes - 1}.", f"label 应当是 0 到 {classes - 1} 的整数。")
    raise ParameterInvalid(
        say(f"label={quoted(label)} cannot be used.", f"无法使用 label={quoted(label)}。"), hint=hint
    )


def _in_own_shape(
    pixels: Pixels, heat: npt.NDArray[np.float32], preprocess: Preprocess, picture: tuple[int, int]
) -> tuple[Pixels, npt.NDArray[np.float32]]:
    """Take back what a fit did to a whole picture: the ground beside it, or the ratio that it lost."""
    if preprocess.fit == "crop" or preprocess.visible(picture) < 1:
        return pixels, heat
    height, width = preprocess.size
    inside = preprocess.with_fit("letterbox").to_input([[0, 0, picture[1], picture[0]]], picture)[0].astype(int)
    right, below = max(1, inside[2]), max(1, inside[3])
    if preprocess.fit == "stretch":
        return cv2.resize(pixels, (right, below), interpolation=cv2.INTER_LINEAR), heat  # type: ignore[return-value]
    # Only after it lies over the input as a whole can a part of the map be taken.
    whole = np.asarray(cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    return pixels[:below, :right], whole[:below, :right]


def grad_cam(
    loaded: LoadedModel, pixels: Pixels, label: int | None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Compute the heat map of a class and the scores of all.

    Args:
        loaded: The model, with its branches unfused.
        pixels: What ``Preprocess.pixels`` made, (H, W, C) uint8.
        label: The class; None is the one with the highest score.

    Returns:
        Heat (h, w) float32 from 0 to 1 at the resolution of the explained layer, and scores (C,) float32.
    """
    activations: list[Tensor] = []
    layer = loaded.model.get_submodule(loaded.entry.options.explain_layer or last_convolution(loaded.model))
    handle = layer.register_forward_hook(lambda _, __, output: activations.append(output))
    try:
        with torch.enable_grad():
            logits = loaded.model(loaded.images(pixels[None]))[0]
        target = logits[int(logits.argmax()) if label is None else label]
        (gradient,) = torch.autograd.grad(target, activations[-1])
    finally:
        handle.remove()
    weights = gradient.mean((2, 3), keepdim=True)
    heat = (weights * activations[-1]).sum(1)[0].relu().detach()
    heat = heat / heat.max().clamp_min(1e-12)
    scores = last_step.of_kind(loaded.kind).probabilities(logits.detach().float()[None])[0]
    return heat.float().cpu().numpy(), scores.cpu().numpy()


def last_convolution(model: nn.Module) -> str:
    """Name the last convolution: what Grad-CAM reads in a model whose entry names no layer."""
    names = [str(name) for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    return names[-1]
