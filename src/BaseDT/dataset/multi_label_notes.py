"""What the user is told about a set whose pictures have several labels. ``multi_label`` and ``linked_folders`` call it.

Only sentences are made here; every decision was taken before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from BaseDT.errors import did_you_mean
from BaseDT.escaping import one_line
from BaseDT.language import say

if TYPE_CHECKING:
    from BaseDT.dataset.label_table import LabelTable
    from BaseDT.dataset.multi_label import Entry
    from BaseDT.dataset.samples import MultiLabelDataset

_SHOWN = 8
_COMPARED = 300  # names; of more, looking for alike ones takes seconds
_FEW = 10  # of fewer positive pictures neither a curve nor a threshold can be measured
_RARE = 20  # from this ratio on a label drowns


def _few(names: Sequence[str]) -> str:
    return ", ".join(map(one_line, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")


def held_by(table: str, by_blanks: bool) -> str:
    """Where the labels come from."""
    blanks = say("; blanks part the labels", "；标签以空格分隔") if by_blanks else ""
    return say(f"The labels are those of {table}{blanks}.", f"标签来自 {table}{blanks}。")


def several(data: MultiLabelDataset) -> str:
    """That it is such a set, and how many labels a picture has."""
    counts = Counter(len(sample.labels) for part in (data.train, data.val, data.test) for sample in part)
    total = sum(counts.values())
    mean = sum(number * count for number, count in counts.items()) / max(1, total)
    without = counts.get(0, 0)
    none = say(f", {without} have none", f"，{without} 张没有标签") if without else ""
    return say(
        f"Pictures with several labels each: {len(data.classes)} labels, {mean:.1f} on average{none}. Each label is "
        "learned for itself (multi-label).",
        f"每张图片可有多个标签（多标签分类）：共 {len(data.classes)} 个标签，平均每张 {mean:.1f} 个{none}。"
        "每个标签单独判断。",
    )


def one_label_each() -> str:
    """For a table that gives every picture exactly one label."""
    return say(
        "Every picture has exactly one label: this is ordinary classification, one answer for a picture.",
        "每张图片恰好只有一个标签：按普通分类处理，每张图片一个答案。",
    )


def unread(table: LabelTable) -> Iterable[str]:
    """Columns that mean nothing here."""
    if table.unread:
        yield say(
            f"Columns of {table.name} that are not read: {_few(table.unread)}.",
            f"{table.name} 中未使用的列：{_few(table.unread)}。",
        )


def repeated(entries: Sequence[Entry]) -> Iterable[str]:
    """Pictures with several lines."""
    if entries:
        first = f"{one_line(entries[0].key)}, {entries[0].origin}"
        yield say(
            f"{len(entries)} pictures have several lines (e.g. {first}): their labels are put together.",
            f"{len(entries)} 张图片出现在多行中（如 {first}）：已合并其标签。",
        )


def unused(names: Sequence[str]) -> Iterable[str]:
    """Labels that no picture has."""
    if names:
        yield say(f"No picture has: {_few(names)}. Left out.", f"没有图片带有以下标签，已去掉：{_few(names)}。")


def untrained(names: Sequence[str]) -> Iterable[str]:
    """Labels that validation or test pictures alone have."""
    if names:
        yield say(
            f"No training picture has: {_few(names)}. They cannot be learned and are left out.",
            f"没有训练图片带有以下标签，无法学习，已去掉：{_few(names)}。",
        )


def doubtful(names: Sequence[str], counts: Mapping[str, int]) -> Iterable[str]:
    """Labels that may be mistakes in writing: of one picture alone, or equal but for the letters' case."""
    doubts = [line for name in names if (line := _doubt(name, names, counts))]
    yield from doubts[:_SHOWN]
    if len(doubts) > _SHOWN:
        more = len(doubts) - _SHOWN
        yield say(f"{more} more labels are of one picture alone.", f"另有 {more} 个标签也只有一张图片。")


def _doubt(name: str, names: Sequence[str], counts: Mapping[str, int]) -> str:
    """Say what is doubtful of a label; empty where nothing is."""
    lower = name.casefold()
    twin = next((other for other in names if other < name and other.casefold() == lower), None)
    if twin is not None:
        return say(
            f"'{one_line(twin)}' and '{one_line(name)}' are two labels here.",
            f"“{one_line(twin)}”与“{one_line(name)}”在此是两个不同的标签。",
        )
    if counts[name] > 1:
        return ""
    near = did_you_mean(name, [other for other in names if other != name]) if len(names) <= _COMPARED else ""
    return say(
        f"Only one picture has the label '{one_line(name)}'. {near}".rstrip(),
        f"只有一张图片带有标签“{one_line(name)}”。{near}",
    )


def held_out(held: int, of: int, data: MultiLabelDataset) -> Iterable[str]:
    """For a set without validation pictures."""
    if held:
        yield say(
            f"No validation pictures: {held} of the {of} training pictures, chosen by name and labels, are kept for "
            "it.",
            f"没有验证图片：从 {of} 张训练图片中按文件名和标签留出 {held} 张用于验证。",
        )
    elif not data.val:
        yield say(
            "No validation pictures, and too few training pictures to keep any for it.",
            "没有验证图片，训练图片太少，也无法留出一部分。",
        )


def rare(data: MultiLabelDataset) -> Iterable[str]:
    """Labels that validation cannot measure, or that drown among the others."""
    if data.val:
        few = [n for n, count in zip(data.classes, data.counts("val"), strict=True) if count < 1]
        if few:
            yield say(
                f"No validation picture has: {_few(few)}. How well they are found will not be measured.",
                f"没有验证图片带有以下标签，无法衡量：{_few(few)}。",
            )
    trained = Counter(dict(zip(data.classes, data.counts("train"), strict=True)))
    drowned = [name for name, count in trained.items() if count * _RARE < len(data.train) or count < _FEW]
    if drowned:
        listed = ", ".join(f"{one_line(name)} ({trained[name]})" for name in drowned[:_SHOWN])
        yield say(
            f"Labels of few training pictures: {listed}. More pictures of them help most.",
            f"训练图片很少的标签：{listed}。最好补充这些图片。",
        )


def linked(pictures: int, folders: int) -> str:
    """For class folders that share pictures by links."""
    return say(
        f"{pictures} pictures are linked into several of the {folders} class folders: each has all these labels.",
        f"有 {pictures} 张图片通过链接同时放在多个类别文件夹（共 {folders} 个）中：它们同时具有这些标签。",
    )


def copied(pictures: int, example: str) -> str:
    """For class folders that share pictures as copies, with no link anywhere: mistakes, most likely."""
    return say(
        f"{pictures} pictures lie in several class folders as copies of the same name (e.g. {example}): each copy is "
        "taken as one of its own class. For several labels a picture write labels.csv (file,labels).",
        f"有 {pictures} 张图片以同名副本放在多个类别文件夹中（如 {example}）：每份副本只算自己所在的类别。"
        "如果一张图片确有多个标签，请编写 labels.csv（file,labels）。",
    )
