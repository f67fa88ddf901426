"""Which way up boxes were drawn: sizes, boxes and the rest of the set tell; what cannot be told is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco import load
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.directions import Head, Labelled, directions
from BaseDT.dataset.upright import turned_box, upright
from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks

SIDEWAYS = Head(48, 64, 6)  # 64 wide as it is stored, 48 wide as it is seen
BOTH = (10.0, 10.0, 30.0, 30.0)
ONLY_UPRIGHT = (2.0, 52.0, 12.0, 62.0)
ONLY_STORED = (50.0, 2.0, 62.0, 12.0)
STORED, UPRIGHT = (48, 64), (64, 48)


def labelled(
    *corners: tuple[float, float, float, float], head: Head = SIDEWAYS, claimed: tuple[int, int] | None = STORED
) -> Labelled:
    return Labelled("a.jpg", head, claimed, [Box(0, box) for box in corners])


@pytest.mark.parametrize(
    ("picture", "turned"),
    [
        (labelled(BOTH), True),
        (labelled(), True),
        (labelled(ONLY_STORED), True),
        (labelled(ONLY_UPRIGHT), False),
        (labelled(BOTH, ONLY_UPRIGHT), False),
        (labelled(BOTH, claimed=UPRIGHT), False),
        (labelled(ONLY_STORED, claimed=UPRIGHT), True),
        (labelled(BOTH, claimed=None), False),
        (labelled(ONLY_STORED, claimed=None), True),
        (labelled((-0.9, 0, 48.9, 64.9), claimed=UPRIGHT), False),
        (labelled((0, 0, 500, 500)), True),
        (labelled(ONLY_STORED, ONLY_UPRIGHT), True),
    ],
)
def test_the_boxes_of_one_picture(picture: Labelled, turned: bool) -> None:
    assert directions([picture])[0] == [turned]


@pytest.mark.parametrize("counts", [([48, 64], True), ([64, 48], False)])
def test_a_run_length_code_is_of_one_picture_only(counts: tuple[list[int], bool]) -> None:
    size, turned = counts
    box = Box(0, BOTH, segmentation={"size": size, "counts": [48 * 64]})
    assert directions([Labelled("a.jpg", SIDEWAYS, STORED, [box])])[0] == [turned]


def test_the_majority_decides_where_boxes_fit_both_ways_and_it_is_said() -> None:
    stored, notes = directions([labelled(ONLY_UPRIGHT), labelled(ONLY_UPRIGHT), labelled(ONLY_STORED), labelled(BOTH)])
    assert stored == [False, False, True, False]
    assert notes[0].startswith("1 pictures were labelled without the camera's rotation")
    assert notes[1].startswith("3 pictures have the size of the stored picture in their annotations")
    assert notes[2].startswith("1 of them (e.g. a.jpg) would fit both ways")


def test_the_size_decides_where_the_others_are_of_two_minds() -> None:
    assert directions([labelled(ONLY_UPRIGHT), labelled(ONLY_STORED), labelled(BOTH)])[0] == [False, True, True]


@pytest.mark.parametrize("head", [Head(48, 64, 3), Head(48, 64, 2), Head(48, 64, 4), Head(48, 48, 6), Head(48, 48, 8)])
def test_rotations_that_no_size_shows_follow_the_others(head: Head) -> None:
    hidden = labelled(BOTH, head=head, claimed=head.stored)
    stored, notes = directions([hidden])
    assert stored == [False]
    assert notes[0].startswith("1 pictures are rotated in a way that no size shows")
    assert "taken as drawn on the upright picture" in notes[0]
    stored, notes = directions([hidden, labelled(ONLY_STORED)])
    assert stored == [True, True]
    assert "as with most of the others" in notes[1]


def test_nothing_is_said_of_pictures_that_are_not_rotated_or_show_nothing() -> None:
    plain = labelled(BOTH, head=Head(48, 64, 1))
    empty = labelled(head=Head(48, 64, 3))
    unread = Labelled("b.jpg", None, (1, 1), [Box(0, BOTH)])
    assert directions([plain, empty, unread, labelled(BOTH, claimed=UPRIGHT)]) == ([False] * 4, ())
    assert directions([]) == ([], ())


def test_exchanged_sides_without_a_note_of_the_camera_are_not_guessed() -> None:
    with pytest.raises(DatasetInvalid, match=r"1 pictures have another size .*: a.jpg is 64×48, not 48×64") as caught:
        directions([labelled(BOTH, head=Head(48, 64, 1), claimed=UPRIGHT)])
    assert "nothing is turned by guessing" in str(caught.value)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_boxes_and_masks_turn_as_the_picture_is_read(tmp_path: Path, orientation: int) -> None:
    pixels = np.zeros((30, 40), np.uint8)
    pixels[8:18, 4:16] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    seen = image.read(tmp_path / "a.png")[:, :, 0] > 0
    box = turned_box(Box(0, (4, 8, 16, 18), segmentation=masks.encoded(pixels)), Head(30, 40, orientation))
    x1, y1, x2, y2 = map(int, box.corners)
    expected = np.zeros_like(seen)
    expected[y1:y2, x1:x2] = True
    assert (seen == expected).all()
    assert (masks.decoded(box.segmentation, *seen.shape) == seen).all()


def test_a_check_a_training_and_a_new_set_agree(
    tmp_path: Path, make_coco: Callable[..., Path], picture: Callable[..., Path]
) -> None:
    """The size is that of the stored picture, the box that of the upright one."""
    root = make_coco(tmp_path / "照 片", train={"a.jpg": [(7, 2, 32, 10, 8)], "b.jpg": [(7, 2, 3, 10, 8)]})
    for name in ("a.jpg", "b.jpg"):
        picture(root / "images" / "train" / name, orientation=6)
    data = upright(load(root))
    assert [one.boxes[0].corners for one in data.train] == [(2, 32, 12, 40), (2, 3, 12, 11)]
    assert [(one.height, one.width) for one in data.train] == [(40, 30)] * 2
    assert not any("outside" in note for note in data.notes)
    said = [note for note in data.notes if "stored picture" in note or "both ways" in note]
    assert len(said) == 2
    assert list(DataSet(root).check().notes) == list(data.notes)
    report = DataSet(tmp_path / "新").make_dataset(root, "COCO", 1, 0, 0)
    assert [note.partition("(")[0] for note in said] == [note.partition("(")[0] for note in report.notes[:2]]
    assert {one.boxes[0].corners for one in load(tmp_path / "新").train} == {(2, 32, 12, 40), (2, 3, 12, 11)}


def test_all_three_refuse_exchanged_sides(
    tmp_path: Path, make_coco: Callable[..., Path], picture: Callable[..., Path]
) -> None:
    root = make_coco(tmp_path / "照 片", train={"a.jpg": [(7, 2, 3, 10, 8)]})
    picture(root / "images" / "train" / "a.jpg", 30, 40)
    for use in (
        lambda: upright(load(root)),
        lambda: DataSet(root).check(),
        lambda: DataSet(tmp_path / "新").make_dataset(root, "COCO", 1, 0, 0),
    ):
        with pytest.raises(
            DatasetInvalid, match=r"another size than their annotations say: .*a.jpg is 30×40, not 40×30"
        ):
            use()
