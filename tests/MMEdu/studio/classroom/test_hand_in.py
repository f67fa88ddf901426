"""Handing in: models judged on hidden pictures in a process of their own; what is no model harms nobody."""

from __future__ import annotations

import io
import json
import signal
import sys
import zipfile
from pathlib import Path

import pytest
from onnx import TensorProto, helper
from tests.MMEdu.studio.classroom.conftest import Person, make_set
from tests.MMEdu.studio.conftest import wait_until

from MMEdu.studio.classroom.classroom import Classroom
from MMEdu.studio.classroom.judging import JudgeProcess


def result_of(pupil: Person) -> dict:
    """Wait until the latest hand-in of a pupil is judged."""

    def judged() -> object:
        latest = pupil.get("/api/class")["me"]["hand_ins"][0]
        return latest if latest["state"] in ("done", "failed") else None

    return wait_until(judged)


def test_a_league_on_hidden_pictures(come_in, tmp_path: Path, models: Path, classroom: Classroom) -> None:
    teacher, li, mei = come_in(), come_in("李 雷"), come_in("Mei ✨")
    li.hand_in((models / "good.onnx").read_bytes(), pictures=90)
    assert li.get("/api/class")["me"]["hand_ins"][0]["state"] == "kept"  # there is no test set yet
    test = make_set(tmp_path / "隐 藏", wrong=1)
    told = teacher.post("/api/teacher/test", {"path": f'"{test}"'})
    assert (told["test"]["pictures"], told["test"]["name"]) == (12, "隐 藏")
    assert result_of(li)["right"] == 11
    mei.hand_in((models / "part.onnx").read_bytes())
    found = result_of(mei)
    assert (found["right"], found["of"]) == (7, 12)  # four are of a class that it does not know
    assert "蓝色" in found["sentences"][0]
    wall = mei.get("/api/wall")
    assert [(row["name"], row["place"], row["pictures"]) for row in wall["rows"]] == [
        ("李 雷", 1, 90),
        ("Mei ✨", 2, 30),
    ]
    assert wall["rows"][0]["mistakes"] == []
    mei.hand_in((models / "good.onnx").read_bytes())
    result_of(mei)
    assert [row["place"] for row in mei.get("/api/wall")["rows"]] == [1, 1]
    table = teacher.client.get("/api/teacher/wall.csv").content.decode("utf-8-sig")
    assert "李 雷,90,0.9167,11,12,1" in table
    kept = sorted(path.name for path in (classroom.folder / "pupils").glob("李 雷 */*/*"))
    assert {"handin.json", "model.onnx", "evaluation.json", "result.json"} <= set(kept)


def test_hidden_pictures_stay_hidden(come_in, tmp_path: Path, models: Path) -> None:
    teacher, pupil = come_in(), come_in("李雷")
    teacher.post("/api/teacher/test", {"path": str(make_set(tmp_path / "隐藏", wrong=2))})
    pupil.hand_in((models / "good.onnx").read_bytes())
    result_of(pupil)
    row = teacher.get("/api/wall")["rows"][0]
    assert row["mistakes"] == []  # it is the teacher's screen that the class sees
    (seen,) = teacher.get("/api/teacher")["pupils"]
    picture = f"/api/wall/{row['id']}/{seen['mistakes'][0]['n']}"
    assert teacher.client.get(picture).content[:2] == b"\xff\xd8"
    assert pupil.client.get(picture).status_code == 400
    for path in ("/api/teacher", "/api/teacher/wall.csv", "/api/teacher/photos/1"):
        assert pupil.client.get(path).status_code == 403, path
    assert str(tmp_path) not in json.dumps([pupil.get("/api/class"), pupil.get("/api/wall"), pupil.get("/api/hello")])
    teacher.post("/api/teacher/settings", {"show_mistakes": True})
    assert pupil.client.get(picture).status_code == 200
    assert pupil.get("/api/wall")["rows"][0]["mistakes"][0] == {"n": 0, "true": "红色", "said": "蓝色"}
    assert pupil.client.get(f"/api/wall/{row['id']}/99").status_code == 404
    assert "hidden" in teacher.refused("/api/teacher/shelf", {"path": str(tmp_path)})[1]


def bomb(name: str) -> bytes:
    """Return a zip whose one file swells to 400 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened, opened.open(name, "w") as file:
        for _ in range(400):
            file.write(bytes(2**20))
    return packed.getvalue()


def greedy() -> bytes:
    """Return a model that wants 64 GB."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [2**34])
    nodes = [helper.make_node("ConstantOfShape", ["shape"], ["probs"])]
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 16, 16])
    gives = helper.make_tensor_value_info("probs", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [given], [gives], [shape])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    import models_on_disk

    for key, value in models_on_disk.info().to_metadata().items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    return model.SerializeToString()


@pytest.mark.slow
def test_what_is_no_model_is_said_and_harms_nobody(come_in, tmp_path: Path, models: Path) -> None:
    teacher, pupil = come_in(), come_in("Zoë")
    teacher.post("/api/teacher/test", {"path": str(make_set(tmp_path / "隐藏"))})
    good = (models / "good.onnx").read_bytes()
    expected = {
        b"this is no model": "not a whole model",
        good[: len(good) // 2]: "not a whole model",
        greedy(): "",
        good + b"\x0a\x08location\x12\x04evil": "another file",
        (models / "other.onnx").read_bytes(): "none of the classes",
        (models / "labels.onnx").read_bytes(): "does not say",
        (models / "foreign.onnx").read_bytes(): "does not say",
    }
    for data, part in expected.items():
        pupil.hand_in(data)
        found = result_of(pupil)
        assert found["state"] == "failed", found
        assert part in found["message"], found
    upload = pupil.upload(bomb("项目/model.onnx"), "项目.zip")
    assert "swells" in pupil.refused("/api/handins", {"upload": upload})[1]
    upload = pupil.upload(b"PK\x03\x04 nonsense", "项目.zip")
    assert "damaged" in pupil.refused("/api/handins", {"upload": upload})[1]
    upload = pupil.upload(good, "../../model.exe")
    assert "neither" in pupil.refused("/api/handins", {"upload": upload})[1]
    assert "300 MB" in pupil.refused("/api/uploads", {"name": "huge.onnx", "size": 2**40})[1]
    pupil.hand_in(good)
    assert result_of(pupil)["score"] == 1.0


def test_a_project_is_handed_in_as_a_zip(come_in, tmp_path: Path, models: Path, classroom: Classroom) -> None:
    teacher, pupil = come_in(), come_in("Zoë")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.write(models / "good.onnx", "我的 项目/model.onnx")
        for path in sorted(make_set(tmp_path / "图").rglob("*.png")):
            opened.write(path, f"我的 项目/pictures/{path.parent.name}/{path.name}")
    upload = pupil.upload(packed.getvalue(), "我的 项目.zip")
    assert pupil.post("/api/handins", {"upload": upload})["pictures"] == 12
    teacher.post("/api/teacher/test", {"path": str(tmp_path / "图")})
    assert result_of(pupil)["score"] == 1.0
    assert len(list(classroom.folder.glob("pupils/*/*/project.zip"))) == 1


def test_a_closed_hand_in_takes_nothing(come_in, models: Path) -> None:
    teacher, pupil = come_in(), come_in("Zoë")
    teacher.post("/api/teacher/settings", {"open": False})
    upload = pupil.upload((models / "good.onnx").read_bytes(), "a.onnx")
    assert "open the hand-in" in pupil.refused("/api/handins", {"upload": upload})[1]


def test_a_network_that_breaks_goes_on_where_it_was(come_in) -> None:
    pupil, other = come_in("A"), come_in("B")
    begun = pupil.post("/api/uploads", {"name": "a.onnx", "size": 10})
    path = f"/api/uploads/{begun['id']}"
    assert pupil.client.post(f"{path}?at=0", content=b"01234").json()["received"] == 5
    assert pupil.client.post(f"{path}?at=0", content=b"01234").json()["received"] == 5  # the answer was lost
    assert pupil.client.post(f"{path}?at=7", content=b"78").status_code == 400
    assert pupil.get(path)["received"] == 5
    assert other.client.get(path).status_code == 404
    assert "not come whole" in pupil.refused("/api/handins", {"upload": begun["id"]})[1]
    assert pupil.client.post(f"{path}?at=5", content=b"56789").json()["received"] == 10


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_full_disk_is_said_and_nothing_is_half(come_in, models: Path, classroom: Classroom) -> None:
    import resource

    pupil = come_in("Tom")
    good = (models / "good.onnx").read_bytes()
    whole = pupil.upload(good, "a.onnx")
    begun = pupil.post("/api/uploads", {"name": "b.onnx", "size": 9000})["id"]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    try:
        lost = pupil.client.post(f"/api/uploads/{begun}?at=0", content=bytes(9000))
        refused = pupil.refused("/api/handins", {"upload": whole})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert (lost.status_code, refused[0]) == (507, 507)
    assert "disk space" in refused[1]
    assert pupil.get("/api/class")["me"]["hand_ins"] == []
    assert pupil.get(f"/api/uploads/{begun}")["received"] == 0
    assert pupil.client.post(f"/api/uploads/{begun}?at=0", content=bytes(9000)).json()["received"] == 9000
    pupil.post("/api/handins", {"upload": whole})  # there is room again: nothing must be sent anew
    assert len(list(classroom.folder.glob("pupils/*/*/model.onnx"))) == 1
    assert len(list(classroom.folder.glob("pupils/*/*/handin.json"))) == 1


def test_a_test_set_that_is_gone_is_told_to_the_teacher_alone(come_in, tmp_path: Path, models: Path) -> None:
    teacher, pupil = come_in(), come_in("Tom")
    test = make_set(tmp_path / "hidden", each=1)
    teacher.post("/api/teacher/test", {"path": str(test)})
    test.rename(tmp_path / "elsewhere")
    pupil.hand_in((models / "good.onnx").read_bytes())
    wait_until(lambda: str(test) in teacher.get("/api/teacher")["problem"])
    latest = pupil.get("/api/class")["me"]["hand_ins"][0]
    assert latest["state"] == "kept"
    teacher.post("/api/teacher/test", {"path": str(tmp_path / "elsewhere")})
    assert result_of(pupil)["score"] == 1.0
    assert teacher.get("/api/teacher")["problem"] == ""


@pytest.mark.parametrize(
    "name", ["a\0b.onnx", "\ud800.onnx", "../..\\.onnx", "\u202egnp.onnx", "x" * 300 + ".onnx", "CON.onnx"]
)
def test_names_of_files_are_never_paths(come_in, models: Path, classroom: Classroom, name: str) -> None:
    teacher, pupil = come_in(), come_in("Tom")
    good = (models / "good.onnx").read_bytes()
    about = json.dumps({"name": name, "size": len(good)})
    begun = json.loads(pupil.client.post("/api/uploads", content=about).content)
    pupil.client.post(f"/api/uploads/{begun['id']}?at=0", content=good)
    pupil.post("/api/handins", {"upload": begun["id"]})
    begun = json.loads(
        teacher.client.post("/api/uploads", content=json.dumps({"name": name, "size": len(good)})).content
    )
    teacher.client.post(f"/api/uploads/{begun['id']}?at=0", content=good)
    teacher.post("/api/teacher/shelf", {"upload": begun["id"]})
    (item,) = pupil.get("/api/class")["shelf"]
    assert item["kind"] == "model"
    assert pupil.client.get(f"/api/shelf/{item['id']}").content == good
    assert {path.name for path in classroom.folder.parent.iterdir()} == {classroom.folder.name}


def test_a_file_where_the_class_was_started_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_set(tmp_path / "test", each=1)
    for name in ("random", "json", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    judge = JudgeProcess(tmp_path / "log")
    try:
        assert judge.describe(tmp_path / "test")["pictures"] == 3
    finally:
        judge.close()
