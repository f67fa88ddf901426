"""What is taken away works elsewhere: the zip as a project, the model by its own script, INT8 with what it costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from MMEdu.studio.files import Files
from MMEdu.studio.lessons import qr
from MMEdu.studio.projects.projects import Projects
from XEdu.hub import Workflow
from XEdu.teach import Learner

from .conftest import picture


@pytest.fixture
def full(taught):
    """Three classes, one with a name that would break out of a program."""
    taught.add("""红' "x\\""", 6, colour="red")
    taught.add("green", 6)
    taught.add("blue", 6)
    taught.teaching()
    return taught


def take(taught, what):
    answer = taught.client.post(f"{taught.url}/take", json={"what": what})
    assert answer.status_code == 200, answer.text
    return answer.json(), taught.studio.room(Files).path(answer.json()["file"])


def test_the_zip_is_the_project(full, tmp_path):
    answer, file = take(full, "zip")
    assert (answer["pictures"], answer["model"], answer["bytes"]) == (18, True, file.stat().st_size)
    data = full.client.get(f"/api/files/{answer['file']}")
    assert data.content == file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == 18 + 4
        assert not any(".cache" in name or name.startswith("/") or ".." in name for name in names)
        archive.extractall(tmp_path / "elsewhere")
    folder = next((tmp_path / "elsewhere").iterdir())
    assert folder.name == full.project.folder.name
    shutil.rmtree(full.project.folder)
    shutil.copytree(folder, full.project.folder)
    again = full.client.get(full.url).json()
    assert [one["count"] for one in again["classes"]] == [6, 6, 6]
    assert again["id"] == full.project.id


def test_the_zip_dropped_into_a_new_project_makes_its_classes(full):
    _, file = take(full, "zip")
    new = full.client.post("/api/projects", json={"kind": "classify", "name": "again"}).json()
    form = {"files": (file.name, file.read_bytes(), "application/zip")}
    assert full.client.post(f"/api/projects/{new['id']}/pictures", files=form).status_code == 200
    classes = full.client.get(f"/api/projects/{new['id']}").json()["classes"]
    assert sorted(one["count"] for one in classes) == [6, 6, 6]
    assert {"green", "blue"} < {one["name"] for one in classes}


def test_what_leads_out_of_the_project_or_is_hidden_stays(full, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(picture("red"))
    pictures = full.project.pictures()[0].path.parent
    (pictures / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (pictures.parent / "out").symlink_to(tmp_path)
    (pictures / ".DS_Store").write_bytes(b"x")
    (full.project.folder / "notes 笔记.txt").write_text("mine", "utf-8")
    _, file = take(full, "zip")
    with zipfile.ZipFile(file) as archive:
        names = [Path(name).name for name in archive.namelist()]
    assert not {"link.jpg", "secret.jpg", ".DS_Store"} & set(names)
    assert "notes 笔记.txt" in names


def test_a_project_with_boxes_is_taken_with_them(client, studio):
    made = client.post("/api/projects", json={"kind": "find", "name": "boxes"}).json()
    project = studio.room(Projects).find(made["id"])
    project.add("", picture("red"))
    (project.folder / "annotations.json").write_text("{}", "utf-8")
    answer = client.post(f"/api/projects/{project.id}/take", json={"what": "zip"}).json()
    assert (answer["pictures"], answer["model"]) == (1, False)
    with zipfile.ZipFile(studio.room(Files).path(answer["file"])) as archive:
        assert {Path(name).name for name in archive.namelist()} >= {"project.json", "annotations.json"}


def test_taking_twice_leaves_one_file_and_no_half(full):
    take(full, "zip")
    _, file = take(full, "zip")
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    with zipfile.ZipFile(file) as archive:
        assert not any("taken" in name for name in archive.namelist())


def test_a_project_without_a_model_is_taken_as_a_zip_only(taught):
    taught.add("red", 2)
    answer, _ = take(taught, "zip")
    assert (answer["pictures"], answer["model"]) == (2, False)
    for what in ("onnx", "int8"):
        refused = taught.client.post(f"{taught.url}/take", json={"what": what})
        assert refused.json()["code"] == -603
        assert "two" in refused.json()["message"]


@pytest.mark.parametrize("what", ["exe", "", "../zip", 3, None])
def test_nothing_else_is_taken(full, what):
    assert full.client.post(f"{full.url}/take", json={"what": what}).json()["code"] == -305


def test_the_model_runs_by_its_own_script(full, tmp_path):
    answer, file = take(full, "onnx")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "板 子")
    assert [one["name"] for one in answer["files"]] == ["model.onnx", "model.py", "classes.txt"]
    alone = full.client.get(f"/api/files/{answer['files'][0]['file']}")
    assert alone.content == (full.project.folder / "model.onnx").read_bytes()
    (tmp_path / "板 子" / "picture.jpg").write_bytes(picture("green", 40))
    model = Workflow(task="mmedu", checkpoint=str(tmp_path / "板 子" / "model.onnx"))
    model.inference(data=str(tmp_path / "板 子" / "picture.jpg"))
    assert model.format_output(lang="zh", isprint=False)["预测结果"] == "green"
    done = run(str(tmp_path / "板 子" / "model.py"), str(tmp_path / "板 子" / "picture.jpg"))
    assert "green" in done.stdout


def test_a_script_that_was_edited_stays(full):
    take(full, "onnx")
    script = full.project.folder / "model.py"
    script.write_text("mine", "utf-8")
    take(full, "onnx")
    assert script.read_text("utf-8") == "mine"


def test_the_model_can_be_taught_again(full):
    take(full, "onnx")
    learner = Learner(full.project.folder / "model.onnx")
    learner.add("a", full.project.pictures()[0].path)
    learner.add("b", full.project.pictures()[-1].path)
    assert learner.predict(full.project.pictures()[0].path)["预测结果"] == "a"


def test_the_program_that_is_shown_teaches_the_same(full):
    lines = full.client.get(f"{full.url}/code").json()
    before = [one["score"] for one in full.predict(picture("blue", 33)).json()["classes"]]
    done = run("-c", lines["teach"], folder=full.project.folder)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 100
    model = Workflow(task="mmedu", checkpoint=str(full.project.folder / "model.onnx"))
    file = full.project.folder / "picture.jpg"
    file.write_bytes(picture("blue", 33))
    model.inference(data=str(file))
    assert model.format_output(lang="zh", isprint=False)["置信度"] == pytest.approx(max(before), abs=1e-4)
    done = run("-c", lines["use"], folder=full.project.folder)
    assert "blue" in done.stdout, done.stderr
    assert 'lang="en"' in lines["use"]
    chinese = full.client.get(f"{full.url}/code", headers={"x-language": "zh"}).json()["use"]
    assert 'lang="zh"' in chinese


def test_int8_says_what_it_costs(full):
    pytest.importorskip("onnx")
    answer, file = take(full, "int8")
    assert file.name == "model_int8.onnx"
    assert answer["tested"] == 3
    assert answer["before"] == 3
    assert f"it tells {answer['after']} rightly, " in answer["sentence"]
    assert abs(answer["int8"]["size"] - answer["bytes"]) < 300  # another layer, other names
    assert [one["name"] for one in answer["files"]] == ["model_int8.onnx", "model_int8.py", "classes.txt"]
    assert {one.name for one in file.parent.iterdir()} == {"model_int8.onnx", "model_int8.py", "classes.txt"}
    model = Workflow(task="mmedu", checkpoint=str(file))
    (full.project.folder / "p.jpg").write_bytes(picture("green", 40))
    model.inference(data=str(full.project.folder / "p.jpg"))
    assert model.format_output(lang="zh", isprint=False)["预测结果"] == "green"


def test_int8_without_the_quantiser_says_how_to_get_it(full, monkeypatch, tmp_path):
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "__init__.py").write_text("raise ModuleNotFoundError('no', name='onnx')", "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), _environment()["PYTHONPATH"]]))
    answer = full.client.post(f"{full.url}/take", json={"what": "int8"}).json()
    assert answer["code"] == -502
    assert "pip install onnx" in answer["hint"]


def test_the_code_for_a_phone_holds_what_a_phone_can_use(full):
    answer = full.client.get(f"{full.url}/qr")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.content.startswith(b"<svg")
    assert "this computer only" in full.client.get(f"{full.url}/code").json()["qr"]
    assert qr.content("http://192.168.1.5:8765", "p1", "x")[0] == "http://192.168.1.5:8765/teach/p1"
    for address in ("http://127.0.0.1:8765", "http://[::1]:1", "http://localhost:1", "http://0.0.0.0:1", ""):
        assert qr.content(address, "p1", "x")[0] == "x"


def test_a_disk_that_is_closed_says_so(full, monkeypatch):
    (full.project.folder / "taken").write_text("a file in the way", "utf-8")
    answer = full.client.post(f"{full.url}/take", json={"what": "zip"}).json()
    assert answer["code"] == -104
    assert full.studio.room(Projects).find(full.project.id) is full.project


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python as a user does."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=_environment(),
        check=False,
    )


def _environment() -> dict[str, str]:
    source = str(Path(__file__).resolve().parents[4] / "src")
    return os.environ | {"PYTHONPATH": source, "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg"}
