"""Programs are written of values: whatever somebody typed stays a value. What cannot be used writes nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from BaseDT.errors import XEduError
from BaseDT.language import use_language
from MMEdu.actions import forms
from MMEdu.studio.programs import train
from MMEdu.studio.programs.kind import Place
from MMEdu.studio.programs.kinds import kinds
from MMEdu.studio.studio import Studio

HOSTILE = [
    "it's",
    '"quoted"',
    "a\nimport os; os.remove('x')\n#",
    "'); __import__('os').system('echo broken') #",
    "\\' + __import__('os').getcwd() + \\'",
    "{0} %s {settings} $(ls) `ls`",
    "\u202e右到左\u2028行",
    "# coding: latin-1",
    "😀 猫 🐈\u200d⬛",
    "…" * 80,
    "很" * 80,
]


def _place(folder: Path, *, elsewhere: bool = False) -> Place:
    return Place(folder.resolve(), elsewhere, lambda _: folder)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_name_stays_a_text(tmp_path: Path, name: str, language: Any) -> None:
    folder = tmp_path / name
    folder.mkdir()
    weights = folder / f"{name[:60]}.pth"
    weights.write_bytes(b"")
    asked = {
        "task": "classification",
        "model": "LeNet",
        "dataset": name,
        "arguments": {"checkpoint": f"{name}/{weights.name}", "device": name, "save_best": name},
    }
    with use_language(language):
        checked = train.checked(asked, _place(tmp_path))
        text = train.write(checked, f"runs/{name}", False)
    tree = ast.parse(text)
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Lambda))]
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert sorted(calls) == ["cls", "model.load_dataset", "model.train"]
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert {name, f"{name}/{weights.name}", f"runs/{name}/model"} <= texts
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert len(comments) == 5
    assert any("\u4e00" <= letter <= "\u9fff" for letter in "".join(comments)) == (language == "zh")


def test_three_hundred_letters_run(studio: Studio, client: TestClient) -> None:
    name = "/".join(["长" * 75] * 4)
    (studio.folder / name).mkdir(parents=True)
    code = client.post("/api/code", json={"kind": "train", "settings": {"model": "LeNet", "dataset": name}}).json()
    assert repr(name) in code["code"]


def test_every_task_has_its_program(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for task in forms.tasks():
        form = forms.form(task["task"])
        model = form["models"][0]["name"]
        changed = {"epochs": 3, "batch_size": 2, "validate": False}
        asked = {"task": task["task"], "model": model.lower(), "dataset": "set", "arguments": changed}
        text = train.write(train.checked(asked, _place(tmp_path)), "runs/a", True)
        assert form["class"] in text
        assert f"backbone={model!r}" in text
        assert "epochs=3, batch_size=2, validate=False, resume=True" in text or "validate=False" in text
        compile(text, "program.py", "exec")


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    asked = {"task": "classification", "model": "LeNet", "dataset": "set", "epochs": 100, "lr": 0.01, "flip": None}
    assert "model.train(max_keep_ckpts=1)" in train.write(train.checked(asked, _place(tmp_path)), "runs/a", False)
    asked["max_keep_ckpts"] = 3
    assert "model.train(max_keep_ckpts=3)" in train.write(train.checked(asked, _place(tmp_path)), "runs/a", False)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"epochs": 0}, "epochs="),
        ({"epochs": "ten"}, "epochs="),
        ({"epochs": 10**30}, "epochs="),
        ({"epochs": True}, "epochs="),
        ({"lr": -1}, "lr="),
        ({"lr": float("inf")}, "lr="),
        ({"lr": float("nan")}, "lr="),
        ({"device": {"a": 1}}, "device="),
        ({"topk": [[1]]}, "topk="),
        ({"optimizer": "Magic"}, "optimizer="),
        ({"backbone_lr": 0.1, "freeze": "backbone"}, "backbone_lr="),
        ({"save_fold": "/etc"}, "save_fold"),
        ({"resume": True}, "resume"),
        ({"listener": "print"}, "listener"),
        ({"__class__": 1}, "__class__"),
        ({"model": "LeNett"}, "LeNett"),
        ({"model": ["LeNet"]}, "LeNet"),
        ({"task": "telepathy"}, "telepathy"),
        ({"task": ["classification"]}, "task"),
        ({"dataset": "nowhere"}, "dataset="),
        ({"dataset": "../outside"}, "dataset="),
        ({"dataset": "set/../../outside"}, "dataset="),
        ({"dataset": "link"}, "dataset="),
        ({"dataset": ""}, "dataset="),
        ({"dataset": "a\0b"}, "dataset="),
        ({"dataset": "x" * 5000}, "dataset="),
        ({"dataset": 7}, "dataset="),
        ({"dataset": None}, "dataset="),
        ({"project": 7}, "project="),
        ({"project": "../.."}, ""),
        ({"checkpoint": "set"}, "checkpoint="),
        ({"check": "maybe"}, "check="),
        ({"arguments": [1]}, "arguments="),
    ],
)
def test_what_cannot_be_used_is_named_and_writes_nothing(
    studio: Studio, client: TestClient, settings: dict[str, Any], word: str
) -> None:
    (studio.folder / "set").mkdir()
    outside = studio.folder.parent / "outside"
    outside.mkdir()
    try:
        (studio.folder / "link").symlink_to(outside)
    except OSError:
        pytest.skip("no links here")
    asked = {"kind": "train", "settings": {"model": "LeNet", "dataset": "set", **settings}}
    for path in ("/api/jobs", "/api/code"):
        answer = _posted(client, path, asked)
        assert answer.status_code in (400, 404), answer.text
        assert answer.json()["code"] < 0
        assert word in answer.json()["message"]
        assert answer.json()["hint"]
    assert not (studio.folder / "runs").exists()


def _posted(client: TestClient, path: str, value: object) -> Any:
    return client.post(path, content=json.dumps(value), headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({}, "kind="),
        ({"kind": "train; rm"}, "kind="),
        ({"kind": ["train"]}, "kind="),
        ({"kind": "train", "settings": "x"}, "settings="),
        ({"kind": "convert", "settings": {"model": "set", "backend": "Word"}}, "backend="),
        ({"kind": "convert", "settings": {"model": "set"}}, "model="),
        ({"kind": "convert", "settings": {"model": "set", "dynamic": 1}}, "dynamic="),
        ({"kind": "convert", "settings": {"model": "set", "out_file": "/x"}}, "out_file="),
        ({"kind": "quantize", "settings": {"model": "m.onnx", "dataset": "set", "max_drop": "1"}}, "max_drop="),
        ({"kind": "quantize", "settings": {"model": "m.onnx", "dataset": "set", "calibration": "no"}}, "calibration="),
        ({"kind": "evaluate", "settings": {"model": "m.onnx", "dataset": "set", "thr": 2}}, "thr="),
        ({"kind": "evaluate", "settings": {"model": "/etc/passwd.onnx", "dataset": "set"}}, "model="),
    ],
)
def test_other_kinds_name_what_is_wrong(studio: Studio, client: TestClient, asked: dict[str, Any], word: str) -> None:
    (studio.folder / "set").mkdir()
    (studio.folder / "m.onnx").write_bytes(b"")
    answer = client.post("/api/jobs", json=asked)
    assert answer.status_code in (400, 404)
    assert word in answer.json()["message"]
    assert not (studio.folder / "runs").exists()


def test_data_elsewhere_may_be_named_by_its_owner_alone(tmp_path: Path) -> None:
    work, there = tmp_path / "work", tmp_path / "there"
    work.mkdir()
    there.mkdir()
    asked = {"task": "classification", "model": "LeNet", "dataset": str(there)}
    assert train.checked(asked, _place(work, elsewhere=True))["dataset"] == str(there)
    with pytest.raises(XEduError, match="leads out"):
        train.checked(asked, _place(work))


def test_a_form_has_all_that_a_page_needs(client: TestClient) -> None:
    listed = client.get("/api/schema").json()
    assert set(listed["kinds"]) == set(kinds())
    for one in listed["tasks"]:
        described = client.get(f"/api/schema/{one['task']}", headers={"X-Language": "zh"}).json()
        properties = described["arguments"]["properties"]
        assert {"epochs", "lr", "batch_size"} <= set(described["first"]) <= set(properties)
        assert not {"save_fold", "resume", "listener"} & set(properties)
        for name, field in properties.items():
            assert field["title"], name
            assert {"type", "enum", "format"} & set(field), name
        assert any("\u4e00" <= letter <= "\u9fff" for letter in properties["epochs"]["title"])
        assert {"name", "input", "batch_size", "reference", "pretrained"} <= set(described["models"][0])
    missing = client.get("/api/schema/telepathy")
    assert (missing.status_code, missing.json()["code"]) == (400, -312)


def test_without_torch_the_form_is_there_and_a_training_says_what_to_install(tmp_path: Path) -> None:
    """In a process whose finders know no torch."""
    script = (
        "import sys\nimport importlib.machinery as machinery\n"
        "find = machinery.PathFinder.find_spec\n"
        "class Light(machinery.PathFinder):\n"
        "    @staticmethod\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        absent = ('torch', 'torchvision', 'matplotlib', 'sklearn', 'psutil', 'onnx')\n"
        "        return None if name.partition('.')[0] in absent else find(name, path, target)\n"
        "sys.meta_path[:] = [Light if one is machinery.PathFinder else one for one in sys.meta_path]\n"
        "from pathlib import Path\nfrom starlette.testclient import TestClient\n"
        "from MMEdu.studio.app import make_app\nfrom MMEdu.studio.studio import Studio\n"
        "from XEdu.serve.door import Door\n"
        "studio = Studio(Path(sys.argv[1]), Door('t' * 43))\n"
        "headers = {'X-MMEdu': 'studio', 'X-Language': 'en'}\n"
        "with TestClient(make_app(studio), base_url='http://127.0.0.1', headers=headers) as client:\n"
        "    client.post('/api/session', json={'token': 't' * 43})\n"
        "    form = client.get('/api/schema/detection').json()\n"
        "    print(form['torch'], form['install'], len(form['models']) > 3)\n"
        "    asked = {'kind': 'train', 'settings': {'model': 'LeNet', 'dataset': '.'}}\n"
        "    refused = client.post('/api/jobs', json=asked)\n"
        "    print(refused.status_code, refused.json()['code'], 'mmedu[train]' in refused.json()['hint'])\n"
        "    print(client.get('/api/jobs').json())\n"
        "studio.close()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    expected = ['False pip install "mmedu[train]" True', "400 -502 True", "{'jobs': []}"]
    assert ran.stdout.splitlines() == expected, ran.stderr
