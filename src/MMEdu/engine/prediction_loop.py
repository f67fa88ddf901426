"""Prediction of pictures, folders, arrays: read, predict in batches, draw, show. Behind ``inference`` and its kin."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from BaseDT import display, image
from BaseDT.image import ImageSource, NamedImage, Pixels
from BaseDT.image.reading import Reading
from BaseDT.image.writing import write_transparent
from BaseDT.language import say, with_name
from BaseDT.readable import read_all, reason_of
from MMEdu.engine.events import Listener, Notice, left_out, long_work

_BATCH = 16
R = TypeVar("R")


class PicturePredictor(Protocol[R]):
    """A loaded model that predicts pictures; each task has its own."""

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[R]:
        """Predict each picture (H×W×3 BGR or H×W gray); ``names`` are those of their files, or None."""

    def drawn(self, picture: Pixels, result: R) -> Pixels:
        """Draw a result onto a copy of its picture."""


@runtime_checkable
class RemarksOnResults(Protocol):
    """A predictor that has something to say of the results of a call, such as that a threshold is too high."""

    def remark(self, results: Sequence[Any]) -> str:
        """Return a line for the user; empty: nothing."""


@dataclass(frozen=True)
class DrawingFolder:
    """Where drawn results go.

    Attributes:
        folder: The folder, ``cls_result`` by default.
        display: Whether one picture is also shown to the person (a folder only writes files).
    """

    folder: Path
    display: bool

    def path_for(self, item: NamedImage) -> Path:
        """Where a result is drawn: under the picture's own name, but never over the picture itself."""
        path = self.folder / item.name
        if isinstance(item.source, (str, os.PathLike)) and path.exists() and path.samefile(item.source):
            return path.with_stem(f"{path.stem}_result")
        return path

    def write(self, item: NamedImage, drawing: Pixels) -> None:
        """Write what was drawn; a transparent ground (H×W×4) needs PNG."""
        path = self.path_for(item)
        if drawing.ndim == 3 and drawing.shape[2] == 4:
            write_transparent(path.with_suffix(".png"), drawing)
        else:
            image.write(path, drawing)


@dataclass(frozen=True)
class Predictions(Generic[R]):
    """The results of one call.

    Attributes:
        results: One for each picture, in order.
        files: The names of the pictures, likewise.
        many: Whether the source was a folder or a list.
    """

    results: list[R]
    files: list[str]
    many: bool


def predict(
    predictor: PicturePredictor[R],
    source: ImageSource | Sequence[ImageSource] | None,
    output: DrawingFolder | None,
    emit: Listener,
) -> Predictions[R]:
    """Predict everything that ``source`` names.

    Args:
        predictor: The loaded model.
        source: A path, array, PIL image, folder, or a list of these.
        output: Where to draw; None draws nothing.
        emit: Told of progress and of files that cannot be read.

    Raises:
        XEduError: A single picture cannot be read; of several, those that cannot are left out and named.
    """
    items, many = image.expand(source)  # type: ignore[arg-type]  # it refuses None in its own words
    if not many:
        results = [_predict_one(predictor, items[0], output)]
        _remark(predictor, results, emit)
        return Predictions(results, [items[0].name], False)
    if passed_over := image.passed_over(source):
        emit(Notice(passed_over))
    predictions: Predictions[R] = Predictions([], [], True)
    with long_work(emit, say("Predicting", "推理")) as progress:
        for start in range(0, len(items), _BATCH):
            batch = _readable(items[start : start + _BATCH], predictor.reading.coloured(), emit)
            predictions.results.extend(_predict_batch(predictor, batch, output))
            predictions.files.extend(item.name for item, _ in batch)
            progress(min(start + _BATCH, len(items)), len(items))
    _remark(predictor, predictions.results, emit)
    return predictions


def _remark(predictor: PicturePredictor[R], results: Sequence[R], emit: Listener) -> None:
    if isinstance(predictor, RemarksOnResults) and (text := predictor.remark(results)):
        emit(Notice(text))


def _predict_one(predictor: PicturePredictor[R], item: NamedImage, output: DrawingFolder | None) -> R:
    # A gray network needs no colours, unless the picture is drawn.
    picture = predictor.reading.coloured(output is not None).of(item.source)
    result = predictor.of([picture], [None])[0]
    if output is not None:
        drawing = predictor.drawn(picture, result)
        output.write(item, drawing)
        if output.display:
            display.show(drawing)
    return result


def _readable(items: Sequence[NamedImage], reading: Reading, emit: Listener) -> list[tuple[NamedImage, Pixels]]:
    def report(item: NamedImage, error: Exception) -> None:
        emit(left_out(with_name(item.name, reason_of(error))))

    threads = max(2, min(4, os.cpu_count() or 2))
    return list(read_all(items, lambda item: reading.of(item.source), report, threads=threads))


def _predict_batch(
    predictor: PicturePredictor[R], batch: Sequence[tuple[NamedImage, Pixels]], output: DrawingFolder | None
) -> list[R]:
    if not batch:
        return []
    results = predictor.of([picture for _, picture in batch], [item.name for item, _ in batch])
    if output is not None:
        for (item, picture), result in zip(batch, results, strict=True):
            output.write(item, predictor.drawn(picture, result))
    return results
