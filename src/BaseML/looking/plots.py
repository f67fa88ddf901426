"""The documented pictures: ``plot`` and ``metricplot``. matplotlib is imported when one is drawn."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from BaseML.trained import TrainedModel


def plot(model: TrainedModel, x: npt.NDArray[Any], y: npt.NDArray[Any] | None) -> Any:
    """Draw what a model learned; returns matplotlib's figure."""
    raise NotImplementedError


def metricplot(model: TrainedModel, x: npt.NDArray[Any], y: npt.NDArray[Any] | None) -> Any:
    """Draw how good a model is; returns matplotlib's figure."""
    raise NotImplementedError
