"""Prediction with exported models, which know themselves and run without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from BaseDT.errors import BackboneUnknown, DeviceUnavailable, ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from XEdu.hub.pictures import drawn
from XEdu.outputs.kind import Result
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class ExportedPredictor:
    """Predicts pictures with an exported model; see ``engine.prediction_loop.PicturePredictor``."""

    model: Model
    threshold: float

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return self.model.reading

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[Result]:
        """Predict each picture (H×W×3 BGR or H×W gray)."""
        return self.model.predict(pictures, threshold=self.threshold, names=names)

    def remark(self, results: Sequence[Result]) -> str:
        """Return what the kind of output has to say of such results."""
        kind, info = self.model.kind, self.model.info
        return "" if kind is None or info is None else kind.about_results(results, self.threshold, info)

    def drawn(self, picture: Pixels, result: Result) -> Pixels:
        """Draw a result onto a copy of its picture."""
        return drawn(picture, result, self.model.kind)


def opened(file: Path, device: str, classes: Path | None) -> Model:
    """Open a model that shall predict.

    Raises:
        ParameterInvalid: Names of classes are given, which the file has itself (-305).
        DeviceUnavailable: It does not run on this device (-301).
        XEduError: It cannot be opened.
    """
    if classes is not None:
        hint = say("Leave --classes out, or convert it with them.", "请去掉 --classes，或在转换时给出。")
        raise ParameterInvalid(
            say(
                f"{file} is an exported model, which names its classes itself.",
                f"{file} 是转换后的模型，它自带类别名称。",
            ),
            hint=hint,
        )
    return Model.load(file, providers=_providers(file, device))


def _providers(file: Path, device: str) -> list[str] | None:
    if device in ("cpu", "auto"):
        return None
    if device == "cuda" and file.suffix.lower() == ".onnx":
        return ["CUDAExecutionProvider"]
    hint = say("Leave --device out.", "请去掉 --device。")
    raise DeviceUnavailable(
        say(f"{file.name} does not run on {device!r}.", f"{file.name} 不能在 {device!r} 上运行。"), hint=hint
    )


def threshold_of(model: Model, threshold: float | str | None) -> float:
    """Return the least score of a box or class: the user's, or that of checkpoints of this kind.

    Raises:
        ParameterInvalid: It cannot be used (-305).
    """
    from MMEdu.models import registry

    chosen = model.checked_threshold("thr", threshold)
    if threshold is not None:
        return chosen
    try:
        options = None if model.info is None else registry.find(model.info.backbone, model.info.task).options
    except BackboneUnknown:  # another project's model
        return chosen
    least: float = getattr(options, "least_score", chosen)
    return least


def predict(
    model: Model, threshold: float, images: Path | Sequence[Path], drawings: Path | None
) -> tuple[list[Any], list[str]]:
    """Predict pictures and folders.

    Args:
        model: What ``opened`` returned.
        threshold: Least score of a box or class.
        images: A picture, a folder, or several.
        drawings: Where results are drawn; None draws none.

    Returns:
        A result for each picture that can be read, as the documented class gives it, and their names.
    """
    from MMEdu.engine import prediction_loop
    from MMEdu.engine.listeners.console import console

    output = prediction_loop.DrawingFolder(drawings, display=True) if drawings is not None else None
    predictions = prediction_loop.predict(ExportedPredictor(model, threshold), images, output, console())
    assert model.kind is not None  # a model without one has raised
    return [model.kind.documented(result) for result in predictions.results], predictions.files
