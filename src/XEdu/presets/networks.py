"""The published networks: what goes into each, what its outputs mean, where its anchors lie. Regions in, points out."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.regions import RotatedRegion
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from XEdu.presets import anchors, located
from XEdu.presets.located import Located, probability
from XEdu.runtime.backend import Array, Backend

Floats = npt.NDArray[np.float64]
_REFINED = 7  # cells of a heat map around a point that may move it
_LEAST_HEAT = 0.5


@dataclass(frozen=True)
class DetectorDesign:
    """A one-stage detector with keypoints.

    Attributes:
        size: Height and width of its input.
        strides: Of its layers.
        per_cell: Anchors that a layer puts into a cell.
        signed: Whether its input goes from -1 to 1, or from 0 to 1.
    """

    size: int
    strides: tuple[int, ...]
    per_cell: int = 2
    signed: bool = True

    @functools.cached_property
    def anchors(self) -> npt.NDArray[np.float32]:
        """The middles of its anchors, (A, 2), from 0 to 1."""
        return anchors.centres(self.size, self.strides, self.per_cell)


@dataclass(frozen=True)
class PointsDesign:
    """A network that finds the points of one object in its region.

    Attributes:
        size: Height and width of its input.
        points: How many it gives, those that only say where the object is in the next picture among them.
        values: Numbers for each: x, y, depth, and more.
        presence_is_logit: Whether its output ``presence`` is a logit, or a probability.
        seen: Which of the values is the logit of being visible; None: it does not tell.
    """

    size: int
    points: int
    values: int = 3
    presence_is_logit: bool = False
    seen: int | None = None


@dataclass(frozen=True)
class RawPoints:
    """What such a network says of a region.

    Attributes:
        presence: Whether there is such an object in it, 0 to 1.
        points: (K, 2): x, y in pixels of the picture.
        depth: (K,), in pixels of the picture: what is nearer to the camera is smaller; zero is the object's own.
        scores: (K,), 0 to 1: whether a point can be seen; the presence where the network does not tell.
        right: How likely it is a right one; None where it has no sides.
    """

    presence: float
    points: Floats
    depth: Floats
    scores: Floats
    right: float | None = None


@dataclass(frozen=True)
class Detector:
    """An opened detector."""

    design: DetectorDesign
    backend: Backend

    def find(self, picture: Pixels, region: RotatedRegion, threshold: float) -> list[Located]:
        """Return what lies in a region, the surest first; in pixels of the picture.

        Args:
            picture: H×W×3 BGR or H×W gray.
            region: Not turned.
            threshold: Least score.
        """
        size = self.design.size
        outputs = _run(self.backend, _input(size, self.design.signed), region.crop(picture, (size, size)))
        found = located.decoded(
            outputs["boxes"][0], outputs["scores"].reshape(-1), self.design.anchors, size, threshold
        )
        return [_on_picture(one, region, size) for one in found]


@dataclass(frozen=True)
class PointsNetwork:
    """An opened network of points."""

    design: PointsDesign
    backend: Backend

    def of(self, picture: Pixels, region: RotatedRegion) -> RawPoints:
        """Return the points in a region of a picture (H×W×3 BGR or H×W gray)."""
        design, size = self.design, self.design.size
        outputs = _run(self.backend, _input(size, signed=False), region.crop(picture, (size, size), fill=None))
        values = outputs["points"].reshape(design.points, design.values).astype(np.float64)
        flag = float(outputs["presence"].reshape(-1)[0])
        presence = float(probability(flag)) if design.presence_is_logit else min(max(flag, 0.0), 1.0)
        if not np.isfinite(values).all() or not np.isfinite(presence):  # no numbers: nothing is there
            values, presence = np.zeros_like(values), 0.0
        local = values[:, :2]
        if (heat := outputs.get("heatmaps")) is not None:  # coarse, but more exact than the numbers
            local = refined(local / size, heat[0]) * size
        scores = np.full(design.points, presence) if design.seen is None else probability(values[:, design.seen])
        side = outputs.get("handedness")
        right = None if side is None else float(side.reshape(-1)[0])
        points = region.points_to_picture(local, (size, size))
        return RawPoints(presence, points, values[:, 2] * region.width / size, scores, right)


def refined(points: Floats, heat: npt.NDArray[np.float32]) -> Floats:
    """Move each point to the middle of its heat around it, where there is enough heat.

    Args:
        points: (K, 2) of x, y, from 0 to 1.
        heat: (K, h, w) logits.
    """
    height, width = heat.shape[1:]
    result, reach = points.copy(), _REFINED // 2
    for number, (x, y) in enumerate(points * (width, height)):
        if not 0 <= x < width or not 0 <= y < height:
            continue
        column, row = int(x), int(y)
        rows = slice(max(0, row - reach), row + reach + 1)
        columns = slice(max(0, column - reach), column + reach + 1)
        part = probability(heat[number, rows, columns])
        if part.max() < _LEAST_HEAT:
            continue
        result[number, 0] = (part.sum(axis=0) @ (np.arange(part.shape[1]) + columns.start)) / part.sum() / width
        result[number, 1] = (part.sum(axis=1) @ (np.arange(part.shape[0]) + rows.start)) / part.sum() / height
    return result


def _run(backend: Backend, preprocess: Preprocess, pixels: Pixels) -> dict[str, Array]:
    """Return the outputs by their names in the file."""
    spec, tensor = backend.inputs[0], preprocess(pixels)
    if spec.shape[-1] == preprocess.channels:  # channels last
        tensor = np.ascontiguousarray(tensor.transpose(0, 2, 3, 1))
    outputs = backend.run({spec.name: tensor})
    return {output.name: array for output, array in zip(backend.outputs, outputs, strict=True)}


@functools.cache
def _input(size: int, signed: bool) -> Preprocess:
    middle = 127.5 if signed else 0.0
    return Preprocess(size=(size, size), mean=(middle,) * 3, std=(127.5 if signed else 255.0,) * 3)


def _on_picture(one: Located, region: RotatedRegion, size: int) -> Located:
    corners = region.points_to_picture(one.box.reshape(2, 2), (size, size))
    return Located(one.score, corners.reshape(4), region.points_to_picture(one.points, (size, size)))
