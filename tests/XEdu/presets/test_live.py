"""Ready-made tasks on live pictures: a film of light spots, which are hands to the made-up networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from BaseDT import image
from BaseDT.errors import TaskMismatch
from presets_on_disk import spots
from XEdu import live
from XEdu.presets.live import LivePreset, open_live
from XEdu.presets.opening import Sources


@pytest.fixture
def hands(made_up: Sources) -> LivePreset:
    return open_live("pose_hand21", made_up)


def _film(path: Path, count: int = 24) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 24, (640, 480))
    for frame in range(count):
        writer.write(spots((120 + 4 * frame, 200), (500 - 4 * frame, 300)))
    writer.release()
    return path


def test_a_film_is_followed_and_drawn(hands: LivePreset, folder: Path) -> None:
    lines: list[str] = []
    summary = live.run(hands, _film(folder / "手 部.avi"), out=folder / "出.avi", tell=lines.append)
    assert summary.frames == 24
    assert "#1" in lines[0]
    drawn = cv2.VideoCapture(str(folder / "出.avi"))
    assert drawn.read()[0]


def test_objects_keep_their_numbers_and_points_follow(hands: LivePreset) -> None:
    numbers, lags = set(), []
    for frame in range(30):
        hands.at(frame / 30)
        result = hands.predict([spots((120 + 4 * frame, 160), (520, 400))])[0]
        numbers |= {person.number for person in result}
        by_height = min(result, key=lambda person: person.points[:, 1].mean())
        lags.append(120 + 4 * frame - by_height.points[0, 0])
    assert numbers == {1, 2}
    assert max(map(abs, lags)) < 12  # of a hand some 170 pixels wide that runs 120 pixels a second


def test_what_trembles_is_calmed(hands: LivePreset) -> None:
    random, calm, raw = np.random.default_rng(0), [], []
    for frame in range(60):
        place = (320 + random.normal(0, 2), 240 + random.normal(0, 2))
        picture = spots(place)
        hands.at(frame / 30)
        calm.append(hands.predict([picture])[0][0].points[0])
        raw.append(hands.predict([picture])[0][0].points[0])  # without ``at``: by itself
    assert np.std(calm[20:], axis=0).sum() < 0.6 * np.std(raw[20:], axis=0).sum()


def test_pictures_of_a_folder_are_no_film(hands: LivePreset, folder: Path) -> None:
    for number in range(3):
        image.write(folder / "照 片" / f"{number}.png", spots((150 + 150 * number, 240)))
    summary = live.run(hands, folder / "照 片", out=folder / "出")
    assert summary.frames == 3
    assert hands.predict([spots((150, 240))])[0][0].number is None


def test_frames_of_another_size_in_the_middle(hands: LivePreset) -> None:
    for frame, size in enumerate([(480, 640), (240, 320), (480, 640)]):
        hands.at(frame / 30)
        (result,) = hands.predict([spots((size[1] / 2, size[0] / 2), size=size, radius=size[0] // 12)])
        assert len(result) == 1
        assert np.allclose(result[0].points[:, 0].mean(), size[1] / 2, atol=size[1] / 20)


@pytest.mark.parametrize("name", ["det_hand", "seg_person"])
def test_other_tasks_are_live_too(made_up: Sources, name: str) -> None:
    task = open_live(name, made_up)
    for frame in range(4):
        task.at(frame / 30)
        (result,) = task.predict([spots((320, 240))])
    assert task.kind is not None
    assert task.kind.holds(result)
    assert task.kind.in_words(result, "zh")


def test_hands_are_counted(hands: LivePreset, made_up: Sources, folder: Path) -> None:
    summary = live.run(open_live("det_hand", made_up), _film(folder / "手.avi"), out=folder / "出.avi", count=True)
    assert sum(directions["seen"] for directions in summary.counts.values()) == 2


def test_who_has_numbers_needs_no_second_ones(hands: LivePreset, made_up: Sources, folder: Path) -> None:
    lines: list[str] = []
    film = _film(folder / "手.avi", 4)
    live.run(hands, film, out=folder / "a.avi", track=True, tell=lines.append)
    live.run(open_live("det_hand", made_up), film, out=folder / "b.avi", track=True, tell=lines.append)
    assert "of 21 points" in lines[0]  # drawn with their skeletons, as without it
    assert "hand #1" in lines[-1]


def test_what_cannot_be_drawn_is_not_live(made_up: Sources, refused: Any) -> None:
    with refused(TaskMismatch, "embedding_image", "Workflow"):
        open_live("embedding_image", made_up)
