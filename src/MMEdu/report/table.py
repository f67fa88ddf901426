"""``per_class.csv``: precision, recall, F1 and number of pictures of every class, for a spreadsheet."""

from __future__ import annotations

import csv
import io

from BaseDT import metrics
from MMEdu.report.evaluated import Evaluated


def text(evaluated: Evaluated) -> str:
    """Return the table as comma-separated values; shares are from 0 to 1."""
    matrix = metrics.confusion_matrix(evaluated.labels, evaluated.predictions, len(evaluated.classes))
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["class", "precision", "recall", "f1", "support"])
    for name, report in zip(evaluated.classes, metrics.per_class(matrix), strict=True):
        shares = (f"{share:.4f}" for share in (report.precision, report.recall, report.f1))
        writer.writerow([name, *shares, report.support])
    return table.getvalue()
