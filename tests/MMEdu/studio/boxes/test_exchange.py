"""Sets with annotations come in, from zips and folders; sets to learn from are laid, and go out as zips."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.MMEdu import detection_data
from tests.MMEdu.studio.boxes.test_boxes import Finding, folder_of, picture

from BaseDT.dataset import coco
from BaseDT.dataset.upright import upright
from MMEdu.studio.boxes.boxes import BoxesRoom
from MMEdu.studio.boxes.drawn import DrawnBox
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio


def zipped(folder: Path) -> bytes:
    """Return a folder as a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"我的 集/{file.relative_to(folder).as_posix()}")
    return stream.getvalue()


def drawn(client: TestClient, pictures: int = 10) -> Finding:
    """Return a project with boxes of two classes; the last picture has none, and one is not looked at."""
    finding = Finding(client, pictures + 1)
    for number, one in enumerate(finding.pictures[:-1]):
        last = number == pictures - 1
        finding.put(one, [] if last else [finding.box(10, 20, 30, 40, number % 2)])
    return finding


def test_a_zip_in_cocos_layout_comes_in_with_its_boxes(client: TestClient, tmp_path: Path) -> None:
    root = detection_data.write(tmp_path / "set", train=4, valid=3)
    finding = Finding(client)
    answer = client.post(f"{finding.path}/coco", content=zipped(root))
    assert answer.status_code == 200, answer.text
    taken = answer.json()
    assert (len(taken["pictures"]), taken["boxes"], taken["refused"]) == (7, 5, [])
    told = finding.told()
    assert (told["drawn"], told["empty"]) == (5, 2)
    names = [one["name"] for one in client.get(finding.path).json()["classes"]]
    assert names[2:] == ["方块", "圆"]
    assert finding.of(taken["pictures"][0])[0]["width"] > 30


def test_a_folder_comes_in_by_portions(client: TestClient, tmp_path: Path) -> None:
    root = detection_data.write(tmp_path / "set", train=4, valid=1)
    finding = Finding(client)
    document = json.loads((root / "annotations" / "train.json").read_text("utf-8"))
    files = sorted((root / "images" / "train").iterdir())
    for part in (files[:2], files[2:]):
        form = [("files", (f"set/images/train/{file.name}", file.read_bytes())) for file in part]
        form.append(("files", ("set/annotations/train.json", json.dumps(document).encode())))
        taken = client.post(f"{finding.path}/coco", files=form).json()
        assert len(taken["pictures"]) == 2
        assert taken["notes"] == ["2 pictures of the annotation file are not here."]
    assert finding.told()["drawn"] == 3


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a.txt": b"x"}, -201),
        ({"a.jpg": picture()}, -701),
        ({"a.jpg": picture(), "package.json": b'{"name": 1}'}, -201),
        ({"a.jpg": picture(), "t.json": b"{"}, -201),
        ({"a.jpg": picture(), "t.json": b'{"images": [], "annotations": [], "categories": []}'}, -701),
        (
            {
                "a.jpg": picture(),
                "t.json": b'{"images": [{"id": 1, "file_name": "../../a.jpg", "width": 1, "height": 9}], '
                b'"annotations": [], "categories": [{"id": 1, "name": "a"}]}',
            },
            -201,
        ),
    ],
)
def test_what_is_no_set_is_refused(client: TestClient, files: dict[str, bytes], code: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    finding = Finding(client)
    refused = client.post(f"{finding.path}/coco", content=stream.getvalue())
    assert refused.status_code == 400, refused.text
    assert refused.json()["code"] == code
    assert refused.json()["hint"]
    assert client.get(finding.path).json()["pictures"] == []


def test_no_zip_and_a_bomb_are_refused(client: TestClient) -> None:
    finding = Finding(client)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", bytes(1 << 26))
    for content in (b"no zip", b"", stream.getvalue()):
        refused = client.post(f"{finding.path}/coco", content=content)
        assert (refused.status_code, refused.json()["code"]) == (400, -201)


def test_a_set_is_laid_to_learn_from_and_stays_divided(client: TestClient, studio: Studio) -> None:
    finding = drawn(client)
    laid = client.post(f"{finding.path}/boxes-set").json()
    folder = studio.folder / laid["path"]
    assert folder.parent == folder_of(studio, finding) / "runs"
    data = upright(coco.load(folder))
    assert data.notes == ()
    assert data.classes == ("杯子", "笔 'x'/😀")
    assert (len(data.train), len(data.val)) == (laid["train"], laid["valid"])
    assert laid["train"] + laid["valid"] == 10
    assert client.post(f"{finding.path}/boxes-set").json() == laid
    held = {image.path.name for image in data.val}
    more = finding.add(picture(77))
    finding.put(more, [finding.box(10, 20, 30, 40)])
    other = client.post(f"{finding.path}/boxes-set").json()
    assert other["path"] != laid["path"]
    assert held <= {image.path.name for image in coco.load(studio.folder / other["path"]).val} | {f"{more}.jpg"}
    assert not list(folder.parent.glob(".*"))


def test_every_class_has_something_to_learn_from_and_something_is_held_out(client: TestClient, studio: Studio) -> None:
    finding = Finding(client, 4)
    for number, one in enumerate(finding.pictures):
        finding.put(one, [finding.box(10, 20, 30, 40, 1 if number == 0 else 0)])
    data = coco.load(studio.folder / client.post(f"{finding.path}/boxes-set").json()["path"])
    assert {box.label for image in data.train for box in image.boxes} == {0, 1}
    assert sum(bool(image.boxes) for image in data.val) >= 1


def test_too_few_boxes_are_named_before_a_training(client: TestClient) -> None:
    finding = drawn(client, 3)
    for answer in (client.post(f"{finding.path}/boxes-set"), client.get(f"{finding.path}/coco")):
        assert answer.json()["code"] == -201
        assert "4 pictures" in answer.json()["hint"]


def test_a_zip_goes_out_and_comes_in_again(client: TestClient, tmp_path: Path, studio: Studio) -> None:
    finding = drawn(client)
    answer = client.get(f"{finding.path}/coco")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path / "出 来")
    data = coco.load(tmp_path / "出 来")
    assert sum(len(image.boxes) for image in (*data.train, *data.val)) == 9
    assert not list(folder_of(studio, finding).glob(".cache/*.zip"))
    other = Finding(client)
    taken = client.post(f"{other.path}/coco", content=answer.content).json()
    assert (len(taken["pictures"]), taken["boxes"]) == (10, 9)
    assert other.told()["empty"] == 1


def test_mmdetection_reads_the_project_as_it_lies_and_the_set(client: TestClient, studio: Studio) -> None:
    from MMEdu import MMDetection

    finding = drawn(client)
    model = MMDetection("SSD_Lite")
    model.load_dataset(folder_of(studio, finding), train_json="annotations.json", train_images="pictures", check=True)
    model.load_dataset(studio.folder / client.post(f"{finding.path}/boxes-set").json()["path"])


@pytest.mark.full
def test_five_thousand_pictures_are_saved_box_by_box(client: TestClient, studio: Studio) -> None:
    finding = Finding(client)
    folder = folder_of(studio, finding)
    first = folder / "first.jpg"
    first.write_bytes(picture())
    for number in range(5000):
        os.link(first, folder / "pictures" / f"{number + 1:06}-{number:06x}.jpg")
    project = studio.room(Projects).find(finding.id)
    project.look()
    boxes = studio.room(BoxesRoom).of(project)
    one = DrawnBox(finding.classes[0], 10, 20, 30, 40)
    boxes.put_all({picture.id: [one] * 5 for picture in project.pictures()})
    start = time.perf_counter()
    boxes.put(project.pictures()[2500].id, [finding.box(1, 2, 30, 40)])
    assert time.perf_counter() - start < 0.5


def test_a_training_is_written_for_what_was_drawn(client: TestClient) -> None:
    finding = drawn(client)
    settings = {"task": "detection", "model": "SSD_Lite", "dataset": {"project": finding.id}}
    answer = client.post("/api/code", json={"kind": "train", "settings": settings})
    assert answer.status_code == 200, answer.text
    assert "MMDetection" in answer.json()["code"]
    assert "runs/set-" in answer.json()["code"]
