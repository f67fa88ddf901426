"""Shares in words and cells, the same in every evaluation."""

from __future__ import annotations

from typing import Any

from BaseDT.language import say
from BaseDT.metrics import wilson

NOTHING = "–"
"""In a cell: there is nothing to say."""
_WIDE = 0.2  # of an interval: more than 10 points to each side


def share(hits: int, total: int) -> float | None:
    """Return a share; None of nothing."""
    return hits / total if total else None


def interval(hits: int, total: int) -> list[float] | None:
    """Return Wilson's interval of a share as JSON data; None of nothing."""
    return [round(end, 4) for end in wilson(hits, total)] if total else None


def percent(value: float | None) -> str:
    """Return a share as a cell."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def between(ends: list[float] | None) -> str:
    """Return an interval as a cell, in whole percents."""
    return NOTHING if ends is None else f"{100 * ends[0]:.0f}–{100 * ends[1]:.0f} %"


def counted_share(hits: int, total: int, en: str, zh: str) -> str:
    """Say a share with its interval: what was counted, in English and Chinese."""
    low, high = wilson(hits, total)
    value = percent(share(hits, total))
    return say(
        f"{en}: {hits} of {total}, {value} (95 % interval: {100 * low:.0f} to {100 * high:.0f} %).",
        f"{zh}：{total} 个中 {hits} 个，{value}（95 % 置信区间：{100 * low:.0f} 至 {100 * high:.0f} %）。",
    )


def uncertain(hits: int, total: int, en: str, zh: str) -> list[str]:
    """Say that so few say little, where the interval is wider than 10 points to each side.

    Args:
        hits: Of them.
        total: How many there are.
        en: What they are, in the plural.
        zh: The same in Chinese, with its measure word.
    """
    low, high = wilson(hits, total)
    if not total or high - low <= _WIDE:
        return []
    return [
        say(
            f"From so few {en} ({total}) little can be told: the true share lies between {100 * low:.0f} and "
            f"{100 * high:.0f} %, very likely. More make it surer.",
            f"{total} {zh}能说明的有限：真实比例很可能在 {100 * low:.0f} % 到 {100 * high:.0f} % 之间。"
            "数量越多，结果越可靠。",
        )
    ]


def rounded(value: Any) -> Any:
    """Return JSON data whose shares have four digits."""
    return round(value, 4) if isinstance(value, float) else value
