"""What the user is told about a data set that was read: one line for each thing worth knowing. ``imagenet`` calls it.

Only sentences are made here; every decision was taken before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from BaseDT.dataset.scan import Split
from BaseDT.escaping import one_line
from BaseDT.image import phone_formats
from BaseDT.language import english, say

_SHOWN = 8
# From this ratio on, the largest class drowns the smallest.
_UNBALANCED = 5


def _few(names: Sequence[str]) -> str:
    return ", ".join(map(one_line, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")


def folders_taken_as_classes(names: Sequence[str]) -> str:
    """For class folders that lie directly in the root."""
    return say(
        f"There is no training_set: the folders here are taken as the classes: {_few(names)}.",
        f"没有 training_set：直接把这里的文件夹当作类别：{_few(names)}。",
    )


def held_out(held: int, of: int) -> str:
    """For a data set without validation pictures."""
    if not held:
        return say(
            "No validation pictures (val_set), and too few training pictures to keep any for it.",
            "没有验证图片（val_set），训练图片太少，也无法留出一部分。",
        )
    return say(
        f"No validation pictures (val_set): {held} of the {of} training pictures, chosen by name, are kept for it.",
        f"没有验证图片（val_set）：从 {of} 张训练图片中按文件名留出 {held} 张用于验证。",
    )


def without_validation(names: Sequence[str]) -> str:
    """For classes that no validation picture shows."""
    return say(
        f"No validation pictures of: {_few(names)}. How well they are recognised will not be measured.",
        f"以下类别没有验证图片，无法衡量其准确率：{_few(names)}。",
    )


def unlabelled_test(split: Split) -> str:
    """For a flat test folder without ``test.txt``."""
    return say(
        f"The {len(split.loose)} pictures in {split.name} have no labels (no class folders, no test.txt): not used.",
        f"{split.name} 中的 {len(split.loose)} 张图片没有标签（既无类别文件夹，也无 test.txt），不使用。",
    )


def outside_classes(split: Split) -> str:
    """For pictures beside the class folders."""
    return say(
        f"{len(split.loose)} pictures in {split.name} lie in no class folder, e.g. {split.loose[0]}: not used.",
        f"{split.name} 中有 {len(split.loose)} 张图片不在类别文件夹里（如 {split.loose[0]}），不使用。",
    )


def unbalanced(classes: Sequence[str], counts: Sequence[int]) -> Iterable[str]:
    """Where the largest class has five times as many training pictures as the smallest."""
    most, least = max(counts), min(counts)
    if most >= _UNBALANCED * least:
        large, small = (one_line(classes[counts.index(count)]) for count in (most, least))
        yield say(
            f"The classes are unbalanced: {large} has {most} training pictures, {small} {least}. "
            'More pictures help, or train(balance="auto").',
            f"类别不均衡：{large} 有 {most} 张训练图片，{small} 只有 {least} 张。"
            '可补充图片，或使用 train(balance="auto")。',
        )


def ignored(splits: Iterable[Split]) -> Iterable[str]:
    """How much was left out while scanning, if anything."""
    system, empty, others = 0, 0, Counter[str]()
    for split in splits:
        system += split.ignored.system
        empty += split.ignored.empty
        others += split.ignored.others
    phones = Counter({suffix: others.pop(suffix) for suffix in phone_formats.SUFFIXES if suffix in others})
    kinds = ", ".join(f"{suffix or '?'} {count}" for suffix, count in others.most_common(4))
    parts = [
        say(f"{system} system files", f"{system} 个系统文件") if system else "",
        say(
            f"{others.total()} files that are no supported pictures ({kinds})",
            f"{others.total()} 个不支持的文件（{kinds}）",
        )
        if others
        else "",
        say(f"{empty} empty folders", f"{empty} 个空文件夹") if empty else "",
    ]
    if any(parts):
        yield say("Ignored: ", "已忽略：") + say(", ", "、").join(filter(None, parts)) + say(".", "。")
    yield from undecodable(phones)


def undecodable(others: Mapping[str, int]) -> Iterable[str]:
    """For pictures of telephones that nothing here can decode.

    Args:
        others: How many files of each suffix were left out.
    """
    if number := sum(count for suffix, count in others.items() if suffix in phone_formats.SUFFIXES):
        yield say(
            f"{number} HEIC or AVIF pictures cannot be read here: not used. {phone_formats.way_out()}",
            f"{number} 张 HEIC 或 AVIF 图片无法读取，不使用。{phone_formats.way_out()}",
        )


def completed(written: Sequence[str], in_memory: Sequence[str], reason: str) -> Iterable[str]:
    """Which text files were missing and were written, or could not be written."""
    if written:
        yield say(f"Made the missing {_few(written)}.", f"已补齐缺少的 {_few(written)}。")
    if in_memory:
        yield say(
            f"{_few(in_memory)} cannot be written here ({english(reason)}): kept in memory.",
            f"无法在此写入 {_few(in_memory)}（{reason}），仅保存在内存中。",
        )
