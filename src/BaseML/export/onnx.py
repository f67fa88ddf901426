"""A trained model as an ONNX file, with its metadata; checked against the model before it is written.

Not through a general converter: its files have labels of text, 32 bits inside, and opsets that follow its version. The
graphs here are written in 64 bits for one old opset, so that they answer as scikit-learn does, on old boards too.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT import terminal
from BaseDT.errors import DependencyMissing, ExportFailed
from BaseDT.files import write_together
from BaseDT.language import english, say
from BaseML.export import sample
from BaseML.trained import TrainedModel

OPSET, IR = 10, 6
"""As BaseNN's files: onnxruntime 1.3 (2020) runs them."""
INSTALL_EXPORT = 'pip install "mmedu[ml-export]"'


def convert(
    model: TrainedModel,
    out_file: Path,
    *,
    opset: int = OPSET,
    ir: int = IR,
    rows: npt.NDArray[np.float64] | None = None,
) -> Path:
    """Write a model as ONNX: scaling inside, labels and numbers as the model gives them; a sample script beside.

    Args:
        model: Trained.
        out_file: The ``.onnx`` file.
        opset: Version of the operators.
        ir: Version of the file's format.
        rows: (N, F), as the user's data have them, to check the file with; None makes some.

    Returns:
        The file.

    Raises:
        ExportFailed: Algorithms that cannot answer for new data, and parameters without a form in ONNX (-806).
        ExportDiffers: The file does not answer as the model (-807).
        ParameterInvalid: The versions cannot be written (-305).
        DependencyMissing: ``onnx`` is not installed (-502).
        PathNotWritable, DiskFull: The file cannot be written (-104, -803).
    """
    if not model.kind.exports:
        raise _no_form(model)
    _require_onnx()
    from BaseML.export import parity, writing

    writing.check_version(opset, ir)
    data, info = writing.to_bytes(model, _tool(), opset=opset, ir=ir)
    if not parity.check(model, data, rows):
        terminal.note(_too_many_digits())
    path = out_file if out_file.suffix.lower() == ".onnx" else out_file.with_name(f"{out_file.name}.onnx")
    script = sample.path_for(path)
    files: dict[Path, bytes | memoryview] = {path: data}
    if sample.may_be_written(script):
        files[script] = sample.text(path, info).encode("utf-8")
    else:
        terminal.note(sample.in_the_way(script))
    write_together(files)
    return path


def _too_many_digits() -> str:
    return say(
        "The data have more digits than the 7 that the file takes, and the answers hang on them: they will differ a "
        "bit. Subtract what all numbers of a column have in common, such as a date, before training.",
        "数据的位数超过了转换后文件能接收的 7 位有效数字，而结果与后面的数字有关，因此会略有不同。"
        "请在训练前减去一列数据共有的部分（例如日期）。",
    )


def _tool() -> str:
    from BaseML import __version__

    return f"BaseML {__version__}"


def _require_onnx() -> None:
    if find_spec("onnx") is None:
        raise DependencyMissing(
            say("Converting to ONNX needs onnx, which this Python does not have.", "转换为 ONNX 需要安装 onnx。"),
            hint=say(f"Install it: {INSTALL_EXPORT}", f"请安装：{INSTALL_EXPORT}"),
        )


def _no_form(model: TrainedModel) -> ExportFailed:
    name = model.kind.name
    if model.kind.family == "cluster":
        why = say(f"{name} only groups the rows that it was given.", f"{name} 只能对已有的数据分组。")
        instead = say("Kmeans and Birch answer for new rows.", "Kmeans 和 Birch 可以预测新的数据。")
    else:
        why = say(f"{name} asks all of its rows for each new one.", f"{name} 对每个新数据都要用到全部训练数据。")
        instead = say("PCA and LDA can be converted.", "PCA 和 LDA 可以转换。")
    return ExportFailed(
        say(f"{name} cannot become an ONNX file.", f"{name} 无法转换为 ONNX 文件。"),
        hint=say(f"{english(why)} {english(instead)}", f"{why}{instead}"),
    )
