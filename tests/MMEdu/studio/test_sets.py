"""Data sets and models that lie in the work folder or come from the browser in pieces; and what must not come in."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests import models_on_disk as disk

from MMEdu.export import ncnn, openvino
from MMEdu.requirements import INSTALL_TRAIN
from MMEdu.studio.jobs.job import Job
from MMEdu.studio.studio import Studio
from MMEdu.studio.uploads import Uploads


def packed(files: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """Return a zip."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return data.getvalue()


def files_of(folder: Path, root: str) -> list[tuple[str, bytes]]:
    """Return a folder's files with their names below ``root``."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(f"{root}/{path.relative_to(folder).as_posix()}", path.read_bytes()) for path in files]


def sent(client: TestClient, name: str, data: bytes, piece: int = 1 << 20) -> str:
    """Send a file piece by piece; return the upload."""
    upload: str = client.post("/api/uploads").json()["upload"]
    for offset in range(0, len(data), piece):
        answer = client.post(
            f"/api/uploads/{upload}/piece",
            params={"file": name, "offset": offset},
            content=data[offset : offset + piece],
        )
        assert answer.status_code == 200, answer.text
    return upload


def refused(client: TestClient, data: bytes) -> str:
    """Send a zip that is refused, and return the message; nothing is left of it."""
    answer = client.post("/api/sets", json={"upload": sent(client, "数 据.zip", data)})
    assert answer.status_code == 400, answer.text
    assert client.get("/api/sets").json()["sets"] == []
    told: dict[str, Any] = answer.json()
    assert told["hint"]
    return str(told["message"])


def test_a_zip_becomes_a_set_that_is_checked(client: TestClient, studio: Studio, dataset: Path) -> None:
    data = packed(files_of(dataset, "外层/猫 狗"))
    made = client.post("/api/sets", json={"upload": sent(client, "动物.zip", data, 5000)}).json()
    assert made["path"] == "datasets/动物"
    assert [one["path"] for one in client.get("/api/sets?task=classification").json()["sets"]] == ["datasets/动物"]
    assert client.get("/api/sets?task=detection").json()["sets"] == []
    told = client.post("/api/sets/check", json={"path": made["path"], "task": "classification"}).json()
    assert told["ok"]
    assert told["fits"]
    assert told["sentence"].startswith(f"{len(told['classes'])} classes (")
    assert told["sheet"].startswith("data:image/png;base64,")
    assert not list(studio.folder.glob(".uploads/*"))
    assert client.post("/api/sets", json={"upload": sent(client, "动物.zip", data)}).json()["path"] == "datasets/动物 2"


def test_a_folder_comes_in_its_files(client: TestClient, dataset: Path) -> None:
    upload = client.post("/api/uploads").json()["upload"]
    files = [("files", (name, data, "image/png")) for name, data in files_of(dataset, "我的 set")]
    files += [("files", ("我的 set/.DS_Store", b"x", "")), ("files", ("我的 set/Thumbs.db", b"x", ""))]
    assert client.post(f"/api/uploads/{upload}/files", files=files).json()["files"] == len(files) - 2
    made = client.post("/api/sets", json={"upload": upload}).json()
    assert made == {"name": "我的 set", "path": "datasets/我的 set", "task": "classification"}


def test_names_of_old_windows_zips_are_chinese() -> None:
    from MMEdu.studio import zips

    data = packed([("XXXX/1.png", b"1")]).replace(b"XXXX", "猫狗".encode("gbk"))
    with zips.opened(io.BytesIO(data), "a.zip") as archive:
        assert [entry.parts for entry in archive.entries] == [("猫狗", "1.png")]


def test_zips_that_are_hostile_are_refused(client: TestClient, studio: Studio) -> None:
    link = zipfile.ZipInfo("set/link.png")
    link.external_attr = 0o120777 << 16
    assert "leads elsewhere" in refused(client, packed([("../../out.png", b"1")]))
    assert "leads elsewhere" in refused(client, packed([("/etc/out.png", b"1")]))
    assert "leads elsewhere" in refused(client, packed([("C:\\out.png", b"1")]))
    assert "links" in refused(client, packed([(link, b"/etc/passwd")]))
    assert "beyond all measure" in refused(client, packed([("a.png", bytes(40 << 20))]))
    assert "no whole zip" in refused(client, packed([("a.png", b"1" * 5000)])[:-30])
    assert "no whole zip" in refused(client, b"PK\x03\x04 nothing")
    broken = bytearray(packed([("a/1.png", bytes(range(256)) * 40)]))
    broken[60] ^= 0xFF
    assert "no whole zip" in refused(client, bytes(broken))
    assert "Nothing came" in refused(client, packed([("__MACOSX/a.png", b"1"), (".git/a", b"1")]))
    assert not list(studio.folder.parent.glob("out.png"))
    assert not list(studio.folder.glob(".uploads/*"))


@pytest.mark.parametrize("name", ["../a.png", "/a.png", "a/../../b.png", "C:/a.png", "a\\..\\..\\b.png", "a\n.png", ""])
def test_a_name_of_the_browser_leads_nowhere(client: TestClient, name: str) -> None:
    upload = client.post("/api/uploads").json()["upload"]
    answer = client.post(f"/api/uploads/{upload}/piece", params={"file": name, "offset": 0}, content=b"1")
    assert answer.status_code == 400
    assert answer.json()["code"] == -201


def test_an_upload_with_a_gap_or_without_a_beginning_is_refused(client: TestClient, studio: Studio) -> None:
    upload = client.post("/api/uploads").json()["upload"]
    address = f"/api/uploads/{upload}/piece"
    assert client.post(address, params={"file": "a.zip", "offset": 5}, content=b"1").json()["code"] == -305
    assert client.post(address, params={"file": "a.zip", "offset": "x"}, content=b"1").json()["code"] == -305
    assert client.post("/api/uploads/nobody/piece?file=a&offset=0", content=b"1").json()["code"] == -305
    assert client.delete(f"/api/uploads/{upload}").json() == {}
    assert client.post("/api/sets", json={"upload": upload}).json()["code"] == -305
    for _ in range(10):  # who begins again and again leaves little behind
        studio.room(Uploads).begin()
    assert len(list(studio.folder.glob(".uploads/*"))) == 8


def test_a_set_is_checked_where_it_lies(client: TestClient, dataset: Path, tmp_path: Path) -> None:
    folder = dataset
    told = client.post("/api/sets/check", json={"path": f' "{folder}" ', "backbone": "LeNet"}).json()
    assert told["task"] == "classification"
    assert any("LeNet" in line for line in told["lines"])
    told = client.post("/api/sets/check", json={"path": str(folder), "task": "detection"}).json()
    assert not told["fits"]
    answer = client.post("/api/sets/check", json={"path": "datasets/nothing"}, headers={"X-Language": "zh"})
    assert answer.status_code == 404
    assert answer.json()["code"] == -101
    for path in ("", "\0", "x" * 5000):
        assert client.post("/api/sets/check", json={"path": path}).status_code in (400, 404)
    (tmp_path / "empty").mkdir()
    answer = client.post("/api/sets/check", json={"path": str(tmp_path / "empty")})
    assert answer.json()["code"] == -201
    picture = next(folder.rglob("*.png"))
    picture.write_bytes(picture.read_bytes()[:40])
    told = client.post("/api/sets/check", json={"path": str(folder)}).json()
    assert not told["ok"]
    assert any(picture.name in line for line in told["lines"])


@pytest.mark.full
def test_digits_are_made_at_once(client: TestClient) -> None:
    pytest.importorskip("sklearn")
    assert "digits" in [one["name"] for one in client.get("/api/sets?task=classification").json()["made"]]
    made = client.post("/api/sets/made", json={"name": "digits"}).json()
    told = client.post("/api/sets/check", json={"path": made["path"], "task": "classification"}).json()
    assert told["sentence"].startswith("10 classes (0, 1, 2, 3, 4, 5, …), ")
    assert client.post("/api/sets/made", json={"name": "os:system"}).json()["code"] == -101


def test_models_say_what_they_are(client: TestClient, studio: Studio) -> None:
    told = client.get("/api/models").json()
    assert told["models"] == []
    assert [one["name"] for one in told["backends"]] == ["ONNX", "INT8", "NCNN", "OpenVINO"]
    assert {one["install"] for one in told["backends"]} <= {INSTALL_TRAIN, ncnn.INSTALL, openvino.INSTALL}
    exported = disk.classifier(studio.folder.parent / "a.onnx", known=disk.info(("红", "绿", "蓝")))
    upload = sent(client, "我的 模型.onnx", exported.read_bytes())
    added = client.post("/api/models", json={"upload": upload}).json()["models"]
    assert [one["path"] for one in added] == ["models/我的 模型.onnx"]
    folder = studio.folder / "checkpoints" / "跑"
    folder.mkdir(parents=True)
    (folder / "best.pth").write_bytes(b"weights")
    header = '{"tool": "MMEdu", "task": "classification", "backbone": "LeNet", "classes": ["猫", "狗"]}\n'
    (folder / "20260101_000000.log.json").write_text(header, encoding="utf-8")
    (folder / "broken.onnx").write_bytes(b"no model")
    (studio.folder / "datasets" / "a").mkdir(parents=True)
    shutil.copy(exported, studio.folder / "datasets" / "a" / "not_listed.onnx")
    (folder / "boxes.xml").write_text("<annotation/>", encoding="utf-8")
    models = {one["name"]: one for one in client.get("/api/models").json()["models"]}
    assert set(models) == {"我的 模型.onnx", "best.pth", "broken.onnx"}
    assert models["我的 模型.onnx"]["task"] == "classification"
    assert models["我的 模型.onnx"]["classes"]
    assert models["best.pth"]["backbone"] == "LeNet"
    assert models["best.pth"]["classes"] == ["猫", "狗"]
    assert models["broken.onnx"]["problem"]
    answer = client.post("/api/models", json={"upload": sent(client, "a.exe", b"MZ")})
    assert answer.json()["code"] == -202


def test_of_a_run_the_best_stands_for_all(client: TestClient, studio: Studio) -> None:
    def run(name: str, state: str, files: tuple[str, ...]) -> None:
        folder = studio.folder / name / "model"
        folder.mkdir(parents=True)
        Job(folder.parent, name[-5:], "train", "LeNet", state=state).save()  # type: ignore[arg-type]
        for age, file in enumerate(files):
            (folder / file).write_bytes(b"weights")
            os.utime(folder / file, (1000 + age, 1000 + age))

    project = studio.folder / "projects" / "p"
    project.mkdir(parents=True)
    (project / "project.json").write_text('{"name": "我的图片"}', encoding="utf-8")
    run("projects/p/runs/train_1", "done", ("best_acc_epoch_1.pth", "epoch_2.pth", "best_acc_epoch_2.pth"))
    run("runs/train_2", "stopped", ("best_acc_epoch_1.pth", "epoch_2.pth", "latest.pth"))
    run("runs/train_3", "interrupted", ("epoch_1.pth", "epoch_2.pth"))
    (studio.folder / "mine.pth").write_bytes(b"weights")
    models = client.get("/api/models").json()["models"]
    assert [one["title"] for one in models if not one["folded"]] == [
        "mine.pth",
        "我的图片 / train_1 / best_acc_epoch_2.pth",
        "train_3 / epoch_2.pth",
        "train_2 / best_acc_epoch_1.pth",
        "train_2 / latest.pth",
    ]
    assert sum(one["best"] for one in models) == 2
    assert [one["folded"] for one in models] == sorted(one["folded"] for one in models)
    shutil.rmtree(studio.folder / "runs" / "train_2")
    run("runs/train_2", "running", ("best_acc_epoch_1.pth", "latest.pth"))
    models = client.get("/api/models").json()["models"]
    shown = [one for one in models if not one["folded"]]
    assert [one["running"] for one in shown] == [False] * (len(shown) - 1) + [True]
