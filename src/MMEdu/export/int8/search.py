"""The search for an INT8 model that is good enough: which scheme is tried next, and when one is accepted. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from MMEdu.engine.events import Listener
from MMEdu.export.int8 import report
from MMEdu.export.int8.options import METHODS, QuantizeOptions
from MMEdu.export.int8.quantizer import Quantizer, Scheme
from MMEdu.export.measurement import Evaluator, Measurement
from MMEdu.export.temporary_folder import TemporaryFolder

_MORE_IN_FLOAT = (2, 4, 8)
"""So many of the worst layers may stay in float besides the ends; with more it is no INT8 file any more."""


@dataclass(frozen=True)
class Quantized:
    """An INT8 model and what it costs.

    Attributes:
        data: The file.
        before: The float model, measured.
        after: The INT8 model, measured.
        scheme: How it was made.
        info: The float model's metadata.
    """

    data: bytes
    before: Measurement
    after: Measurement
    scheme: Scheme
    info: ModelInfo


def search(model_file: Path, evaluator: Evaluator, options: QuantizeOptions, emit: Listener) -> Quantized:
    """Quantise a finished ONNX file by the first scheme that costs no more than allowed.

    Args:
        model_file: Float, with its metadata.
        evaluator: The pictures to find ranges and to measure with.
        options: How.
        emit: Called with progress.

    Raises:
        AccuracyLost: It costs more than ``max_drop`` (-808); the message names the layers that cost it.
        CheckpointInvalid: The file cannot be quantised (-202).
        ExportFailed: onnxruntime refuses to quantise it (-806).
    """
    with TemporaryFolder() as folder:
        calibration = evaluator.calibration
        quantizer = Quantizer(folder, model_file, calibration, evaluator.comparable, reduce_range=options.reduce_range)
        before = evaluator.measure(quantizer.float_file, emit, say("Measuring FP32", "测量 FP32"))
        measurements: dict[Scheme, Measurement] = {}
        for scheme in schemes(quantizer, options, measurements, emit):
            file = quantizer.quantized(scheme)
            measurements[scheme] = after = evaluator.measure(file, emit, say("Measuring INT8", "测量 INT8"))
            if before.decisive[1] - after.decisive[1] <= options.max_drop:
                return Quantized(file.read_bytes(), before, after, scheme, quantizer.info)
        best = _best(measurements)
        ranking = quantizer.sensitivity(best.method, emit)
        raise report.accuracy_lost(before, measurements[best], ranking, options.max_drop)


def schemes(
    quantizer: Quantizer, options: QuantizeOptions, measurements: Mapping[Scheme, Measurement], emit: Listener
) -> Iterator[Scheme]:
    """Give what to try next: every layer, by each calibration method; then the best of these with layers in float.

    The first layer and the head stay in float first, then those that disturb the outputs most.

    Args:
        quantizer: Knows the layers.
        options: How.
        measurements: Of what was tried so far; read when the next scheme is asked for.
        emit: Called with progress.
    """
    yield from map(Scheme, METHODS if options.calibration == "auto" else (options.calibration,))
    method = _best(measurements).method
    ends = tuple(dict.fromkeys((quantizer.layers[0], quantizer.layers[-1])))
    yield Scheme(method, ends)
    worst = [name for name, _ in quantizer.sensitivity(method, emit) if name not in ends]
    for count in _MORE_IN_FLOAT:
        if count < len(quantizer.layers) // 2:
            yield Scheme(method, (*ends, *worst[:count]))


def _best(measurements: Mapping[Scheme, Measurement]) -> Scheme:
    """Return the most accurate one; of equal ones the first."""
    return max(measurements, key=lambda scheme: measurements[scheme].decisive[1])
