"""What the numbers of a lesson mean, in sentences for those who taught it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from BaseDT.language import english, say
from MMEdu.actions.teach import Judgement

MOST = 3
ENOUGH = 5
"""Pictures of a class, below which nothing can be said of it."""
_TIMES = 3
_ONE_GO = 0.5
"""Pictures that step less from one to the next are frames of one film."""
_SURE = 1.645
"""Standard deviations; guessing reaches what lies above them once in twenty times."""


def can_be_said(names: Mapping[str, str], counts: Mapping[str, int], judgement: Judgement | None) -> bool:
    """Tell whether there are enough pictures of each class that has any to say how good it is.

    Args:
        names: Of the classes, by id.
        counts: Pictures of each class, by id.
        judgement: Of the held-out answers; None where there is none yet.
    """
    shown = [count for one, count in counts.items() if count and one in names]
    return judgement is not None and judgement.accuracy is not None and len(shown) > 1 and min(shown) >= ENOUGH


def is_guessing(judgement: Judgement) -> bool:
    """Tell whether so many right answers are no better than guessing."""
    return bool(judgement.judged) and at_least(judgement.right, judgement.judged) <= 1 / len(judgement.classes)


def at_least(right: int, judged: int) -> float:
    """Return the share that so many right answers prove: the lower end of Wilson's interval."""
    square = _SURE**2
    spread = _SURE * math.sqrt(right * (judged - right) / judged + square / 4)
    return (right + square / 2 - spread) / (judged + square)


def percent(right: int, judged: int) -> int:
    """Round a share to whole percents; 100 are all and 0 are none."""
    if right in (0, judged):
        return 100 if right else 0
    return min(99, max(1, math.floor(100 * right / judged + 0.5)))


def sentences(names: Mapping[str, str], counts: Mapping[str, int], judgement: Judgement | None) -> list[str]:
    """Say in at most three sentences what the numbers mean.

    Args:
        names: Of the classes, by id, in the user's order.
        counts: Pictures of each class, by id.
        judgement: Of the held-out answers; None where there is none yet.
    """
    found: list[str] = []
    for sentence in _all(names, counts, judgement):
        found.append(sentence)
        if len(found) == MOST:
            break
    return found


def _all(names: Mapping[str, str], counts: Mapping[str, int], judgement: Judgement | None) -> Iterator[str]:
    shown = {one: count for one, count in counts.items() if count and one in names}
    if len(shown) < 2:
        yield _too_few_classes(names, shown)
        return
    if judgement is None and min(shown.values()) >= ENOUGH:
        yield say("It is still looking at the pictures.", "正在看图片，请稍等。")
    elif judgement is None or not can_be_said(names, counts, judgement):
        yield _cannot_judge(names, shown)
    elif is_guessing(judgement):  # whatever else the numbers say of it is chance
        yield _guesses(names, judgement)
        yield from (one for one in (_uneven(names, shown), _empty(names, counts)) if one is not None)
        return
    elif (worst := _worst(judgement)) is not None and all(one in names for one in worst[:2]):
        yield _taken_for(names, shown, *worst)
    else:
        yield say(
            f"Each of the {judgement.judged} pictures is told rightly when it is left out.",
            f"把每张图片留出来考一考，{judgement.judged} 张全部答对。",
        )
    if (uneven := _uneven(names, shown)) is not None:
        yield uneven
    if (empty := _empty(names, counts)) is not None:
        yield empty
    if judgement is None or not can_be_said(names, counts, judgement):
        return
    if judgement.steps < _ONE_GO:
        yield _one_go(judgement)
    if len(judgement.mistakes) > 1:
        yield say(
            "Look at the surest mistakes first: a picture may simply lie in the wrong class.",
            "先看看最有把握的错误：也许只是图片放错了类别。",
        )


def _too_few_classes(names: Mapping[str, str], shown: Mapping[str, int]) -> str:
    if not shown:
        return say("No class has a picture yet: add some to two classes.", "还没有图片：请给至少两个类别添加图片。")
    name = _quoted(names[next(iter(shown))])
    return say(
        f"Only {name} has pictures: with a second class there is something to tell apart.",
        f"只有{name}有图片：再给另一个类别添加图片，才能学会区分。",
    )


def _guesses(names: Mapping[str, str], judgement: Judgement) -> str:
    right, judged = judgement.right, judgement.judged
    told = [names[one] for one in judgement.classes if one in names]
    if len(told) == 2:
        one, other = map(_quoted, told)
        ask = say(f"Do {one} and {other} show the same?", f"{one}和{other}拍的是不是同样的东西？")
    else:
        ask = say("Do the classes show the same?", "这些类别拍的是不是同样的东西？")
    return say(
        f"No better than guessing: {right} of {judged} are told rightly. {english(ask)}",
        f"{judged} 张只答对 {right} 张，和瞎猜差不多。{ask}",
    )


def _empty(names: Mapping[str, str], counts: Mapping[str, int]) -> str | None:
    empty = [name for one, name in names.items() if not counts.get(one)]
    if not empty:
        return None
    if len(empty) == 1:
        name = _quoted(empty[0])
        return say(f"{name} has no pictures yet and is left out.", f"{name}还没有图片，暂时不参加学习。")
    return say(
        f"{len(empty)} classes have no pictures yet and are left out.",
        f"有 {len(empty)} 个类别还没有图片，暂时不参加学习。",
    )


def _cannot_judge(names: Mapping[str, str], shown: Mapping[str, int]) -> str:
    fewest = min(shown, key=lambda one: shown[one])
    name, count = _quoted(names[fewest]), shown[fewest]
    return say(
        f"How good it is cannot be said yet: {name} has {_pictures(count)}; {ENOUGH} of each class are the least, "
        "20 are good.",
        f"现在还看不出学得好不好：{name}只有 {count} 张图片；每个类别至少 {ENOUGH} 张，最好 20 张。",
    )


def _taken_for(names: Mapping[str, str], shown: Mapping[str, int], true: str, said: str, wrong: int, of: int) -> str:
    one, other = _quoted(names[true]), _quoted(names[said])
    text = say(
        f"{one} is taken for {other} {_times(wrong)} in {of}",
        f"{of} 张{one}中有 {wrong} 张被认成{other}",
    )
    fewest = min(shown.values())
    if shown.get(true) == fewest < max(shown.values()):
        return say(f"{english(text)}; {one} has the fewest pictures.", f"{text}；{one}的图片最少。")
    return say(
        f"{english(text)}: more pictures that show how they differ will help.",
        f"{text}：多拍一些能看出两者区别的图片。",
    )


def _worst(judgement: Judgement) -> tuple[str, str, int, int] | None:
    """Return which class is taken for which most often, as a share of its pictures, how often, and of how many."""
    found = [
        (judgement.classes[row], judgement.classes[column], count, sum(counts))
        for row, counts in enumerate(judgement.matrix)
        for column, count in enumerate(counts)
        if count and row != column
    ]
    return max(found, key=lambda one: (one[2] / one[3], one[2]), default=None)


def _uneven(names: Mapping[str, str], shown: Mapping[str, int]) -> str | None:
    most, fewest = max(shown, key=lambda one: shown[one]), min(shown, key=lambda one: shown[one])
    if shown[most] < _TIMES * shown[fewest]:
        return None
    more, less = _quoted(names[most]), _quoted(names[fewest])
    return say(
        f"{more} has {_pictures(shown[most])}, {less} only {shown[fewest]}: add some to {less}.",
        f"{more}有 {shown[most]} 张图片，{less}只有 {shown[fewest]} 张：请给{less}多加一些。",
    )


def _one_go(judgement: Judgement) -> str:
    share = percent(judgement.right, judgement.judged)
    return say(
        f"{share} % may flatter: each class looks as if it was recorded in one go, its pictures resemble each other. "
        "Record some more in another place.",
        f"{share}% 可能偏高：每个类别像是一口气连拍的，图片彼此很像。请换个地方、换个背景再拍一些。",
    )


def _quoted(name: str) -> str:
    return say(f"“{name}”", f"“{name}”")


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
