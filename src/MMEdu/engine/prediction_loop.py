"""Prediction of pictures, folders, arrays: read, predict in batches, draw, show. Behind ``inference`` and its kin."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np

from BaseDT import display, image
from BaseDT.errors import ImageDamaged, ImageUnsupported
from BaseDT.image import ImageSource, NamedImage, Pixels
from BaseDT.language import say
from MMEdu.engine.events import Listener, Notice, left_out, long_work

_BATCH = 16


R = TypeVar("R")


class Answers(Protocol[R]):
    """What a loaded model says about pictures; each task has its own."""

    @property
    def reads_gray(self) -> bool:
        """Whether it needs no colours of a picture."""

    def of(self, pictures: Sequence[Pixels], names: Sequence[str | None]) -> list[R]:
        """Answer for each picture (H×W×3 BGR or H×W gray); ``names`` are those of their files, or None."""

    def drawn(self, picture: Pixels, result: R) -> Pixels:
        """Draw an answer onto a copy of its picture."""


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


@dataclass(frozen=True)
class Answered(Generic[R]):
    """What was said.

    Attributes:
        results: One for each picture, in order.
        files: The names of the pictures, likewise.
        many: Whether the source was a folder or a list.
    """

    results: list[R]
    files: list[str]
    many: bool


def predict(
    answers: Answers[R], source: ImageSource | Sequence[ImageSource], output: Output | None, emit: Listener
) -> Answered[R]:
    """Predict everything that ``source`` names.

    Args:
        answers: The loaded model.
        source: A path, array, PIL image, folder, or a list of these.
        output: Where to draw; None draws nothing.
        emit: Told of progress and of files that cannot be read.

    Raises:
        XEduError: A single picture cannot be read; of several, those that cannot are left out and named.
    """
    items, many = image.expand(source)
    if not many:
        return Answered([_predict_one(answers, items[0], output)], [items[0].name], False)
    if passed_over := image.passed_over(source):
        emit(Notice(passed_over))
    answered: Answered[R] = Answered([], [], True)
    with long_work(emit, say("Predicting", "推理")) as told:
        for start in range(0, len(items), _BATCH):
            part = _readable(items[start : start + _BATCH], emit)
            answered.results.extend(_predict_part(answers, part, output))
            answered.files.extend(item.name for item, _ in part)
            told(min(start + _BATCH, len(items)), len(items))
    return answered


def _predict_one(answers: Answers[R], item: NamedImage, output: Output | None) -> R:
    # A gray network needs no colours, unless the picture is drawn.
    picture = image.read(item.source, gray=answers.reads_gray and output is None)
    result = answers.of([picture], [None])[0]
    if output is not None:
        drawn = answers.drawn(picture, result)
        image.write(output.place(item), drawn)
        if output.display:
            display.show(drawn)
    return result


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


def _predict_part(answers: Answers[R], part: Sequence[tuple[NamedImage, Pixels]], output: Output | None) -> list[R]:
    if not part:
        return []
    results = answers.of([picture for _, picture in part], [item.name for item, _ in part])
    if output is not None:
        for (item, picture), result in zip(part, results, strict=True):
            image.write(output.place(item), answers.drawn(picture, result))
    return results
