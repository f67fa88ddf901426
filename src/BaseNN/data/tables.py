"""A table of a file: all columns but the last are what comes in, the last is what is to be said. Torch-free."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseDT.tabular import decimal_commas
from BaseDT.tabular.reading import read_table
from BaseNN.data.targets import of_classes
from BaseNN.data.training_data import TrainingData


def read_file(path: Path, task: str) -> TrainingData:
    """Read a table; its first line may name the columns.

    Args:
        path: The file.
        task: ``cls`` takes labels from the last column, words too; ``reg`` numbers.

    Raises:
        DatasetNotFound, DatasetInvalid: See ``BaseDT.tabular.reading``; there is only one column (-101, -201).
    """
    table = read_table(path)
    if table.width < 2:
        raise DatasetInvalid(
            say(f"{path.name} has one column.", f"{path.name} 只有一列。"),
            hint=say(
                "It needs columns of numbers and a last one with what is to be learnt; commas part them.",
                "需要若干列数值，最后一列为标签；各列用逗号分隔。",
            ),
        )
    last = table.width - 1
    inputs = table.numbers(range(last)).astype(np.float32)
    notes = decimal_commas.notes(table)
    if task == "reg":
        numbers = table.numbers([last]).astype(np.float32)
        return TrainingData("tab", inputs, numbers, source=str(path), notes=notes)
    found = of_classes(table.labels(last), path.name, ())
    return TrainingData(
        "tab", inputs, found.values, classes=found.classes, source=str(path), notes=(*notes, *found.notes)
    )
