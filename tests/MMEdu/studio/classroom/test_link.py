"""A pupil's own studio in a class: joining, fetching, handing in; the one way out that a studio has."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.MMEdu.studio.classroom.conftest import RunningClass, StartClass, make_set
from tests.MMEdu.studio.classroom.test_server import Caller
from tests.MMEdu.studio.conftest import client as client  # a pupil's studio
from tests.MMEdu.studio.conftest import studio as studio
from tests.MMEdu.studio.conftest import wait_until

from BaseDT.errors import ParameterInvalid
from MMEdu.studio.classroom.link import in_the_room, parsed
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio


def joined(client: TestClient, running: RunningClass, name: str = "李雷") -> dict:
    """Join a class."""
    answer = client.post("/api/class/join", json={"address": running.address, "pin": "4821", "name": name})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def teacher_of(start_class: StartClass) -> tuple[RunningClass, Caller]:
    """A class and its teacher."""
    running = start_class(None, "--pin", "4821", "--host", "127.0.0.1")
    teacher = Caller(running.address)
    teacher.post("/api/session", {"token": running.token})
    return running, teacher


def test_a_studio_joins_fetches_and_hands_in(
    client: TestClient, studio: Studio, teacher_of, models: Path, tmp_path: Path, start_class: StartClass
) -> None:
    running, teacher = teacher_of
    assert client.get("/api/class").json() == {"joined": False, "address": "", "name": ""}
    told = joined(client, running)
    assert (told["name"], told["class"]["me"]["name"], told["class"]["shelf"]) == ("李雷", "李雷", [])
    teacher.post("/api/teacher/test", {"path": str(make_set(tmp_path / "test", each=2))})
    teacher.post("/api/teacher/shelf", {"path": str(make_set(tmp_path / "颜 色", each=3))})
    teacher.post("/api/teacher/shelf", {"path": str(models / "good.onnx")})
    items = {item["name"]: item["id"] for item in client.get("/api/class").json()["class"]["shelf"]}
    got = client.post("/api/class/fetch", json={"item": items["颜 色"]}).json()
    assert (got["pictures"], got["refused"]) == (9, [])
    project = studio.room(Projects).find(got["project"])
    assert (project.name, {one.name for one in project.classes}) == ("颜 色", {"红色", "绿色", "蓝色"})
    assert client.post("/api/class/fetch", json={"item": items["good.onnx"]}).json() == {
        "folder": "models",
        "name": "good.onnx",
    }
    assert client.post("/api/class/fetch", json={"item": "nothing"}).status_code == 404
    refused = client.post("/api/class/handin", json={"project": project.id})
    assert (refused.status_code, "no model yet" in refused.json()["message"]) == (404, True)
    (project.folder / "runs" / "train_1").mkdir(parents=True)
    shutil.copyfile(models / "good.onnx", project.folder / "runs" / "train_1" / "best.onnx")
    assert client.post("/api/class/handin", json={"project": project.id}).json()["pictures"] == 9
    latest = wait_until(
        lambda: (m := client.get("/api/class").json()["class"]["me"]["hand_ins"][0])["state"] == "done" and m
    )
    assert latest["score"] == 1.0
    assert not list((studio.folder / ".class-fetched").glob("*"))
    # The teacher's computer is away, and back.
    running.kill()
    lost = client.get("/api/class").json()
    assert "does not answer" in lost["problem"]["message"]
    assert "Try again" in client.post("/api/class/handin", json={"project": project.id}).json()["hint"]
    start_class(running.folder, "--port", running.address.rpartition(":")[2], "--host", "127.0.0.1")
    assert client.get("/api/class").json()["class"]["me"]["name"] == "李雷"
    studio.close()  # the studio is started again, too: its rooms are made anew
    assert client.get("/api/class").json()["name"] == "李雷"
    assert client.post("/api/class/leave").json()["joined"] is False


def test_a_packed_project_keeps_its_classes(client: TestClient, studio: Studio, teacher_of, tmp_path: Path) -> None:
    running, teacher = teacher_of
    folder = tmp_path / "未 完成"
    make_set(folder / "pictures", each=2)
    make_set(folder / "runs", each=1)
    (folder / "project.json").write_text('{"format": 1}', encoding="utf-8")
    teacher.post("/api/teacher/shelf", {"path": str(folder)})
    shelf = joined(client, running)["class"]["shelf"]
    assert [item["kind"] for item in shelf] == ["project"]
    got = client.post("/api/class/fetch", json={"item": shelf[0]["id"]}).json()
    assert got["pictures"] == 6
    assert {one.name for one in studio.room(Projects).find(got["project"]).classes} == {"红色", "绿色", "蓝色"}


@pytest.mark.parametrize("bad", ["pin", "name", "taken"])
def test_a_class_that_does_not_want_one_says_why(client: TestClient, teacher_of, bad: str) -> None:
    running, _ = teacher_of
    given = {"address": running.address, "pin": "4821", "name": "Tom"}
    if bad == "taken":
        Caller(running.address).post("/api/join", {"pin": "4821", "name": "tom"})
    given |= {"pin": {"pin": "1"}, "name": {"name": "x" * 300}, "taken": {}}[bad]
    answer = client.post("/api/class/join", json=given)
    assert answer.status_code in (400, 409)
    expected = {"pin": "not the PIN", "name": "300 characters", "taken": "Call yourself Tom 2"}[bad]
    assert expected in answer.json()["message"]
    assert client.get("/api/class").json()["joined"] is False


@pytest.mark.parametrize("address", ["8.8.8.8", "http://93.184.216.34:80/", "https://1.1.1.1", "[2606:4700::1111]:80"])
def test_a_studio_reaches_nobody_outside(client: TestClient, address: str) -> None:
    answer = client.post("/api/class/join", json={"address": address, "pin": "4821", "name": "x"})
    assert answer.status_code == 400
    assert "not in this room" in answer.json()["message"]


@pytest.mark.parametrize(
    "address", ["", "  ", "http://", "a b", "http://u:p@127.0.0.1", "127.0.0.1:99999", "x/../y", "[::1"]
)
def test_what_is_no_address(client: TestClient, address: str) -> None:
    assert client.post("/api/class/join", json={"address": address, "pin": "4821", "name": "x"}).status_code in (
        400,
        404,
    )


@pytest.mark.parametrize("address", ["hello", "老师", "http://teacher"])
def test_a_bare_word_is_said_to_be_no_address(client: TestClient, address: str) -> None:
    answer = client.post("/api/class/join", json={"address": address, "pin": "4821", "name": "x"})
    assert answer.status_code == 400
    assert "no address" in answer.json()["message"]


def test_addresses_as_pupils_type_them() -> None:
    assert parsed("teacher-pc:8765").host == "teacher-pc"
    assert parsed("192.168.1.20：8765").address == "http://192.168.1.20:8765"
    assert parsed(" HTTPS://10.0.0.2/wall ").address == "https://10.0.0.2:8765"
    assert parsed("[::1]:80").port == 80
    with pytest.raises(ParameterInvalid):
        parsed("老师 的 电脑")
    assert [in_the_room(one) for one in ("127.0.0.1", "10.1.2.3", "fe80::1%eth0", "8.8.8.8", "0.0.0.0", "x")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


class Liar(http.server.BaseHTTPRequestHandler):
    """A server that is no class: redirects, endless answers, nonsense."""

    def do_GET(self) -> None:
        if self.path == "/api/class":
            body = json.dumps({"shelf": [{"id": "1", "name": "x", "kind": "set"}]}).encode()
            self._say(200, body)
        else:
            self.send_response(200)
            self.send_header("content-length", str(10**6))
            self.end_headers()
            self.wfile.write(b"short")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.server.server_name == "redirects":  # type: ignore[attr-defined]
            self.send_response(302)
            self.send_header("location", "http://8.8.8.8/")
            self.end_headers()
            return
        self._say(200, b'{"name": "x"}', cookie="mmedu_class_1_pupil=k; Path=/")

    def _say(self, status: int, body: bytes, cookie: str = "") -> None:
        self.send_response(status)
        if cookie:
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.mark.parametrize("name", ["redirects", "breaks"])
def test_a_server_that_lies_does_no_harm(client: TestClient, studio: Studio, name: str) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
        server.server_name = name
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        answer = client.post("/api/class/join", json={"address": address, "pin": "4821", "name": "x"})
        if name == "redirects":
            assert answer.status_code == 409
            assert client.get("/api/class").json()["joined"] is False
        else:
            fetched = client.post("/api/class/fetch", json={"item": "1"})
            assert (fetched.status_code, "does not answer" in fetched.json()["message"]) == (404, True)
            assert not list((studio.folder / ".class-fetched").glob("*"))
            assert studio.room(Projects).list() == []
        server.shutdown()


def test_https_remembers_the_first_certificate(
    client: TestClient, studio: Studio, start_class: StartClass, tmp_path: Path
) -> None:
    pytest.importorskip("trustme")
    running = start_class(None, "--pin", "4821", "--host", "127.0.0.1", "--https")
    assert running.address.startswith("https://")
    assert any("warns once" in line for line in running.lines)
    joined(client, running)
    port = running.address.rpartition(":")[2]
    running.kill()
    again = start_class(running.folder, "--host", "127.0.0.1", "--https", "--port", port)
    assert "class" in client.get("/api/class").json()  # the same certificate
    again.kill()
    (tmp_path / "home" / "class-certificate.pem").unlink()
    start_class(running.folder, "--host", "127.0.0.1", "--https", "--port", port)
    told = client.get("/api/class").json()
    assert "another certificate" in told["problem"]["message"]
    answer = client.post("/api/class/join", json={"address": running.address, "pin": "4821", "name": "B"})
    assert "another certificate" in answer.json()["message"]
    client.post("/api/class/leave")
    assert (
        "class" in client.post("/api/class/join", json={"address": running.address, "pin": "4821", "name": "B"}).json()
    )
