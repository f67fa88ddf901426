"""INT8: a checkpoint or a finished ONNX file becomes a file of a quarter of the size, measured before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.arguments import PathLike, checked_flag, checked_path
from MMEdu.engine.events import Listener
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu.export.int8.measurement import Examples
    from MMEdu.weights.loaded_model import LoadedModel


def quantize(
    entry: ModelEntry,
    source: PathLike,
    load: Callable[[], LoadedModel],
    examples: Callable[[], Examples],
    listener: Listener,
    *,
    out_file: PathLike | None,
    max_drop: float,
    reduce_range: bool,
    calibration: str,
    images: int,
    class_path: PathLike | None,
    standalone: bool,
    check_classes: Callable[[Sequence[str]], None],
) -> Path:
    """Make an INT8 model.

    Args:
        entry: The model that the file must be of.
        source: A ``.pth``, or an ``.onnx`` file that ``convert`` wrote.
        load: Loads the checkpoint; called for a ``.pth`` alone.
        examples: Reads the data set to find ranges and to measure with.
        listener: Told of progress and of the result.
        out_file: The file to write; None names it after the source.
        max_drop: Points of the task's first metric that it may cost.
        reduce_range: Weights of 7 bits.
        calibration: How the ranges of activations are found.
        images: How many training pictures find them.
        class_path: Names of the classes of a ``.pth``.
        standalone: Whether a script that needs no library of ours is written, too.
        check_classes: Compares the classes of a finished file with what the user says.

    Returns:
        The INT8 model's file.

    Raises:
        XEduError: It costs too much, or cannot be made; then nothing is written.
    """
    require_train()
    from MMEdu.export import sample
    from MMEdu.export.int8 import actions as int8
    from MMEdu.export.int8.quantize import QuantizeOptions

    options: Any = QuantizeOptions(max_drop, reduce_range, calibration, images)  # type: ignore[arg-type]
    if checked_flag("standalone", standalone):
        sample.check_standalone(entry.task, "ONNX")
    file = checked_path("checkpoint", source)
    if (classes := int8.check_belongs(file, entry)) is not None:
        check_classes(classes)
    example_set = examples()
    target = int8.place(file, out_file)
    int8.check_names(file, class_path)
    int8.quantize(file, load, target, example_set, options, listener, standalone=standalone)
    return target.files[0]
