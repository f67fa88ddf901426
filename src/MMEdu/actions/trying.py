"""One picture after another through a model, for the studio: an answer in plain data, and the drawn picture.

A model that was exported and a ready-made task run here, without torch. A checkpoint is opened by
``checkpoint_trying``, in a process of its own (``checkpoint_child``).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from BaseDT import image
from BaseDT.errors import CheckpointInvalid, TaskMismatch
from BaseDT.image import Pixels
from BaseDT.language import say
from XEdu.hub.pictures import drawn
from XEdu.outputs.kind import OutputKind, Result

MOST_PIXELS = 40_000_000
"""Of a picture that a browser sent."""
_MOST_BARS = 5
_LONGEST, _QUALITY = 4096, 90
"""Of a drawn picture, in pixels and as a JPEG: larger ones are no clearer on a screen."""


@dataclass(frozen=True)
class Facts:
    """What is known of an opened model.

    Attributes:
        kind: Of its results: ``classification``, ``detection`` …
        task: That it was trained for; empty where that is not known.
        network: Its architecture; empty where that is not known.
        classes: Names of its classes, by label.
        threshold: The least score of a result where the user says nothing.
        suggested: The same as its validation suggests; None where nobody knows.
    """

    kind: str
    task: str = ""
    network: str = ""
    classes: tuple[str, ...] = ()
    threshold: float = 0.0
    suggested: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "classes": list(self.classes)}


@dataclass(frozen=True)
class Answer:
    """What a model says of one picture.

    Attributes:
        row: The documented result with English keys.
        bars: Of a classifier its surest classes, ``{"name", "label", "score"}``.
        remark: What a user should be told of it, such as that the threshold is too high; empty: nothing.
        width: Of the picture.
        height: Likewise.
        drawing: A JPEG, or a PNG where it has a transparent ground; None where none was asked for.
    """

    row: dict[str, Any]
    width: int
    height: int
    bars: list[dict[str, Any]] = field(default_factory=list)
    remark: str = ""
    drawing: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, without the drawing."""
        found = found_in(self.row)
        size = {"width": self.width, "height": self.height}
        return {"found": found, "row": self.row, "bars": self.bars, "remark": self.remark, **size}


class Opened(Protocol):
    """A model that answers."""

    @property
    def facts(self) -> Facts: ...

    def answer(self, data: bytes, threshold: float | str | None, *, draw: bool) -> Answer:
        """Say what is in a picture.

        Args:
            data: Of the picture's file.
            threshold: Least score; ``"auto"``: what the validation suggests; None: the model's own.
            draw: Whether it is drawn, too.

        Raises:
            XEduError: It cannot be read, or the model cannot be run.
        """
        ...


@dataclass(frozen=True)
class ExportedModel:
    """An exported model, opened."""

    model: Any  # XEdu.runtime.model.Model: imported when the first is opened

    @classmethod
    def open(cls, file: Path) -> ExportedModel:
        """Open a file; raises as ``XEdu.runtime.model.Model.load``."""
        from XEdu.runtime.model import Model

        opened = cls(Model.load(file))
        if not opened.model.knows_itself:
            opened.model.predict(())  # raises, and says what the file lacks
        return opened

    @functools.cached_property
    def facts(self) -> Facts:
        """What is known of it."""
        from MMEdu.actions.exported_model import threshold_of

        info = self.model.info
        least = threshold_of(self.model, None)
        return Facts(info.kind, info.task, info.backbone, tuple(info.classes), least, info.threshold)

    def answer(self, data: bytes, threshold: float | str | None, *, draw: bool) -> Answer:
        """Say what is in a picture; see ``Opened``."""
        from MMEdu.actions.exported_model import threshold_of

        model, kind = self.model, self.model.kind
        least = threshold_of(model, threshold)
        picture = image.decode(data, bits=model.reading.bits, most_pixels=MOST_PIXELS)
        (batch,) = model.output_batches([picture])
        result = kind.decode(batch, model.info, least)[0]
        bars: list[dict[str, Any]] = []
        if kind.name == "classification":
            from XEdu.outputs.classification import probabilities

            bars = bars_of(probabilities(batch.arrays, 1, len(model.info.classes))[0], model.info.classes)
        return made(picture, result, kind, draw=draw, bars=bars, remark=kind.about_results([result], least, model.info))


@dataclass(frozen=True)
class ReadyMadeTask:
    """A task that needs no training, opened; its live pictures are those of one film."""

    name: str
    live: Any  # what ``camera.open_task`` returned

    @classmethod
    def open(cls, name: str) -> ReadyMadeTask:
        """Open a task; its weights are fetched where they are missing.

        Raises:
            TaskUnknown: There is none of this name (-312).
            TaskMismatch: Its results are arrays of numbers, which nobody can look at (-311).
            WeightsUnavailable: Its weights are not here and cannot be fetched (-107).
        """
        from XEdu.hub.tasks import preset_name
        from XEdu.presets.live import LivePreset
        from XEdu.presets.opening import opened

        task = opened(preset_name(name))
        if task.kind is None:
            raise TaskMismatch(
                say(f"The task '{name}' gives arrays of numbers.", f"任务 '{name}' 的结果是数组。"),
                hint=say(f"Use Workflow(task='{name}').", f"请使用 Workflow(task='{name}')。"),
            )
        return cls(name, LivePreset(task))

    def film(self) -> ReadyMadeTask:
        """Return the same for another film."""
        return ReadyMadeTask(self.name, type(self.live)(self.live.task))

    @functools.cached_property
    def facts(self) -> Facts:
        """What is known of it."""
        task = self.live.task
        return Facts(task.kind.name, self.name, "", task.classes, task.checked_threshold("thr", None))

    def answer(self, data: bytes, threshold: float | str | None, *, draw: bool, seconds: float | None = None) -> Answer:
        """Say what is in a picture; see ``Opened``.

        Args:
            data: As there.
            threshold: As there.
            draw: As there.
            seconds: When it was taken, where it is the next one of the film.
        """
        least = self.live.checked_threshold("thr", threshold)
        picture = image.decode(data, most_pixels=MOST_PIXELS)
        if seconds is not None:
            self.live.at(seconds)
        result = self.live.predict([picture], threshold=least)[0]
        row = self.live.kind.row(self.live.kind.documented(result))
        remark = "" if found_in(row) or not self.live.task.missed[0] else say(*self.live.task.missed)
        return made(picture, result, self.live.kind, draw=draw, remark=remark)


def ready_made_tasks() -> list[dict[str, Any]]:
    """List the tasks that need no training and whose results can be seen.

    Returns:
        Of each ``name``, ``what`` it gives, whether it is of use ``live``, whether its weights are ``here``, and the
        ``group`` by which ``mmedu weights get`` fetches them.
    """
    from XEdu.presets import catalogue, files
    from XEdu.presets.names import PRESETS

    listed = []
    for name, preset in PRESETS.items():
        if name.startswith("embedding_"):  # numbers alone
            continue
        networks = _networks_of(name)
        row = {"name": name, "what": say(*preset.what), "live": preset.live, "here": not files.missing(networks)}
        listed.append({**row, "group": catalogue.find(networks[0]).group if networks else ""})
    return listed


class _Asked(Exception):
    """What a task needs is known."""


@functools.cache
def _networks_of(name: str) -> tuple[str, ...]:
    """Name the networks that a task runs, without opening one."""
    from pathlib import Path as File

    from XEdu.presets.opening import Sources, opened

    asked: list[str] = []

    def ask(names: Sequence[str]) -> list[File]:
        asked.extend(names)
        raise _Asked

    try:
        opened(name, Sources(obtain=ask))
    except _Asked:
        return tuple(asked)
    return ()


def made(
    picture: Pixels,
    result: Result,
    kind: OutputKind,
    *,
    draw: bool,
    bars: Sequence[dict[str, Any]] = (),
    remark: str = "",
) -> Answer:
    """Put an answer together.

    Args:
        picture: H×W×3 BGR or H×W gray.
        result: Of the model.
        kind: Of the result.
        draw: Whether it is drawn.
        bars: As in ``Answer``.
        remark: Likewise.
    """
    height, width = picture.shape[:2]
    row = kind.row(kind.documented(result))
    drawing = encoded(drawn(picture, result, kind)) if draw else None
    return Answer(row, width, height, list(bars), remark, drawing)


def encoded(pixels: Pixels) -> bytes:
    """Return a drawn picture as a JPEG, or as a PNG where it is H×W×4."""
    longest = max(pixels.shape[:2])
    if longest > _LONGEST:
        factor = _LONGEST / longest
        pixels = np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        return bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return bytes(cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))[1].tobytes())


def bars_of(scores: Any, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Return the surest classes of a row of probabilities, the first five."""
    order = np.argsort(-scores, kind="stable")[:_MOST_BARS].tolist()
    return [{"name": classes[label], "label": label, "score": float(scores[label])} for label in order]


_NAMES = ("class", "prediction", "pred_class")
_SCORES = ("score", "confidence", "pred_score")
_LABELS = ("label", "pred_label")


def found_in(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a result names, one thing each: a class, an object, a line of text.

    Args:
        row: As ``OutputKind.row`` returned it, of whichever kind.

    Returns:
        Of each what there is of ``name``, ``label``, ``score``, ``box`` (x1, y1, x2, y2), ``points`` (x, y, score),
        ``share`` of the picture, ``text``, ``number``.
    """
    parts = next((value for value in row.values() if _is_objects(value)), None)
    if parts is not None:
        return [_one(part) for part in parts]
    if any(value == [] for value in row.values()):
        return []
    several = _first(row, _LABELS)
    if isinstance(several, list):
        together = zip(several, _first(row, _NAMES), _first(row, _SCORES), strict=True)
        return [{"label": label, "name": name, "score": score} for label, name, score in together]
    return [_one(row)]


def _is_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)


def _one(part: Mapping[str, Any]) -> dict[str, Any]:
    values = {"name": _first(part, _NAMES), "label": _first(part, _LABELS), "score": _first(part, _SCORES)}
    values |= {key: part.get(key) for key in ("share", "text", "number")}
    box = part.get("box", part.get("coordinates"))
    if isinstance(box, Mapping):
        values["box"] = [box[edge] for edge in ("x1", "y1", "x2", "y2")]
    if (points := part.get("points")) is not None:
        sure = part.get("point_scores") or [None] * len(points)
        values["points"] = [[*point, score] for point, score in zip(points, sure, strict=True)]
    return {key: value for key, value in values.items() if value is not None}


def _first(values: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((values[name] for name in names if name in values), None)


def no_such_kind(file: Path) -> CheckpointInvalid:
    """Make the error of a file that is no model (-202)."""
    return CheckpointInvalid(
        say(f"{file.name} is no model that can be tried.", f"{file.name} 不是可以试用的模型。"),
        hint=say("Choose a .onnx, .param, .xml or .pth file.", "请选择 .onnx、.param、.xml 或 .pth 文件。"),
    )
