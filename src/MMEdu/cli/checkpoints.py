"""What the commands that take a checkpoint share: the file itself knows which model it belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.errors import CheckpointInvalid, TaskMismatch
from BaseDT.language import say

if TYPE_CHECKING:
    from MMEdu import MMClassification, MMDetection
    from MMEdu.export.int8.measurement import Examples
    from MMEdu.weights.loaded_model import LoadedModel


def model_of(checkpoint: Path) -> MMClassification | MMDetection:
    """Make the documented class for a checkpoint.

    Raises:
        CheckpointNotFound, CheckpointInvalid: It cannot be read, or says nothing of its backbone (-102, -202).
        TaskMismatch: No documented class is for its task (-311).
    """
    from MMEdu import MMClassification, MMDetection

    task, backbone = _origin(checkpoint)
    return MMDetection(backbone) if task == "detection" else MMClassification(backbone)


def predictor_of(checkpoint: Path, classes: Path | None) -> LoadedModel:
    """Load a checkpoint on the CPU, its classes named by a file or a folder; raises as ``model_of``."""
    from MMEdu.models import recipe_file
    from MMEdu.weights.class_names import names_from
    from MMEdu.weights.loaded_model import load_model

    task, backbone = _origin(checkpoint)
    return load_model(recipe_file.entry_of(backbone, task), checkpoint, "cpu", names=names_from(classes))


def examples_for(model: Path, data: Path) -> Examples:
    """Read the data set that a model, exported or not, can be measured with."""
    from MMEdu.tasks.classification import evaluation as measure_classes
    from MMEdu.tasks.detection import evaluation as measure_boxes

    if _task(model) == "detection":
        return measure_boxes.BoxExamples(measure_boxes.dataset_of(data, None))
    return measure_classes.ClassExamples(measure_classes.dataset_of(data, None))


def _task(model: Path) -> str:
    """Tell what a model is for: an exported one says so itself, as does a checkpoint."""
    from MMEdu.info import read_meta
    from XEdu.runtime.model import Model

    if model.suffix.lower() != ".onnx":
        return str(read_meta(model).get("task", ""))
    info = Model.load(model).info
    return "" if info is None else info.task


def _origin(checkpoint: Path) -> tuple[str, str]:
    """Return the task and the backbone that a checkpoint was trained for."""
    from MMEdu.cli import exported
    from MMEdu.info import read_meta

    exported.refuse(checkpoint)
    meta = read_meta(checkpoint)
    if "backbone" not in meta:
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(f"{checkpoint} says nothing of its backbone.", hint=hint)
    if (task := meta.get("task", "classification")) not in ("classification", "detection"):
        hint = say("This command works with classifiers and detectors.", "此命令支持分类和检测模型。")
        raise TaskMismatch(f"{checkpoint} was trained for {task}.", hint=hint)
    return str(task), str(meta["backbone"])
