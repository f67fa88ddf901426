"""What is said where data cannot go into a network of BaseNN: by a board and by ``nn`` in the same words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from BaseDT.errors import DatasetInvalid, InputMismatch, ParameterInvalid, did_you_mean
from BaseDT.escaping import one_line, quoted
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.own_network_info import OwnNetworkInfo


def nothing() -> DatasetInvalid:
    """Make the error of ``None`` in place of data (-201)."""
    return DatasetInvalid(
        say("There are no data to answer: data=None.", "没有要推理的数据：data=None。"),
        hint=say(
            "Look at where they come from: what read them gave nothing.",
            "请检查数据来源：读取它的函数没有返回数据。",
        ),
    )


def no_pictures() -> DatasetInvalid:
    """Make the error of an empty list of pictures (-201)."""
    return DatasetInvalid(
        say("data is an empty list: there is no picture in it.", "data 是空列表，其中没有图片。"),
        hint=say("Give at least one picture, or a folder of them.", "请至少给出一张图片，或图片所在的文件夹。"),
    )


def is_no_picture(data: Any) -> DatasetInvalid:
    """Make the error of something else than pictures (-201)."""
    return DatasetInvalid(
        say(f"data={quoted(data, 60)} is no picture.", f"data={quoted(data, 60)} 不是图片。"),
        hint=say(
            "The network learned from pictures: give a path, a folder, an array H×W×3 or H×W, or a list of these.",
            "该网络由图片训练得到：请给出图片路径、文件夹、H×W×3 或 H×W 的数组，或由它们组成的列表。",
        ),
    )


def not_finite() -> DatasetInvalid:
    """Make the error of a picture with NaN or infinity in it (-201)."""
    return DatasetInvalid(
        say(
            "The picture in data holds values that are no numbers (NaN or infinite).",
            "data 中的图片含有 NaN 或无穷大。",
        ),
        hint=say(
            "Look at how it was computed: was something divided by 0?", "请检查图片的计算过程，例如是否除以了 0。"
        ),
    )


def learned_from_no_pictures(given: Any, info: OwnNetworkInfo, wanted: Sequence[int | None]) -> InputMismatch:
    """Make the error of a picture, or of a folder, for a network of numbers or words (-309)."""
    name = one_line(os.fspath(given)) if isinstance(given, (str, os.PathLike)) else type(given).__name__
    if info.word2idx:
        what, hint = say("a text", "文字"), say("Give a text.", "请给出文字。")
    elif len(wanted) == 2:
        what = say(f"a table: {wanted[1]} numbers a row", f"表格数据：每行 {wanted[1]} 个数")
        hint = say("Give a row of numbers, or a .csv file.", "请给出一行数值，或 .csv 文件。")
    else:
        what = say("arrays of numbers", "数值数组")
        hint = say(
            "Give an array like those of the training, or a .npz file.",
            "请给出与训练数据形状相同的数组，或 .npz 文件。",
        )
    return InputMismatch(
        say(
            f"{name}: this network did not learn from pictures, but from {english(what)}.",
            f"{name}：该网络不是由图片训练的，它的输入是{what}。",
        ),
        hint=hint,
    )


def mismatch(given: tuple[int, ...], wanted: tuple[int | None, ...], *, has_label: bool = False) -> InputMismatch:
    """Make the error of data of another shape (-309).

    Args:
        given: Theirs.
        wanted: That of the network's input; None is any length.
        has_label: Whether they are a table with one column too many.
    """
    shown = " × ".join("N" if size is None else str(size) for size in wanted)
    found = " × ".join(map(str, given)) or say("a single number", "一个数")
    text = say(
        f"The data are {english(found)}, and the network takes {shown}.", f"数据为 {found}，而网络需要 {shown}。"
    )
    if has_label:
        hint = say(
            "The table has one column too many: take the column of the label out.",
            "表格多了一列：请去掉标签所在的列。",
        )
    elif len(given) == len(wanted) == 2 and wanted[1] is not None:
        hint = say(
            f"Give {wanted[1]} numbers a row, in the order of the training data.",
            f"每行请给出 {wanted[1]} 个数，顺序与训练数据相同。",
        )
    else:
        hint = say(
            "N is the number of samples; give data like those of the training.",
            "N 为样本数；请给出与训练数据形状相同的数据。",
        )
    return InputMismatch(text, hint=hint)


def no_words() -> ParameterInvalid:
    """Make the error of an empty text (-305)."""
    return ParameterInvalid(
        say("There are no words: the text is empty.", "文字为空，没有词。"),
        hint=say("Give at least one word.", "请至少给出一个词。"),
    )


def unknown_word(word: object, known: Iterable[str]) -> ParameterInvalid:
    """Make the error of a word that a network never met (-305)."""
    words = list(known)
    near = did_you_mean(word, words) if isinstance(word, str) and len(word) > 1 else ""
    some = shortened(words)
    told = say(f"It knows {len(words)}, such as: {english(some)}", f"词表共 {len(words)} 个词，如：{some}")
    return ParameterInvalid(
        say(f"The network does not know the word {quoted(word)}.", f"词表中没有 {quoted(word)}。"),
        hint=f"{near} {told}".strip(),
    )
