"""One table."""

from BaseDT.plot.report_files import write_table

MEANINGS = {"tones.csv": ("the predicted tones", "预测的明暗")}


def write_report(data, outcome, folder):
    rows = [
        f"{data.val.samples.name(i)},{row[0]:.3f}" for i, row in zip(outcome.indices, outcome.predictions, strict=True)
    ]
    return (write_table(folder / "tones.csv", "\n".join(rows)),)
