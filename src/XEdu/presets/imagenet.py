"""``cls_imagenet`` and ``embedding_image``: what a picture shows, and numbers that describe it, by one network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from BaseDT.image import Pixels
from BaseDT.results import ClassificationResult
from XEdu.outputs.kind import OutputKind
from XEdu.presets.ready_made import Box, Frames
from XEdu.runtime.model import Model

NETWORK = "efficientnet_lite0"
_FEATURES = "features"


@dataclass(frozen=True)
class ImageNetClass:
    """A picture into one of ImageNet's 1,000 classes."""

    model: Model
    missed: tuple[str, str] = ("", "")
    takes_boxes: bool = False

    @property
    def kind(self) -> OutputKind | None:
        """Of its results."""
        return self.model.kind

    @property
    def classes(self) -> tuple[str, ...]:
        """Names, by label."""
        return () if self.model.info is None else self.model.info.classes

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the score below which a picture is none of the classes."""
        return self.model.checked_threshold(name, value)

    def of(self, picture: Pixels, threshold: float, boxes: Sequence[Box] | None = None) -> ClassificationResult:
        """Return the class of one picture."""
        del boxes
        result: ClassificationResult = self.model.predict([picture], threshold=threshold)[0]
        return result

    def frames(self) -> Frames:
        """Return what takes each picture by itself."""
        return lambda picture, _, threshold: self.of(picture, threshold)


@dataclass(frozen=True)
class ImageEmbedding:
    """A picture into 1,280 numbers: those of pictures that look alike point the same way."""

    model: Model
    missed: tuple[str, str] = ("", "")
    takes_boxes: bool = False
    kind: OutputKind | None = None
    classes: tuple[str, ...] = ()

    def checked_threshold(self, name: str, value: object) -> float:
        """Return what nothing depends on: numbers have no score."""
        return 0.0 if value is None else self.model.checked_threshold(name, value)

    def of(self, picture: Pixels, threshold: float, boxes: Sequence[Box] | None = None) -> npt.NDArray[np.float32]:
        """Return (1280,)."""
        del threshold, boxes
        names = [output.name for output in self.model.backend.outputs]
        outputs = self.model.run(self.model.tensor(picture))
        return np.asarray(outputs[names.index(_FEATURES)].reshape(-1), np.float32)

    def frames(self) -> Frames:
        """Return what takes each picture by itself."""
        return lambda picture, _, threshold: self.of(picture, threshold)
