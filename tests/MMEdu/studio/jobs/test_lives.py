"""Jobs that wait, are stopped, broken off, go on, are deleted; and servers that end while they run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.conftest import MakeImageNet
from tests.MMEdu.studio.conftest import HEADERS, TOKEN, StartStudio, wait_until
from tests.MMEdu.studio.jobs.conftest import LASTING, SET, asked, epochs, lines, make_project, over

from MMEdu.info import read_meta
from MMEdu.studio.app import make_app
from MMEdu.studio.jobs import job as job_files
from MMEdu.studio.jobs.jobs import Jobs
from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door


def _start(client: TestClient, **arguments: Any) -> dict[str, Any]:
    settings = {**LASTING, "arguments": {**LASTING["arguments"], **arguments}}  # type: ignore[dict-item]
    answer = client.post("/api/jobs", json={"kind": "train", "settings": settings})
    assert answer.status_code == 200, answer.text
    started: dict[str, Any] = answer.json()
    return started


def _states(folder: Path) -> list[str]:
    return [event["state"] for event in lines(folder) if event["event"] == "state"]


def _process(folder: Path) -> int:
    return next(int(event["pid"]) for event in reversed(lines(folder)) if event.get("state") == "running")


@pytest.mark.slow
def test_stopped_within_seconds_resumed_broken_off(with_set: Studio, client: TestClient) -> None:
    job = _start(client)
    folder, path = with_set.folder / job["folder"], f"/api/jobs/{job['id']}"
    wait_until(lambda: 2 in epochs(folder), 60)

    asked_at = time.monotonic()
    assert client.post(f"{path}/stop").json()["state"] == "stopping"
    stopped = wait_until(lambda: over(client, job["id"]), 30)
    assert time.monotonic() - asked_at < 3
    assert stopped["state"] == "stopped"
    assert "resume" in stopped["hint"]
    assert stopped["goes_on"]
    assert _states(folder) == ["waiting", "running", "stopping", "stopped"]
    told = read_meta(folder / "model" / "latest.pth")
    last = max(epochs(folder))
    assert told["epoch"] in (last, last + 1)  # it was saved, and stopped before that was told

    resumed = client.post(f"{path}/resume").json()
    assert (resumed["state"], resumed["resumed"]) == ("running", 1)
    code = client.get(f"/api/code/{job['id']}").json()["code"]
    assert "resume=True" in code
    assert (folder / "program.py").read_text(encoding="utf-8") == code
    wait_until(lambda: max(epochs(folder)) > last + 2, 60)
    assert epochs(folder).count(1) == 1  # it went on, and did not begin anew

    if sys.platform != "win32":
        os.kill(_process(folder), signal.SIGKILL)
        broken_off = wait_until(lambda: over(client, job["id"]), 30)
        assert broken_off["state"] == "interrupted"
        assert broken_off["goes_on"]
        assert "broken off" in broken_off["message"]
        stream = client.get(f"{path}/events").text  # one who looks now sees how it ended, and no earlier end
        assert '"state": "stopped"' not in stream
        assert stream.rstrip().splitlines()[-1].startswith('data: {"state": "interrupted"')


def test_two_run_and_the_rest_waits(with_set: Studio, client: TestClient) -> None:
    first, second, third, fourth = (_start(client) for _ in range(4))
    assert [job["state"] for job in (first, second, third, fourth)] == ["running", "running", "waiting", "waiting"]
    assert client.post(f"/api/jobs/{third['id']}/stop").json()["state"] == "stopped"
    assert [event["state"] for event in lines(with_set.folder / third["folder"])] == ["waiting", "stopped"]
    running = client.delete(f"/api/jobs/{first['id']}")
    assert (running.status_code, running.json()["hint"]) == (400, "Stop it first.")
    client.post(f"/api/jobs/{first['id']}/stop")  # while it starts
    wait_until(lambda: over(client, first["id"]), 60)
    wait_until(lambda: client.get(f"/api/jobs/{fourth['id']}").json()["state"] == "running", 10)
    assert client.delete(f"/api/jobs/{first['id']}").json() == {"ok": True}
    assert not (with_set.folder / first["folder"]).exists()

    shutil.rmtree(with_set.folder / second["folder"], ignore_errors=True)  # by hand, while it runs
    assert client.delete(f"/api/jobs/{third['id']}").status_code == 200
    third = _start(client)
    assert third["state"] in ("running", "waiting")
    listed = wait_until(lambda: _without(client, second["id"]), 10)
    assert {job["id"] for job in listed} == {third["id"], fourth["id"]}
    begun = time.monotonic()
    with_set.close()
    assert time.monotonic() - begun < 7
    saved = json.loads((with_set.folder / fourth["folder"] / "job.json").read_text(encoding="utf-8"))
    assert saved["state"] == "stopped"


def test_a_project_that_is_deleted_ends_what_runs_of_it(
    studio: Studio, client: TestClient, make_imagenet: MakeImageNet, tmp_path: Path
) -> None:
    project = make_project(client, make_imagenet(tmp_path / "pictures"))
    settings = {**{key: value for key, value in LASTING.items() if key != "dataset"}, "project": project}
    job = client.post("/api/jobs", json={"kind": "train", "settings": settings}).json()
    folder = studio.folder / job["folder"]
    pid = wait_until(lambda: folder.is_dir() and "running" in _states(folder) and _process(folder), 30)
    assert client.delete(f"/api/projects/{project}").status_code == 200
    assert not folder.parent.parent.exists()
    assert client.get("/api/jobs").json()["jobs"] == []
    if sys.platform != "win32":
        wait_until(lambda: not _lives(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _without(client: TestClient, job_id: str) -> list[dict[str, Any]] | None:
    listed: list[dict[str, Any]] = client.get("/api/jobs").json()["jobs"]
    return listed if job_id not in [job["id"] for job in listed] else None


@pytest.mark.slow
def test_a_server_that_is_killed_comes_back_to_what_runs(
    start_studio: StartStudio, make_imagenet: MakeImageNet, tmp_path: Path
) -> None:
    folder = tmp_path / "工作 区"
    make_imagenet(folder / SET)
    first = start_studio(folder)
    settings = {**LASTING, "arguments": {"epochs": 80, "max_keep_ckpts": 1}}
    job = asked(first, "/api/jobs", {"kind": "train", "settings": settings})
    wait_until(lambda: epochs(folder / job["folder"]), 60)
    first.kill()
    seen = len(lines(folder / job["folder"]))

    second = start_studio(folder)
    again = asked(second, f"/api/jobs/{job['id']}")
    assert again["state"] in ("running", "done")
    rest = asked(second, f"/api/jobs/{job['id']}/events", last=seen)  # until its end
    assert rest.partition("id: ")[2].startswith(f"{seen + 1}\n")
    assert rest.rstrip().splitlines()[-1].startswith('data: {"state": "done"')
    assert asked(second, f"/api/jobs/{job['id']}")["state"] == "done"
    assert epochs(folder / job["folder"]) == list(range(1, 81))

    if sys.platform != "win32":  # the window that it runs in is closed: what runs is asked to save
        lasting = asked(second, "/api/jobs", {"kind": "train", "settings": LASTING})
        wait_until(lambda: epochs(folder / lasting["folder"]), 60)
        begun = time.monotonic()
        second.process.send_signal(signal.SIGHUP)
        assert second.process.wait(20) == 0
        assert time.monotonic() - begun < 8
        saved = json.loads((folder / lasting["folder"] / "job.json").read_text(encoding="utf-8"))
        assert saved["state"] == "stopped"
        assert (folder / lasting["folder"] / "model" / "latest.pth").is_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format": 99, "id": "x"}', "newer version"),
        ('{"format": 1, "id": 7, "kind": "train", "name": "a", "state": "done"}', "cannot be read"),
        ('{"format": 1, "id": "a", "kind": "train", "name": "a", "state": "flying", "settings": {}}', "cannot be read"),
        ('{"format": 1, "id": "a", "kind": "train", "name": "a", "state": "done", "settings": {}, "created": "x"}',
         "cannot be read"),
    ],
)  # fmt: skip
def test_a_file_that_somebody_broke_is_told_and_can_go(
    studio: Studio, client: TestClient, text: str, words: str
) -> None:
    folder = studio.folder / "runs" / "坏 的"
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(text, encoding="utf-8")
    (job,) = client.get("/api/jobs").json()["jobs"]
    assert (job["state"], job["name"]) == ("failed", "坏 的")
    assert words in job["message"]
    assert client.post(f"/api/jobs/{job['id']}/stop").json()["state"] == "failed"
    assert client.post(f"/api/jobs/{job['id']}/resume").status_code == 400
    assert client.get(f"/api/code/{job['id']}").status_code == 404
    assert client.delete(f"/api/jobs/{job['id']}").status_code == 200
    assert not folder.exists()


def test_what_goes_on_is_checked_again(with_set: Studio, client: TestClient) -> None:
    folder = with_set.folder / "runs" / "train_LeNet_1"
    folder.mkdir(parents=True)
    for settings, words in (
        ({"model": "LeNet", "dataset": SET, "arguments": {"epochs": 0}}, "epochs="),
        ({"model": "LeNet", "dataset": "gone"}, "dataset="),
        ({}, "dataset="),
        ({"model": "LeNet", "dataset": "../.."}, "dataset="),
    ):
        job_files.Job(folder, "abc", "train", "LeNet", settings, state="stopped").save()
        client.get("/api/jobs")
        with_set.room(Jobs).find("abc").settings = settings
        answer = client.post("/api/jobs/abc/resume")
        assert answer.status_code in (400, 404), answer.text
        assert words in answer.json()["message"]
        assert not (folder / "program.py").exists()


def test_what_was_running_and_is_dead_was_interrupted(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "工作 区", Door(TOKEN, cookie="mmedu_test"), "http://127.0.0.1")
    folder = studio.folder / "runs" / "train_LeNet_1"
    folder.mkdir(parents=True)
    dead = job_files.Job(
        folder, "abc", "train", "LeNet", {"task": "classification"}, "zh", "running", 1e9, time.time() - 60
    )
    dead.save()
    shutil.copytree(folder, folder.with_name("train_LeNet_1 - 副本"))  # the same identifier twice
    with TestClient(make_app(studio), base_url="http://127.0.0.1", headers=HEADERS) as client:
        client.post("/api/session", json={"token": TOKEN})
        listed = client.get("/api/jobs").json()["jobs"]
        assert len({job["id"] for job in listed}) == 2
        wait_until(lambda: over(client, "abc"), 10)
        job = client.get("/api/jobs/abc").json()
        assert job["state"] == "interrupted"
        assert "中断" in job["message"]  # in the language of who started it
        assert not job["goes_on"]
        (folder.parent / "train_LeNet_1 - 副本").rename(studio.folder / "runs" / "moved")
        assert {one["folder"] for one in client.get("/api/jobs").json()["jobs"]} == {"runs/train_LeNet_1", "runs/moved"}
    studio.close()


@pytest.mark.full
def test_of_two_studios_in_one_folder_one_runs_what_there_is(with_set: Studio, client: TestClient) -> None:
    job = _start(client)
    other = Studio(with_set.folder, Door(TOKEN, cookie="mmedu_other"), "http://127.0.0.1")
    with TestClient(make_app(other), base_url="http://127.0.0.1", headers=HEADERS) as second:
        second.post("/api/session", json={"token": TOKEN})
        assert second.get(f"/api/jobs/{job['id']}").json()["state"] == "running"
        refused = second.post("/api/jobs", json={"kind": "train", "settings": LASTING})
        assert (refused.status_code, refused.json()["code"]) == (400, -104)
        assert "Another studio" in refused.json()["message"]
        second.post(f"/api/jobs/{job['id']}/stop")
        stream = second.get(f"/api/jobs/{job['id']}/events").text  # until its end
        assert stream.rstrip().splitlines()[-1].startswith('data: {"state": "stopped"')
        assert second.get(f"/api/jobs/{job['id']}").json()["state"] == "stopped"
        with_set.close()
        again = second.post(f"/api/jobs/{job['id']}/resume").json()  # now it leads
        assert again["state"] == "running"
        other.close()
    saved = json.loads((with_set.folder / job["folder"] / "job.json").read_text(encoding="utf-8"))
    assert saved["state"] in ("stopped", "running")  # it may have been about to start


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files there")
def test_a_full_disk_leaves_no_half_run(with_set: Studio, client: TestClient) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limits[1]))
    try:
        answer = client.post("/api/jobs", json={"kind": "train", "settings": LASTING})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (answer.status_code, answer.json()["code"]) == (507, -803)
    assert list((with_set.folder / "runs").iterdir()) == []
    assert client.get("/api/jobs").json() == {"jobs": []}
