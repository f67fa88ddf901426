"""What a training on several labels a picture leaves to look at: curves, a bar a label, a table, the worst mistakes.

Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import draw, fonts, image
from BaseDT.errors import XEduError
from BaseDT.escaping import table_cell
from BaseDT.image import Pixels
from BaseDT.metrics.multi_label import average_precisions, label_counts, precision_recall_f1
from BaseDT.plot import curves, label_bars, names
from BaseDT.plot.report_files import write_picture, write_table

_AT_MOST, _COLUMNS, _TILE = 25, 5, 200
_NAME_COLUMNS = 12


@dataclass(frozen=True, eq=False)
class EvaluatedLabels:
    """An evaluation of N pictures and C labels.

    Attributes:
        classes: Names, C of them.
        paths: The picture files, N of them.
        truth: Which has which label, (N, C).
        scores: Probabilities, (N, C).
        thresholds: From which on a label is reported, (C,).
    """

    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    truth: npt.NDArray[np.bool_]
    scores: npt.NDArray[np.float32]
    thresholds: npt.NDArray[np.float64]

    @property
    def reported(self) -> npt.NDArray[np.bool_]:
        """Which labels are reported of which picture, (N, C)."""
        return np.asarray(self.scores >= self.thresholds)


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
    counts = None if seen is None else label_counts(seen.reported, seen.truth)
    written = [
        write_picture(folder / "curves.png", curves.draw(log)),
        write_picture(folder / "confusion_matrix.png", None),  # of an earlier run, on pictures of one class each
        write_picture(
            folder / "labels.png", None if seen is None or counts is None else label_bars.draw(counts, seen.classes)
        ),
        write_picture(folder / "worst_mistakes.png", None if seen is None else mistakes(seen)),
        write_table(folder / "per_class.csv", None if seen is None else table(seen)),
    ]
    return tuple(path for path in written if path is not None)


def table(seen: EvaluatedLabels) -> str:
    """Return the numbers of each label as comma-separated values; shares are from 0 to 1."""
    counts = label_counts(seen.reported, seen.truth)
    shares = (average_precisions(seen.scores, seen.truth), *precision_recall_f1(counts), seen.thresholds)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    heads = ("average_precision", "precision", "recall", "f1", "threshold")
    writer.writerow(["class", *heads, "support", "found", "missed", "false"])
    for label, name in enumerate(seen.classes):
        values = ["" if np.isnan(share[label]) else f"{share[label]:.4f}" for share in shares]
        (_, false), (missed, found) = counts[label].tolist()
        writer.writerow([table_cell(name), *values, missed + found, found, missed, false])
    return text.getvalue()


def mistakes(seen: EvaluatedLabels) -> Pixels | None:
    """Return the pictures of which the model was most wrongly sure, the worst first; ``None`` where there is none."""
    wrong = seen.reported != seen.truth
    pictures = np.flatnonzero(wrong.any(1))
    sureness = np.where(wrong, np.abs(seen.scores - seen.truth), -1.0)
    worst = pictures[np.argsort(-sureness[pictures].max(1), kind="stable")]
    tiles = [tile for tile, _ in zip(_tiles(seen, worst, sureness), range(_AT_MOST), strict=False)]
    if not tiles:
        return None
    heading = fonts.picture_text(
        f"Most confident mistakes: - missed, + claimed wrongly, score ({len(pictures)} of {len(seen.paths)} pictures)",
        f"最自信的错误：- 漏掉，+ 误报，置信度（共 {len(seen.paths)} 张，有误 {len(pictures)} 张）",
    )
    note = names.font_note(seen.classes)
    return draw.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=f"{heading}\n{note}".strip())


def _tiles(
    seen: EvaluatedLabels, order: npt.NDArray[np.intp], sureness: npt.NDArray[np.floating[Any]]
) -> Iterator[draw.Tile]:
    shown = names.display_names(seen.classes, _NAME_COLUMNS)
    for index in order:
        labels = [int(label) for label in np.argsort(-sureness[index], kind="stable") if sureness[index, label] >= 0]
        said = [f"{'-' if seen.truth[index, c] else '+'}{shown[c]} {seen.scores[index, c]:.2f}" for c in labels]
        try:
            path = seen.paths[index]
            pixels = image.decode(path.read_bytes(), name=path.name, short_side=_TILE)
        except (XEduError, OSError):
            continue  # gone or damaged since it was evaluated: the next mistake takes its place
        yield draw.Tile(pixels, said[0], draw.class_colour(labels[0]), note=", ".join(said[1:3]))
