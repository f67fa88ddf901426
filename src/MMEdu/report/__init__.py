"""What a training leaves to look at: curves, confusion matrix, numbers per class, the worst mistakes.

The documented classes call ``write`` after training. Torch does not come in; ``BaseDT.plot`` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from BaseDT import files, image, metrics
from BaseDT.image import Pixels
from BaseDT.plot import confusion, curves, precision_recall
from MMEdu.report import detections, mistakes, table
from MMEdu.report.boxes import EvaluatedBoxes
from MMEdu.report.evaluated import Evaluated

__all__ = ["Evaluated", "EvaluatedBoxes", "write", "write_detection"]


def write(folder: Path, log: Sequence[Mapping[str, Any]], evaluated: Evaluated | None) -> tuple[Path, ...]:
    """Write the report of a run into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines; ``confusion_matrix.png`` and ``per_class.csv`` need an evaluation,
    ``worst_mistakes.png`` also mistakes. A file that has nothing to show is not written; one from before is removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        evaluated: What the model said about the validation pictures, if there were any.

    Returns:
        The files that were written.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    seen = evaluated if evaluated is not None and len(evaluated.labels) else None
    written = [
        _picture(folder / "curves.png", curves.draw(log)),
        _picture(folder / "confusion_matrix.png", None if seen is None else _confusion(seen)),
        _picture(folder / "worst_mistakes.png", None if seen is None else mistakes.draw(seen)),
        # Last: this is the file that another program, Excel, may hold open.
        _text(folder / "per_class.csv", None if seen is None else table.text(seen)),
    ]
    return tuple(path for path in written if path is not None)


def write_detection(
    folder: Path, log: Sequence[Mapping[str, Any]], evaluated: EvaluatedBoxes | None
) -> tuple[Path, ...]:
    """Write the report of a detection training into its folder, in place of that of an earlier run.

    ``curves.png`` needs a log with training lines; ``precision_recall.png``, ``detections.png`` (hits, misses and false
    alarms) and ``per_class.csv`` need an evaluation. What has nothing to show is not written; one from before is
    removed.

    Args:
        folder: The run's ``save_fold``; made if missing.
        log: The lines of the run's log, also of a resumed one.
        evaluated: What the model found in the validation pictures, if there were any.

    Returns:
        The files that were written.

    Raises:
        DiskFull: There is no room for a file (-803); the old one is as it was.
        PathNotWritable: A file cannot be replaced (-104).
    """
    seen = evaluated if evaluated is not None and evaluated.images else None
    curve = None if seen is None else precision_recall.draw(seen.measured, seen.classes)
    written = [
        _picture(folder / "curves.png", curves.draw(log)),
        _picture(folder / "precision_recall.png", curve),
        _picture(folder / "detections.png", None if seen is None else detections.draw(seen)),
        _text(folder / "per_class.csv", None if seen is None else table.boxes_text(seen)),
    ]
    return tuple(path for path in written if path is not None)


def _confusion(seen: Evaluated) -> Pixels:
    matrix = metrics.confusion_matrix(seen.labels, seen.predictions, len(seen.classes))
    return confusion.draw(matrix, seen.classes)


def _picture(path: Path, pixels: Pixels | None) -> Path | None:
    if pixels is not None:
        return image.write(path, pixels)
    files.remove(path)
    return None


def _text(path: Path, text: str | None) -> Path | None:
    if text is not None:
        # utf-8-sig: the mark at the start is what makes Excel read UTF-8.
        return files.write_whole(path, text.encode("utf-8-sig"))
    files.remove(path)
    return None
