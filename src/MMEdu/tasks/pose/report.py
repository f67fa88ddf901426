"""What a training leaves to look at: curves, true and predicted skeletons, the worst first, PCK of each point.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.plot import curves, point_bars
from BaseDT.plot.report_files import write_picture, write_table
from MMEdu.tasks.pose.samples import PosedPeople
from XEdu.evaluation import point_files, pose_sheet
from XEdu.evaluation.evaluated_points import EvaluatedPoints

if TYPE_CHECKING:
    from MMEdu.engine.plan import Outcome
    from MMEdu.tasks.pose.data import PoseData

MEANINGS = {
    "curves.png": ("loss and PCK", "损失与 PCK 曲线"),
    "skeletons.png": ("true and predicted skeletons, the worst first", "标注与预测的骨架，最差的在前"),
    "pck_per_point.png": ("how many points of each name are right", "各关键点的正确率"),
    "per_point.csv": ("how many points of each name are right, as a table", "各关键点的正确率（表格）"),
}
"""What each file shows, in English and Chinese."""


def write_report(data: PoseData, outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Draw what a run left into its folder; see ``tasks.spec.WriteReport``."""
    evaluated = None
    if outcome.predictions is not None and outcome.indices is not None:
        dataset = data.dataset
        evaluated = evaluated_points(
            data.val.samples, dataset.names, dataset.skeleton, outcome.predictions, outcome.indices
        )
    return write(folder, outcome.log, evaluated)


def evaluated_points(
    people: PosedPeople,
    names: tuple[str, ...],
    skeleton: tuple[tuple[int, int], ...],
    predictions: npt.NDArray[Any],
    indices: npt.NDArray[np.int64],
) -> EvaluatedPoints:
    """Put together what a validation left.

    Args:
        people: The validation persons.
        names: Of the points.
        skeleton: Pairs of points that bones join.
        predictions: (N, K, 3) of x, y and score.
        indices: Which persons they belong to.
    """
    chosen = tuple(people.people[index] for index in indices.tolist())
    truth = np.array([person.points for person in chosen], np.float64).reshape(len(chosen), len(names), 3)
    found = np.asarray(predictions, np.float64).reshape(len(chosen), len(names), 3)
    return EvaluatedPoints(names, skeleton, chosen, truth, found[:, :, :2], found[:, :, 2], bits=people.preprocess.bits)


def write(folder: Path, log: Sequence[Mapping[str, Any]], evaluated: EvaluatedPoints | None) -> tuple[Path, ...]:
    """Write the report of a training into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines, the others a validation. What has nothing to show is not written;
    one from before is removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        evaluated: The predictions for the validation persons, if there were any.

    Returns:
        The files that were written.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    shown = evaluated if evaluated is not None and evaluated.people else None
    bars = None if shown is None else point_bars.draw(shown.points, shown.names)
    table = None if shown is None else point_files.point_table(point_files.per_point(shown))
    written = [
        write_picture(folder / "curves.png", curves.draw(log)),
        write_picture(folder / "skeletons.png", None if shown is None else pose_sheet.draw(shown)),
        write_picture(folder / "pck_per_point.png", bars),
        write_table(folder / "per_point.csv", table),
    ]
    return tuple(path for path in written if path is not None)
