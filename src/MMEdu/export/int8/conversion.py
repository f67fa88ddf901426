"""A finished float ONNX file becomes an INT8 file with its sample script, or nothing is written. Without torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from BaseDT.files import write_whole
from MMEdu.engine.events import Listener
from MMEdu.export import sample
from MMEdu.export.int8 import report
from MMEdu.export.int8.options import QuantizeOptions
from MMEdu.export.int8.quantizer import checked_info
from MMEdu.export.int8.search import Quantized, search
from MMEdu.export.measurement import EvaluationSet
from MMEdu.export.target import Target
from XEdu.runtime.model import Model


def quantize_file(
    model_file: Path,
    target: Target,
    evaluation_set: EvaluationSet,
    options: QuantizeOptions,
    emit: Listener,
    *,
    standalone: str | None = None,
) -> Quantized:
    """Quantise a finished ONNX file.

    Args:
        model_file: Float, with its metadata.
        target: Where the result goes.
        evaluation_set: To find the ranges and to measure with.
        options: How.
        emit: Called with progress and the result.
        standalone: As in ``export.convert.Options``.

    Raises:
        XEduError: See ``search``; then nothing is written.
    """
    info, _ = checked_info(Model.load(model_file), model_file)
    if standalone is not None:
        sample.check_standalone(standalone, target.format)
    evaluator = evaluation_set.evaluator(info, options.images, emit)
    result = search(model_file, evaluator, options, emit)
    write_whole(target.files[0], result.data)
    report.report(result, evaluation_set.name, target.files[0], emit)
    sample.report(sample.write(target, replace(info, precision="int8"), standalone=standalone), emit)
    return result
