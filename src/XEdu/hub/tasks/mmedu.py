"""``task="mmedu"``: models that MMEdu exported, of any kind of output, or the original tools."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from BaseDT import terminal
from BaseDT.errors import ParameterInvalid
from BaseDT.image import NamedImage, Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from XEdu.hub import pictures, raw_inference
from XEdu.hub.prediction import Prediction
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.hub.tasks import InferenceOptions
from XEdu.outputs.kind import OutputKind, Result
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class MMEduTask:
    """A model that says what it was trained for; one that says nothing gives raw outputs."""

    model: Model
    _remarked: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def inference(self, data: Any, options: InferenceOptions) -> Prediction:
        """Predict a picture, a folder, or a list of pictures.

        Raises:
            ParameterInvalid: Functions were given, which belong to ``task="custom"`` (-305).
            XEduError: The picture cannot be read; of many, those that cannot are left out and named.
        """
        _check_no_functions(options)
        if not self.model.knows_itself and raw_inference.is_tensor(self.model, data):
            return Prediction([raw_inference.run(self.model, data)], [SourceSnapshot("", data)], False)
        options = replace(options, threshold=self.model.checked_threshold("thr", options.threshold))
        images, many = pictures.expand(data)
        reading = self.model.reading.coloured(options.draws)
        prediction = self._many(images, reading, options) if many else self._single(images[0], reading, options)
        self._remark(prediction.results, options)
        return prediction

    def _remark(self, results: list[Result], options: InferenceOptions) -> None:
        """Tell once what a user should know of such results: a loop over frames would tell it with each."""
        info, kind, threshold = self.model.info, self._kind, options.threshold
        if info is None or kind is None or self._remarked or not isinstance(threshold, float):
            return
        if text := kind.about_results(results, threshold, info):
            self._remarked.append(text)
            terminal.note(text)

    @property
    def _kind(self) -> OutputKind | None:
        """Of the results; None where they are raw outputs."""
        return self.model.kind if self.model.knows_itself else None

    def _single(self, item: NamedImage, reading: Reading, options: InferenceOptions) -> Prediction:
        # Colours may still be needed for drawing: what was read gray is read again from its source.
        in_colour = SourceSnapshot.of_source(item, reading) if reading.gray else None
        picture = reading.of(item.source)
        results = self._results([picture], [None], options)
        return Prediction(results, [in_colour or SourceSnapshot.of_pixels(item, picture)], False, self._kind)

    def _many(self, images: list[NamedImage], reading: Reading, options: InferenceOptions) -> Prediction:
        prediction = Prediction([], [], True, self._kind)
        # Before any is read: what changes meanwhile is noticed.
        sources = (
            {} if options.return_pictures else {item.name: SourceSnapshot.of_source(item, reading) for item in images}
        )
        for part in pictures.readable(images, reading):
            batch = [picture for _, picture in part]
            results = self._results(batch, [item.name for item, _ in part], options)
            prediction.results.extend(results)
            prediction.images.extend(
                sources.get(item.name) or SourceSnapshot.of_pixels(item, picture) for item, picture in part
            )
            for picture, result in zip(batch, results, strict=True) if options.show else ():
                pictures.collect(prediction.tiles, pictures.drawn(picture, result, self._kind))
        return prediction

    def _results(self, batch: list[Pixels], files: list[str | None], options: InferenceOptions) -> list[Result]:
        if self.model.knows_itself:
            threshold = options.threshold
            assert not isinstance(threshold, str)  # ``inference`` has resolved it
            return self.model.predict(batch, threshold=threshold, names=files)
        return [self.model.run(raw_inference.tensor(self.model, picture)) for picture in batch]


def open_task(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> MMEduTask:
    """Open the model.

    Raises:
        TaskMismatch: It says that it was made for another task (-311).
        XEduError: It cannot be opened.
    """
    model = raw_inference.open_model(checkpoint, providers)
    raw_inference.refuse_other_codebase(model, "task='mmedu'")
    if not model.knows_itself:
        terminal.note(raw_inference.missing_metadata(model))
    return MMEduTask(model)


def _check_no_functions(options: InferenceOptions) -> None:
    if options.preprocess is None and options.postprocess is None:
        return
    raise ParameterInvalid(
        say("preprocess and postprocess belong to task='custom'.", "preprocess 和 postprocess 只用于 task='custom'。"),
        hint=say("Use Workflow(task='custom', checkpoint=…).", "请使用 Workflow(task='custom', checkpoint=…)。"),
    )
