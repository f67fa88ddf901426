"""Reading whole folders of keypoints: layouts, persons, division, and what is broken."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.dataset import coco, imagenet
from BaseDT.dataset.keypoints import load, looks_like_keypoints
from BaseDT.errors import AnnotationMissing, DatasetInvalid, DatasetNotFound

Refused = Callable[..., Any]
ONE = [(5, 6, 2), (8, 5, 2), (3, 5, 1)]
OTHER = [(15, 16, 2), (18, 15, 2), (0, 0, 0)]


@pytest.fixture
def root(tmp_path: Path, make_posed: Callable[..., Path]) -> Path:
    return make_posed(
        tmp_path / "数据 集",
        train={"图 片.jpg": [ONE, OTHER], "空.png": [], "2.jpg": [OTHER]},
        val={"3.jpg": [ONE]},
    )


def change(root: Path, edit: Callable[[Any], object], file: str = "train.json") -> None:
    document = json.loads((root / file).read_text(encoding="utf-8"))
    edit(document)
    (root / file).write_text(json.dumps(document), encoding="utf-8")


def set_points(document: Any, *values: float, number: int = 0) -> None:
    document["annotations"][number]["keypoints"] = list(values)


def test_reads_persons_of_the_documented_layout(root: Path) -> None:
    data = load(root)
    assert data.classes == ("person",)
    assert data.names == ("nose", "left_eye", "right_eye")
    assert (data.skeleton, data.flip_pairs, data.mirrors) == (((0, 1), (0, 2)), ((1, 2),), True)
    assert [person.path.name for person in data.train] == ["图 片.jpg", "图 片.jpg", "2.jpg"]
    assert [person.number for person in data.train] == [0, 1, 0]
    first = data.train[0]
    assert (first.height, first.width, first.box, first.area) == (30, 40, (2, 3, 22, 27), 300.5)
    assert [person.path.name for person in data.val] == ["3.jpg"]
    assert (data.test, data.holds_out, data.whole_pictures) == ((), False, False)
    assert data.counts("train") == (3,)
    assert data.labelled("train") == (3, 3, 1)
    assert data.notes == ("1 pictures show no person with points: not used.",)


def test_whole_numbers_are_numbers_of_pixels_whose_middles_are_meant(root: Path) -> None:
    points = load(root).train[1].points
    np.testing.assert_array_equal(points, [(15.5, 16.5, 2), (18.5, 15.5, 2), (0, 0, 0)])
    assert not points.flags.writeable


def test_fractions_are_places_already_in_all_files_of_the_set(root: Path) -> None:
    change(root, lambda document: set_points(document, 5.25, 6, 2, 8, 5, 2, 3, 5, 1))
    data = load(root)
    np.testing.assert_array_equal(data.train[0].points[0], (5.25, 6, 2))
    np.testing.assert_array_equal(data.val[0].points[0], (5, 6, 2))


def test_detections_layout_and_coco_s_own_names_are_known(root: Path) -> None:
    (root / "annotations").mkdir()
    (root / "train.json").rename(root / "annotations" / "person_keypoints_train2017.json")
    (root / "val.json").rename(root / "annotations" / "person_keypoints_val2017.json")
    (root / "annotations" / "instances_train2017.json").write_text('{"images": [], "annotations": []}')
    for name, folder in (
        ("图 片.jpg", "train2017"),
        ("空.png", "train2017"),
        ("2.jpg", "train2017"),
        ("3.jpg", "val2017"),
    ):
        (root / "images" / folder).mkdir(exist_ok=True)
        (root / "images" / name).rename(root / "images" / folder / name)
    data = load(root)
    assert [len(part) for part in (data.train, data.val)] == [3, 1]
    for folder in ("train2017", "val2017"):
        (root / "images" / folder).rename(root / folder)
    assert [len(part) for part in (load(root).train, load(root).val)] == [3, 1]


def test_an_export_of_roboflow_is_known(root: Path) -> None:
    for split, folder in (("train", "train"), ("val", "valid")):
        (root / folder).mkdir()
        (root / f"{split}.json").rename(root / folder / "_annotations.coco.json")
    for name in ("图 片.jpg", "空.png", "2.jpg"):
        (root / "images" / name).rename(root / "train" / name)
    (root / "images" / "3.jpg").rename(root / "valid" / "3.jpg")
    (root / "images").rmdir()
    data = load(root)
    assert [len(part) for part in (data.train, data.val)] == [3, 1]


@pytest.mark.parametrize("name", ["train.json", "all.json", "person_keypoints_val2017.json"])
def test_of_one_file_a_part_is_held_out_by_name(tmp_path: Path, make_posed: Callable[..., Path], name: str) -> None:
    root = make_posed(tmp_path / "一", train={f"{i}.png": [ONE] for i in range(10)})
    (root / "train.json").rename(root / name)
    data = load(root)
    assert [len(part) for part in (data.train, data.val)] == [8, 2]
    assert data.holds_out
    assert "2 of the 10 training pictures, chosen by name, are kept for it" in " ".join(data.notes)
    whole = data.without_validation()
    assert (len(whole.train), whole.val, whole.holds_out) == (10, (), False)
    assert whole.fingerprint() in data.fingerprints()
    moved = shutil.move(root, tmp_path / "另一 个")
    assert load(moved).fingerprint() == data.fingerprint()


def test_files_and_pictures_may_be_named(root: Path) -> None:
    for name in ("train.json", "val.json"):
        (root / name).rename(root / f"my {name}")
    (root / "images").rename(root / "照片")
    data = load(root, train_json="my train.json", train_images="照片", val_json="my val.json", val_images="照片")
    assert [len(part) for part in (data.train, data.val)] == [3, 1]


def test_which_of_several_files_are_meant_is_not_guessed(root: Path, refused: Refused) -> None:
    shutil.copy(root / "train.json", root / "training.json")
    with refused(DatasetInvalid, "Two annotation files are for the same pictures: train.json, training.json"):
        load(root)
    (root / "training.json").unlink()
    for name in ("train", "val"):
        (root / f"{name}.json").rename(root / f"{name[0]}.json")
    with refused(AnnotationMissing, r"There is no train\.json"):
        load(root)


def test_a_folder_without_keypoints_is_named(tmp_path: Path, make_coco: Callable[..., Path], refused: Refused) -> None:
    root = make_coco(tmp_path / "框", train={"1.jpg": [(7, 1, 2, 10, 20)]})
    with refused(AnnotationMissing, r"annotations/train\.json has no keypoints"):
        load(root)
    (root / "annotations" / "train.json").rename(root / "annotations" / "a.json")
    with refused(AnnotationMissing, "There is no annotation file with keypoints"):
        load(root)
    with refused(DatasetNotFound, "No such dataset directory"):
        load(tmp_path / "无")


def test_recognises_keypoints_by_the_ends_of_a_large_file(root: Path, tmp_path: Path, make_coco: Any) -> None:
    assert looks_like_keypoints(root)
    assert not looks_like_keypoints(make_coco(tmp_path / "框", train={"1.jpg": [(7, 1, 2, 10, 20)]}))
    assert not looks_like_keypoints(tmp_path / "无")
    change(root, lambda document: document["images"].extend([{"file_name": "x" * 5000}] * 1000))
    assert (root / "train.json").stat().st_size > 4 << 20
    (root / "val.json").unlink()
    assert looks_like_keypoints(root)


def test_empty_lists_of_keypoints_are_none(root: Path) -> None:
    """Some exports of boxes have them."""
    (root / "val.json").unlink()

    def emptied(document: Any) -> None:
        for item in (*document["annotations"], *document["categories"]):
            item["keypoints"] = []

    change(root, emptied)
    assert not looks_like_keypoints(root)


def test_points_beside_the_picture_are_not_labelled(root: Path) -> None:
    change(root, lambda document: set_points(document, 40, 29.5, 2, 90, 5, 2, -3, 5, 1))
    data = load(root)
    np.testing.assert_array_equal(data.train[0].points, [(40, 29.5, 2), (0, 0, 0), (0, 0, 0)])
    assert "2 points lie outside of their pictures: taken as not labelled." in data.notes


def test_points_up_to_a_pixel_beside_are_moved_to_the_edge(root: Path) -> None:
    change(root, lambda document: set_points(document, 40.75, -0.5, 2, 8, 5, 2, 3, 5, 1))
    np.testing.assert_array_equal(load(root).train[0].points[0], (40, 0, 2))


def test_persons_without_a_labelled_point_are_left_out(root: Path) -> None:
    change(root, lambda document: set_points(document, *[0] * 9))
    data = load(root)
    assert len(data.train) == 2
    assert "1 persons have no labelled point (v is 0 everywhere): left out." in data.notes


def test_a_set_in_which_v_is_0_everywhere_is_refused(root: Path, refused: Refused) -> None:
    for file in ("train.json", "val.json"):
        change(root, lambda d: [a.update(keypoints=[5, 6, 0, 8, 5, 0, 3, 5, 0]) for a in d["annotations"]], file)
    with refused(AnnotationMissing, "None of the 4 persons has a labelled point") as caught:
        load(root)
    assert "v = 2" in caught.value.hint


def test_persons_whose_points_are_all_at_one_place_are_left_out(root: Path) -> None:
    change(root, lambda document: set_points(document, 5, 6, 2, 5, 6, 2, 5, 6, 2))
    data = load(root)
    assert len(data.train) == 2
    assert any("all their points at one place" in note for note in data.notes)


def test_points_at_0_0_among_others_are_not_labelled(root: Path) -> None:
    change(root, lambda document: set_points(document, 5, 6, 2, 0, 0, 2, 9, 6, 2))
    data = load(root)
    assert data.train[0].labelled.tolist() == [True, False, True]
    assert any("1 points lie at 0, 0" in note for note in data.notes)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1, 2, 2) * 4, r"train\.json: annotations\[0\] \(id 1\) has 4 keypoints, and its category has 3"),
        ((1, 2) * 3, "has 6 numbers for 3 points: pairs of x, y without a visibility"),
        ((1, 2, 2) * 2 + (1,), "has 7 numbers in its keypoints, which is no multiple of three"),
        (([1, 2, 2], [3, 4, 2], [5, 6, 2]), r"its keypoints are \[\[1, 2, 2\]"),
        (("a",) * 9, "its keypoints are"),
        ((float("nan"), 2, 2, 1, 2, 2, 3, 2, 2), "point 0 is labelled, but lies at nan"),
        ((1, 2, -1, 1, 2, 2, 3, 2, 2), "point 0 has the visibility -1"),
    ],
)
def test_points_that_are_not_as_they_should_be_are_named(
    root: Path, refused: Refused, values: tuple[Any, ...], message: str
) -> None:
    change(root, lambda document: set_points(document, *values))
    with refused(DatasetInvalid, message):
        load(root)


def test_what_is_no_number_of_an_unlabelled_point_does_not_matter(root: Path) -> None:
    change(root, lambda document: set_points(document, float("nan"), float("nan"), 0, 8, 5, 2, 3, 5, 1))
    np.testing.assert_array_equal(load(root).train[0].points[0], (0, 0, 0))


def test_shares_of_1_are_refused(root: Path, refused: Refused) -> None:
    for file in ("train.json", "val.json"):
        change(
            root, lambda d: [a.update(keypoints=[0.5, 0.6, 2, 0.8, 0.5, 2, 0.3, 1, 1]) for a in d["annotations"]], file
        )
    with refused(DatasetInvalid, "look like shares of 1"):
        load(root)


def test_exchanged_x_and_y_are_refused(root: Path, refused: Refused) -> None:
    for file in ("train.json", "val.json"):
        change(root, lambda d: [a.update(keypoints=[5, 36, 2, 8, 35, 2, 20, 39, 2]) for a in d["annotations"]], file)
    with refused(DatasetInvalid, "they look like y, x"):
        load(root)


def test_without_boxes_the_whole_picture_is_the_person(tmp_path: Path, make_posed: Callable[..., Path]) -> None:
    root = make_posed(tmp_path / "无框", boxes=False, train={"1.png": [ONE], "2.png": [OTHER]}, val={"3.png": [ONE]})
    data = load(root)
    assert data.whole_pictures
    assert {person.box for person in data.train} == {(0, 0, 40, 30)}
    assert sum("whole picture is taken as the person" in note for note in data.notes) == 1


def test_of_two_persons_without_boxes_each_gets_one(tmp_path: Path, make_posed: Callable[..., Path]) -> None:
    root = make_posed(tmp_path / "无框", boxes=False, train={"1.png": [ONE, OTHER]}, val={"3.png": [ONE]})
    data = load(root)
    assert not data.whole_pictures
    for person in (*data.train, *data.val):
        x1, y1, x2, y2 = person.box
        shown = person.points[person.labelled]
        assert (shown[:, :2] > (x1, y1)).all()
        assert (shown[:, :2] < (x2, y2)).all()
        assert min(x2 - x1, y2 - y1) >= 1
    assert any("3 persons have no box" in note for note in data.notes)


def test_boxes_are_cut_at_the_edge_and_replaced_where_nothing_is_left(root: Path) -> None:
    def edit(document: Any) -> None:
        for annotation, box in zip(
            document["annotations"], ([-4, 3, 20, 90], [50, 50, 5, 5], [3, 3, 0, 9]), strict=True
        ):
            annotation["bbox"] = box

    change(root, edit)
    data = load(root)
    assert data.train[0].box == (0, 3, 16, 30)
    assert any("2 persons have no box" in note for note in data.notes)


def test_a_person_at_the_corner_has_a_box_too(root: Path) -> None:
    def edit(document: Any) -> None:
        set_points(document, 40, 30, 2, 0, 0, 0, 0, 0, 0)
        document["annotations"][0]["bbox"] = []

    change(root, edit)
    x1, y1, x2, y2 = load(root).train[0].box
    assert x2 - x1 >= 1
    assert y2 - y1 >= 1
    assert (x2, y2) == (40, 30)


def test_names_that_no_category_has_are_numbers(root: Path) -> None:
    for file in ("train.json", "val.json"):
        change(root, lambda document: document["categories"][0].pop("keypoints"), file)
    data = load(root)
    assert data.names == ("0", "1", "2")
    assert (data.flip_pairs, data.mirrors) == ((), False)
    assert any("they are called 0 to 2" in note for note in data.notes)
    assert any("not mirrored" in note for note in data.notes)


def test_a_set_without_a_skeleton_says_so(root: Path) -> None:
    for file in ("train.json", "val.json"):
        change(root, lambda document: document["categories"][0].pop("skeleton"), file)
    data = load(root)
    assert data.skeleton == ()
    assert "The set tells no skeleton: points are drawn without lines." in data.notes


def test_categories_with_other_points_are_refused(root: Path, refused: Refused) -> None:
    def edit(document: Any) -> None:
        document["categories"].append({"id": 2, "name": "手", "keypoints": ["a", "b"]})
        document["annotations"].append({"id": 99, "image_id": 10, "category_id": 2, "keypoints": [1, 2, 2, 3, 4, 2]})

    change(root, edit)
    with refused(DatasetInvalid, r"'person' \(3 points\) and '手' \(2 points\) have different keypoints"):
        load(root)


def test_categories_with_the_same_points_are_classes(root: Path) -> None:
    def edit(document: Any) -> None:
        document["categories"].append({**document["categories"][0], "id": 0, "name": "猫"})
        document["categories"].append({"id": 5, "name": "车"})
        document["annotations"][0]["category_id"] = 0
        document["annotations"].append({"id": 99, "image_id": 10, "category_id": 5, "bbox": [1, 1, 5, 5]})

    change(root, edit)
    data = load(root)
    assert data.classes == ("猫", "person")
    assert [person.label for person in (*data.train, *data.val)] == [0, 1, 1, 1]
    assert any("1 objects are of categories without keypoints" in note for note in data.notes)


def test_points_of_validation_must_be_those_of_training(root: Path, refused: Refused) -> None:
    change(root, lambda d: d["categories"][0].update(keypoints=["nose", "left_ear", "right_ear"]), "val.json")
    with refused(DatasetInvalid, "different keypoints: point 1 is 'left_eye' and 'left_ear'"):
        load(root)


def test_a_name_that_is_there_twice_is_refused(root: Path, refused: Refused) -> None:
    change(root, lambda d: d["categories"][0].update(keypoints=["nose", "eye", "eye"]))
    with refused(DatasetInvalid, r"keypoints\[2\] has the name 'eye' of keypoints\[1\]"):
        load(root)


def test_pictures_that_are_not_there_are_named(root: Path, refused: Refused) -> None:
    (root / "images" / "2.jpg").unlink()
    with refused(DatasetInvalid, r"1 of the 3 pictures that .*train\.json names are not in images: 2\.jpg"):
        load(root)


def test_pictures_that_no_file_names_are_counted_once(root: Path, picture: Callable[..., Path]) -> None:
    picture(root / "images" / "多.jpg")
    assert sum("多.jpg" in note for note in load(root).notes) == 1


def test_points_that_nobody_labelled_are_named(root: Path) -> None:
    for number in range(3):
        change(root, lambda d, n=number: set_points(d, 5, 6, 2, 8, 5, 2, 0, 0, 0, number=n))
    assert "No training points of: right_eye." in load(root).notes


@pytest.mark.parametrize("orientation", [3, 5, 6, 7, 8])
def test_points_of_the_stored_picture_are_turned_with_it(
    root: Path, picture: Callable[..., Path], orientation: int
) -> None:
    stored = [(5, 25, 2), (38, 25, 2), (3, 5, 1)]
    change(root, lambda d: set_points(d, *(v for point in stored for v in point), number=2))
    before = load(root).train[2]
    picture(root / "images" / "2.jpg", orientation=orientation)
    after = load(root).train[2]
    if orientation == 3:  # no size shows it: as on the upright picture
        np.testing.assert_array_equal(after.points, before.points)
        return
    assert (after.height, after.width) == (40, 30)
    expected = {6: (30 - 25.5, 5.5), 8: (25.5, 40 - 5.5), 5: (25.5, 5.5), 7: (30 - 25.5, 40 - 5.5)}[orientation]
    np.testing.assert_allclose(after.points[0], (*expected, 2))
    x1, y1, x2, y2 = after.box
    assert (x2 - x1, y2 - y1) == (24, 20)


def test_pictures_of_another_size_are_named(root: Path, picture: Callable[..., Path], refused: Refused) -> None:
    picture(root / "images" / "2.jpg", width=80, height=60)
    with refused(DatasetInvalid, "1 pictures have another size than their annotations say"):
        load(root)


def test_sizes_may_be_missing(root: Path) -> None:
    change(root, lambda document: [entry.pop("width") for entry in document["images"]])
    assert (load(root).train[0].height, load(root).train[0].width) == (30, 40)


def test_a_damaged_picture_is_left_to_the_check(root: Path) -> None:
    (root / "images" / "2.jpg").write_bytes(b"\xff\xd8 broken")
    data = load(root)
    assert len(data.train) == 3
    less = data.without([root / "images" / "2.jpg"])
    assert [person.path.name for person in less.train] == ["图 片.jpg", "图 片.jpg"]


def test_nothing_left_to_train_with_is_refused(root: Path, refused: Refused) -> None:
    data = load(root)
    with refused(AnnotationMissing, "No usable training picture is left"):
        data.without([person.path for person in data.train])


@pytest.mark.parametrize("content", [b"{", b"", b"[]", b'{"images": [], "keypoints": [1'])
def test_broken_files_that_are_named_are_refused(root: Path, refused: Refused, content: bytes) -> None:
    (root / "坏.json").write_bytes(content)
    with refused(DatasetInvalid, "坏"):
        load(root, train_json="坏.json")


def test_a_file_that_was_cut_off_is_named(root: Path, refused: Refused) -> None:
    content = (root / "train.json").read_bytes()
    (root / "val.json").unlink()
    (root / "train.json").write_bytes(content[:60])
    with refused(DatasetInvalid, r"train\.json is no whole JSON"):
        load(root)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d["images"][0].pop("file_name"), r"images\[0\]\.file_name is missing"),
        (lambda d: d["images"][1].update(id=10), r"images\[1\] has the id 10 of images\[0\]"),
        (lambda d: d["images"][2].update(file_name="图 片.jpg"), "are the same picture"),
        (lambda d: d["annotations"][1].update(id=1), r"annotations\[1\] has the id 1 of annotations\[0\]"),
        (lambda d: d["annotations"][0].update(bbox=[1, 2, 3]), r"annotations\[0\]\.bbox is \[1, 2, 3\]"),
        (lambda d: d["categories"][0].update(keypoints=[1, 2, 3]), r"categories\[0\]\.keypoints is \[1, 2, 3\]"),
    ],
)
def test_what_else_is_wrong_in_a_file_is_named(root: Path, refused: Refused, edit: Any, message: str) -> None:
    change(root, edit)
    with refused(DatasetInvalid, message):
        load(root)


@pytest.mark.parametrize(("key", "value"), [("image_id", 99), ("category_id", 99)])
def test_annotations_of_nothing_are_named(root: Path, refused: Refused, key: str, value: int) -> None:
    change(root, lambda document: document["annotations"][0].update({key: value}))
    with refused(AnnotationMissing, rf"annotations\[0\] belongs to {key} 99"):
        load(root)


def test_a_file_without_pictures_says_nothing_of_those_of_the_others(root: Path) -> None:
    document = json.loads((root / "train.json").read_text(encoding="utf-8"))
    empty = {**document, "images": [], "annotations": []}
    (root / "test.json").write_text(json.dumps(empty), encoding="utf-8")
    data = load(root)
    assert data.test == ()
    assert data.notes == ("1 pictures show no person with points: not used.",)


def test_other_tasks_name_the_one_for_keypoints(root: Path, refused: Refused) -> None:
    for other, message in ((coco.load, "no data set in COCO's layout"), (imagenet.load, "a dataset of keypoints")):
        with refused(DatasetInvalid, message) as caught:
            other(root)
        assert "MMPose" in caught.value.hint


def test_two_persons_may_overlap(root: Path) -> None:
    data = load(root)
    assert data.train[0].box == data.train[1].box


def test_what_is_said_is_chinese_where_the_user_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert load(root).notes == ("1 张图片中没有带关键点的人，不使用。",)


def test_a_fingerprint_follows_points_and_names(root: Path) -> None:
    before = load(root).fingerprint()
    change(root, lambda document: set_points(document, 5, 7, 2, 8, 5, 2, 3, 5, 1))
    assert load(root).fingerprint() != before
