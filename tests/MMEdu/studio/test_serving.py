"""Serve: a model of the work folder answers programs; it is found again after a reload, and ends with the studio."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from starlette.testclient import TestClient
from tests.MMEdu.studio.conftest import OpenPage, StartStudio, wait_until

import models_on_disk
from BaseDT.image import writing
from MMEdu.studio.serving import Serving
from MMEdu.studio.studio import Studio

PICTURE = writing.jpeg(models_on_disk.picture("green"))


def _model(client: TestClient, folder: Path) -> str:
    models_on_disk.classifier(folder / "颜 色.onnx")
    (model,) = client.get("/api/models").json()["models"]
    return str(model["id"])


def _running(client: TestClient, service: str) -> Any:
    def looked() -> Any:
        one = next(one for one in client.get("/api/services").json()["services"] if one["id"] == service)
        return one if one["state"] != "starting" else None

    return wait_until(looked)


def _ask(address: str, pin: str = "") -> Any:
    headers = {"X-PIN": pin} if pin else {}
    with urlopen(Request(f"{address}/upload", PICTURE, headers), timeout=10) as answer:
        return json.load(answer)


def test_a_model_is_served_counted_and_ended(client: TestClient, studio: Studio) -> None:
    started = client.post("/api/services", json={"model": _model(client, studio.folder)})
    assert started.status_code == 200, started.text
    service = _running(client, started.json()["id"])
    assert service["state"] == "running", service
    assert service["name"] == "颜 色.onnx"
    assert service["addresses"] == []
    assert _ask(service["address"])["预测结果"] == "绿色"
    assert client.get("/api/services").json()["services"][0]["answers"] == 1
    assert client.get(f"/api/services/{service['id']}/qr").status_code == 404
    for program in service["programs"]:
        assert service["address"] in program["code"]
    assert client.delete(f"/api/services/{service['id']}").status_code == 200
    assert client.get("/api/services").json() == {"services": []}
    with pytest.raises(URLError):
        _ask(service["address"])


def test_the_program_that_is_shown_asks(client: TestClient, studio: Studio, tmp_path: Path) -> None:
    started = client.post("/api/services", json={"model": _model(client, studio.folder)}).json()
    service = _running(client, started["id"])
    (tmp_path / "photo.jpg").write_bytes(PICTURE)
    for program in service["programs"]:
        if program["id"] == "urllib":
            command = [sys.executable, "-c", program["code"]]
        elif program["id"] == "curl" and shutil.which("curl"):
            command = ["sh", "-c", program["code"]]
        else:
            compile(program["code"], program["file"], "exec") if program["id"] != "curl" else None
            continue
        environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
        out = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment, check=True, timeout=20)
        assert "绿色" in out.stdout.decode("utf-8"), program["id"]


def test_in_the_network_it_asks_for_its_pin_and_shows_a_code(client: TestClient, studio: Studio) -> None:
    model = _model(client, studio.folder / "projects" / "我的 图片")
    started = client.post("/api/services", json={"model": model, "lan": True, "pin": "4821"}).json()
    service = _running(client, started["id"])
    assert service["state"] == "running", service
    command = Path(f"/proc/{studio.room(Serving).find(service['id']).process.pid}/cmdline")
    if command.exists():
        assert b"4821" not in command.read_bytes()
    with pytest.raises(URLError, match="401"):
        _ask(service["address"])
    assert _ask(service["address"], "4821")["标签"] == 1
    assert service["name"] == "我的 图片 · 颜 色.onnx"
    with urlopen(Request(f"{service['address']}/info", headers={"X-PIN": "4821"}), timeout=10) as about:
        assert json.load(about)["title"] == "我的 图片"  # what its page is called
    if service["addresses"]:
        assert client.get(f"/api/services/{service['id']}/qr").content.startswith(b"<svg")


def test_what_cannot_be_served_says_why(client: TestClient, studio: Studio) -> None:
    models_on_disk.classifier(studio.folder / "x.onnx", known={})
    (studio.folder / "best.pth").write_bytes(b"nothing")
    for model in client.get("/api/models").json()["models"]:
        started = client.post("/api/services", json={"model": model["id"]}).json()
        failed = _running(client, started["id"])
        assert failed["state"] == "failed"
        assert failed["message"]
        assert failed["hint"]
        assert failed["code"] == -202
    wrong = client.post("/api/services", json={"task": "pose_hand21", "lan": True, "pin": "1"}).json()
    assert "PIN" in _running(client, wrong["id"])["message"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"model": "x"},
        {"model": "../../etc/passwd"},
        {"project": "nothing"},
        {"task": "nothing --lan"},
        {"task": "--lan"},
        {"model": "a", "task": "pose_hand21"},
        {"model": 5},
        {"task": "pose_hand21", "lan": "yes"},
    ],
)
def test_what_is_asked_wrongly_starts_nothing(client: TestClient, sent: dict[str, object]) -> None:
    answer = client.post("/api/services", json=sent)
    assert 400 <= answer.status_code < 500
    assert answer.json()["message"]
    assert client.get("/api/services").json() == {"services": []}


def test_four_at_most(client: TestClient, studio: Studio) -> None:
    model = _model(client, studio.folder)
    ports = {client.post("/api/services", json={"model": model}).json()["port"] for _ in range(4)}
    refused = client.post("/api/services", json={"model": model})
    assert refused.status_code == 400
    assert len(ports) == 4
    studio.room(Serving).close()
    assert client.get("/api/services").json() == {"services": []}


@pytest.mark.full
def test_in_the_browser_from_a_model_to_an_answer(start_studio: StartStudio, open_page: OpenPage, tmp_path) -> None:
    folder = tmp_path / "工作 区"
    folder.mkdir()
    models_on_disk.classifier(folder / "交通标志识别模型第一组最终版.onnx")
    running = start_studio(folder)
    (tmp_path / "red.jpg").write_bytes(PICTURE)
    (tmp_path / "no.txt").write_text("no picture", encoding="utf-8")
    with open_page(running.page("serve")) as page:
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector(".service-state.running")
        address = page.locator(".service-where a").first.inner_text()
        assert _ask(address)["标签"] == 1
        page.wait_for_selector(".service-count strong:text-is('1')")
        page.get_by_role("button", name="MicroPython").click()
        assert address in page.locator(".program").first.inner_text()
        page.reload()
        page.wait_for_selector(".service-state.running")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Try it").click()
        tried = opened.value
        tried.wait_for_selector("body[data-ready]")
        tried.set_input_files("#file", tmp_path / "red.jpg")
        tried.wait_for_selector(".said:has-text('绿色')")
        assert tried.locator(".view img").evaluate("image => image.naturalWidth") > 0
        assert tried.title() == "交通标志识别模型第一组最终版"
        tried.wait_for_selector("pre.plain:has-text('prediction')")
        tried.get_by_role("button", name="中文").click()  # the picture stays, and is asked again
        tried.wait_for_selector("pre.plain:has-text('预测结果')")
        tried.set_input_files("#file", tmp_path / "no.txt")
        tried.wait_for_selector(".wrong:has-text('图片')")
        assert tried.locator(".view img").count() == 0
        assert tried.locator(".said").inner_text() == ""
        tried.close()
        page.get_by_role("button", name="Stop").click()
        page.wait_for_selector(".service", state="detached")
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector(".service-state.running")
        address = page.locator(".service-where a").first.inner_text()
    running.kill()  # as a power cut does: no service is left
    wait_until(lambda: _is_gone(address))


def _is_gone(address: str) -> bool:
    try:
        _ask(address)
    except (URLError, OSError):
        return True
    return False
