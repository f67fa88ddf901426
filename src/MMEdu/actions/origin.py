"""What a model's file was made for: a checkpoint knows its own task and backbone, an exported model its task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say
from MMEdu.actions.sisters import refuse_checkpoint
from MMEdu.tasks import registry
from MMEdu.tasks.spec import TaskSpec

if TYPE_CHECKING:
    from MMEdu.export.measurement import EvaluationSet
    from MMEdu.weights.loaded_model import LoadedModel


def origin(checkpoint: Path) -> tuple[TaskSpec, str]:
    """Return the task and the backbone that a checkpoint was trained for.

    Raises:
        CheckpointNotFound, CheckpointInvalid: It cannot be read, is exported, or names no backbone (-102, -202).
        TaskMismatch: BaseNN wrote it (-311).
        ModelUnsupported: This version does not know its task (-206).
    """
    from MMEdu.info import is_exported, read_meta

    if is_exported(checkpoint) and checkpoint.exists():
        hint = say("This command needs the .pth file that it was made of.", "此命令需要转换前的 .pth 文件。")
        raise CheckpointInvalid(say(f"{checkpoint} is an exported model.", f"{checkpoint} 是转换后的模型。"), hint=hint)
    meta = read_meta(checkpoint)
    refuse_checkpoint(checkpoint, meta)
    if "backbone" not in meta:
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(
            say(f"{checkpoint} says nothing of its backbone.", f"{checkpoint} 没有说明它的 backbone。"), hint=hint
        )
    return registry.find(str(meta.get("task", registry.DEFAULT_TASK)), str(checkpoint)), str(meta["backbone"])


def load(checkpoint: Path, classes: Path | None) -> LoadedModel:
    """Load a checkpoint on the CPU, its classes named by a file or a folder; raises as ``origin``."""
    from MMEdu.models import recipe_file
    from MMEdu.weights.class_names import names_from
    from MMEdu.weights.loaded_model import load_model

    spec, backbone = origin(checkpoint)
    return load_model(recipe_file.entry_of(backbone, spec.name), checkpoint, "cpu", names=names_from(classes))


def evaluation_set_for(model: Path, data: Path) -> EvaluationSet:
    """Read the data set that a model, exported or not, can be measured with."""
    evaluation_set: EvaluationSet = _spec_of(model).part("evaluation_set")(data, None)
    return evaluation_set


def standalone_script(model: Path) -> str:
    """Return the script without our libraries for a model's task; empty where there is none."""
    return _spec_of(model).standalone_script()


def _spec_of(model: Path) -> TaskSpec:
    """Return the task of a model; a file that names none is taken for a classifier, and refused later."""
    return registry.find(_task(model) or registry.DEFAULT_TASK, str(model))


def _task(model: Path) -> str:
    from MMEdu.info import read_meta
    from XEdu.runtime.model import Model

    if model.suffix.lower() != ".onnx":
        return str(read_meta(model).get("task", ""))
    info = Model.load(model).info
    return "" if info is None else info.task
