"""Prediction of pictures, folders, arrays: read, predict in batches, draw, show. Behind ``inference`` and its kin."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from BaseDT import display, draw, image
from BaseDT.errors import ImageDamaged, ImageUnsupported
from BaseDT.image import ImageSource, NamedImage, Pixels
from BaseDT.language import say
from BaseDT.results import ClassificationResult
from MMEdu.engine.events import Listener, left_out, long_work
from MMEdu.predictor import Predictor

_BATCH = 16


@dataclass(frozen=True)
class Output:
    """Where drawn results go.

    Attributes:
        folder: The folder, ``cls_result`` by default.
        display: Whether one picture is also shown to the person (a folder only writes files).
    """

    folder: Path
    display: bool

    def place(self, item: NamedImage) -> Path:
        """Where a result is drawn: under the picture's own name, but never over the picture itself."""
        place = self.folder / item.name
        if isinstance(item.source, (str, os.PathLike)) and place.exists() and place.samefile(item.source):
            return place.with_stem(f"{place.stem}_result")
        return place


def predict(
    predictor: Predictor, source: ImageSource | Sequence[ImageSource], output: Output | None, emit: Listener
) -> tuple[list[ClassificationResult], bool]:
    """Predict everything that ``source`` names.

    Args:
        predictor: The loaded model.
        source: A path, array, PIL image, folder, or a list of these.
        output: Where to draw; None draws nothing.
        emit: Told of progress and of files that cannot be read.

    Returns:
        The results in order, and whether the source was a folder or a list.

    Raises:
        XEduError: A single picture cannot be read; of several, those that cannot are left out and named.
    """
    items, many = image.expand(source)
    if not many:
        return [_predict_one(predictor, items[0], output)], False
    results: list[ClassificationResult] = []
    with long_work(emit, say("Predicting", "推理")) as told:
        for start in range(0, len(items), _BATCH):
            part = _readable(items[start : start + _BATCH], emit)
            results += _predict_part(predictor, part, output)
            told(min(start + _BATCH, len(items)), len(items))
    return results, True


def _predict_one(predictor: Predictor, item: NamedImage, output: Output | None) -> ClassificationResult:
    picture = image.read(item.source, gray=_reads_gray(predictor, output))
    result = predictor.result(predictor.scores([picture])[0])
    if output is not None:
        drawn = draw.classification(picture, result)
        image.write(output.place(item), drawn)
        if output.display:
            display.show(drawn)
    return result


def _reads_gray(predictor: Predictor, output: Output | None) -> bool:
    """A gray network needs no colours, unless the picture is drawn."""
    return output is None and predictor.preprocess.color == "gray"


def _readable(items: Sequence[NamedImage], emit: Listener) -> list[tuple[NamedImage, Pixels]]:
    def read(item: NamedImage) -> Pixels | ImageDamaged | ImageUnsupported:
        try:
            return image.read(item.source)
        except (ImageDamaged, ImageUnsupported) as error:
            return error

    with ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 2))) as pool:
        pictures = list(pool.map(read, items))
    return list(_without_errors(items, pictures, emit))


def _without_errors(
    items: Sequence[NamedImage], pictures: Sequence[Pixels | ImageDamaged | ImageUnsupported], emit: Listener
) -> Iterator[tuple[NamedImage, Pixels]]:
    for item, picture in zip(items, pictures, strict=True):
        if isinstance(picture, np.ndarray):
            yield item, picture
        else:
            text = f"{item.name}: {picture.message}"
            emit(left_out(text))


def _predict_part(
    predictor: Predictor, part: Sequence[tuple[NamedImage, Pixels]], output: Output | None
) -> list[ClassificationResult]:
    if not part:
        return []
    scores = predictor.scores([picture for _, picture in part])
    results = [predictor.result(row, item.name) for row, (item, _) in zip(scores, part, strict=True)]
    if output is not None:
        for (item, picture), result in zip(part, results, strict=True):
            image.write(output.place(item), draw.classification(picture, result))
    return results
