"""The errors of pictures that cannot be drawn, each with the picture that can."""

from __future__ import annotations

from BaseDT.errors import ClassCountMismatch, InputMismatch, MethodUnsupported
from BaseDT.language import say
from BaseML.trained import TrainedModel


def wrong_columns(model: TrainedModel, columns: int, wanted: int) -> ClassCountMismatch:
    """Make the error of a picture that needs so many columns (-306)."""
    name = model.kind.name
    return ClassCountMismatch(
        say(
            f"plot() of {name} draws {wanted} columns; this model was trained on {columns}.",
            f"{name} 的 plot() 只能画 {wanted} 列特征，而该模型用 {columns} 列特征训练。",
        ),
        hint=say(
            f"Load {wanted} of them, e.g. load_dataset(…, x_column={list(range(wanted))}), and train again; or use "
            "metricplot(), which takes any number.",
            f"请只读取 {wanted} 列，例如 load_dataset(…, x_column={list(range(wanted))})，再重新训练；"
            "或使用 metricplot()，它不限列数。",
        ),
    )


def no_picture(model: TrainedModel, call: str, why: tuple[str, str], instead: tuple[str, str]) -> MethodUnsupported:
    """Make the error of an algorithm without such a picture (-405)."""
    name = model.kind.name
    return MethodUnsupported(
        say(f"{call}() has no picture for {name}: {why[0]}.", f"{name} 没有 {call}() 图：{why[1]}。"),
        hint=say(*instead),
    )


def other_columns(columns: int, wanted: int) -> InputMismatch:
    """Make the error of rows that have more or fewer columns than a model was trained on (-309)."""
    return InputMismatch(
        say(
            f"The rows have {columns} columns; the model was trained on {wanted}.",
            f"数据有 {columns} 列，而模型用 {wanted} 列训练。",
        ),
        hint=say(f"Give the same {wanted} columns, in the same order.", f"请按相同顺序给出同样的 {wanted} 列。"),
    )
