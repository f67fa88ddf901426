"""The files of an evaluation of keypoints, in the form of a training's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.plot.report_files import write_picture, write_table
from XEdu.evaluation import pose_sheet
from XEdu.evaluation.class_files import MATPLOTLIB, as_csv, no_curves
from XEdu.evaluation.evaluated_points import EvaluatedPoints
from XEdu.evaluation.words import interval, rounded

MEANINGS = {
    "skeletons.png": ("true and predicted skeletons, the worst first", "标注与预测的骨架，最差的在前"),
    "pck_per_point.png": ("how many points of each name are right", "各关键点的正确率"),
    "pck_curve.png": ("right points by the allowed error", "不同误差要求下的正确率"),
    "per_point.csv": ("how many points of each name are right, as a table", "各关键点的正确率（表格）"),
    "mistakes.csv": ("all persons with wrong points", "有错误关键点的全部人"),
}
"""What each file shows, in English and Chinese."""
_POINT_COLUMNS = ("point", "labelled", "right", "PCK", "low", "high", "median_error")
_MISTAKE_COLUMNS = ("file", "person", "wrong", "labelled", "worst_point", "worst_error")


def per_point(evaluated: EvaluatedPoints) -> list[dict[str, Any]]:
    """Return what there is to say of each point; None where nothing. Errors are shares of the box."""
    rows = []
    for number, (name, share) in enumerate(zip(evaluated.names, evaluated.points.per_point, strict=True)):
        errors = evaluated.distances[:, number]
        errors = errors[~np.isnan(errors)]
        middle = float(np.median(errors)) if errors.size else None
        hits, count = int(evaluated.points.hits[number]), int(evaluated.points.counts[number])
        rows.append(
            {
                "point": name,
                "labelled": count,
                "right": hits,
                "PCK": rounded(share),
                "PCK_interval": interval(hits, count),
                "median_error": rounded(middle) if middle is not None and np.isfinite(middle) else None,
            }
        )
    return rows


def mistakes(evaluated: EvaluatedPoints) -> list[dict[str, Any]]:
    """Return the persons with wrong points, the worst first; persons of a picture count from 1."""
    rows = []
    for index in evaluated.worst_first():
        if not evaluated.wrong[index].any():
            continue
        person, errors = evaluated.people[index], evaluated.distances[index]
        worst = int(np.where(evaluated.wrong[index], errors, -1).argmax())
        rows.append(
            {
                "file": str(person.path),
                "person": person.number + 1,
                "wrong": int(evaluated.wrong[index].sum()),
                "labelled": int((~np.isnan(errors)).sum()),
                "worst_point": evaluated.names[worst],
                "worst_error": rounded(float(errors[worst])) if np.isfinite(errors[worst]) else None,
            }
        )
    return rows


def write(
    folder: Path, evaluated: EvaluatedPoints, points: Sequence[Mapping[str, Any]], worst: Sequence[Mapping[str, Any]]
) -> tuple[list[Path], list[str]]:
    """Write the files; returns them, and why some are missing. A file that has nothing to show is not written."""
    written = [
        write_picture(folder / "skeletons.png", pose_sheet.draw(evaluated)),
        *_plots(folder, evaluated),
        write_table(folder / "per_point.csv", point_table(points)),
        write_table(folder / "mistakes.csv", as_csv(_MISTAKE_COLUMNS, worst) if worst else None),
    ]
    missing = [] if find_spec(MATPLOTLIB) else [no_curves("pck_per_point.png, pck_curve.png")]
    return [path for path in written if path is not None], missing


def point_table(points: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows of ``per_point`` as comma-separated values."""
    rows = []
    for row in points:
        low, high = row["PCK_interval"] or (None, None)
        rows.append({**row, "low": low, "high": high})
    return as_csv(_POINT_COLUMNS, rows)


def _plots(folder: Path, evaluated: EvaluatedPoints) -> list[Path | None]:
    if find_spec(MATPLOTLIB) is None:  # the light install does not have it
        return []
    from BaseDT.plot import pck_curve, point_bars  # late: they are slow to load

    return [
        write_picture(folder / "pck_per_point.png", point_bars.draw(evaluated.points, evaluated.names)),
        write_picture(folder / "pck_curve.png", pck_curve.draw(evaluated.distances, evaluated.names, evaluated.alpha)),
    ]
