"""``task="mmedu"``: models that MMEdu exported, of any kind of output, or the original tools."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from BaseDT import terminal
from BaseDT.image import Pixels
from XEdu.hub import raw_inference
from XEdu.hub.given_boxes import checked_boxes, no_points, one_picture
from XEdu.hub.picture_run import PictureRun
from XEdu.hub.prediction import Prediction
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.hub.target_class import checked_classes, no_parts_of_classes
from XEdu.hub.tasks import InferenceOptions
from XEdu.hub.tasks.functions import check_no_functions
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
            TaskMismatch: Boxes, or classes, were given to a model that takes none (-311).
            XEduError: The picture cannot be read; of many, those that cannot are left out and named.
        """
        check_no_functions(options)
        if options.bbox is not None and (self._kind is None or self._kind.in_boxes is None):
            raise no_points()
        if not self.model.knows_itself and raw_inference.is_tensor(self.model, data):
            return Prediction([raw_inference.run(self.model, data)], [SourceSnapshot("", data)], False)
        options = replace(options, threshold=self.model.checked_threshold("thr", options.threshold))
        run = PictureRun(functools.partial(self._results, options), self._kind, self.model.reading)
        prediction = run.of(data, options)
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

    def _results(self, options: InferenceOptions, batch: Sequence[Pixels], files: Sequence[str | None]) -> list[Result]:
        if not self.model.knows_itself:
            return [self.model.run(raw_inference.tensor(self.model, picture)) for picture in batch]
        threshold = options.threshold
        assert not isinstance(threshold, str)  # ``inference`` has resolved it
        if options.bbox is not None:
            results = self._in_boxes(batch, options.bbox, threshold)
        else:
            results = self.model.predict(batch, threshold=threshold, names=files)
        return results if options.target_class is None else self._of_classes(results, options.target_class)

    def _in_boxes(self, batch: Sequence[Pixels], bbox: object, threshold: float | None) -> list[Result]:
        """Look for points in boxes of one picture.

        Raises:
            ParameterInvalid: These are no boxes, or there are several pictures (-305).
        """
        kind = self.model.kind
        assert kind is not None
        assert kind.in_boxes is not None  # ``inference`` has asked
        boxes = checked_boxes(bbox)
        if len(batch) != 1:
            raise one_picture()
        return [kind.in_boxes(self.model, batch[0], boxes, kind.threshold if threshold is None else threshold)]

    def _of_classes(self, results: list[Result], wanted: object) -> list[Result]:
        """Keep what is of some classes.

        Raises:
            TaskMismatch: The model's results have no parts of several classes (-311).
            ParameterInvalid: It does not know such a class (-305).
        """
        kind, info = self._kind, self.model.info
        if kind is None or info is None or kind.only is None:
            raise no_parts_of_classes()
        names = checked_classes(wanted, info.classes)
        return [kind.only(result, names) for result in results]


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
