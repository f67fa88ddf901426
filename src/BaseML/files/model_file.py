"""Files of trained models: written so that the original reads them, read without running what is in them."""

from __future__ import annotations

from pathlib import Path

from BaseML.trained import TrainedModel


def write(model: TrainedModel, path: Path) -> None:
    """Write a model as joblib writes it, ``{'model', 'input_shape', 'demo_input', …}``, whole or not at all."""
    raise NotImplementedError


def read(path: Path) -> TrainedModel:
    """Read a model of ours or of the original. Only known estimators, arrays and plain data are built.

    Raises:
        CheckpointNotFound, CheckpointInvalid, ModelUnsupported: -102, -202, -206.
    """
    raise NotImplementedError
