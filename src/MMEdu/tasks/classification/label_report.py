"""What a training on several labels a picture leaves to look at: curves, a bar a label, a table, the worst mistakes.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from BaseDT.plot import curves, label_bars
from BaseDT.plot.report_files import write_picture, write_table
from XEdu.evaluation import label_mistakes
from XEdu.evaluation.class_files import as_csv
from XEdu.evaluation.evaluated_labels import COLUMNS, EvaluatedLabels


def write(folder: Path, log: Sequence[Mapping[str, Any]], seen: EvaluatedLabels | None) -> tuple[Path, ...]:
    """Write the report of a run into its folder, in place of that of an earlier run.

    Args:
        folder: The run's ``save_fold``.
        log: The lines of the run's log.
        seen: What the model said about the validation pictures, if there were any.

    Returns:
        The files that were written.

    Raises:
        DiskFull, PathNotWritable: As ``BaseDT.plot.report_files`` (-803, -104).
    """
    bars = None if seen is None else label_bars.draw(seen.counts, seen.classes)
    written = [
        write_picture(folder / "curves.png", curves.draw(log)),
        write_picture(folder / "confusion_matrix.png", None),  # of an earlier run, on pictures of one class each
        write_picture(folder / "labels.png", bars),
        write_picture(folder / "worst_mistakes.png", None if seen is None else label_mistakes.draw(seen)),
        write_table(folder / "per_class.csv", None if seen is None else as_csv(COLUMNS, seen.rows)),
    ]
    return tuple(path for path in written if path is not None)
