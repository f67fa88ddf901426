"""What the commands that take a checkpoint share: the file itself knows which model it belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.errors import CheckpointInvalid, TaskMismatch
from BaseDT.language import say

if TYPE_CHECKING:
    from MMEdu import MMClassification
    from MMEdu.export.measure import Examples
    from MMEdu.predictor import Predictor


def model_of(checkpoint: Path) -> MMClassification:
    """Make the documented class for a checkpoint.

    Raises:
        CheckpointNotFound, CheckpointInvalid: It cannot be read, or says nothing of its backbone (-102, -202).
        TaskMismatch: It is no classifier (-311).
    """
    from MMEdu import MMClassification

    return MMClassification(_backbone(checkpoint))


def predictor_of(checkpoint: Path) -> Predictor:
    """Load a checkpoint on the CPU; raises as ``model_of``."""
    from MMEdu import predictor
    from MMEdu.models import recipe_file

    return predictor.load(recipe_file.entry_of(_backbone(checkpoint), "classification"), checkpoint, "cpu")


def examples_for(model: Path, data: Path) -> Examples:
    """Read the data set that a model, exported or not, can be measured with."""
    from MMEdu.export.measure_classes import ClassExamples, dataset_of

    del model
    return ClassExamples(dataset_of(data, None))


def _backbone(checkpoint: Path) -> str:
    from MMEdu.info import read_meta

    meta = read_meta(checkpoint)
    if "backbone" not in meta:
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(f"{checkpoint} says nothing of its backbone.", hint=hint)
    if (task := meta.get("task", "classification")) != "classification":
        hint = say("This command works with classifiers.", "此命令只支持分类模型。")
        raise TaskMismatch(f"{checkpoint} was trained for {task}.", hint=hint)
    return str(meta["backbone"])
