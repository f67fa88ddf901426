"""What a lesson answers, as plain data: of a live picture, and of all that it was taught."""

from __future__ import annotations

import base64
import time

import numpy as np

from BaseDT.errors import ImageDamaged
from BaseDT.language import say
from MMEdu.studio.lessons.backbones import Backbones, told
from MMEdu.studio.lessons.lesson import Judged, Learnt, Lesson
from MMEdu.studio.lessons.taught_project import Look
from MMEdu.studio.lessons.telling import can_be_said, is_guessing, percent, sentences

_MOST_MISTAKES, _MOST_POINTS = 24, 1500


def predict(lesson: Lesson, backbones: Backbones, data: bytes, *, why: bool = False) -> dict[str, object]:
    """Answer for a live picture.

    Args:
        lesson: Of the project.
        backbones: The network.
        data: The bytes of the picture.
        why: Whether a heat map is wanted: where the class with the best score was seen.

    Raises:
        ImageUnsupported, ImageDamaged: These are no picture (-203, -205).
    """
    begin = time.perf_counter()
    learnt, backbone = lesson.learnt, backbones.ready
    if not data:
        raise ImageDamaged(
            say("The request holds no picture.", "请求中没有图片。"),
            hint=say("Send the bytes of a JPEG or PNG.", "请发送 JPEG 或 PNG 图片的内容。"),
        )
    if learnt is None or backbone is None:
        progress = lesson.progress
        waiting: dict[str, object] = {"ready": False, "state": progress.state, "classes": [], "ms": 0.0}
        return {**waiting, **(told(backbones.error) if backbones.error is not None else {})}
    picture = backbone.picture_of(data)
    seen = backbone.seen(picture)
    scores = learnt.layer.probabilities(seen.features)[0]
    names = lesson.names
    shown = [(one, float(score)) for one, score in zip(learnt.table.classes, scores, strict=True) if one in names]
    total = sum(score for _, score in shown) or 1.0  # a class that has just been removed says nothing
    answer: dict[str, object] = {
        "ready": True,
        "classes": [{"id": one, "name": names[one], "score": score / total} for one, score in shown],
    }
    if why and shown:
        best = max(shown, key=lambda one: one[1])[0]
        heat = backbone.heat(picture, seen, learnt.layer, learnt.table.classes.index(best))
        if heat is not None:
            png = base64.b64encode(heat.png).decode("ascii")
            answer["heat"] = {"class": best, "width": heat.width, "height": heat.height, "data": png}
    return {**answer, "ms": round(1000 * (time.perf_counter() - begin), 1)}


def teaching(lesson: Lesson, backbones: Backbones) -> dict[str, object]:
    """Say what was learnt, and how well."""
    progress, look, learnt, judged = lesson.progress, lesson.look, lesson.learnt, lesson.judged
    if progress.state in ("empty", "one_class"):  # it was taught more a moment ago
        judged = None
    counts = look.counts
    answer: dict[str, object] = {
        "state": progress.state,
        "done": progress.done,
        "total": progress.total,
        "classes": [{"id": one, "name": name, "count": counts[one]} for one, name in look.classes.items()],
        "empty": sum(not counts[one] for one in look.classes),
        "current": progress.state == "ready" and judged is not None and _about(judged, learnt),
        "sentences": sentences(look.classes, counts, None if judged is None else judged.judgement),
        "unreadable": [one for one in lesson.unreadable if one in look.pictures],
        **_figures(judged, look),
    }
    if backbones.error is not None:
        answer |= told(backbones.error)
    return answer


def share(lesson: Lesson) -> tuple[int | None, int]:
    """Return how good it is in percent, None while that cannot be said; and of how many pictures that is."""
    look, judged = lesson.look, lesson.judged
    if judged is None or not can_be_said(look.classes, look.counts, judged.judgement):
        return None, 0
    judgement = judged.judgement
    return percent(judgement.right, judgement.judged), judgement.judged


def _about(judged: Judged, learnt: Learnt | None) -> bool:
    return learnt is not None and judged.table is learnt.table


def _figures(judged: Judged | None, look: Look) -> dict[str, object]:
    """Return the figures; pictures and classes that have gone meanwhile are left out."""
    if judged is None:
        none: dict[str, object] = {"accuracy": None, "percent": None, "judged": 0, "right": 0, "order": []}
        return {**none, "guessing": False, "matrix": [], "cells": [], "mistakes": [], "map": []}
    judgement = judged.judgement
    places = [place for place, one in enumerate(judgement.classes) if one in look.classes]
    cells = [
        [[one for one in judgement.cells[row][column] if one in look.pictures] for column in places] for row in places
    ]
    mistakes = [
        {"picture": one.picture, "true": one.true, "said": one.said, "score": round(one.score, 4)}
        for one in judgement.mistakes
        if one.picture in look.pictures and one.true in look.classes and one.said in look.classes
    ]
    said = can_be_said(look.classes, look.counts, judgement)
    return {
        "accuracy": judgement.accuracy if said else None,
        "percent": percent(judgement.right, judgement.judged) if said else None,
        "guessing": said and is_guessing(judgement),
        "judged": judgement.judged,
        "right": judgement.right,
        "order": [judgement.classes[place] for place in places],
        "matrix": [[len(cell) for cell in row] for row in cells],
        "cells": cells,
        "mistakes": mistakes[:_MOST_MISTAKES],
        "map": _points(judged, look),
    }


def _points(judged: Judged, look: Look) -> list[dict[str, object]]:
    pictures = judged.table.pictures
    chosen = np.unique(np.linspace(0, len(pictures) - 1, min(len(pictures), _MOST_POINTS)).round().astype(int))
    return [
        {
            "picture": pictures[place],
            "class": look.pictures[pictures[place]].class_id,
            "x": round(float(judged.plane[place, 0]), 4),
            "y": round(float(judged.plane[place, 1]), 4),
        }
        for place in chosen
        if pictures[place] in look.pictures
    ]
