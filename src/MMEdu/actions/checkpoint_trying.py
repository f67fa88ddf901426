"""A checkpoint that answers picture after picture; torch is imported here, and the safe readers alone open files."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT import image
from MMEdu.actions.origin import load, origin
from MMEdu.actions.trying import MOST_PIXELS, Answer, Facts, bars_of, made
from MMEdu.engine.prediction_loop import RemarksOnResults
from MMEdu.tasks.spec import TaskSpec
from XEdu.outputs import kind as kinds

if TYPE_CHECKING:
    from MMEdu.weights.loaded_model import LoadedModel


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint, opened; see ``trying.Opened``."""

    spec: TaskSpec
    model: LoadedModel

    @classmethod
    def open(cls, file: Path) -> Checkpoint:
        """Open a file.

        Raises:
            CheckpointNotFound, CheckpointInvalid: It cannot be read, or says nothing of its backbone (-102, -202).
            ModelUnsupported: This version does not know its task (-206).
        """
        spec, _ = origin(file)
        return cls(spec, load(file, None))

    @functools.cached_property
    def facts(self) -> Facts:
        """What is known of it."""
        least = float(getattr(self.model.entry.options, "least_score", self._kind.threshold) or 0.0)
        suggested = self.model.threshold
        return Facts(
            self._kind.name, self.spec.name, self.model.entry.name, tuple(self.model.classes), least, suggested
        )

    @property
    def _kind(self) -> kinds.OutputKind:
        return kinds.find(self.model.kind or self.spec.output_kind)

    def answer(self, data: bytes, threshold: float | str | None, *, draw: bool) -> Answer:
        """Say what is in a picture; see ``trying.Opened``."""
        predictor = self._predictor(threshold)
        picture = image.decode(data, bits=predictor.reading.bits, most_pixels=MOST_PIXELS)
        bars: list[dict[str, Any]] = []
        if self._kind.name == "classification":
            scores = predictor.scores([picture])[0]
            bars, result = bars_of(scores, self.model.classes), predictor.answer(scores, None)
        else:
            result = predictor.of([picture], [None])[0]
        remark = predictor.remark([result]) if isinstance(predictor, RemarksOnResults) else ""
        return made(picture, result, self._kind, draw=draw, bars=bars, remark=remark)

    def _predictor(self, threshold: float | str | None) -> Any:
        from BaseDT import argument_schema

        arguments = self.spec.part("predict_arguments")
        names = {item.name for item in argument_schema.arguments_of(arguments)}
        values = {"thr": threshold} if threshold is not None and "thr" in names else {}
        return self.spec.part("predictor")(self.model, argument_schema.check(arguments(**values)))
