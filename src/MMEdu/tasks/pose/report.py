"""What a training leaves to look at: curves, true and predicted skeletons, the worst first, PCK of each point.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.plot import curves
from BaseDT.plot.report_files import write_picture, write_table

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
    from MMEdu.tasks.pose import people_sheet

    sheet = table = None
    if outcome.predictions is not None and outcome.indices is not None and len(outcome.indices):
        shown = people_sheet.Shown(
            [data.val.samples.people[index] for index in outcome.indices.tolist()],
            outcome.predictions,
            data.dataset.names,
            data.dataset.skeleton,
            data.preprocess.bits,
        )
        sheet, table = people_sheet.draw(shown), people_sheet.per_point_table(shown)
    written = [
        write_picture(folder / "curves.png", curves.draw(outcome.log)),
        write_picture(folder / "points.png", sheet),
        write_table(folder / "per_point.csv", table),
    ]
    return tuple(path for path in written if path is not None)
