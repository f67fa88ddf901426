"""Boxes through the API: kept as COCO, read by the house's own reader, whatever a page sends or lies on the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient
from tests.MMEdu import detection_data

from BaseDT.dataset import coco
from BaseDT.dataset.upright import upright
from MMEdu.studio.boxes.boxes import BoxesRoom
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio


def picture(seed: int = 0, size: tuple[int, int] = (90, 120)) -> bytes:
    """Return the bytes of a picture, (height, width), with a square."""
    return bytes(cv2.imencode(".jpg", detection_data.picture(0, seed, size)[0])[1].tobytes())


class Finding:
    """A project of kind "find" behind the API, with two classes and some pictures."""

    def __init__(self, client: TestClient, pictures: int = 0) -> None:
        self.client = client
        self.id = client.post("/api/projects", json={"kind": "find", "name": "找 东西"}).json()["id"]
        self.path = f"/api/projects/{self.id}"
        self.classes = [
            client.post(f"{self.path}/classes", json={"name": name}).json()["id"] for name in ("杯子", "笔 'x'/😀")
        ]
        self.pictures = [self.add(picture(number)) for number in range(pictures)]

    def add(self, data: bytes) -> str:
        """Add a picture, return its id."""
        added = self.client.post(f"{self.path}/pictures", content=data)
        assert added.status_code == 200, added.text
        return str(added.json()["added"][0]["id"])

    def box(self, x: float, y: float, width: float, height: float, label: int = 0) -> dict[str, Any]:
        """Return a box as a page sends it."""
        return {"class": self.classes[label], "x": x, "y": y, "width": width, "height": height}

    def put(self, picture_id: str, boxes: object) -> Any:
        """Send the boxes of a picture."""
        return self.client.post(f"{self.path}/boxes/{picture_id}", json={"boxes": boxes})

    def of(self, picture_id: str) -> Any:
        """Return the boxes of a picture."""
        return self.client.get(f"{self.path}/boxes/{picture_id}").json()["boxes"]

    def told(self) -> Any:
        """Return the overview."""
        return self.client.get(f"{self.path}/boxes").json()


def folder_of(studio: Studio, finding: Finding) -> Path:
    """Return where a project lies."""
    return studio.room(Projects).find(finding.id).folder


def test_boxes_are_kept_on_disk_as_coco_and_come_back(client: TestClient, studio: Studio) -> None:
    finding = Finding(client, 3)
    one, two, three = finding.pictures
    assert finding.of(one) is None
    assert finding.put(one, [finding.box(10, 20, 30.04, 40), finding.box(0, 0, 5, 5, 1)]).json()["notes"] == []
    finding.put(two, [])
    told = finding.told()
    assert (told["drawn"], told["empty"], told["ready"]) == (1, 1, False)
    assert told["pictures"] == {one: {finding.classes[0]: 1, finding.classes[1]: 1}, two: {}}
    folder = folder_of(studio, finding)
    read = upright(coco.load(folder, train_json="annotations.json", train_images="pictures"))
    assert read.classes == ("杯子", "笔 'x'/😀")
    assert [[box.corners for box in image.boxes] for image in read.train] == [[(10, 20, 40, 60), (0, 0, 5, 5)], []]
    studio.room(BoxesRoom)._open.clear()  # as a new server
    assert finding.of(one) == [finding.box(10, 20, 30, 40), finding.box(0, 0, 5, 5, 1)]
    assert (finding.of(two), finding.of(three)) == ([], None)
    finding.put(two, None)
    assert finding.of(two) is None


def test_boxes_are_cut_at_the_edges_and_those_without_area_left_out(client: TestClient) -> None:
    finding = Finding(client, 1)
    given = [
        finding.box(-20, -5, 50, 200),
        finding.box(100, 80, -40, -30),
        finding.box(300, 10, 20, 20),
        finding.box(5, 5, 1, 30),
        finding.box(5, 5, 0, 0),
    ]
    answer = finding.put(finding.pictures[0], given).json()
    assert answer["boxes"] == [finding.box(0, 0, 30, 90), finding.box(60, 50, 40, 30)]
    assert answer["notes"] == ["3 boxes without area, or beside the picture, were left out."]


@pytest.mark.parametrize(
    "boxes",
    [
        {"x": 1},
        "box",
        [1],
        [{"class": "?", "x": 1, "y": 1, "width": 5, "height": 5}],
        [{"x": 1, "y": 1, "width": 5, "height": 5}],
        [{"class": 0, "x": "1", "y": 1, "width": 5, "height": 5}],
        [{"class": None, "x": True, "y": None, "width": [], "height": {}}],
        [{"class": "c", "x": 1e300, "y": 1, "width": 5, "height": 5}],
        [{}] * 1000,
    ],
)
def test_what_is_no_box_is_refused_and_the_old_ones_stay(client: TestClient, boxes: object) -> None:
    finding = Finding(client, 1)
    kept = [finding.box(1, 2, 30, 40)]
    finding.put(finding.pictures[0], kept)
    refused = finding.put(finding.pictures[0], boxes)
    assert refused.status_code == 400
    assert refused.json()["code"] == -305
    assert refused.json()["hint"]
    assert finding.of(finding.pictures[0]) == kept


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(client: TestClient, number: str) -> None:
    finding = Finding(client, 1)
    body = f'{{"boxes": [{{"class": "{finding.classes[0]}", "x": {number}, "y": 1, "width": 9, "height": 9}}]}}'
    refused = client.post(f"{finding.path}/boxes/{finding.pictures[0]}", content=body)
    assert refused.status_code == 400


def test_a_picture_that_vanished_is_told_and_its_boxes_come_back_with_it(client: TestClient, studio: Studio) -> None:
    finding = Finding(client, 2)
    one, two = finding.pictures
    finding.put(one, [finding.box(1, 2, 30, 40)])
    finding.put(two, [finding.box(3, 4, 30, 40)])
    project = studio.room(Projects).find(finding.id)
    path = project.picture(one).path
    data = path.read_bytes()
    path.unlink()
    project.look()
    assert finding.put(one, []).status_code == 404
    assert list(finding.told()["pictures"]) == [two]
    document = json.loads((project.folder / "annotations.json").read_text("utf-8"))
    assert [entry["picture"] for entry in document["images"]] == [two]
    path.write_bytes(data)
    project.look()
    assert finding.of(one) == [finding.box(1, 2, 30, 40)]
    assert client.get(f"{finding.path}/boxes/../../x").status_code == 404


def test_classes_that_are_renamed_or_deleted_change_the_file(client: TestClient, studio: Studio) -> None:
    finding = Finding(client, 1)
    (one,) = finding.pictures
    finding.put(one, [finding.box(1, 2, 30, 40), finding.box(9, 9, 20, 20, 1)])
    client.post(f"{finding.path}/classes/{finding.classes[0]}", json={"name": "茶杯"})
    client.delete(f"{finding.path}/classes/{finding.classes[1]}")
    assert finding.told()["boxes"] == {finding.classes[0]: 1}
    document = json.loads((folder_of(studio, finding) / "annotations.json").read_text("utf-8"))
    assert [entry["name"] for entry in document["categories"]] == ["茶杯"]
    assert len(document["annotations"]) == 1


def test_a_file_edited_by_hand_is_read_as_far_as_it_can_be(client: TestClient, studio: Studio) -> None:
    finding = Finding(client, 2)
    one, two = finding.pictures
    finding.put(one, [finding.box(1, 2, 30, 40)])
    file = folder_of(studio, finding) / "annotations.json"
    document = json.loads(file.read_text("utf-8"))
    document["categories"].append({"id": 9, "name": "手写"})
    document["images"].append({"id": "b", "file_name": f"somewhere/{two}.jpg", "width": 120, "height": 90})
    document["images"].append({"id": None})
    document["annotations"] += [
        {"id": 1, "image_id": "b", "category_id": 9, "bbox": [10, 10, 20, 20]},
        {"id": 2, "image_id": "b", "category_id": 77, "bbox": [10, 10, 20, 20]},
        {"id": 3, "image_id": "b", "category_id": 9, "bbox": ["x", 10, 20, 20]},
        7,
    ]
    file.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    (box,) = finding.of(two)
    assert (box["x"], box["width"]) == (10, 20)
    assert box["class"] not in finding.classes
    assert finding.of(one) == [finding.box(1, 2, 30, 40)]
    (note,) = finding.told()["notes"]
    assert "4 entries" in note
    assert json.loads((file.parent / "annotations.before.json").read_text("utf-8")) == document


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"images": 3}', b"[" * 100_000])
def test_a_damaged_file_is_kept_aside_and_said(client: TestClient, studio: Studio, content: bytes) -> None:
    finding = Finding(client, 1)
    (one,) = finding.pictures
    finding.put(one, [finding.box(1, 2, 30, 40)])
    file = folder_of(studio, finding) / "annotations.json"
    file.write_bytes(content)
    assert finding.of(one) == [finding.box(1, 2, 30, 40)]
    assert "annotations.damaged.json" in finding.told()["notes"][0]
    assert (file.parent / "annotations.damaged.json").read_bytes() == content
    file.write_bytes(content)
    studio.room(BoxesRoom)._open.clear()
    assert finding.of(one) is None
    assert finding.put(one, [finding.box(1, 2, 30, 40)]).status_code == 200


def test_boxes_are_in_the_upright_picture(client: TestClient, studio: Studio, tmp_path: Path) -> None:
    finding = Finding(client)
    file = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((60, 100, 3), np.uint8)).save(file, exif=exif)
    one = finding.add(file.read_bytes())
    answer = finding.put(one, [finding.box(10, 50, 40, 45)]).json()
    assert (answer["width"], answer["height"]) == (60, 100)
    assert answer["boxes"] == [finding.box(10, 50, 40, 45)]
    read = upright(coco.load(folder_of(studio, finding), train_json="annotations.json", train_images="pictures"))
    assert read.train[0].boxes[0].corners == (10, 50, 50, 95)


def test_the_last_one_wins_and_the_others_are_told(client: TestClient, studio: Studio) -> None:
    finding = Finding(client, 1)
    (one,) = finding.pictures
    channel = studio.room(Projects).find(finding.id).channel
    before = channel.number
    finding.put(one, [finding.box(1, 2, 30, 40)])
    finding.put(one, [finding.box(5, 6, 30, 40)])
    told = [event.data for event in channel.after(before) if event.name == "boxes"]
    assert told == [{"picture": one, "count": 1, "page": ""}] * 2
    assert finding.of(one) == [finding.box(5, 6, 30, 40)]


def test_a_project_of_classes_has_no_boxes(client: TestClient) -> None:
    project = client.post("/api/projects", json={"kind": "classify"}).json()["id"]
    assert client.get(f"/api/projects/{project}/boxes").json()["code"] == -305
    assert client.get("/api/projects/p000000000000/boxes").status_code == 404


def test_sentences_say_how_far_one_is(client: TestClient) -> None:
    finding = Finding(client, 6)
    for one in finding.pictures[:2]:
        finding.put(one, [finding.box(1, 2, 30, 40), finding.box(1, 2, 3, 3)])
    finding.put(finding.pictures[2], [])
    texts = [told["text"] for told in finding.told()["sentences"]]
    assert texts == [
        "Drawn: 2 of 6 pictures. The other 3 are left out of a training until you have looked at them.",
        "Training needs 4 pictures with boxes.",
        "No box yet: 笔 'x'/😀.",
        "1 picture has nothing to find: that teaches where nothing is.",
        "2 boxes are tiny: a small detector may not see such things.",
    ]
