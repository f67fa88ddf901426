"""A pupil, or a page in the teacher's browser, who mean no good: no address and no value makes the class stumble."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from tests.MMEdu.studio.classroom.conftest import Person

from MMEdu.studio.classroom.classroom import Classroom

ComeIn = Callable[..., Person]
_PLACES = (
    "..%2f..%2fsecret", "%2e%2e%2fclass.json", "..%5c..%5csecret", "%2fetc%2fpasswd", "%00", "a%00b", "%ff", "x" * 3000,
    "nul", "-1", "1e9", "%0d%0aa:b", "__proto__", "%f0%9f%92%a5", "teacher",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, -1, 10**30, float("nan"), "", [], {}, [None], "\ud800", "a\0b", "x" * 3000, "../../secret",
    "\\\\host\\share", "'); import os#", "💥" * 50, "<img src=x onerror=alert(1)>", "=cmd()", "/etc/passwd",
    [["a"]], {"a": 1},
)  # fmt: skip
_FIELDS = ("name", "size", "upload", "pictures", "classes", "path", "open", "show_mistakes", "again", "photos", "pin")


def _routes() -> list[tuple[str, str]]:
    parts = ("coming_in", "pupil", "wall", "teacher", "wheels", "page")
    found = [one for part in parts for one in import_module(f"MMEdu.studio.classroom.routes.{part}").ROUTES]
    listed = [(route.path, method) for route in found for method in sorted(route.methods - {"HEAD"})]
    return [one for one in listed if not one[0].endswith("/events")]


def _check(answer: Any, what: object) -> None:
    assert answer.status_code < 500, (what, answer.text[:200])
    assert b"root:x:" not in answer.content, what
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("who", ["Tom", ""], ids=["pupil", "teacher"])
def test_no_address_leads_anywhere(come_in: ComeIn, who: str) -> None:
    client = come_in(who).client
    for path, method in _routes():
        for value in _PLACES if "{" in path else ():
            asked = re.sub(r"\{\w+(?::\w+)?\}", lambda _, value=value: value, path)
            _check(client.request(method, asked, follow_redirects=False), (method, asked))


@pytest.mark.parametrize("who", ["Tom", ""], ids=["pupil", "teacher"])
def test_no_value_makes_it_stumble(come_in: ComeIn, who: str, classroom: Classroom) -> None:
    client = come_in(who).client
    for path, method in _routes():
        if method != "POST" or path in ("/api/session", "/api/join"):
            continue
        asked = re.sub(r"\{\w+(?::\w+)?\}", "x", path)
        for value in _VALUES:
            for sent in (dict.fromkeys(_FIELDS, value), {"name": value, "size": 1}, {"path": value}):
                headers = {"content-type": "application/json"}
                _check(client.post(asked, content=json.dumps(sent).encode(), headers=headers), (asked, sent))
        _check(client.post(asked, content=b"["), asked)
    assert classroom.folder.is_dir()


def test_no_name_of_a_pupil_makes_it_stumble(come_in: ComeIn, classroom: Classroom) -> None:
    nobody = come_in(None).client
    for value in _VALUES:
        sent = json.dumps({"pin": "4821", "name": value}).encode()
        _check(nobody.post("/api/join", content=sent, headers={"content-type": "application/json"}), value)
    for path in classroom.folder.rglob("*"):
        assert path.resolve().is_relative_to(classroom.folder.resolve())
    table = come_in("").client.get("/api/teacher/wall.csv").text
    assert not re.search(r'(?m)^"?[=+@]', table)


def test_what_one_pupil_sends_another_cannot_take(come_in: ComeIn) -> None:
    tom, ann = come_in("Tom"), come_in("Ann")
    upload = tom.upload(b"x" * 100, "a.onnx")
    assert ann.client.get(f"/api/uploads/{upload}").status_code >= 400
    assert ann.client.post(f"/api/uploads/{upload}?at=0", content=b"y").status_code >= 400
    assert ann.refused("/api/handins", {"upload": upload, "pictures": 1})[0] >= 400
    assert tom.get(f"/api/uploads/{upload}")["received"] == 100
