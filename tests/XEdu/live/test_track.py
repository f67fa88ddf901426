"""Numbers that objects keep, lines that they cross, and what is counted: boxes as a detector gives them, no model."""

from __future__ import annotations

import csv
import itertools
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.errors import ParameterInvalid, ParameterUnknown, PathExists, PathNotWritable, XEduError
from BaseDT.metrics import idf1
from BaseDT.results import DetectionResult
from XEdu.live.track import Counter, CountTable, Crossing, Line, TrackedObject, Tracker

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from bench._discs import film

FRAME = np.zeros((100, 200, 3), np.uint8)


def box(x: float, y: float, *, size: float = 20, score: float = 0.9, label: int = 0) -> DetectionResult:
    half = size / 2
    return DetectionResult(label, score, (x - half, y - half, x + half, y + half), ("猫", "狗")[label])


def ids(objects: Iterable[TrackedObject]) -> list[int]:
    return [thing.id for thing in objects]


# --- numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 3, 7])
def test_ten_discs_that_cross_keep_their_numbers(seed: int) -> None:
    tracker, pictures = Tracker(), list(film(10, 200, seed))
    tracked = [{thing.id: thing.result.box for thing in tracker.update(picture.found)} for picture in pictures]
    assert idf1([picture.truth for picture in pictures], tracked) >= 0.95


def test_an_object_that_moves_keeps_its_number() -> None:
    tracker = Tracker()
    seen = [ids(tracker.update([box(10 + 6 * step, 50), box(190 - 6 * step, 60)])) for step in range(28)]
    assert all(numbers == [1, 2] for numbers in seen)


def test_two_that_cross_in_opposite_directions_keep_theirs() -> None:
    tracker = Tracker()
    for step in range(28):
        objects = tracker.update([box(10 + 6 * step, 50), box(190 - 6 * step, 60)])
    assert [thing.centre[0] > 100 for thing in objects] == [True, False]


@pytest.mark.parametrize("gap", [1, 5, 20])
def test_who_is_hidden_for_a_while_is_known_again_where_it_must_be(gap: int) -> None:
    tracker = Tracker()
    positions = [10 + 4 * step for step in range(40)]
    shown = [x for step, x in enumerate(positions) if not 10 <= step < 10 + gap]
    seen = {tuple(ids(tracker.update([box(x, 50)] if x in shown else []))) for x in positions}
    assert seen == {(1,), ()}


def test_who_is_missing_for_too_long_is_a_new_one_and_is_forgotten() -> None:
    tracker = Tracker(keep=3)
    tracker.update([box(50, 50)])
    for _ in range(4):
        assert tracker.update([]) == []
    assert tracker.known == set()
    tracker.update([box(50, 50)])
    assert ids(tracker.update([box(50, 50)])) == [2]


def test_an_object_that_moves_by_more_than_its_size_is_still_the_same() -> None:
    """Before a slow camera nothing overlaps."""
    tracker = Tracker()
    assert {tuple(ids(tracker.update([box(10 + 25 * step, 50)]))) for step in range(7)} == {(1,)}


def test_what_is_found_once_has_no_number() -> None:
    tracker = Tracker()
    tracker.update([box(50, 50)])
    assert ids(tracker.update([box(50, 50), box(150, 50)])) == [1]
    assert ids(tracker.update([box(50, 50)])) == [1]
    assert ids(tracker.update([box(50, 50), box(150, 50)])) == [1]
    assert ids(tracker.update([box(50, 50), box(150, 50)])) == [1, 2]


def test_a_low_score_goes_on_with_an_object_and_begins_none() -> None:
    tracker = Tracker(thr=0.5)
    tracker.update([box(50, 50)])
    assert ids(tracker.update([box(50, 50, score=0.2), box(150, 50, score=0.4)])) == [1]
    assert ids(tracker.update([box(50, 50, score=0.2), box(150, 50, score=0.4)])) == [1]


def test_a_class_that_wavers_changes_neither_the_number_nor_the_name() -> None:
    tracker = Tracker()
    for step in range(12):
        (thing,) = tracker.update([box(50 + step, 50, label=int(step in (4, 5, 9)))])
        assert (thing.id, thing.name, thing.result.label) == (1, "猫", 0)


def test_of_two_at_one_place_each_keeps_its_class() -> None:
    tracker = Tracker()
    for _ in range(5):
        objects = tracker.update([box(50, 50, label=1), box(52, 50, label=0)])
    assert [thing.name for thing in objects] == ["狗", "猫"]


def test_what_workflow_says_is_as_good() -> None:
    in_words: list[Any] = [box(50, 50).to_chinese(), box(150, 50, label=1).to_prediction()]
    objects = Tracker().update(in_words)
    assert [(thing.id, thing.name, thing.result.box) for thing in objects] == [
        (1, "猫", (40, 40, 60, 60)),
        (2, "狗", (140, 40, 160, 60)),
    ]
    assert objects[0].to_chinese() == {"编号": 1, **in_words[0]}


def test_boxes_without_area_and_thousands_of_pictures_do_no_harm() -> None:
    tracker = Tracker(keep=2)
    for step in range(300):
        tracker.update([box(step % 90, step % 70, size=0), box(1e6, 1e6, size=1e-9), box(0, 0, size=1e6)])
    assert len(tracker.known) < 20


@pytest.mark.parametrize(
    "results",
    [None, "box", 5, {"标签": 0}, {"标签": 0, "置信度": 0.9, "预测结果": "猫"}, [5], [{}], [[box(5, 5)]],
     [{"标签": 0, "置信度": 0.9, "坐标": {"x1": 1}, "预测结果": "猫"}],
     [{"标签": 0, "置信度": 0.9, "坐标": {"x1": "a", "y1": 0, "x2": 0, "y2": 10**400}, "预测结果": "猫"}]],
)  # fmt: skip
def test_what_no_detector_says_is_named(results: Any) -> None:
    with pytest.raises(ParameterInvalid, match="results="):
        Tracker().update(results)


@pytest.mark.parametrize("wrong", [{"thr": 2}, {"thr": "x"}, {"keep": -1}, {"keep": 1.5}])
def test_a_value_that_cannot_work_is_named(wrong: dict[str, Any]) -> None:
    for made in (Tracker, Counter):
        with pytest.raises(ParameterInvalid, match=next(iter(wrong))):
            made(**wrong)
    with pytest.raises(ParameterUnknown, match="keep"):
        Tracker(kep=3)  # type: ignore[call-arg]


# --- the line ------------------------------------------------------------------------------------------------------


def counted(points: Iterable[tuple[float, float] | None], line: Any = (0, 0.5, 1, 0.5), **options: Any) -> Counter:
    counter = Counter(line=line, **options)
    for point in points:
        counter.update([] if point is None else [box(*point)], FRAME)
    return counter


def steps(*ends: tuple[float, float]) -> list[tuple[float, float]]:
    """A walk from point to point in steps of a few pixels."""
    walk = [ends[0]]
    for (x, y), (to_x, to_y) in itertools.pairwise(ends):
        number = max(1, round(max(abs(to_x - x), abs(to_y - y)) / 5))
        walk += [(x + (to_x - x) * i / number, y + (to_y - y) * i / number) for i in range(1, number + 1)]
    return walk


@pytest.mark.parametrize(
    ("line", "walk", "counts"),
    [
        ((0, 0.5, 1, 0.5), steps((100, 10), (100, 90)), {"in": 1, "out": 0}),
        ((0, 50, 200, 50), steps((100, 10), (100, 90)), {"in": 1, "out": 0}),
        ("1,0.5,0,0.5", steps((100, 10), (100, 90)), {"in": 0, "out": 1}),
        ("0.5, 0, 0.5, 1", steps((150, 50), (50, 50)), {"in": 1, "out": 0}),
        (Line((0, 0), (1, 1)), steps((150, 20), (50, 80)), {"in": 1, "out": 0}),
        ((0, 0.5, 1, 0.5), steps((100, 10), (100, 90), (100, 10)), {"in": 1, "out": 1}),
    ],
)
def test_who_crosses_is_counted_in_its_direction(line: Any, walk: Any, counts: dict[str, int]) -> None:
    assert counted(walk, line).counts == {"猫": counts}


def test_who_wavers_on_the_line_crosses_once() -> None:
    waver = [(100, 50 + (-1) ** step * 4) for step in range(30)]
    walk = [*steps((100, 10), (100, 46)), *waver, *steps((100, 54), (100, 90))]
    assert counted(walk).counts == {"猫": {"in": 1, "out": 0}}
    assert counted([*steps((100, 10), (100, 46)), *waver, *steps((100, 46), (100, 10))]).counts == {}


def test_who_goes_around_the_end_of_the_line_does_not_cross_it() -> None:
    around = steps((50, 20), (150, 20), (150, 80), (50, 80))
    assert counted(around, (0, 0.5, 0.5, 0.5)).counts == {}


def test_who_jumps_over_the_line_or_is_hidden_on_it_is_counted() -> None:
    assert counted(steps((100, 10), (100, 30)) + [None] * 8 + steps((100, 70), (100, 90))).counts["猫"]["in"] == 1


def test_who_first_appears_on_the_line_or_vanishes_on_it_is_not_counted() -> None:
    assert counted(steps((100, 50), (100, 90))).counts == {}
    assert counted([*steps((100, 10), (100, 50)), *[None] * 40]).counts == {}


def test_classes_are_counted_apart_and_totals_go_on() -> None:
    counter = Counter(line=(0, 0.5, 1, 0.5))
    totals = []
    for x, y in steps((50, 10), (50, 90), (50, 10), (50, 90)):
        counter.update([box(x, y), box(x + 100, 100 - y, label=1)], FRAME)
        totals += [(crossing.thing.name, crossing.direction, crossing.total) for crossing in counter.crossings]
    assert counter.counts == {"猫": {"in": 2, "out": 1}, "狗": {"in": 1, "out": 2}}
    assert [total for total in totals if total[0] == "猫"] == [("猫", "in", 1), ("猫", "out", 1), ("猫", "in", 2)]


def test_without_a_line_each_object_counts_once_when_it_is_sure() -> None:
    counter = Counter()
    for step in range(40):
        flash = [box(180, 20)] if step == 10 else []
        late = [box(100, 30, label=1)] if step >= 20 else []
        counter.update([box(20 + 2 * step, 70), *late, *flash], FRAME)
    assert counter.counts == {"猫": {"seen": 1}, "狗": {"seen": 1}}


@pytest.mark.parametrize(
    "line",
    ["", "a,b,c,d", "1,2,3", "1,2,3,4,5", (0, 0, 0, 0), (0.5, 0.5, 0.5, 0.5), (-1, 0, 5, 5), (0, 0, float("nan"), 1),
     (0, 0, 10**400, 1), (True, 0, 1, 1), 5, [["x"], 0, 1, 1], "0.5;0;0.5;1",
     Line(5, 6), Line((1, 2), (1, 2)), Line((1,), ("a", 5))],
)  # fmt: skip
def test_what_is_no_line_is_named(line: Any) -> None:
    with pytest.raises(ParameterInvalid, match="line="):
        Counter(line=line)


def test_a_line_beside_the_picture_is_named_with_its_size() -> None:
    with pytest.raises(ParameterInvalid, match="200 × 100"):
        counted([(50, 50)], (0, 240, 640, 240))


@pytest.mark.parametrize("frame", [None, "x.jpg", np.zeros(3, np.uint8)])
def test_what_is_no_picture_is_named(frame: Any) -> None:
    with pytest.raises(ParameterInvalid, match="frame="):
        Counter().update([], frame)


# --- the table -----------------------------------------------------------------------------------------------------


def crossing(name: str = "猫", total: int = 1) -> Crossing:
    thing = TrackedObject(3, DetectionResult(0, 0.9, (0, 0, 9, 9), name))
    return Crossing(thing, "in", total)


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def test_every_crossing_is_a_line_at_once(tmp_path: Path) -> None:
    table = CountTable(tmp_path / "计 数" / "数.csv")
    table.add(crossing(), 12, 0.48)
    head, first = rows(table.path)  # not closed: a kill finds it so
    assert head == ["time", "seconds", "frame", "id", "class", "direction", "total"]
    assert first[1:] == ["0.480", "12", "3", "猫", "in", "1"]
    assert first[0][:2] == "20"
    table.add(crossing(total=2), 30, 1.2)
    assert rows(table.path)[2][-1] == "2"
    table.close()


@pytest.mark.parametrize(
    ("name", "cell"), [("=1+1", "'=1+1"), ("a,b", "a,b"), ('a"b', 'a"b'), ("a\nb", "a\\nb"), ("\x1b[2J", "\\x1b[2J")]
)
def test_names_of_classes_act_on_no_spreadsheet(tmp_path: Path, name: str, cell: str) -> None:
    table = CountTable(tmp_path / "x.csv")
    table.add(crossing(name), 1, 0)
    table.close()
    assert rows(table.path)[1][4] == cell


def test_yesterdays_counts_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "数.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(PathExists) as caught:
        CountTable(tmp_path / "数.csv")
    assert "数_2.csv" in caught.value.hint
    assert (tmp_path / "数.csv").read_text("utf-8") == "mine"


@pytest.mark.parametrize("path", ["文件/x.csv", "x" * 300 + ".csv"])
def test_a_table_that_cannot_be_written_is_named(tmp_path: Path, path: str) -> None:
    (tmp_path / "文件").write_text("x", encoding="utf-8")
    with pytest.raises(PathNotWritable):
        CountTable(tmp_path / path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is a file on Linux")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    table = CountTable(tmp_path / "x.csv")
    table._file.close()
    with Path("/dev/full").open("wb", buffering=0) as full:
        table._file = full
        with pytest.raises(XEduError) as caught:
            table.add(crossing(), 1, 0)
    assert caught.value.code == -803
    assert os.linesep not in caught.value.message
