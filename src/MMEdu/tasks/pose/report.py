"""What a training leaves to look at: curves, true and predicted skeletons, the worst first, PCK of each point.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.plot import curves
from BaseDT.plot.report_files import write_picture, write_table
from MMEdu.tasks.pose import people_sheet

if TYPE_CHECKING:
    from MMEdu.engine.plan import Outcome
    from MMEdu.tasks.pose.data import PoseData

MEANINGS = {
    "curves.png": ("loss and PCK", "损失与 PCK 曲线"),
    "points.png": ("true and predicted skeletons, the worst first", "标注与预测的骨架，误差最大的在前"),
    "per_point.csv": ("PCK of each point", "各关键点的 PCK"),
}
"""What each file shows, in English and Chinese."""


def write_report(data: PoseData, outcome: Outcome, folder: Path) -> tuple[Path, ...]:
    """Draw what a run left into its folder; see ``tasks.spec.WriteReport``."""
    shown = None
    if outcome.predictions is not None and outcome.indices is not None and len(outcome.indices):
        shown = people_sheet.Shown(
            [data.val.samples.people[index] for index in outcome.indices.tolist()],
            outcome.predictions,
            data.dataset.names,
            data.dataset.skeleton,
            data.preprocess.bits,
        )
    return write(folder, outcome.log, shown)


def write(folder: Path, log: Sequence[Mapping[str, Any]], shown: people_sheet.Shown | None) -> tuple[Path, ...]:
    """Write the report of a training into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines; ``points.png`` and ``per_point.csv`` need a validation. What has
    nothing to show is not written; one from before is removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        shown: The predictions for the validation persons, if there were any.

    Returns:
        The files that were written.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    written = [
        write_picture(folder / "curves.png", curves.draw(log)),
        write_picture(folder / "points.png", None if shown is None else people_sheet.draw(shown)),
        write_table(folder / "per_point.csv", None if shown is None else people_sheet.per_point_table(shown)),
    ]
    return tuple(path for path in written if path is not None)
