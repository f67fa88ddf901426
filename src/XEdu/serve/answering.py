"""What answers: an exported model, or a task that needs none. A picture's bytes in, plain data or a picture out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT import image
from BaseDT.errors import CheckpointInvalid
from BaseDT.image import Pixels, writing
from BaseDT.image.reading import Reading
from BaseDT.language import say
from XEdu.hub.pictures import drawn
from XEdu.outputs.kind import OutputKind, Result

if TYPE_CHECKING:
    from XEdu.presets.opening import Sources
    from XEdu.runtime.model import Model

MOST_PIXELS = 40_000_000
"""Of a picture: three bytes each are held while it is looked at."""
_WARM_UP = (240, 320)


@dataclass(frozen=True)
class Answer:
    """What is said of one picture.

    Attributes:
        words: As ``print_result`` gives it: plain data.
        summary: The same in a line.
        picture: The bytes of a JPEG with the result drawn on it; empty where none was asked for.
        milliseconds: Of decoding, of the model, of drawing.
    """

    words: Any
    summary: str
    picture: bytes
    milliseconds: tuple[float, float, float]


@dataclass(frozen=True)
class Answering:
    """An opened model or task.

    Attributes:
        name: Of the file, or of the task.
        about: What ``GET /info`` tells of it, plain data.
        kind: Of its results; None where they are arrays.
        reading: How its pictures are read.
        predict: A picture and the least score into a result.
        checked_threshold: The least score that a caller gave, by the parameter's name; None is the usual one.
    """

    name: str
    about: dict[str, Any]
    kind: OutputKind | None
    reading: Reading
    predict: Callable[[Pixels, float], Result]
    checked_threshold: Callable[[str, object], float]

    def answer(
        self, data: bytes, name: str, threshold: float, *, lang: str = "zh", draw: bool = False, named: bool = False
    ) -> Answer:
        """Look at a picture.

        Args:
            data: Of its file.
            name: What messages call it.
            threshold: Least score of a box or class.
            lang: Of the keys: ``key_names.LANGUAGES``.
            draw: Whether a drawn picture is wanted.
            named: Whether the result names the file, as it does where there are several.

        Raises:
            ImageUnsupported, ImageDamaged: It is no picture that can be used (-203, -205).
            MemoryExhausted: It is too large for this machine (-804).
        """
        began = time.perf_counter()
        reading = self.reading.coloured(draw)
        picture = image.decode(data, name=name, gray=reading.gray, bits=reading.bits, most_pixels=MOST_PIXELS)
        decoded = time.perf_counter()
        result = self.predict(picture, threshold)
        predicted = time.perf_counter()
        if named and self.kind is not None:
            result = self.kind.with_file(result, name)
        sent = writing.jpeg(drawn(picture, result, self.kind)) if draw else b""
        times = (decoded - began, predicted - decoded, time.perf_counter() - predicted)
        return Answer(self._words(result, lang), self._summary(result), sent, _milliseconds(times))

    def titled(self, title: str) -> Answering:
        """Return the same under a title: what its page calls it, such as the name of the project of Teach."""
        return replace(self, about={**self.about, "title": title})

    def warm_up(self) -> None:
        """Look at a gray picture: a model that cannot answer says so now, and the first who asks need not wait."""
        self.predict(np.full((*_WARM_UP, 3) if not self.reading.gray else _WARM_UP, 127, np.uint8), 0.5)

    def _words(self, result: Result, lang: str) -> Any:
        return np.asarray(result).tolist() if self.kind is None else self.kind.in_words(result, lang)

    def _summary(self, result: Result) -> str:
        return "" if self.kind is None else self.kind.summary(self.kind.documented(result))


def open_model(path: str | os.PathLike[str], *, threads: int | None = None, provider: str | None = None) -> Answering:
    """Open an exported model.

    Raises:
        CheckpointNotFound, CheckpointInvalid: It cannot be opened, or tells nothing of itself (-102, -202).
        XEduError: As ``Model.load``.
    """
    from XEdu.runtime.model import Model

    return of_model(Model.load(path, threads=threads, providers=[provider] if provider else None))


def of_model(model: Model) -> Answering:
    """Return what answers with a model that is open.

    Raises:
        CheckpointInvalid: It tells nothing of itself (-202).
    """
    info, kind = model.info, model.kind
    if info is None or kind is None or not model.knows_itself:
        raise CheckpointInvalid(
            say(
                f"{model.path.name} does not tell its classes and its preprocessing: nobody could read its answers.",
                f"{model.path.name} 没有说明类别和预处理方式，无法给出可读的结果。",
            ),
            hint=say("Convert it with MMEdu: mmedu convert best.pth.", "请用 MMEdu 转换模型：mmedu convert best.pth。"),
        )
    usual = kind.deploy_threshold

    def checked(name: str, value: object) -> float:
        return usual if value is None else model.checked_threshold(name, value)

    return Answering(
        model.path.name,
        {
            "name": model.path.name,
            "task": info.task,
            "kind": info.kind,
            "network": info.backbone,
            "runtime": model.backend.name,
            "classes": list(info.classes),
            "suggested_score": info.threshold,
        },
        kind,
        model.reading,
        lambda picture, threshold: model.predict([picture], threshold=threshold)[0],
        checked,
    )


def open_task(name: str, sources: Sources | None = None) -> Answering:
    """Open a task that needs no model, such as ``pose_hand21``.

    Args:
        name: As for ``Workflow``.
        sources: Where its weights come from.

    Raises:
        TaskUnknown: There is no such task (-312).
        TaskMismatch: It is one that needs a model (-311).
        WeightsUnavailable: Its weights are not here and cannot be fetched (-107).
    """
    from XEdu.hub.tasks import preset_name
    from XEdu.presets.opening import opened

    task_name = preset_name(name)
    task = opened(task_name, sources)
    return Answering(
        task_name,
        {
            "name": task_name,
            "task": task_name,
            "kind": "numbers" if task.kind is None else task.kind.name,
            "network": "",
            "runtime": "onnxruntime",
            "classes": list(task.classes),
            "suggested_score": None,
        },
        task.kind,
        Reading(),
        task.of,
        task.checked_threshold,
    )


def _milliseconds(seconds: Sequence[float]) -> tuple[float, float, float]:
    first, second, third = (round(1000 * one, 2) for one in seconds)
    return first, second, third
