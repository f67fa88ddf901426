"""The files of the evaluation of several labels a picture, in the form of a training's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.plot.report_files import write_picture, write_table
from XEdu.evaluation import label_mistakes
from XEdu.evaluation.class_files import MATPLOTLIB, as_csv, no_curves
from XEdu.evaluation.evaluated_labels import COLUMNS, EvaluatedLabels

MEANINGS = {
    "labels.png": ("found, missed, claimed wrongly of each label", "各标签的找到、漏掉与误报"),
    "worst_mistakes.png": ("the worst mistakes", "错得最离谱的图片"),
    "per_class.csv": ("average precision, precision and recall of each label", "各标签的平均精度、精确率与召回率"),
    "mistakes.csv": ("all pictures with a wrong label", "标签有误的全部图片"),
}
"""What each file shows, in English and Chinese."""
_ENDS = ("recall_low", "recall_high")
_MISTAKE = ("file", "true", "missed", "claimed", "score")


def write(
    folder: Path, evaluated: EvaluatedLabels, per_class: Sequence[Mapping[str, Any]], wrong: Sequence[Mapping[str, Any]]
) -> tuple[list[Path], list[str]]:
    """Write the files; returns them, and why some are missing. A file that has nothing to show is not written."""
    drawn = _bars(folder / "labels.png", evaluated)
    rows = [{**row, **dict(zip(_ENDS, row["recall_interval"] or (None, None), strict=True))} for row in per_class]
    lists = [
        {name: "; ".join(value) if isinstance(value, list) else value for name, value in row.items()} for row in wrong
    ]
    written = [
        drawn,
        write_picture(folder / "worst_mistakes.png", label_mistakes.draw(evaluated)),
        write_table(folder / "per_class.csv", as_csv((*COLUMNS, *_ENDS), rows)),
        write_table(folder / "mistakes.csv", as_csv(_MISTAKE, lists) if lists else None),
    ]
    return [path for path in written if path is not None], [] if drawn else [no_curves("labels.png")]


def _bars(path: Path, evaluated: EvaluatedLabels) -> Path | None:
    if find_spec(MATPLOTLIB) is None:  # the light install does not have it
        return None
    from BaseDT.plot import label_bars  # late: it is slow to load

    return write_picture(path, label_bars.draw(evaluated.counts, evaluated.classes))
