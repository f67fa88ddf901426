"""Who may come in, under which name; and that nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.MMEdu.studio.classroom.conftest import HEADERS, PIN, TOKEN

from MMEdu.studio.classroom import names
from MMEdu.studio.classroom.app import make_class_app
from MMEdu.studio.classroom.classroom import Classroom


def test_two_of_one_name_are_told_apart(come_in) -> None:
    come_in("Li Ming")
    other = come_in(None)
    status, text = other.refused("/api/join", {"pin": PIN, "name": "  li　ming "})
    assert (status, "Call yourself li ming 2" in text) == (409, True)
    assert other.client.post("/api/join", json={"pin": PIN, "name": "li ming"}).json()["free"] == "li ming 2"
    other.post("/api/join", {"pin": PIN, "name": "li ming 2"})
    assert other.get("/api/hello")["name"] == "li ming 2"


def test_a_name_opens_again_where_the_teacher_lets_it(come_in, classroom: Classroom) -> None:
    teacher, old, new = come_in(), come_in("Zoë"), come_in(None)
    (pupil,) = classroom.pupils.all()
    teacher.post(f"/api/teacher/pupils/{pupil.id}", {"again": True})
    assert new.post("/api/join", {"pin": PIN, "name": "zoë"})["id"] == pupil.id
    assert old.get("/api/hello")["role"] == ""
    assert new.client.post("/api/join", json={"pin": PIN, "name": "Zoë"}).status_code == 409  # once


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  李\t 雷\n", "李 雷"),
        ("\u202eمحمد\u202c", "محمد"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("CON", "CON"),
        ("../../etc", "../../etc"),
        ("<b>Tom</b>", "<b>Tom</b>"),
    ],
)
def test_names_are_shown_as_they_are_meant(come_in, classroom: Classroom, typed: str, shown: str) -> None:
    pupil = come_in(typed)
    assert pupil.get("/api/hello")["name"] == shown
    (folder,) = (classroom.folder / "pupils").iterdir()
    assert (folder / "pupil.json").is_file()


def test_what_is_no_name_is_refused(come_in) -> None:
    nobody = come_in(None)
    for name in ("", "  ", "\u200b\u202e", "x" * 300):
        assert nobody.refused("/api/join", {"pin": PIN, "name": name})[0] == 400, name
    assert nobody.refused("/api/join", {"pin": PIN, "name": 7})[0] == 400
    assert names.free("x" * 40, ["X" * 40]) == f"{'x' * 36} 2"


def test_one_who_guesses_shuts_out_himself_alone(come_in) -> None:
    guesser, pupil = come_in(None, "192.168.1.66"), come_in(None, "192.168.1.20")
    statuses = [guesser.refused("/api/join", {"pin": f"{n:04}", "name": "x"})[0] for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert guesser.client.post("/api/join", json={"pin": PIN, "name": "x"}).status_code == 429
    assert pupil.post("/api/join", {"pin": f" {PIN} ", "name": "Tom"})["name"] == "Tom"
    for n in range(30):  # from everywhere: the door of all closes, too
        come_in(None, f"192.168.2.{n}").client.post("/api/join", json={"pin": "0", "name": "x"})
    late = come_in(None, "192.168.1.21")
    assert late.refused("/api/join", {"pin": PIN, "name": "Ann"})[0] == 429


def test_the_teacher_asks_from_this_computer_alone(come_in, hall) -> None:
    elsewhere = come_in(None, "192.168.1.20")
    assert elsewhere.refused("/api/session", {"token": TOKEN})[0] == 401
    elsewhere.client.cookies.set(hall.door.cookie, hall.door.cookie_value)  # stolen
    assert elsewhere.client.get("/api/teacher").status_code == 401
    here = come_in(None)
    assert here.refused("/api/session", {"token": "guess"})[0] == 401
    assert here.refused("/api/session", {"token": PIN})[0] == 401


def test_every_route_asks_who_it_is(come_in, hall) -> None:
    come_in("Tom")
    app = make_class_app(hall)
    stranger = TestClient(app, base_url="http://127.0.0.1", headers=HEADERS, client=("192.168.1.9", 1))
    pupil = come_in("Ann")
    from importlib import import_module

    routes = [
        route
        for part in ("coming_in", "pupil", "wall", "teacher", "wheels")
        for route in import_module(f"MMEdu.studio.classroom.routes.{part}").ROUTES
    ]
    asked = 0
    for route in routes:
        if not route.path.startswith("/api/") or route.path in (
            "/api/hello",
            "/api/words",
            "/api/session",
            "/api/join",
        ):
            continue
        asked += 1
        path = route.path.format(**dict.fromkeys(("id", "class", "pupil", "n"), "1"))
        (method,) = route.methods - {"HEAD"}
        for header in ({}, {"x-who": "teacher", "x-here": "1", "x-from": "127.0.0.1"}):
            assert stranger.request(method, path, headers=header).status_code == 401, path
            if path.split("/")[2] == "teacher":
                assert pupil.client.request(method, path, headers=header).status_code == 403, path
    assert asked > 20


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"x-mmedu": None}, 403),
        ({"content-length": str(10**9)}, 413),
    ],
)
def test_other_pages_cannot_ask(come_in, headers: dict, status: int) -> None:
    pupil = come_in("Tom")
    client = pupil.client
    given = {name: value for name, value in headers.items() if value is not None}
    for name in headers:
        if headers[name] is None:
            del client.headers[name]
    answer = client.post("/api/uploads", headers=given, json={"name": "a", "size": 1} if status != 413 else None)
    assert answer.status_code == status, answer.text


def test_a_removed_pupil_is_out(come_in, classroom: Classroom) -> None:
    teacher, pupil = come_in(), come_in("Tom")
    (one,) = classroom.pupils.all()
    teacher.client.delete(f"/api/teacher/pupils/{one.id}")
    assert pupil.client.get("/api/class").status_code == 401
    assert list((classroom.folder / "pupils").iterdir()) == []


def test_renaming(come_in, classroom: Classroom) -> None:
    teacher = come_in()
    come_in("Tom")
    pupil = come_in("Ann")
    one = next(one for one in classroom.pupils.all() if one.name == "Ann")
    assert teacher.refused(f"/api/teacher/pupils/{one.id}", {"name": "TOM"})[0] == 409
    teacher.post(f"/api/teacher/pupils/{one.id}", {"name": "Anna"})
    assert pupil.get("/api/hello")["name"] == "Anna"
    assert [path.name.split()[0] for path in sorted(Path(classroom.folder / "pupils").iterdir())] == ["Ann", "Tom"]
