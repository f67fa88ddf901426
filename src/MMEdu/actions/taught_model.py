"""A taught model on disk, as ``convert`` leaves one: the ONNX file, its run script, its classes. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from BaseDT.errors import PathNotWritable
from BaseDT.files import write_whole
from BaseDT.language import say
from MMEdu.actions.teach import Backbone, LastLayer


def write_model(file: Path, backbone: Backbone, classes: Sequence[str], layer: LastLayer) -> list[Path]:
    """Write a model with the script that runs it.

    Args:
        file: The ``.onnx`` file; what belongs to it lies beside it.
        backbone: The network.
        classes: Names, in the order of the layer's.
        layer: What was learnt.

    Returns:
        The model, its script, its ``classes.txt``. A script that somebody has edited stays as it is.

    Raises:
        CheckpointInvalid: The network's file is gone, or has changed (-202).
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    from MMEdu.export import sample
    from MMEdu.export.target import target_of
    from XEdu.runtime.model import Model

    write_whole(file, backbone.model(classes, layer))
    info = Model.load(file, threads=1).info
    assert info is not None  # it has just been written with it
    scripts = sample.write(target_of(file, "ONNX"), info, standalone=None)
    if scripts.failed:
        raise PathNotWritable(
            scripts.failed[0], hint=say("Free some space, or close the script.", "请腾出空间或关闭脚本文件。")
        )
    names = write_whole(file.with_name("classes.txt"), "".join(f"{name}\n" for name in classes).encode("utf-8"))
    return [file, *scripts.written, *scripts.edited, *scripts.others, names]


def four_lines(model: str, picture: str = "picture.jpg") -> str:
    """Return a program that asks a model and answers in the user's language, built from values."""
    return (
        "from XEdu.hub import Workflow as wf\n"
        f'model = wf(task="mmedu", checkpoint={model!r})\n'
        f"result = model.inference(data={picture!r})\n"
        f'print(model.format_output(lang="{say("en", "zh")}"))\n'
    )


def lesson_program(backbone: str, classes: Sequence[tuple[str, str]], model: str) -> str:
    """Return the program that teaches the same without the studio, built from values.

    Args:
        backbone: The file of the network.
        classes: The name of each class, and the folder of its pictures.
        model: The file to write.
    """
    added = "".join(f"learner.add({name!r}, {folder!r})\n" for name, folder in classes)
    return (
        "from XEdu.teach import Learner\n\n"
        f"learner = Learner({backbone!r})\n{added}"
        "print(learner.accuracy())\n"
        f"learner.save({model!r})\n"
    )
