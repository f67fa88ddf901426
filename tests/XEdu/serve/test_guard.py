"""The guard: what passes, what is refused, and what every answer tells a browser."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette")

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from XEdu.serve.guard import Guard

HOSTS = ["evil.example", "127.0.0.1.evil.example", "evil.example:8765", "", "[::1", "0x7f.1"]
ORIGINS = [
    "http://evil.example",
    "null",
    "http://127.0.0.1",
    "http://127.0.0.1:8766",
    "file://",
    "http://localhost:8765",
]
OURS = {"X-MMEdu": "studio"}


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(scope="module")
def ask() -> TestClient:
    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST", "DELETE"])])
    return TestClient(Guard(app, ["127.0.0.1", "::1"], largest=1000), base_url="http://127.0.0.1:8765")


def test_what_is_ours_passes(ask: TestClient):
    assert ask.get("/").text == "0"
    assert ask.post("/", content=b"abc", headers=OURS).text == "3"
    assert ask.get("/", headers={"Origin": "http://127.0.0.1:8765"}).status_code == 200
    assert ask.get("/", headers={"Host": "[::1]:8765"}).status_code == 200


@pytest.mark.parametrize("host", HOSTS)
def test_another_name_is_refused(ask: TestClient, host: str):
    refused = ask.get("/", headers={"Host": host})
    assert (refused.status_code, refused.json()["error"]) == (403, "host")


@pytest.mark.parametrize("origin", ORIGINS)
def test_another_page_is_refused(ask: TestClient, origin: str):
    refused = ask.post("/", headers={**OURS, "Origin": origin})
    assert (refused.status_code, refused.json()["error"]) == (403, "origin")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_change_needs_a_header_that_no_form_can_send(ask: TestClient, method: str):
    assert ask.request(method, "/").json()["error"] == "header"


def test_too_much_is_refused_also_where_its_length_is_not_said(ask: TestClient):
    assert ask.post("/", content=b"x" * 1001, headers=OURS).status_code == 413
    refused = ask.post("/", content=(b"x" * 100 for _ in range(20)), headers=OURS)
    assert (refused.status_code, refused.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize("length", [b"-1", b"abc", b"\xb2"])
def test_a_length_that_is_no_number_is_refused(ask: TestClient, length: bytes):
    assert ask.post("/", headers={**OURS, "Content-Length": length}).status_code == 400


def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(ask: TestClient):
    for told in (ask.get("/"), ask.get("/missing"), ask.get("/", headers={"Host": "evil.example"})):
        assert "default-src 'self'" in told.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
        assert told.headers["x-content-type-options"] == "nosniff"
        assert told.headers["referrer-policy"] == "no-referrer"
