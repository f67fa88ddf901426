"""Real trainings for the tests of jobs: one that is over, and settings of one that lasts."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.conftest import MakeImageNet
from tests.MMEdu.studio.conftest import HEADERS, TOKEN, RunningStudio, wait_until

from MMEdu.studio.app import make_app
from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door

SET = "数据 集"
LASTING = {
    "task": "classification",
    "model": "LeNet",
    "dataset": SET,
    "arguments": {"epochs": 100_000, "max_keep_ckpts": 1},
}
OVER = ("stopped", "done", "failed", "interrupted")


@dataclass
class Trained:
    """A studio in which a training is over."""

    studio: Studio
    client: TestClient
    job: dict[str, Any]
    preview: str
    project: str

    @property
    def folder(self) -> Path:
        """Of the run."""
        return self.studio.folder / self.job["folder"]


@pytest.fixture(scope="package")
def trained(tmp_path_factory: pytest.TempPathFactory, make_imagenet: MakeImageNet) -> Iterator[Trained]:
    """One training of two epochs with a project's pictures, for all tests that only look."""
    studio = Studio(
        tmp_path_factory.mktemp("trained") / "工作 区", Door(TOKEN, cookie="mmedu_test"), "http://127.0.0.1"
    )
    pictures = make_imagenet(tmp_path_factory.mktemp("pictures"))
    with TestClient(make_app(studio), base_url="http://127.0.0.1", headers=HEADERS) as client:
        client.post("/api/session", json={"token": TOKEN})
        project = make_project(client, pictures)
        asked = {
            "kind": "train",
            "settings": {"task": "classification", "model": "LeNet", "project": project, "epochs": 2},
        }
        preview = client.post("/api/code", json=asked).json()["code"]
        job = client.post("/api/jobs", json=asked).json()
        ended = wait_until(lambda: over(client, job["id"]), 60)
        assert ended["state"] == "done", ended
        yield Trained(studio, client, ended, preview, project)
    studio.close()


def make_project(client: TestClient, pictures: Path) -> str:
    """Make a project with pictures of cats and dogs; return its identifier."""
    project = client.post("/api/projects", json={"kind": "classify", "name": "猫 和 狗"}).json()["id"]
    for name in ("猫", "狗"):
        made = client.post(f"/api/projects/{project}/classes", json={"name": name}).json()
        files = [("files", (path.name, path.read_bytes())) for path in (pictures / "training_set" / name).iterdir()]
        client.post(f"/api/projects/{project}/classes/{made['id']}/pictures", files=files)
    return str(project)


@pytest.fixture
def with_set(studio: Studio, make_imagenet: MakeImageNet) -> Studio:
    """A studio with a data set."""
    make_imagenet(studio.folder / SET)
    return studio


def over(client: TestClient, job_id: str) -> dict[str, Any] | None:
    """Return a job that has ended; None while it has not."""
    job: dict[str, Any] = client.get(f"/api/jobs/{job_id}").json()
    return job if job["state"] in OVER else None


def lines(folder: Path) -> list[dict[str, Any]]:
    """Return the events that a job has told."""
    file = folder / "events.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def epochs(folder: Path) -> list[int]:
    """Return the epochs that are over."""
    return [event["epoch"] for event in lines(folder) if event["event"] == "epoch_finished"]


def asked(studio: RunningStudio, path: str, value: object = None, last: int | None = None) -> Any:
    """Ask a studio that runs as a process; events come as text."""
    headers = {**HEADERS, "Content-Type": "application/json", **({} if last is None else {"Last-Event-ID": str(last)})}
    cookie = _cookie(studio)
    data = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(studio.address + path, data, {**headers, "Cookie": cookie})
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode("utf-8")
    return json.loads(text) if answer.headers["content-type"].startswith("application/json") else text


def _cookie(studio: RunningStudio) -> str:
    request = urllib.request.Request(
        f"{studio.address}/api/session",
        json.dumps({"token": studio.token}).encode(),
        {**HEADERS, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.headers["set-cookie"]).partition(";")[0]
