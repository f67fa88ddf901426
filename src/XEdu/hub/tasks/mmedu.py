"""``task="mmedu"``: classifiers and detectors that MMEdu exported, or the original tools."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from BaseDT import image, terminal
from BaseDT.errors import ParameterInvalid
from BaseDT.image import NamedImage, Pixels
from BaseDT.language import say
from XEdu.hub import pictures, raw
from XEdu.hub.answer import Answer
from XEdu.hub.kept import Kept
from XEdu.hub.tasks import Wanted
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class MMEduTask:
    """A model that says what it was trained for; one that says nothing gives raw outputs."""

    model: Model

    def inference(self, data: Any, wanted: Wanted) -> Answer:
        """Answer for a picture, a folder, or a list of pictures.

        Raises:
            ParameterInvalid: Functions were given, which belong to ``task="custom"`` (-305).
            XEduError: The picture cannot be read; of many, those that cannot are left out and named.
        """
        _check_no_functions(wanted)
        if not self.model.knows_itself and raw.is_tensor(self.model, data):
            return Answer([raw.run(self.model, data)], [Kept("", data)], False)
        images, many = pictures.expand(data)
        gray = not wanted.drawn and self.model.reads_gray
        return self._many(images, gray, wanted) if many else self._one(images[0], gray, wanted)

    def _one(self, item: NamedImage, gray: bool, wanted: Wanted) -> Answer:
        colourful = Kept.source_of(item) if gray else None
        picture = image.read(item.source, gray=gray)
        results = self._results([picture], [None], wanted)
        return Answer(results, [colourful or Kept.pixels_of(item, picture)], False)

    def _many(self, images: list[NamedImage], gray: bool, wanted: Wanted) -> Answer:
        answer = Answer([], [], True)
        # Before any is read: what changes meanwhile is noticed.
        sources = {} if wanted.handed_out else {item.name: Kept.source_of(item) for item in images}
        for part in pictures.readable(images, gray=gray):
            read = [picture for _, picture in part]
            results = self._results(read, [item.name for item, _ in part], wanted)
            answer.results.extend(results)
            answer.images.extend(sources.get(item.name) or Kept.pixels_of(item, picture) for item, picture in part)
            for made in map(pictures.drawn, read, results) if wanted.shown else ():
                pictures.collect(answer.tiles, made)
        return answer

    def _results(self, read: list[Pixels], files: list[Any], wanted: Wanted) -> list[Any]:
        if self.model.knows_itself:
            return list(self.model.predict(read, threshold=wanted.threshold, names=files))
        return [self.model.run(raw.tensor(self.model, picture)) for picture in read]


def open_task(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> MMEduTask:
    """Open the model.

    Raises:
        TaskMismatch: It says that it was made for another task (-311).
        XEduError: It cannot be opened.
    """
    model = raw.opened(checkpoint, providers)
    raw.refuse_other_codebase(model, "task='mmedu'")
    if not model.knows_itself:
        terminal.note(raw.missing(model))
    return MMEduTask(model)


def _check_no_functions(wanted: Wanted) -> None:
    if wanted.preprocess is None and wanted.postprocess is None:
        return
    raise ParameterInvalid(
        "preprocess and postprocess belong to task='custom'.",
        hint=say("Use Workflow(task='custom', checkpoint=…).", "请使用 Workflow(task='custom', checkpoint=…)。"),
    )
