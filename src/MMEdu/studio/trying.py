"""Models that are tried: what is open, and their answers. ``routes.trying`` asks."""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.exceptions import HTTPException

from BaseDT.errors import CheckpointNotFound
from BaseDT.files import stamp_of
from BaseDT.language import say
from MMEdu.studio.checkpoints import CheckpointProcess
from MMEdu.studio.files import Files
from MMEdu.studio.studio import Studio

if TYPE_CHECKING:
    from MMEdu.actions.trying import ExportedModel, ReadyMadeTask

EXPORTED = (".onnx", ".param", ".xml", ".engine", ".trt")
CHECKPOINTS = (".pth", ".pt", ".safetensors")
_MOST_OPEN, _MOST_PROCESSES, _MOST_FILMS = 4, 2, 16
T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """An answer in plain data, its drawing, and how long it took."""

    answer: dict[str, Any]
    drawing: bytes
    milliseconds: float

    def to_json(self) -> dict[str, Any]:
        """Return it as a page is told it: the drawing as a ``data:`` address."""
        drawn = None
        if self.drawing:
            kind = "png" if self.drawing.startswith(b"\x89PNG") else "jpeg"
            drawn = f"data:image/{kind};base64,{base64.b64encode(self.drawing).decode('ascii')}"
        return {**self.answer, "drawn": drawn, "ms": round(self.milliseconds, 1)}


class Trying:
    """The room of models that are open; made once by ``studio.room(Trying)``."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._lock = threading.Lock()
        self._opening: dict[object, threading.Lock] = {}
        self._models: OrderedDict[object, ExportedModel] = OrderedDict()
        self._tasks: OrderedDict[str, ReadyMadeTask] = OrderedDict()
        self._films: OrderedDict[tuple[str, str], ReadyMadeTask] = OrderedDict()
        self._processes: OrderedDict[object, CheckpointProcess] = OrderedDict()
        self._live = threading.Lock()

    def facts(self, model: str, task: str) -> dict[str, Any]:
        """Open a model or a task, and return what is known of it; raises as ``answer``."""
        if task:
            return self._task(task).facts.to_json()
        file = self.file(model)
        if file.suffix.lower() in CHECKPOINTS:
            return self._process(file).facts
        return self._exported(file).facts.to_json()

    def answer(
        self, data: bytes, *, model: str = "", task: str = "", threshold: float | str | None, draw: bool, film: str = ""
    ) -> Said:
        """Say what is in a picture.

        Args:
            data: Of the picture's file.
            model: Which, by its identifier.
            task: Or the name of a ready-made task.
            threshold: Least score; ``"auto"``: what the validation suggests; None: the model's own.
            draw: Whether it is drawn, too.
            film: Whose next picture it is; empty: a picture by itself.

        Raises:
            CheckpointNotFound: There is no such model (-102).
            XEduError: It cannot be opened, or the picture cannot be read.
        """
        if task:
            opened = self._task(task)
            start = time.perf_counter()
            if film:
                with self._live:
                    told = self._film(opened, film).answer(data, threshold, draw=draw, seconds=time.monotonic())
            else:
                told = opened.answer(data, threshold, draw=draw)
            return _said(told.to_json(), told.drawing, start)
        file = self.file(model)
        if file.suffix.lower() in CHECKPOINTS:
            process = self._process(file)
            start = time.perf_counter()
            return _said(*process.answer(data, threshold, draw=draw), start)
        exported = self._exported(file)
        start = time.perf_counter()
        told = exported.answer(data, threshold, draw=draw)
        return _said(told.to_json(), told.drawing, start)

    def file(self, model: str) -> Path:
        """Return the file of an identifier.

        Raises:
            CheckpointNotFound: There is none, or it lies outside the work folder (-102).
        """
        with contextlib.suppress(HTTPException):
            file = self._studio.room(Files).path(model)
            if file.suffix.lower() in (*EXPORTED, *CHECKPOINTS):
                return file
        raise CheckpointNotFound(
            say("There is no such model in the work folder.", "工作文件夹里没有这个模型。"),
            hint=say("It may have been moved: reload the page.", "可能已被移走：请刷新页面。"),
        )

    def identifier(self, file: Path) -> str:
        """Return by what the page calls a file of the work folder."""
        return self._studio.room(Files).add(file)

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            processes = list(self._processes.values())
            self._processes.clear()
        for process in processes:
            process.close()

    def _exported(self, file: Path) -> ExportedModel:
        from MMEdu.actions.trying import ExportedModel

        key = (file, stamp_of(file))
        with self._alone(key):
            opened = self._models.get(key) or ExportedModel.open(file)
            return self._kept(self._models, key, opened, _MOST_OPEN)

    def _task(self, name: str) -> ReadyMadeTask:
        from MMEdu.actions.trying import ReadyMadeTask

        with self._alone(name):
            opened = self._tasks.get(name) or ReadyMadeTask.open(name)
            return self._kept(self._tasks, name, opened, _MOST_OPEN)

    def _film(self, task: ReadyMadeTask, film: str) -> ReadyMadeTask:
        key = (task.name, film)
        return self._kept(self._films, key, self._films.get(key) or task.film(), _MOST_FILMS)

    def _process(self, file: Path) -> CheckpointProcess:
        key = (file, stamp_of(file))
        with self._alone(key):
            opened = self._processes.get(key)
            if opened is not None and not opened.alive:
                opened.close()
                opened = None
            opened = opened or CheckpointProcess(file)
            return self._kept(self._processes, key, opened, _MOST_PROCESSES)

    def _alone(self, key: object) -> threading.Lock:
        """Return what keeps two from opening one thing at once; others are opened meanwhile."""
        with self._lock:
            return self._opening.setdefault(key, threading.Lock())

    def _kept(self, kept: OrderedDict[Any, T], key: object, value: T, most: int) -> T:
        """Keep what was used last, and let the oldest go."""
        gone: list[T] = []
        with self._lock:
            kept[key] = value
            kept.move_to_end(key)
            while len(kept) > most:
                gone.append(kept.popitem(last=False)[1])
        for old in gone:
            if isinstance(old, CheckpointProcess):
                old.close()
        return value


def _said(answer: dict[str, Any], drawing: bytes | None, start: float) -> Said:
    return Said(answer, drawing or b"", (time.perf_counter() - start) * 1000)
