"""A training that is over: its program, its events, its files."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.MMEdu.studio.jobs.conftest import Trained, lines


def test_what_is_shown_is_what_runs_byte_for_byte_and_runs_by_itself(trained: Trained) -> None:
    shown = trained.client.get(f"/api/code/{trained.job['id']}").json()
    file = trained.studio.folder / shown["file"]
    assert shown["code"].encode("utf-8") == file.read_bytes()
    assert shown["code"] == trained.preview
    assert shown["command"] == f'python "{shown["file"]}"'
    assert lines(trained.folder)[-1]["state"] == "done"

    plain = subprocess.run(
        [sys.executable, shown["file"]],
        cwd=trained.studio.folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert plain.returncode == 0, plain.stderr
    told = [event["text"] for event in lines(trained.folder) if event["event"] == "output"]
    head = re.compile(r"LeNet: \d+ pictures, batch size \d+, cpu")
    assert any(head.match(line) for line in told)
    assert any(head.match(line) for line in plain.stdout.splitlines())


def test_every_event_has_the_number_of_its_line_and_a_stream_begins_anywhere(trained: Trained) -> None:
    path = f"/api/jobs/{trained.job['id']}/events"
    whole = [_parsed(block) for block in trained.client.get(path).text.split("\n\n") if block.startswith("id: ")]
    told = lines(trained.folder)
    assert [number for number, _, _ in whole] == list(range(1, len(told) + 1))
    assert [name for _, name, _ in whole] == [event["event"] for event in told]
    assert [data for _, name, data in whole if name == "validated"][-1]["epoch"] == 2
    names = {name for _, name, _ in whole}
    assert {"what": "Loading PyTorch", "done": 1, "total": 1} in [data for _, name, data in whole if name == "pulse"]
    assert {"state", "output", "run_started", "iteration", "validated", "checkpoint_saved", "run_finished"} <= names

    later = trained.client.get(path, headers={"Last-Event-ID": "5"}).text
    assert re.findall(r"^id: (\d+)", later, re.MULTILINE)[0] == "6"
    beyond = trained.client.get(path, headers={"Last-Event-ID": "99999"})
    assert beyond.status_code == 200
    assert "event:" not in beyond.text


def _parsed(block: str) -> tuple[int, str, dict[str, object]]:
    number, name, data = (line.partition(": ")[2] for line in block.splitlines())
    return int(number), name, json.loads(data)


def test_the_files_of_a_training_are_served_by_identifiers(trained: Trained) -> None:
    files = {file["name"]: file for file in trained.job["files"]}
    kinds = [file["kind"] for file in trained.job["files"]]
    assert kinds[:2] == ["best", "latest"]
    assert kinds[-1] == "log"
    assert files["curves.png"]["shows"] == "loss and accuracy"
    best = trained.client.get(f"/api/files/{trained.job['files'][0]['id']}")
    assert best.content == (trained.studio.folder / trained.job["files"][0]["path"]).read_bytes()
    assert best.headers["content-disposition"].startswith("attachment; ")
    assert best.headers["content-type"] == "application/octet-stream"
    picture = trained.client.get(f"/api/files/{files['curves.png']['id']}")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-disposition"].startswith("inline")


def test_it_is_listed_and_written_down_readably(trained: Trained) -> None:
    listed = trained.client.get("/api/jobs").json()["jobs"]
    assert [job["id"] for job in listed] == [trained.job["id"]]
    saved = json.loads((trained.folder / "job.json").read_text(encoding="utf-8"))
    assert (saved["state"], saved["settings"]["arguments"]) == ("done", {"epochs": 2, "max_keep_ckpts": 1})
    assert [file.name for file in (trained.folder / "model").glob("epoch_*.pth")] == ["epoch_2.pth"]
    assert re.fullmatch(r"projects/[^/]+/runs/train_LeNet_1", trained.job["folder"])
    assert trained.job["settings"]["project"] == trained.project
    assert trained.job["seconds"] > 0
    assert not trained.job["goes_on"]
    refused = trained.client.post(f"/api/jobs/{trained.job['id']}/resume")
    assert refused.status_code == 400
    assert "come to its end" in refused.json()["message"]


def test_the_server_stays_without_torch(trained: Trained) -> None:
    """In a process of its own: this one has imported what it likes."""
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from MMEdu.studio.studio import Studio\nfrom MMEdu.studio.jobs.jobs import Jobs\n"
        "from MMEdu.studio.app import make_app\nfrom MMEdu.actions import forms\nfrom XEdu.serve.door import Door\n"
        "studio = Studio(Path(sys.argv[1]), Door('t' * 43))\nmake_app(studio)\nroom = studio.room(Jobs)\n"
        "[room.results(job) for job in room.all()]\n[forms.form(one['task']) for one in forms.tasks()]\n"
        "room.code('train', {'project': sys.argv[2], 'arguments': {'epochs': 3}})\n"
        "assert len(room.all()) == 1\n"
        "print([name for name in ('torch', 'matplotlib', 'sklearn') if name in sys.modules])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(trained.studio.folder), trained.project],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.stdout.strip() == "[]", ran.stderr


def test_a_model_is_converted_and_evaluated_by_jobs(trained: Trained) -> None:
    from tests.MMEdu.studio.conftest import wait_until
    from tests.MMEdu.studio.jobs.conftest import over

    best = trained.job["files"][0]["path"]
    converted = trained.client.post("/api/jobs", json={"kind": "convert", "settings": {"model": best}}).json()
    assert converted["name"] == "LeNet ONNX"
    ended = wait_until(lambda: over(trained.client, converted["id"]), 60)
    assert ended["state"] == "done", ended
    model = next(file for file in ended["files"] if file["kind"] == "model")
    assert model["name"].endswith(".onnx")
    settings = {"model": model["path"], "project": trained.project}
    asked = trained.client.post("/api/jobs", json={"kind": "evaluate", "settings": settings}).json()
    code = trained.client.get(f"/api/code/{asked['id']}").json()["code"]
    assert "from XEdu.hub import Workflow as wf" in code
    ended = wait_until(lambda: over(trained.client, asked["id"]), 60)
    assert ended["state"] == "done", ended
    assert "confusion_matrix.png" in [file["name"] for file in ended["files"]]
    trained.client.delete(f"/api/jobs/{asked['id']}")
    assert trained.client.delete(f"/api/jobs/{converted['id']}").json() == {"ok": True}
    assert not (trained.studio.folder / model["path"]).exists()
    gone = trained.client.get(f"/api/jobs/{converted['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, -106)
    assert trained.client.get(f"/api/files/{model['id']}").status_code == 404


def test_a_checkpoint_that_is_none_is_refused_before_anything_is_written(trained: Trained) -> None:
    broken = trained.studio.folder / "坏 模型.pth"
    broken.write_bytes(b"nothing of a model")
    answer = trained.client.post("/api/jobs", json={"kind": "convert", "settings": {"model": broken.name}})
    assert (answer.status_code, answer.json()["code"]) == (400, -202), answer.json()
    assert broken.name in answer.json()["message"]
    assert len(trained.client.get("/api/jobs").json()["jobs"]) == 1
