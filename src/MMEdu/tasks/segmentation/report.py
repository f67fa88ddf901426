"""What a segmentation training leaves to look at: curves, IoU per class, what is taken for what, the worst pictures.

Torch does not come in; ``BaseDT.plot`` and ``XEdu.evaluation`` draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.masked import MaskedImage
from BaseDT.plot import curves
from BaseDT.plot.report_files import write_picture
from XEdu.evaluation import mask_files
from XEdu.evaluation.evaluated_masks import EvaluatedMasks, Mask, MaskTally

if TYPE_CHECKING:
    from MMEdu.engine.plan import Outcome
    from MMEdu.tasks.segmentation.data import SegmentationData
    from MMEdu.tasks.segmentation.evaluation import JudgedMask


MEANINGS = {"curves.png": ("loss and mIoU", "损失与 mIoU 曲线"), **mask_files.MEANINGS}
"""What each file shows, in English and Chinese."""


def write_report(data: SegmentationData, outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Draw what a run left into its folder; see ``tasks.spec.WriteReport``."""
    evaluated = None
    if outcome.predictions is not None and outcome.indices is not None:
        pictures = [data.dataset.val[index] for index in outcome.indices.tolist()]
        evaluated = evaluated_masks(pictures, data.dataset.classes, outcome.predictions, data.preprocess.bits)
    return write(folder, outcome.log, evaluated)


def evaluated_masks(
    pictures: Sequence[MaskedImage], classes: Sequence[str], predictions: npt.NDArray[Any], bits: int
) -> EvaluatedMasks:
    """Put together what a validation left; only masks that are shown are read again.

    Args:
        pictures: The validation pictures.
        classes: Names by label.
        predictions: A ``JudgedMask`` of each.
        bits: Of pictures of 16 bits.
    """
    tally = MaskTally(classes, bits)
    for picture, judged in zip(pictures, predictions, strict=True):
        tally.add_counted(picture.path, judged.counts, _MasksOf(picture, judged))
    return tally.evaluated()


class _MasksOf:
    """Gives the true and the predicted mask of a picture."""

    def __init__(self, picture: MaskedImage, judged: JudgedMask) -> None:
        self._picture = picture
        self._judged = judged

    def __call__(self) -> tuple[Mask, Mask]:
        return np.asarray(self._picture.read_mask(), np.uint8), self._judged.predicted


def write(folder: Path, log: Sequence[Mapping[str, Any]], evaluated: EvaluatedMasks | None) -> tuple[Path, ...]:
    """Write the report of a run into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines, the others need an evaluation. A file that has nothing to show is
    not written; one from before is removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        evaluated: What was predicted for the validation pictures, if there were any.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    evaluation = evaluated if evaluated is not None and evaluated.paths else None
    curve = write_picture(folder / "curves.png", curves.draw(log))
    written = [] if curve is None else [curve]
    return (*written, *mask_files.write(folder, evaluation)[0])
