"""What a detector found in pictures whose objects are known: the input of every report but the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.metrics import BoxMetrics, BoxTruth, coco_map

SHOWN_FROM = 0.3
"""The documents' threshold of a box that is shown."""


@dataclass(frozen=True, eq=False)
class EvaluatedBoxes:
    """An evaluation of N pictures of C classes.

    Attributes:
        classes: Names, C of them.
        paths: The picture files, N of them.
        found: The model's boxes for each, (k, 6): x1, y1, x2, y2 in pixels of the picture, score, label.
        truth: What is in each picture.
        threshold: Boxes of a lower score are not shown, and so neither hits nor false alarms.
        bits: Of pictures of 16 bits, to show them as the model saw them; see ``BaseDT.image.read``.

    Raises:
        ParameterInvalid: There are not N of each.
    """

    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    found: Sequence[npt.NDArray[np.floating[Any]]]
    truth: Sequence[BoxTruth]
    threshold: float = SHOWN_FROM
    bits: int = 16

    def __post_init__(self) -> None:
        pictures, answers, truths = len(self.paths), len(self.found), len(self.truth)
        if not pictures == answers == truths:
            raise ParameterInvalid(
                say(
                    f"an evaluation of {pictures} pictures has {answers} answers and {truths} truths.",
                    f"评估有 {pictures} 张图片，但有 {answers} 个预测和 {truths} 个标注。",
                )
            )

    @cached_property
    def metrics(self) -> BoxMetrics:
        """COCO's mAP of the boxes.

        Raises:
            DependencyMissing: faster-coco-eval is not installed (-502).
        """
        return coco_map(self.found, self.truth, len(self.classes))
