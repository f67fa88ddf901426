"""What is handed out, and what phones send."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
from tests.MMEdu.studio.classroom.conftest import make_set

import models_on_disk
from BaseDT import image
from MMEdu.studio.classroom.classroom import Classroom


def shelf_of(person) -> dict:
    """Return what is on the shelf, by name."""
    return {item["name"]: item for item in person.get("/api/class")["shelf"]}


def test_a_set_and_files_are_handed_out(come_in, tmp_path: Path, models: Path, classroom: Classroom) -> None:
    teacher, pupil = come_in(), come_in("Tom")
    make_set(tmp_path / "手 势")
    (tmp_path / "手 势" / ".secret").write_text("no", encoding="utf-8")
    teacher.post("/api/teacher/shelf", {"path": str(tmp_path / "手 势")})
    teacher.post(
        "/api/teacher/shelf", {"upload": teacher.upload((models / "good.onnx").read_bytes(), "..\\..\\模型.ONNX")}
    )
    (classroom.folder / "shelf" / "by hand.txt").write_text("hello", encoding="utf-8")
    classroom.shelf._seen = (-9.0, [])
    items = shelf_of(pupil)
    assert {name: item["kind"] for name, item in items.items()} == {
        "手 势": "set",
        "模型.onnx": "model",
        "by hand.txt": "file",
    }
    assert items["手 势"]["pictures"] == 12
    answer = pupil.client.get(f"/api/shelf/{items['手 势']['id']}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        assert sorted(packed.namelist())[0].startswith("手 势/")
        assert len(packed.namelist()) == 12
    teacher.client.delete(f"/api/teacher/shelf/{items['手 势']['id']}")
    assert "手 势" not in shelf_of(pupil)
    assert pupil.client.get(f"/api/shelf/{items['手 势']['id']}").status_code == 404
    assert teacher.refused("/api/teacher/shelf", {"path": str(tmp_path / "missing")})[0] == 404
    assert teacher.refused("/api/teacher/shelf", {"path": str(classroom.folder)})[0] == 400
    assert teacher.refused("/api/teacher/shelf", {"path": " "})[0] == 400


def test_links_are_not_followed(come_in, tmp_path: Path, classroom: Classroom) -> None:
    teacher, pupil = come_in(), come_in("Tom")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    place = make_set(tmp_path / "set", each=1)
    (place / "link.txt").symlink_to(secret)
    (classroom.folder / "shelf" / "link.txt").symlink_to(secret)
    teacher.post("/api/teacher/shelf", {"path": str(place)})
    assert set(shelf_of(pupil)) == {"set"}
    content = pupil.client.get(f"/api/shelf/{shelf_of(pupil)['set']['id']}").content
    assert "link.txt" not in zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_the_test_set_is_not_put_on_the_shelf(come_in, tmp_path: Path) -> None:
    teacher = come_in()
    test = make_set(tmp_path / "sets" / "hidden", each=1)
    teacher.post("/api/teacher/test", {"path": str(test)})
    assert "hidden" in teacher.refused("/api/teacher/shelf", {"path": str(tmp_path / "sets")})[1]
    teacher.client.delete("/api/teacher/test")
    teacher.post("/api/teacher/shelf", {"path": str(test)})
    on_shelf = tmp_path / "课 堂" / "shelf" / "hidden"
    assert "shelf" in teacher.refused("/api/teacher/test", {"path": str(on_shelf)})[1]


def test_a_test_set_comes_as_a_zip(come_in, tmp_path: Path) -> None:
    teacher = come_in()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for path in make_set(tmp_path / "set", each=2).rglob("*.png"):
            opened.write(path, f"set/{path.parent.name}/{path.name}")
        opened.writestr("set/run.exe", b"x")
    told = teacher.post("/api/teacher/test", {"upload": teacher.upload(packed.getvalue(), "测 试.zip")})
    assert (told["test"]["name"], told["test"]["pictures"]) == ("测 试", 6)
    assert not list(tmp_path.rglob("run.exe"))
    swollen = io.BytesIO()
    with zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a/1.png", bytes(200 * 2**20))
    upload = teacher.upload(swollen.getvalue(), "bomb.zip")
    assert "grow beyond" in teacher.refused("/api/teacher/test", {"upload": upload})[1]
    upload = teacher.upload(b"no zip at all", "no.zip")
    assert "no.zip" in teacher.refused("/api/teacher/test", {"upload": upload})[1]
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as opened:
        opened.writestr("../../evil.png", b"x")
    assert "evil" in teacher.refused("/api/teacher/test", {"upload": teacher.upload(evil.getvalue(), "evil.zip")})[1]
    assert not list(tmp_path.rglob("evil.png"))
    assert teacher.get("/api/teacher")["test"]["name"] == "测 试"
    assert teacher.refused("/api/teacher/test", {"path": str(tmp_path / "课 堂" / "wheels")})[0] == 400


def test_pip_finds_wheels(start_class, tmp_path: Path) -> None:
    running = start_class(None, "--pin", "4821", "--host", "127.0.0.1")
    wheel = running.folder / "wheels" / "tiny_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("tiny_thing.py", "x = 1\n")
        packed.writestr("tiny_thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n")
        packed.writestr(
            "tiny_thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr("tiny_thing-1.0.dist-info/RECORD", "")
    command = [sys.executable, "-m", "pip", "download", "--no-index", "--no-deps", "-q", "--disable-pip-version-check"]
    found = ["--find-links", f"{running.address}/wheels", "-d", str(tmp_path / "got"), "tiny-thing"]
    ended = subprocess.run([*command, *found], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in (tmp_path / "got").iterdir()] == [wheel.name]


def jpeg(width: int = 2000, height: int = 1500) -> bytes:
    """A photograph as a phone sends it."""
    noise = np.random.default_rng(0).integers(0, 255, (height // 20, width // 20, 3), np.uint8)
    return cv2.imencode(".jpg", cv2.resize(noise, (width, height)))[1].tobytes()


def test_photographs_become_a_set(come_in, classroom: Classroom) -> None:
    teacher, pupil = come_in(), come_in("Tom")
    assert pupil.get("/api/class")["photos"] is None
    assert teacher.refused("/api/teacher/photos", {"name": "x", "classes": ["a", "A"]})[0] == 400
    assert teacher.refused("/api/teacher/photos", {"name": "x", "classes": []})[0] == 400
    teacher.post("/api/teacher/photos", {"name": "石头 剪刀", "classes": ["石头", "剪刀", "a/b", "a:b"]})
    classes = pupil.get("/api/class")["photos"]["classes"]
    assert teacher.refused("/api/teacher/shelf", {"photos": True})[0] == 400  # there is none yet
    for one in classes:
        answer = pupil.client.post(f"/api/photos/{one['id']}", content=jpeg())
        assert answer.json() == {"count": 1}
    for bad in (b"no picture", b"", b"\x00" * 5000, b"\x00\x00\x00\x18ftypheic" + bytes(100)):
        assert pupil.client.post(f"/api/photos/{classes[0]['id']}", content=bad).status_code == 400
    assert pupil.client.post("/api/photos/0000", content=jpeg()).status_code == 404
    shown = teacher.get("/api/teacher")["photos"]["classes"][0]["photos"][0]
    assert shown["sender"] == pupil.get("/api/hello")["id"]
    assert image.decode(teacher.client.get(f"/api/teacher/photos/{shown['id']}").content).shape == (960, 1280, 3)
    assert pupil.client.get(f"/api/teacher/photos/{shown['id']}").status_code == 403
    teacher.client.delete(f"/api/teacher/photos/{shown['id']}")
    assert teacher.get("/api/teacher")["photos"]["classes"][0]["count"] == 0
    assert "first" in teacher.refused("/api/teacher/photos", {"name": "x", "classes": ["a"]})[1]
    teacher.post("/api/teacher/shelf", {"photos": True})
    assert shelf_of(pupil)["石头 剪刀"]["pictures"] == 3
    assert pupil.get("/api/class")["photos"] is None
    assert {path.name for path in (classroom.folder / "shelf" / "石头 剪刀").iterdir()} >= {"剪刀"}


def test_photographs_become_the_test_set(come_in) -> None:
    teacher, pupil = come_in(), come_in("Tom")
    teacher.post("/api/teacher/photos", {"name": "测试", "classes": list(models_on_disk.CLASSES)})
    for one, colour in zip(pupil.get("/api/class")["photos"]["classes"], models_on_disk.COLOURS, strict=True):
        data = cv2.imencode(".png", models_on_disk.picture(colour))[1].tobytes()
        pupil.client.post(f"/api/photos/{one['id']}", content=data)
    told = teacher.post("/api/teacher/test", {"photos": True})
    assert (told["test"]["pictures"], told["photos"]) == (3, None)
