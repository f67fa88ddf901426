"""INT8: a finished ONNX file becomes one of a quarter of the size, measured before and after, or none at all.

Static, QDQ, per channel (onnxruntime.quantization). Works without torch; a checkpoint is converted first.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import onnx
from onnx import helper, version_converter

from BaseDT.errors import AccuracyLost, CheckpointInvalid, ExportFailed, ParameterInvalid, did_you_mean
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, Notice, long_work
from MMEdu.export import scratch
from MMEdu.export.measure import Judge, Measured
from XEdu.runtime.model import Model

OPSET, IR = 13, 7
"""What per-channel scales need: the axis of QuantizeLinear came with opset 13."""
Calibration = Literal["minmax", "entropy", "percentile"]
_METHODS: dict[Calibration, str] = {"minmax": "MinMax", "entropy": "Entropy", "percentile": "Percentile"}
_TYPES = ("Conv", "Gemm", "MatMul", "ConvTranspose")
"""Layers: what has weights. Everything around them follows; what decides never does."""
_DECIDE = frozenset({"Softmax", "LogSoftmax", "NonMaxSuppression", "TopK", "RoiAlign", "ArgMax", "Exp"})
_MOST_IN_FLOAT = 8
"""Layers that may stay in float before it is no INT8 file any more."""
_RANKED_WITH = 16
_NOTICEABLE = 0.005
"""Of a score, 0 to 1: layers that change the answers less explain no loss."""
_WARNING, _FATAL = 2, 4
"""Severities of onnxruntime's log. It does not tell which one is set; a warning is what it starts with."""
_FEW = 100
_BOXES = 100


@dataclass(frozen=True)
class QuantizeOptions:
    """How a model is quantised.

    Attributes:
        max_drop: Points of top-1 that it may cost.
        reduce_range: Weights of 7 bits: those of 8 saturate on AVX2 processors without VNNI.
        calibration: How the range of activations is found.
        images: How many training pictures it is found with.

    Raises:
        ParameterInvalid: A value cannot work.
    """

    max_drop: float = 1.0
    reduce_range: bool = True
    calibration: Calibration = "minmax"
    images: int = 100

    def __post_init__(self) -> None:
        if self.calibration not in _METHODS:
            known = ", ".join(_METHODS)
            offer = did_you_mean(str(self.calibration), _METHODS)
            hint = f"{offer} {say(f'Choose one of: {known}.', f'可选：{known}。')}".strip()
            raise ParameterInvalid(f"calibration={self.calibration!r} is not known.", hint=hint)
        if isinstance(self.images, bool) or not isinstance(self.images, int) or self.images < 1:
            hint = say("Give a whole number, e.g. 100.", "请给出正整数，例如 100。")
            raise ParameterInvalid(f"images={self.images!r} cannot be used.", hint=hint)
        number = isinstance(self.max_drop, (int, float)) and not isinstance(self.max_drop, bool)
        if not number or not 0 <= self.max_drop <= 100:
            hint = say("Give points of accuracy, e.g. 1.0.", "请给出允许下降的百分点，例如 1.0。")
            raise ParameterInvalid(f"max_drop={self.max_drop!r} cannot be used.", hint=hint)
        if not isinstance(self.reduce_range, bool):
            hint = say("Write reduce_range=True or False.", "请写 reduce_range=True 或 False。")
            raise ParameterInvalid(f"reduce_range={self.reduce_range!r} cannot be used.", hint=hint)


@dataclass(frozen=True)
class Quantized:
    """An INT8 model and what it costs.

    Attributes:
        data: The file.
        before: The float model, measured.
        after: The INT8 model, measured.
        in_float: Layers that stayed in float.
        info: What the model knows of itself.
    """

    data: bytes
    before: Measured
    after: Measured
    in_float: tuple[str, ...]
    info: ModelInfo


def quantize(model_file: Path, judge: Judge, options: QuantizeOptions, emit: Listener) -> Quantized:
    """Quantise a finished ONNX file.

    First everything; where that costs more than allowed, the first layer and the head stay in float; where that is not
    enough, so do the layers that disturb the answers most.

    Args:
        model_file: Float, with what it knows of itself.
        judge: The pictures to find ranges and to measure with.
        options: How.
        emit: Told of progress.

    Raises:
        AccuracyLost: It costs more than ``max_drop`` (-808); the message names the layers that cost it.
        CheckpointInvalid: The file cannot be quantised (-202).
        ExportFailed: onnxruntime refuses to quantise it (-806).
    """
    with scratch.Folder() as folder:
        work = Workshop(folder, model_file, judge.calibration, options)
        before = judge.measure(work.float_file, emit, say("Measuring FP32", "测量 FP32"))
        best: tuple[Measured, tuple[str, ...]] | None = None
        tried: set[tuple[str, ...]] = set()
        for in_float in work.proposals(emit):
            if in_float in tried:
                continue
            tried.add(in_float)
            file = work.quantized(in_float)
            after = judge.measure(file, emit, say("Measuring INT8", "测量 INT8"))
            if before.decisive[1] - after.decisive[1] <= options.max_drop:
                return Quantized(file.read_bytes(), before, after, in_float, work.info)
            if best is None or after.decisive[1] > best[0].decisive[1]:
                best = after, in_float
        raise _lost(before, best, work.ranking(emit), options)


def _lost(
    before: Measured,
    best: tuple[Measured, tuple[str, ...]] | None,
    ranking: Sequence[tuple[str, float]],
    options: QuantizeOptions,
) -> AccuracyLost:
    name, reached = best[0].decisive if best else (before.decisive[0], 0.0)
    drop = before.decisive[1] - reached
    allowed = f"{options.max_drop:g}" if options.max_drop else "none"
    text = (
        f"INT8 reaches {reached:.2f} % {name} where FP32 has {before.decisive[1]:.2f} %: {_points(drop)} points less, "
        f"and max_drop allows {allowed}. {_causes(ranking)}"
    )
    hint = say(
        "Nothing was written. Try calibration='entropy', more images, reduce_range=False on a processor with VNNI, or "
        "a larger max_drop.",
        "没有写入任何文件。可以尝试 calibration='entropy'、增加 images、在支持 VNNI 的处理器上使用 reduce_range=False，"
        "或放宽 max_drop。",
    )
    return AccuracyLost(text, hint=hint)


def _points(number: float) -> str:
    return f"{number:.3g}" if number < 1 else f"{number:.2f}".rstrip("0").rstrip(".")


def _causes(ranking: Sequence[tuple[str, float]]) -> str:
    """Name the layers that change the answers most, where single ones do."""
    worst = [f"{layer} ({cost:.3f})" for layer, cost in ranking[:5] if cost >= _NOTICEABLE]
    if not worst:
        return "No layer alone changes the answers: all of them together do."
    return f"The layers that change the answers most: {', '.join(worst)}."


def checked_info(opened: Model, file: Path) -> tuple[ModelInfo, Preprocess]:
    """Return what a model knows of itself.

    Raises:
        CheckpointInvalid: It knows nothing of its pixels, or is no float model (-202).
    """
    info = opened.info
    if info is None or info.preprocess is None:
        hint = say("Use a file that convert() wrote.", "请使用 convert() 生成的文件。")
        raise CheckpointInvalid(f"{file} says nothing of its classes and pixels.", hint=hint)
    if info.precision != "float32":
        hint = say("Give the float file that it was made of.", "请使用量化之前的 FP32 文件。")
        raise CheckpointInvalid(f"{file} is {info.precision} already.", hint=hint)
    return info, info.preprocess


class Workshop:
    """A model on its way to INT8: the float file at the right opset, and quantised ones made of it."""

    def __init__(self, folder: Path, model_file: Path, calibration: Sequence[Pixels], options: QuantizeOptions) -> None:
        opened = Model.load(model_file)
        self._folder, self._options = folder, options
        self._input = opened.backend.inputs[0].name
        self.info, preprocess = checked_info(opened, model_file)
        self._tensors = [preprocess.normalize(pixels[None]) for pixels in calibration]
        self._model = _prepared(onnx.load(model_file), self.info)
        self.float_file = folder / "float.onnx"
        onnx.save(self._model, self.float_file)
        self._never = deciding(self._model.graph)
        self.layers = [node.name for node in self._model.graph.node if node.op_type in _TYPES]
        self._ranking: list[tuple[str, float]] | None = None
        if not self.layers:
            hint = say("Give a model with convolutions.", "请给出包含卷积层的模型。")
            raise CheckpointInvalid(f"{model_file} has no layer that could be quantised.", hint=hint)

    def proposals(self, emit: Listener) -> Iterator[tuple[str, ...]]:
        """Say which layers to leave in float: none, the ends, then the ends and the worst ones."""
        yield ()
        ends = tuple(dict.fromkeys((self.layers[0], self.layers[-1])))
        yield ends
        worst = [name for name, _ in self.ranking(emit) if name not in ends]
        for count in (2, 4, _MOST_IN_FLOAT):
            if count < len(self.layers) // 2:
                yield (*ends, *worst[:count])

    def quantized(self, in_float: Collection[str], only: Sequence[str] = (), images: int | None = None) -> Path:
        """Make an INT8 file; ``only`` quantises nothing but these layers."""
        target = self._folder / "int8.onnx"
        exclude = [*self._never, *in_float]
        _quantize_static(
            self.float_file,
            target,
            _Reader(self._input, self._tensors[:images]),
            self._options,
            exclude=exclude,
            only=only,
        )
        model = onnx.load(target)
        model.ir_version = IR
        helper.set_model_props(model, replace(self.info, precision="int8").to_metadata())
        onnx.save(model, target)
        return target

    def ranking(self, emit: Listener) -> list[tuple[str, float]]:
        """Quantise each layer alone: how far do the answers move? Worst first; the mean change of a score."""
        if self._ranking is None:
            wanted = self._answers(self.float_file)
            moved = []
            with long_work(emit, say("Looking for the sensitive layers", "查找敏感层")) as told:
                for done, name in enumerate(self.layers, 1):
                    answers = self._answers(self.quantized((), only=[name], images=_RANKED_WITH))
                    moved.append((name, float(abs(answers - wanted).sum(1).mean())))
                    told(done, len(self.layers))
            self._ranking = sorted(moved, key=lambda item: -item[1])
        return self._ranking

    def _answers(self, file: Path) -> Any:
        import numpy as np

        model = Model.load(file)
        answers = [model.run(tensor)[0] for tensor in self._tensors[:_RANKED_WITH]]
        if self.info.decode == "boxes":  # as many as there are: their scores, the best first
            answers = [-np.sort(-np.pad(boxes.reshape(-1, 5)[:, 4], (0, _BOXES)))[:_BOXES] for boxes in answers]
        return np.concatenate([answer.reshape(1, -1) for answer in answers])


class _Reader:
    """Hands calibration tensors to onnxruntime, again from the start when asked."""

    def __init__(self, name: str, tensors: Sequence[Any]) -> None:
        self._feeds = iter([{name: tensor} for tensor in tensors])

    def get_next(self) -> dict[str, Any] | None:
        return next(self._feeds, None)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._feeds

    def __next__(self) -> dict[str, Any]:
        return next(self._feeds)


def deciding(graph: onnx.GraphProto) -> list[str]:
    """Name what is never quantised: all between the layers and an output or a decision (softmax, boxes, NMS).

    Boxes of 320 pixels in steps of a 256th are wrong by a pixel, and 1000 probabilities all become 0.
    """
    maker = {output: node for node in graph.node for output in node.output}
    waiting = [maker[item.name] for item in graph.output if item.name in maker]
    waiting += [node for node in graph.node if node.op_type in _DECIDE]
    found: dict[str, None] = {}
    while waiting:
        node = waiting.pop()
        if node.op_type in _TYPES or node.name in found:
            continue
        found[node.name] = None
        waiting += [maker[name] for name in node.input if name in maker]
    return list(found)


def _prepared(model: onnx.ModelProto, info: ModelInfo) -> onnx.ModelProto:
    """Bring a file to the opset that per-channel scales need, with a name for every node."""
    del model.graph.value_info[:]  # where boxes are found, older files of ours say how many there were in one picture
    if next((entry.version for entry in model.opset_import if entry.domain == ""), 0) < OPSET:
        try:
            model = version_converter.convert_version(model, OPSET)
        except (RuntimeError, ValueError) as error:
            hint = say(f"Convert it with opset_version={OPSET}.", f"请用 opset_version={OPSET} 重新转换。")
            raise ExportFailed(f"The file cannot be brought to opset {OPSET}: {error}", hint=hint) from error
    model.ir_version = max(IR, model.ir_version)
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}_{number}"
    helper.set_model_props(model, info.to_metadata())
    return model


def _quantize_static(
    source: Path,
    target: Path,
    reader: _Reader,
    options: QuantizeOptions,
    *,
    exclude: Sequence[str],
    only: Sequence[str],
) -> None:
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    with _silence():
        try:
            quantize_static(
                str(source),
                str(target),
                reader,
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=options.reduce_range,
                # Unsigned activations and signed weights: the pair that x86 is fast with.
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=getattr(CalibrationMethod, _METHODS[options.calibration]),
                nodes_to_exclude=list(exclude),
                nodes_to_quantize=list(only),
            )
        except OSError:
            raise  # nothing is wrong with the model
        except Exception as error:
            hint = say("Try another calibration.", "请尝试其他 calibration。")
            raise ExportFailed(f"onnxruntime cannot quantise the model: {error}", hint=hint) from error


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep onnxruntime's remarks, logged at the root, printed, or written by its C++, from the user's screen."""
    import onnxruntime

    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    onnxruntime.set_default_logger_severity(_FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        onnxruntime.set_default_logger_severity(_WARNING)
        logging.disable(previous)


def tell(quantized: Quantized, dataset: str, file: Path, emit: Listener) -> None:
    """Say what the INT8 model costs, in the form of the documents' table; ``dataset`` is what the set is called."""
    for line in table(quantized, dataset):
        emit(Notice(line))
    count = quantized.after.count
    emit(Notice(say(f"Measured on {count} pictures.", f"用 {count} 张图片测量。")))
    if count < _FEW:
        text = f"{count} pictures tell little: one of them is {100 / count:.1f} points."
        emit(Notice(say(text, f"{count} 张图片说明不了太多：一张就占 {100 / count:.1f} 个百分点。")))
    if quantized.in_float:
        names = ", ".join(quantized.in_float)
        emit(Notice(say(f"Left in float, to keep the accuracy: {names}", f"为保持精度，以下层保留 FP32：{names}")))
    emit(
        Notice(
            say(
                f"Quantised: {file} (opset {OPSET}, IR {IR}; it needs onnxruntime 1.7 or newer).",
                f"量化完成：{file}（opset {OPSET}，IR {IR}；需要 onnxruntime 1.7 或更高版本）。",
            )
        )
    )


def table(quantized: Quantized, dataset: str) -> Iterable[str]:
    """Lay out the measurement as Markdown: FP32 beside INT8."""
    before, after = quantized.before, quantized.after
    names = [name for name, _ in before.quality]
    cells = [f"{before.size / 1e6:.1f} MB", f"{after.size / 1e6:.1f} MB"]
    for (_, old), (_, new) in zip(before.quality, after.quality, strict=True):
        cells += [f"{old:.2f}%", f"{new:.2f}%"]
    cells += [f"{before.speed:.1f}", f"{after.speed:.1f}"]
    heads = [say("size", "权重大小"), *names, say("images/s", "吞吐量(图片数/每秒)")]
    yield (
        f"| {say('model', '模型')} | {say('data set', '数据集')} | "
        + " | ".join(f"{head} FP32 | INT8" for head in heads)
        + " |"
    )
    yield "|---" * (len(cells) + 2) + "|"
    shown = dataset.replace("|", r"\|")
    yield f"| {quantized.info.backbone} | {shown} | " + " | ".join(cells) + " |"
