"""Points that were clicked in labelme, as persons."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.keypoints import load, looks_like_keypoints
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Refused = Callable[..., Any]
FACE = [("nose", 5.5, 6.0), ("left_eye", 8.25, 5.0), ("right_eye", 3.0, 5.0)]


def point(label: str, x: float, y: float, group: object = None, **others: Any) -> dict[str, Any]:
    return {"label": label, "points": [[x, y]], "shape_type": "point", "group_id": group, **others}


def box(label: str, x1: float, y1: float, x2: float, y2: float, group: object = None) -> dict[str, Any]:
    return {"label": label, "points": [[x1, y1], [x2, y2]], "shape_type": "rectangle", "group_id": group}


@pytest.fixture
def labelled(tmp_path: Path, picture: Callable[..., Path]) -> Callable[..., Path]:
    """A function that writes pictures with labelme's files beside them."""

    def write(shapes: dict[str, list[dict[str, Any]]], *, data: bool = False) -> Path:
        root = tmp_path / "标注 集"
        for name, drawn in shapes.items():
            path = picture(root / name)
            document = {"shapes": drawn, "imagePath": name, "imageHeight": 30, "imageWidth": 40}
            if data:
                document["imageData"] = base64.b64encode(path.read_bytes()).decode()
                path.unlink()
            path.with_suffix(".json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return root

    return write


def test_points_without_groups_are_one_person(labelled: Callable[..., Path]) -> None:
    root = labelled({"图 片.png": [point(*own) for own in FACE], "2.png": [point(*FACE[0])], "空.png": []})
    assert looks_like_keypoints(root)
    data = load(root)
    assert data.names == ("nose", "left_eye", "right_eye")
    assert (data.flip_pairs, data.classes, data.whole_pictures) == (((1, 2),), ("person",), True)
    people = {person.path.name: person.points.tolist() for person in (*data.train, *data.val)}
    assert people["图 片.png"] == [[5.5, 6, 2], [8.25, 5, 2], [3, 5, 2]]
    assert people["2.png"] == [[5.5, 6, 2], [0, 0, 0], [0, 0, 0]]
    assert "1 pictures show no person with points: not used." in data.notes


def test_a_group_is_a_person_with_its_box(labelled: Callable[..., Path]) -> None:
    shapes = [point(*own, group=1) for own in FACE] + [point(n, x + 20, y + 9, group=2) for n, x, y in FACE]
    data = load(labelled({"1.png": [*shapes, box("猫", 22, 12, 30, 20, group=2), box("狗", 1, 2, 12, 12, group=1)]}))
    assert data.classes == ("狗", "猫")
    assert [(person.label, person.box) for person in data.train] == [(0, (1, 2, 12, 12)), (1, (22, 12, 30, 20))]


def test_a_point_belongs_to_the_smallest_box_around_it(labelled: Callable[..., Path]) -> None:
    shapes = [box("person", 0, 0, 40, 30), box("person", 2, 3, 10, 9), *(point(*own) for own in FACE)]
    shapes.append(point("nose", 30, 20))
    data = load(labelled({"1.png": shapes}))
    assert sorted(person.box for person in data.train) == [(0, 0, 40, 30), (2, 3, 10, 9)]


@pytest.mark.parametrize("mark", [{"flags": {"occluded": True}}, {"description": "1"}, {"flags": {"遮挡": True}}])
def test_hidden_points_are_marked(labelled: Callable[..., Path], mark: dict[str, Any]) -> None:
    data = load(labelled({"1.png": [point(*FACE[0], **mark), *(point(*own) for own in FACE[1:])]}))
    assert data.train[0].points[:, 2].tolist() == [1, 2, 2]


def test_numbers_as_names_are_in_their_order(labelled: Callable[..., Path]) -> None:
    data = load(labelled({"1.png": [point(str(n), n + 1.5, 5) for n in (10, 2, 0, 1)]}))
    assert data.names == ("0", "1", "2", "10")


def test_a_list_gives_the_order_and_points_that_are_never_there(labelled: Callable[..., Path]) -> None:
    root = labelled({"1.png": [point(*own) for own in FACE]})
    (root / "classes.txt").write_text("person\nright_eye\nleft_eye\nnose\ntail\n", encoding="utf-8")
    data = load(root)
    assert data.names == ("right_eye", "left_eye", "nose", "tail")
    assert "No training points of: tail." in data.notes


def test_pictures_within_the_files_are_read(labelled: Callable[..., Path]) -> None:
    data = load(labelled({"1.png": [point(*own) for own in FACE]}, data=True))
    assert data.train[0].path.is_file()
    assert (data.train[0].height, data.train[0].width) == (30, 40)


def test_a_point_that_one_person_has_twice_is_named(labelled: Callable[..., Path], refused: Refused) -> None:
    with refused(DatasetInvalid, r"1\.json: the point 'nose' without a group_id is there 2 times"):
        load(labelled({"1.png": [point(*FACE[0]), point("nose", 9, 9)]}))


def test_a_point_that_the_list_lacks_is_named(labelled: Callable[..., Path], refused: Refused) -> None:
    root = labelled({"1.png": [point(*own) for own in FACE]})
    (root / "classes.txt").write_text("nose\nleft_eye\nright_eyes\n", encoding="utf-8")
    with refused(DatasetInvalid, "The point 'right_eye' is not in classes.txt"):
        load(root)


@pytest.mark.parametrize("points", [[], [[1]], [[1, float("nan")]], "x", None])
def test_points_that_are_none_are_named(labelled: Callable[..., Path], refused: Refused, points: Any) -> None:
    broken = {"label": "nose", "points": points, "shape_type": "point"}
    with refused(DatasetInvalid, r"1\.json: shapes\[1\] is not as labelme writes it"):
        load(labelled({"1.png": [point(*FACE[1]), broken]}))


def test_boxes_alone_are_no_keypoints(labelled: Callable[..., Path], refused: Refused) -> None:
    root = labelled({"1.png": [box("person", 1, 1, 9, 9)]})
    assert not looks_like_keypoints(root)
    with refused(AnnotationMissing, "no annotation file with keypoints"):
        load(root)


def test_a_point_by_mistake_makes_no_set_of_keypoints(labelled: Callable[..., Path], tmp_path: Path) -> None:
    boxes = [box("person", 1, 1, 9, 9), box("person", 11, 1, 19, 9)]
    root = labelled({f"{n}.png": [*boxes, *([point("nose", 3, 3)] if n == 2 else [])] for n in range(5)})
    assert not looks_like_keypoints(root)
    assert DataSet(tmp_path / "新").make_dataset(root, src_format="LABELME").type == "COCO"


def test_turned_pictures_turn_their_points(labelled: Callable[..., Path], picture: Callable[..., Path]) -> None:
    root = labelled({"1.png": [point("nose", 38, 25), point("tail", 3, 5)]})
    picture(root / "1.png", orientation=6)
    np.testing.assert_allclose(load(root).train[0].points, [(5, 38, 2), (25, 3, 2)])
