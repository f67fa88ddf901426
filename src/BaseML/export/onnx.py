"""A trained model as an ONNX file, with its metadata; checked against the model before it is written."""

from __future__ import annotations

from pathlib import Path

from BaseML.trained import TrainedModel


def convert(model: TrainedModel, out_file: Path, *, opset: int, ir: int) -> None:
    """Write a model as ONNX: scaling inside, labels and numbers as the model gives them.

    Raises:
        ExportFailed: Algorithms that cannot answer for new data (-806).
        ExportDiffers: The file does not answer as the model (-807).
        DependencyMissing: ``skl2onnx`` is not installed (-502).
    """
    raise NotImplementedError
