"""What to say at the end of a training: nothing was learned, or left is taken for right; and what helps. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from BaseDT.dataset.keypoints import PosedObject
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.metrics.keypoints import ALPHA, pck, sizes_of
from MMEdu.tasks.pose.description import Described
from MMEdu.tasks.pose.evaluation import Found, distances

_LEARNED = 0.5  # PCK below which hardly anything was
_CONFUSED = 0.15  # of the points of a pair that lie on the other one
_FEW = 10  # labelled points of a pair: fewer tell nothing
_LISTED = 3


def outlook(found: Found, people: Sequence[PosedObject], described: Described) -> list[str]:
    """Return a line where hardly anything was learned, or where left and right are confused; none otherwise.

    Args:
        found: What the best epoch predicted of each person.
        people: The truth.
        described: Names and pairs of the points.
    """
    if not people:
        return []
    share = pck(distances(found, people, described.names)).pck
    if share is not None and share < _LEARNED:
        return [_hardly_anything(share)]
    if pairs := confused_pairs(found, people, described):
        return [_confused([f"{described.names[a]}/{described.names[b]}" for a, b in pairs])]
    return []


def confused_pairs(found: Found, people: Sequence[PosedObject], described: Described) -> list[tuple[int, int]]:
    """Return the pairs of left and right many of whose points lie where the other one is."""
    off = distances(found, people, described.names)
    truth = np.stack([person.points for person in people])
    sizes = sizes_of(np.array([person.box for person in people]), truth, described.names)
    confused = []
    for pair in described.flip_pairs:
        crossed = known = 0
        for point, other in (pair, pair[::-1]):
            is_known = (truth[:, point, 2] > 0) & (truth[:, other, 2] > 0)
            apart = np.linalg.norm(truth[:, point, :2] - truth[:, other, :2], axis=1) / sizes > ALPHA
            beside = np.linalg.norm(found[:, point, :2] - truth[:, other, :2], axis=1) / sizes
            is_known &= apart
            crossed += int((is_known & (beside < ALPHA / 2) & (off[:, point] >= ALPHA)).sum())
            known += int(is_known.sum())
        if known >= _FEW and crossed > _CONFUSED * known:
            confused.append(pair)
    return confused


def _hardly_anything(share: float) -> str:
    return say(
        f"Hardly anything was learned: {100 * share:.0f} % of the points are right. More epochs, pretrained=True "
        "(mmedu weights get mobilenet) and more pictures help; mmedu check shows whether the points lie where they "
        "should.",
        f"几乎没有学会：只有 {100 * share:.0f} % 的关键点位置正确。可以增加 epochs，使用 pretrained=True"
        "（mmedu weights get mobilenet），增加图片；并用 mmedu check 查看标注的点是否在正确的位置。",
    )


def _confused(pairs: Sequence[str]) -> str:
    listed = ", ".join(map(one_line, pairs[:_LISTED])) + (", ..." if len(pairs) > _LISTED else "")
    return say(
        f"Left and right are confused: {listed}. Look whether 'left' always means the person's own left in the "
        "annotations; where that is so, more epochs and pictures from behind and from the side help.",
        f"左右混淆：{listed}。请检查标注中的“left”是否始终指人物自己的左侧；"
        "如果标注无误，可增加 epochs 和侧面、背面的图片。",
    )
