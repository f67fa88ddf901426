"""Conversion of a trained model into a file that runs without torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.arguments import PathLike, checked_flag
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from MMEdu.engine.events import Listener
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_for_checkpoint

if TYPE_CHECKING:
    from MMEdu.export.target import Target
    from MMEdu.tasks.spec import TaskSpec
    from MMEdu.weights.loaded_model import LoadedModel


def convert(
    entry: ModelEntry,
    load: Callable[[], LoadedModel],
    pictures: Callable[[], Sequence[Pixels]],
    listener: Listener,
    *,
    backend: str,
    out_file: PathLike,
    opset_version: int,
    ir_version: int,
    dynamic: bool,
    standalone: bool,
    features: bool,
) -> Path:
    """Convert a model, check the file against it, and write a sample script beside it.

    Args:
        entry: The model.
        load: Loads the checkpoint on the CPU; called after everything that can be refused without it.
        pictures: Reads a few pictures to check the file with; generated ones are used where there are none.
        listener: Called with what was written.
        backend: ``ONNX``, ``NCNN``, ``OpenVINO`` or ``TensorRT``.
        out_file: The file to write; its suffix is completed.
        opset_version: Version of ONNX' operators.
        ir_version: Version of ONNX' file format.
        dynamic: Whether the file takes any number of pictures at once.
        standalone: Whether a script that needs no library of ours is written, too.
        features: Whether the file also gives what the last layer sees, for ``XEdu.teach``.

    Returns:
        The model's file, the one to open.

    Raises:
        XEduError: It cannot be written, or says something else than the trained model; then nothing is written.
    """
    require_for_checkpoint()
    from MMEdu.export import convert as export
    from MMEdu.export.onnx import Version
    from MMEdu.export.target import target_of
    from MMEdu.tasks import registry

    target = target_of(out_file, backend)
    version = Version(opset_version, ir_version)
    task = registry.find(entry.task)
    dynamic, standalone = checked_flag("dynamic", dynamic), checked_flag("standalone", standalone)
    options = export.Options(version, dynamic, task.standalone_script() if standalone else None)
    if checked_flag("features", features):
        _check_features(task, target)
        signature = task.part("features_signature")(entry)
    else:
        signature = task.part("signature")(entry, target.format)
    export.check(entry, target, options, signature)
    return export.convert(load(), target, options, signature, pictures(), listener).files[0]


def _check_features(task: TaskSpec, target: Target) -> None:
    """Make sure that such a file can have features.

    Raises:
        ParameterInvalid: It cannot (-305).
    """
    if not task.features_signature:
        hint = say("Leave features=True out.", "请去掉 features=True。")
        raise ParameterInvalid(
            say("features=True is for classifiers.", "features=True 只适用于图像分类模型。"), hint=hint
        )
    if target.format != "ONNX":
        hint = say(
            "XEdu.teach learns from ONNX files: choose backend='ONNX', or leave features=True out.",
            "XEdu.teach 使用 ONNX 文件：请选择 backend='ONNX'，或去掉 features=True。",
        )
        raise ParameterInvalid(
            say(
                f"features=True is for ONNX files, not for {target.format}.",
                f"features=True 适用于 ONNX 文件，不适用于 {target.format}。",
            ),
            hint=hint,
        )
