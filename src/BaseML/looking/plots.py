"""The documented pictures: ``plot`` and ``metricplot``. matplotlib is imported when one is drawn."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from BaseDT.arguments import PathLike
from BaseDT.image import Pixels
from BaseML.trained import TrainedModel


def plot(
    model: TrainedModel,
    x: npt.NDArray[Any],
    y: npt.NDArray[Any] | None = None,
    *,
    show: bool = True,
    save: PathLike | None = None,
) -> Pixels:
    """Draw what a model learned: regions, a tree, clusters, weights, a line.

    Args:
        model: Trained.
        x: (N, F) as the user's data have them, not scaled.
        y: The N labels or numbers; None where there are none.
        show: Show it where there is a place: a notebook or a desktop.
        save: Also write the picture to this file.

    Returns:
        The picture, H×W×3 uint8, BGR.
    """
    raise NotImplementedError


def metricplot(
    model: TrainedModel,
    x: npt.NDArray[Any],
    y: npt.NDArray[Any] | None = None,
    *,
    show: bool = True,
    save: PathLike | None = None,
) -> Pixels:
    """Draw how good a model is: what it confuses, how far it is off, how apart its clusters are; as ``plot``."""
    raise NotImplementedError
