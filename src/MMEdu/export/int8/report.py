"""What a quantisation cost, in words: the table of the documents, and why a model was refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.errors import AccuracyLost
from BaseDT.language import english, say
from MMEdu.engine.events import Listener, Notice
from MMEdu.export.int8.options import Method
from MMEdu.export.int8.quantizer import IR, OPSET
from MMEdu.export.measurement import Measurement

if TYPE_CHECKING:
    from MMEdu.export.int8.search import Quantized

_NOTICEABLE = 0.005
"""Of a score, 0 to 1: layers that change the outputs less explain no loss."""
_FEW = 100
_NOISE = 0.05  # of a speed that is measured twice
_METHOD_TEXTS: dict[Method, tuple[str, str]] = {
    "average": ("the mean over the pictures (average)", "各图片范围的平均值（average）"),
    "percentile": ("without the rarest values (percentile)", "去掉最罕见的值（percentile）"),
}


def accuracy_lost(
    before: Measurement, best: Measurement, ranking: Sequence[tuple[str, float]], max_drop: float
) -> AccuracyLost:
    """Make the error of a model that INT8 costs too much (-808).

    Args:
        before: The float model.
        best: The best INT8 model.
        ranking: Layers and how far each alone moves the outputs, the worst first.
        max_drop: What it may cost, in points.
    """
    name, reached = best.decisive
    drop = before.decisive[1] - reached
    allowed, allowed_zh = (f"{max_drop:g}", f"{max_drop:g} 个") if max_drop else ("none", "零个")
    text = say(
        f"INT8 reaches {reached:.2f} % {name} where FP32 has {before.decisive[1]:.2f} %: {_points(drop)} points less, "
        f"and max_drop allows {allowed}. {english(_causes(ranking))}",
        f"INT8 的 {name} 为 {reached:.2f} %，FP32 为 {before.decisive[1]:.2f} %：降低了 "
        f"{_points(drop)} 个百分点，而 max_drop 只允许 {allowed_zh}。{_causes(ranking)}",
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
        return say(
            "No layer alone changes the answers: all of them together do.",
            "没有哪一层单独造成差别：是所有层合在一起造成的。",
        )
    return say(
        f"The layers that change the answers most: {', '.join(worst)}.", f"对结果影响最大的层：{'、'.join(worst)}。"
    )


def report(quantized: Quantized, dataset: str, file: Path, emit: Listener) -> None:
    """Report what the INT8 model costs, in the form of the documents' table; ``dataset`` is what the set is called."""
    for line in table(quantized, dataset):
        emit(Notice(line))
    count = quantized.after.count
    emit(Notice(say(f"Measured on {count} pictures.", f"用 {count} 张图片测量。")))
    if count < _FEW:
        text = f"{count} pictures tell little: one of them is {100 / count:.1f} points."
        emit(Notice(say(text, f"{count} 张图片说明不了太多：一张就占 {100 / count:.1f} 个百分点。")))
    if text := slower_text(quantized.before, quantized.after):
        emit(Notice(text))
    if quantized.scheme.method != "minmax":
        en, zh = _METHOD_TEXTS[quantized.scheme.method]
        emit(Notice(say(f"Ranges of activations: {en}.", f"激活值范围的确定方式：{zh}。")))
    if quantized.scheme.float_layers:
        names = ", ".join(quantized.scheme.float_layers)
        emit(Notice(say(f"Left in float, to keep the accuracy: {names}", f"为保持精度，以下层保留 FP32：{names}")))
    emit(
        Notice(
            say(
                f"Quantised: {file} (opset {OPSET}, IR {IR}; it needs onnxruntime 1.7 or newer).",
                f"量化完成：{file}（opset {OPSET}，IR {IR}；需要 onnxruntime 1.7 或更高版本）。",
            )
        )
    )


def slower_text(before: Measurement, after: Measurement) -> str:
    """Say so where INT8 costs time on this machine instead of saving it; empty where it does not, or hardly."""
    if after.speed >= (1 - _NOISE) * before.speed:
        return ""
    return say(
        f"INT8 is slower here: {after.speed:.0f} images/s, FP32 has {before.speed:.0f}. A small model spends its time "
        "on converting between both, and some processors compute INT8 badly: keep the FP32 file where speed counts.",
        f"INT8 在这台机器上更慢：每秒 {after.speed:.0f} 张，FP32 为 {before.speed:.0f} 张。"
        "模型太小时，时间花在两种格式的转换上，或者该处理器不擅长 INT8：需要速度时请使用 FP32 文件。",
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
    dataset_cell = dataset.replace("|", r"\|")
    yield f"| {quantized.info.backbone} | {dataset_cell} | " + " | ".join(cells) + " |"
