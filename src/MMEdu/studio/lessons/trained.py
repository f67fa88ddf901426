"""The network that a project was trained as a whole, beside what was learnt at once: which of the two is better."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

from BaseDT.language import english, say
from MMEdu.actions.job_files import EVENTS, read_event
from MMEdu.studio.jobs.job import Job
from MMEdu.studio.jobs.jobs import Jobs
from MMEdu.studio.lessons.telling import at_least, percent

_ACCURACY = "accuracy_top-1"
_EPOCH = re.compile(r"_epoch_(\d+)\.pth$")
_TABLE = "per_class.csv"


@dataclass(frozen=True)
class Trained:
    """The last training of a project that left a network.

    Attributes:
        job: It.
        file: Its best checkpoint.
        right: How many of the pictures that were kept apart that one names rightly; None where that is not known.
        judged: How many were kept apart.
        share: Named rightly, in percent; None where nothing was kept apart.
    """

    job: Job
    file: Path
    right: int | None
    judged: int | None
    share: int | None


def last_trained(jobs: Jobs, project: str) -> Trained | None:
    """Return the last training of a project that has ended and left a network; None where there is none."""
    for job in jobs.all():
        if job.kind != "train" or job.settings.get("project") != project or job.state not in ("done", "stopped"):
            continue
        best = next((one.path for one in jobs.results(job) if one.kind == "best"), None)
        if best is not None:
            return _trained(job, best)
    return None


def compared(found: Trained, percent_taught: int | None, judged: int) -> str:
    """Compare it with what was learnt at once, and say which one is taken away with the project.

    Args:
        found: The training.
        percent_taught: How good what was learnt at once is, in percent; None while that cannot be said.
        judged: Pictures that this is about.
    """
    taken = say("What you take away here is what was learnt at once.", "这里带走的是边教边学的模型。")
    if found.share is None:
        return taken
    apart = "the pictures" if found.judged is None else f"{found.judged} pictures"
    count = "" if found.judged is None else f" {found.judged} 张"
    whole = say(
        f"the whole network {found.share} %, on {apart} that it was not trained with",
        f"整个网络在没参加训练的{count}图片上答对 {found.share}%",
    )
    if percent_taught is None:
        text = english(whole)
        return say(f"{text[0].upper()}{text[1:]}. {english(taken)}", f"{whole}。{taken}")
    text = say(
        f"Learnt at once: {percent_taught} % of {judged} pictures, each left out once; {english(whole)}.",
        f"边教边学：{judged} 张图片逐张留出来考，答对 {percent_taught}%；{whole}。",
    )
    return say(
        f"{english(text)} {english(_advice(found, percent_taught))} {english(taken)}",
        f"{text}{_advice(found, percent_taught)}{taken}",
    )


def _advice(found: Trained, percent_taught: int) -> str:
    assert found.share is not None
    if found.share < percent_taught:
        return say("Keep using what was learnt at once.", "继续用边教边学的模型就好。")
    if found.right is not None and found.judged and at_least(found.right, found.judged) > percent_taught / 100:
        return say("The whole network is better.", "整个网络学得更好。")
    return say("That small a difference may be chance: try both.", "差别很小，可能只是碰巧：两个都试试。")


def _trained(job: Job, best: Path) -> Trained:
    value, judged = _accuracy(job.folder / EVENTS, best), _judged(best.with_name(_TABLE))
    if value is None:
        return Trained(job, best, None, judged, None)
    if not judged:
        return Trained(job, best, None, None, math.floor(value + 0.5))
    right = min(judged, round(judged * value / 100))
    return Trained(job, best, right, judged, percent(right, judged))


def _accuracy(events: Path, best: Path) -> float | None:
    """Return the accuracy in percent that was measured when this checkpoint was written."""
    named = _EPOCH.search(best.name)
    found: float | None = None
    if named is None:
        return None
    try:
        with events.open("rb") as lines:
            for line in lines:
                event = read_event(line) if b'"validated"' in line else None
                if event is None or event["event"] != "validated" or event.get("epoch") != int(named[1]):
                    continue
                metrics = event.get("metrics")
                value = metrics.get(_ACCURACY) if isinstance(metrics, dict) else None
                found = float(value) if isinstance(value, (int, float)) and 0 <= value <= 100 else found
    except OSError:
        return None
    return found


def _judged(table: Path) -> int | None:
    """Return of how many pictures the report of a training is."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            return sum(int(row["support"]) for row in csv.DictReader(file)) or None
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return None
