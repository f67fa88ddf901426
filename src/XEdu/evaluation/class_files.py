"""The files of a classifier's evaluation, in the form of a training's report."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.escaping import table_cell
from BaseDT.language import say
from BaseDT.plot.report_files import write_picture, write_table
from XEdu.evaluation import mistakes
from XEdu.evaluation.evaluated_classes import EvaluatedClasses
from XEdu.evaluation.words import interval, rounded, share

MEANINGS = {
    "confusion_matrix.png": ("what is taken for what", "混淆矩阵"),
    "worst_mistakes.png": ("the worst mistakes", "错得最离谱的图片"),
    "per_class.csv": ("precision and recall of each class", "各类别的精确率与召回率"),
    "mistakes.csv": ("all mistakes", "全部错误"),
}
"""What each file shows, in English and Chinese."""
MATPLOTLIB = "matplotlib"


def write(
    folder: Path,
    evaluated: EvaluatedClasses,
    matrix: npt.NDArray[np.int64],
    per_class: Sequence[Mapping[str, Any]],
    wrong: Sequence[Mapping[str, Any]],
) -> tuple[list[Path], list[str]]:
    """Write the files; returns them, and why some are missing. A file that has nothing to show is not written."""
    drawn = _confusion(folder / "confusion_matrix.png", evaluated, matrix)
    written = [
        drawn,
        write_picture(folder / "worst_mistakes.png", mistakes.draw(evaluated)),
        write_table(folder / "per_class.csv", class_table(per_class)),
        write_table(folder / "mistakes.csv", as_csv(("file", "true", "predicted", "score"), wrong) if wrong else None),
    ]
    return [path for path in written if path is not None], [] if drawn else [no_curves("confusion_matrix.png")]


def _confusion(path: Path, evaluated: EvaluatedClasses, matrix: npt.NDArray[np.int64]) -> Path | None:
    if find_spec(MATPLOTLIB) is None:  # the light install does not have it
        return None
    from BaseDT.plot import confusion  # late: it is slow to load

    return write_picture(path, confusion.draw(matrix, evaluated.classes))


def no_curves(name: str) -> str:
    """Say why a picture is missing."""
    from BaseDT.plot.figure import INSTALL

    return say(f"{name} needs matplotlib: {INSTALL}.", f"{name} 需要 matplotlib：{INSTALL}。")


def class_table(per_class: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of a training's report, with the ends of the intervals behind."""
    heads = ("class", "precision", "recall", "f1", "support")
    ends = ("precision_low", "precision_high", "recall_low", "recall_high")
    rows = [
        {**row, **dict(zip(ends, (*_ends(row["precision_interval"]), *_ends(row["recall_interval"])), strict=True))}
        for row in per_class
    ]
    return as_csv((*heads, *ends), rows)


def _ends(interval: Sequence[float] | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval[0], interval[1])


def per_class(classes: Sequence[str], matrix: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return precision, recall, F1 and support of each class; None where there is nothing that they could be of."""
    rows = []
    for label, name in enumerate(classes):
        hits, said, support = int(matrix[label, label]), int(matrix[:, label].sum()), int(matrix[label].sum())
        rows.append(
            {
                "class": name,
                "support": support,
                "recall": rounded(share(hits, support)),
                "recall_interval": interval(hits, support),
                "precision": rounded(share(hits, said)),
                "precision_interval": interval(hits, said),
                "f1": rounded(share(2 * hits, said + support)),
            }
        )
    return rows


def as_csv(heads: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return comma-separated values; names cannot become formulas, None is an empty cell, shares have four digits."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(heads)
    writer.writerows([_cell(row[head]) for head in heads] for row in rows)
    return table.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return table_cell(value)
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else value
