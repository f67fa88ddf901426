"""The rows of a table for which a model is to answer: which of its columns the model knows."""

from __future__ import annotations

from pathlib import Path

from BaseDT import onnx_file
from BaseDT.classic_model_info import ClassicModelInfo
from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, DatasetNotFound, InputMismatch
from BaseDT.escaping import short_name
from BaseDT.language import say
from BaseDT.onnx_file import Header
from BaseDT.tabular.known_rows import KnownRows
from BaseDT.tabular.table import Numbers
from MMEdu.actions import learning_tables

TABLES = (".csv", ".txt", ".tsv")
_SHOWN = 20
"""Names of columns that a hint shows."""


def rows(path: Path, known: KnownRows) -> Numbers:
    """Return rows (N, F): the columns that a model knows by name; else all, or all but the last, which is the label.

    Args:
        path: The table.
        known: What the model was trained on.

    Raises:
        DatasetNotFound, DatasetInvalid: The table is not there, or a cell is no number (-101, -201).
        InputMismatch: It has other columns (-309).
    """
    check_is_there(path)
    table = learning_tables.look(path).table
    if known.features and set(known.features) <= set(table.names):
        return table.numbers(table.select("x_column", list(known.features)))
    if not known.width or table.width in (known.width, known.width + 1):
        return table.numbers(list(range(min(known.width or table.width, table.width))))
    names = ", ".join(map(short_name, known.features[:_SHOWN]))
    raise InputMismatch(
        say(
            f"{path.name} has {table.width} columns, but the model was trained with {known.width}.",
            f"{path.name} 有 {table.width} 列，而模型是用 {known.width} 列训练的。",
        ),
        hint=say(
            f"Give a table with these columns: {names}." if names else f"Give a table of {known.width} columns.",
            f"请给出含有这些列的表格：{names}。" if names else f"请给出 {known.width} 列的表格。",
        ),
    )


def check_is_there(data: Path) -> None:
    """Make sure that there is something to learn from, or to answer for.

    Raises:
        DatasetNotFound: There is nothing (-101).
    """
    if not data.exists():
        raise DatasetNotFound(
            say(f"No such file or folder: {data}", f"没有该文件或文件夹：{data}"),
            hint=say("Check the path.", "请检查路径。"),
        )


def known_to_exported(file: Path) -> KnownRows:
    """Return what an ONNX file says of the rows that it takes.

    Raises:
        CheckpointNotFound, CheckpointInvalid: There is no such file, or it is no ONNX file (-102, -202).
        ModelUnsupported: A newer version wrote it (-206).
    """
    header = header_of(file)
    info = ClassicModelInfo.from_metadata(header.metadata, file.name)
    if info is not None:
        return KnownRows(info.width, info.features, info.example)
    shapes = [shape for shape in header.inputs.values() if len(shape) == 2]
    return KnownRows(int(shapes[0][1] or 0) if shapes else 0)


def header_of(file: Path) -> Header:
    """Return what an ONNX file says of itself.

    Raises:
        CheckpointNotFound, CheckpointInvalid: There is no such file, or it is no ONNX file (-102, -202).
    """
    if not file.is_file():
        raise CheckpointNotFound(
            say(f"No such checkpoint file: {file}", f"没有该权重文件：{file}"),
            hint=say("Check the path.", "请检查路径。"),
        )
    header = onnx_file.read(file)
    if header is not None:
        return header
    raise CheckpointInvalid(
        say(f"{file} is no ONNX file.", f"{file} 不是 ONNX 文件。"),
        hint=say("Convert the model again.", "请重新转换模型。"),
    )
