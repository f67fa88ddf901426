"""Pictures that are sent to a real server: it is killed meanwhile, or is sent too much."""

from __future__ import annotations

import threading

import httpx2
from tests.MMEdu.studio.conftest import HEADERS, StartStudio
from tests.MMEdu.studio.projects.conftest import Encoded, started_again


def test_no_recorded_picture_is_lost_and_none_is_half(start_studio: StartStudio, encoded: Encoded) -> None:
    running = start_studio()
    answered: list[str] = []
    enough = threading.Event()
    with httpx2.Client(base_url=running.address, headers=HEADERS) as client:
        client.post("/api/session", json={"token": running.token})
        project = client.post("/api/projects", json={"kind": "classify"}).json()["id"]
        classes = [client.post(f"/api/projects/{project}/classes").json()["id"] for _ in range(2)]

        def record() -> None:
            try:
                for seed in range(10_000):
                    path = f"/api/projects/{project}/classes/{classes[seed % 2]}/pictures"
                    told = client.post(path, content=encoded(seed)).json()
                    answered.append(told["added"][0]["id"])
                    if len(answered) == 30:
                        enough.set()
            except httpx2.HTTPError:
                enough.set()

        thread = threading.Thread(target=record)
        thread.start()
        assert enough.wait(20)
        running.kill()
        thread.join()
    assert len(answered) >= 30
    found = started_again(running.folder).find(project)
    assert {one.id for one in found.classes} == set(classes)
    there = {one.id for one in found.pictures()}
    assert set(answered) <= there
    assert len(there) <= len(answered) + 1
    assert all(width for width, _ in found.sizes().values())
    assert not list(found.folder.rglob("*.tmp"))


def test_who_sends_too_much_is_told_so_whatever_is_still_on_its_way(start_studio: StartStudio) -> None:
    running = start_studio()
    with httpx2.Client(base_url=running.address, headers=HEADERS) as client:
        client.post("/api/session", json={"token": running.token})
        project = client.post("/api/projects", json={"kind": "find"}).json()["id"]
        for size in (21_000_000, 21_000_000, 21_000_000, 60_000_000):
            refused = client.post(f"/api/projects/{project}/pictures", files={"files": ("a.zip", bytes(size))})
            assert refused.status_code == 413
            assert "20 MB" in refused.json()["message"]
