"""INT8: a finished ONNX file becomes one of a quarter of the size, measured before and after, or none at all.

Static, QDQ, per channel (onnxruntime.quantization). Works without torch; a checkpoint is converted first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from BaseDT.arguments import check_choice, check_integer, check_number, checked_flag
from BaseDT.errors import AccuracyLost
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from MMEdu.engine.events import Listener, Notice
from MMEdu.export import temporary_folder as scratch
from MMEdu.export.int8.measurement import Judge, Measured
from MMEdu.export.int8.workshop import IR, METHODS, OPSET, Method, Trial, Workshop

Calibration = Literal["auto", "minmax", "average", "percentile"]
_MORE_IN_FLOAT = (2, 4, 8)
"""So many of the worst layers may stay in float besides the ends; with more it is no INT8 file any more."""
_NOTICEABLE = 0.005
"""Of a score, 0 to 1: layers that change the answers less explain no loss."""
_FEW = 100
_FOUND_BY: dict[Method, tuple[str, str]] = {
    "average": ("the mean over the pictures (average)", "各图片范围的平均值（average）"),
    "percentile": ("without the rarest values (percentile)", "去掉最罕见的值（percentile）"),
}


@dataclass(frozen=True)
class QuantizeOptions:
    """How a model is quantised.

    Attributes:
        max_drop: Points of top-1 that it may cost.
        reduce_range: Weights of 7 bits: those of 8 saturate on AVX2 processors without VNNI.
        calibration: How the range of activations is found; ``auto`` takes the first of the others that is good enough.
        images: How many training pictures it is found with.

    Raises:
        ParameterInvalid: A value cannot work.
    """

    max_drop: float = 1.0
    reduce_range: bool = True
    calibration: Calibration = "auto"
    images: int = 100

    def __post_init__(self) -> None:
        check_choice("calibration", self.calibration, ("auto", *METHODS))
        check_integer("images", self.images)
        check_number("max_drop", self.max_drop, least=0, most=100)
        checked_flag("reduce_range", self.reduce_range)


@dataclass(frozen=True)
class Quantized:
    """An INT8 model and what it costs.

    Attributes:
        data: The file.
        before: The float model, measured.
        after: The INT8 model, measured.
        trial: How it was made.
        info: What the model knows of itself.
    """

    data: bytes
    before: Measured
    after: Measured
    trial: Trial
    info: ModelInfo


def quantize(model_file: Path, judge: Judge, options: QuantizeOptions, emit: Listener) -> Quantized:
    """Quantise a finished ONNX file: the first way that costs no more than allowed.

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
        work = Workshop(folder, model_file, judge.calibration, reduce_range=options.reduce_range)
        before = judge.measure(work.float_file, emit, say("Measuring FP32", "测量 FP32"))
        tried: dict[Trial, Measured] = {}
        for trial in trials(work, options, tried, emit):
            file = work.quantized(trial)
            tried[trial] = after = judge.measure(file, emit, say("Measuring INT8", "测量 INT8"))
            if before.decisive[1] - after.decisive[1] <= options.max_drop:
                return Quantized(file.read_bytes(), before, after, trial, work.info)
        best = _best(tried)
        raise _lost(before, tried[best], work.ranking(best.method, emit), options)


def trials(
    work: Workshop, options: QuantizeOptions, tried: Mapping[Trial, Measured], emit: Listener
) -> Iterator[Trial]:
    """Say what to try next: every layer, by each way to find ranges; then the best of these with layers in float.

    The first layer and the head come first, then those that disturb the answers most.

    Args:
        work: Knows the layers.
        options: How.
        tried: What was tried so far; read when the next one is asked for.
        emit: Told of progress.
    """
    yield from map(Trial, tuple(METHODS) if options.calibration == "auto" else (options.calibration,))
    method = _best(tried).method
    ends = tuple(dict.fromkeys((work.layers[0], work.layers[-1])))
    yield Trial(method, ends)
    worst = [name for name, _ in work.ranking(method, emit) if name not in ends]
    for count in _MORE_IN_FLOAT:
        if count < len(work.layers) // 2:
            yield Trial(method, (*ends, *worst[:count]))


def _best(tried: Mapping[Trial, Measured]) -> Trial:
    """Return the most accurate one; of equal ones the first."""
    return max(tried, key=lambda trial: tried[trial].decisive[1])


def _lost(
    before: Measured, best: Measured, ranking: Sequence[tuple[str, float]], options: QuantizeOptions
) -> AccuracyLost:
    name, reached = best.decisive
    drop = before.decisive[1] - reached
    allowed = f"{options.max_drop:g}" if options.max_drop else "none"
    text = (
        f"INT8 reaches {reached:.2f} % {name} where FP32 has {before.decisive[1]:.2f} %: {_points(drop)} points less, "
        f"and max_drop allows {allowed}. {_causes(ranking)}"
    )
    hint = say(
        "Nothing was written. Try more images, reduce_range=False on a processor with VNNI, a longer training, or a "
        "larger max_drop.",
        "没有写入任何文件。可以尝试增加 images、在支持 VNNI 的处理器上使用 reduce_range=False、延长训练，"
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


def tell(quantized: Quantized, dataset: str, file: Path, emit: Listener) -> None:
    """Say what the INT8 model costs, in the form of the documents' table; ``dataset`` is what the set is called."""
    for line in table(quantized, dataset):
        emit(Notice(line))
    count = quantized.after.count
    emit(Notice(say(f"Measured on {count} pictures.", f"用 {count} 张图片测量。")))
    if count < _FEW:
        text = f"{count} pictures tell little: one of them is {100 / count:.1f} points."
        emit(Notice(say(text, f"{count} 张图片说明不了太多：一张就占 {100 / count:.1f} 个百分点。")))
    if quantized.trial.method != "minmax":
        told = _FOUND_BY[quantized.trial.method]
        emit(Notice(say(f"Ranges of activations: {told[0]}.", f"激活值范围的确定方式：{told[1]}。")))
    if quantized.trial.in_float:
        names = ", ".join(quantized.trial.in_float)
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
