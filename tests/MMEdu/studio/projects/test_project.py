"""A project in memory and its folder say the same, whoever changes either."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.MMEdu.studio.projects.conftest import Encoded

from BaseDT.dataset import imagenet
from BaseDT.errors import (
    DatasetInvalid,
    DatasetNotFound,
    DiskFull,
    ImageNotFound,
    ParameterInvalid,
    PathExists,
    XEduError,
)
from MMEdu.studio.projects import refusals
from MMEdu.studio.projects.picture import Change
from MMEdu.studio.projects.project import Project
from MMEdu.studio.projects.projects import Projects

Again = Callable[[], Projects]


def told(project: Project) -> list[tuple[str, list[str]]]:
    """Return a list that grows with what listeners are told."""
    heard: list[tuple[str, list[str]]] = []
    project.listeners.append(lambda change: heard.append((change.what, [one.id for one in change.pictures])))
    return heard


def facts(project: Project) -> object:
    """What must be the same after a new start."""
    pictures = [(one.id, one.class_id, one.path, one.order) for one in project.pictures()]
    return project.id, project.name, project.kind, project.classes, project.settings, pictures


def test_a_picture_lies_in_its_class_as_it_came(project: Project, encoded: Encoded) -> None:
    heard, stone = told(project), project.classes[0]
    revision = project.revision
    picture = project.add(stone.id, encoded(), "from/a/browser.jpg")
    assert picture.path == project.folder / "pictures" / "石头" / f"{picture.id}.jpg"
    assert picture.path.read_bytes() == encoded()
    assert heard == [("added", [picture.id])]
    assert project.revision == revision + 1
    assert project.channel.after(0)[-1].data == {"revision": project.revision}
    assert project.sizes() == {picture.id: (64, 48)}


def test_everything_is_the_same_after_a_new_start(project: Project, encoded: Encoded, again: Again) -> None:
    stone, cat = project.classes
    pictures = [project.add(stone.id, encoded(seed)) for seed in range(3)]
    project.move(cat.id, pictures[0].id)
    project.change_class(stone.id, name="布", color=5)
    project.change_settings({"threshold": 0.5})
    project.rename("猜拳 😀")
    found = again().find(project.id)
    assert facts(found) == facts(project)
    assert found.pictures(cat.id)[0].id == pictures[0].id
    assert found.sizes() == project.sizes()


def test_an_id_is_never_given_twice(project: Project, encoded: Encoded, again: Again) -> None:
    stone = project.classes[0]
    first = project.add(stone.id, encoded())
    project.remove(first.id)
    assert again().find(project.id).add(stone.id, encoded()).id != first.id


def test_the_order_is_that_of_coming_whatever_the_clock_says(project: Project, encoded: Encoded, again: Again) -> None:
    stone, cat = project.classes
    pictures = [project.add([stone, cat][seed % 2].id, encoded(seed)) for seed in range(6)]
    for days, picture in enumerate(pictures):
        os.utime(picture.path, (1e9 - days * 86400, 1e9 - days * 86400))
    assert [one.id for one in again().find(project.id).pictures()] == [one.id for one in pictures]


def test_moved_pictures_keep_their_ids_and_removed_ones_are_gone(project: Project, encoded: Encoded) -> None:
    stone, cat = project.classes
    pictures = [project.add(stone.id, encoded(seed)) for seed in range(3)]
    heard = told(project)
    project.move(cat.id, pictures[0].id, pictures[1].id)
    assert [one.id for one in project.pictures(cat.id)] == [pictures[0].id, pictures[1].id]
    assert not pictures[0].path.exists()
    assert project.picture(pictures[0].id).path.read_bytes() == encoded(0)
    thumb = project.thumb(pictures[2].id)
    assert len(list((project.cache / "thumbs").iterdir())) == 3
    project.remove(pictures[2].id)
    assert len(thumb) > 0
    assert len(list((project.cache / "thumbs").iterdir())) == 2
    assert heard == [("moved", [pictures[0].id, pictures[1].id]), ("removed", [pictures[2].id])]
    with pytest.raises(ImageNotFound):
        project.remove(pictures[0].id, pictures[2].id)
    assert len(project.pictures()) == 2
    for bad in ("", "../x", "c00000000"):
        with pytest.raises(DatasetNotFound):
            project.move(bad, pictures[0].id)


def test_a_class_takes_its_folder_and_its_pictures_along(project: Project, encoded: Encoded) -> None:
    stone, cat = project.classes
    picture = project.add(stone.id, encoded())
    new = project.change_class(stone.id, name='say "布"/paper')
    assert project.picture(picture.id).path.parent.name == new.folder == "say ＂布＂／paper"
    assert project.picture(picture.id).path.is_file()
    assert not (project.folder / "pictures" / "石头").exists()
    assert project.change_class(cat.id, name="Cat").folder == "Cat"
    heard = told(project)
    project.remove_class(stone.id)
    assert heard == [("removed", [picture.id]), ("classes", [])]
    assert [path.name for path in (project.folder / "pictures").iterdir()] == ["Cat"]
    assert not list(project.folder.glob(".deleted-*"))
    with pytest.raises(DatasetNotFound):
        project.add(stone.id, encoded())


def test_two_classes_cannot_be_called_the_same(project: Project) -> None:
    stone, cat = project.classes
    for name in ("cat", "CAT", "  cat ", "c\u200bat"):
        with pytest.raises(PathExists, match="already"):
            project.add_class(name)
        with pytest.raises(PathExists, match="already"):
            project.change_class(stone.id, name=name)
    assert project.change_class(cat.id, name="") == cat
    with pytest.raises(ParameterInvalid):
        project.change_class(cat.id, color=8)
    names = [project.add_class().name for _ in range(3)]
    assert names == ["Class 1", "Class 2", "Class 3"]


def test_forty_classes_have_colours_and_two_hundred_are_the_most(projects: Projects) -> None:
    project = projects.create("classify")
    colors = [project.add_class(f"类 {number}").color for number in range(40)]
    assert colors == [number % 8 for number in range(40)]
    for number in range(40, 200):
        project.add_class(f"类 {number}")
    with pytest.raises(DatasetInvalid, match="200 classes"):
        project.add_class("one more")


def test_a_full_project_takes_no_more(project: Project, encoded: Encoded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_PICTURES", 2)
    stone = project.classes[0]
    added, refused = project.add_all(stone.id, [(f"{n}.jpg", encoded(n)) for n in range(4)])
    assert len(added) == 2
    assert [one.file for one in refused] == ["2.jpg", "3.jpg"]
    assert "no more" in refused[0].error.message


def test_files_are_refused_one_by_one_and_listeners_told_once(project: Project, encoded: Encoded) -> None:
    heard = told(project)
    given = [
        ("1.jpg", encoded(1)),
        ("bad.jpg", encoded(2)[:500]),
        ("notes.txt", b"hello"),
        ("4.png", encoded(4, suffix=".png")),
    ]
    added, refused = project.add_all(project.classes[0].id, given)
    assert [one.path.suffix for one in added] == [".jpg", ".png"]
    assert [one.file for one in refused] == ["bad.jpg", "notes.txt"]
    assert heard == [("added", [one.id for one in added])]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_what_was_recorded_and_nothing_half(
    project: Project, encoded: Encoded, again: Again
) -> None:
    import resource

    stone = project.classes[0]
    kept, large = project.add(stone.id, encoded()), encoded(size=(400, 400))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(DiskFull, match="No room left"):
            project.add(stone.id, large)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        for change in (
            lambda: project.add_class("paper"),
            lambda: project.change_class(stone.id, name="rock"),
            lambda: project.remove_class(stone.id),
            lambda: project.rename("new"),
            lambda: project.change_settings({"a": 1}),
        ):
            with pytest.raises(DiskFull):
                change()
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
        added, refused = project.add_all(
            stone.id, [("small.jpg", encoded(1)), ("large.jpg", large), ("next.jpg", encoded(2))]
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(added) == 1
    assert [(one.file, type(one.error)) for one in refused] == [("large.jpg", DiskFull)]
    assert sorted(path.name for path in kept.path.parent.iterdir()) == sorted(one.path.name for one in (kept, *added))
    assert facts(again().find(project.id)) == facts(project)


def test_folders_that_somebody_edits_are_taken_over(project: Project, encoded: Encoded, again: Again) -> None:
    stone, cat = project.classes
    ours = [project.add(stone.id, encoded(seed)) for seed in range(4)]
    pictures = project.folder / "pictures"
    (pictures / "new class").mkdir()
    (pictures / "new class" / "my photo.jpg").write_bytes(encoded(7))
    (pictures / "new class" / "deep").mkdir()
    (pictures / "new class" / "deep" / "二.png").write_bytes(encoded(8, suffix=".png"))
    (pictures / "cat" / "my photo.jpg").write_bytes(encoded(9))
    (pictures / "cat" / "empty.jpg").write_bytes(b"")
    (pictures / "cat" / "notes.txt").write_text("x", encoding="utf-8")
    (pictures / "cat" / "Thumbs.db").write_bytes(b"x")
    ours[0].path.rename(pictures / "cat" / ours[0].path.name)
    ours[1].path.unlink()
    ours[2].path.write_bytes(encoded(20, size=(30, 40)))
    shutil.copy(ours[3].path, pictures / "cat")
    heard = told(project)
    project.look()
    assert [one.name for one in project.classes] == ["石头", "cat", "new class"]
    new = project.classes[2]
    assert len(project.pictures(new.id)) == 2
    assert len(project.pictures(cat.id)) == 3
    assert project.picture(ours[0].id).class_id == cat.id
    assert {one.id for one in project.pictures(stone.id)} == {ours[2].id, ours[3].id}
    by_what = {what: set(ids) for what, ids in heard}
    assert by_what["removed"] == {ours[1].id, ours[2].id}
    assert by_what["moved"] == {ours[0].id}
    assert ours[2].id in by_what["added"]
    assert len(by_what["added"]) == 5
    assert project.sizes()[ours[2].id] == (40, 30)
    assert facts(again().find(project.id)) == facts(project)
    heard.clear()
    project.look()
    assert heard == []


def test_a_picture_with_a_name_of_its_own_keeps_its_id_wherever_it_goes(
    project: Project, encoded: Encoded, again: Again
) -> None:
    stone, cat = project.classes
    pictures = project.folder / "pictures"
    for folder, seed in (("石头", 1), ("cat", 2), ("cat/deep", 3)):
        (pictures / folder).mkdir(exist_ok=True)
        (pictures / folder / "photo.jpg").write_bytes(encoded(seed))
    project.look()
    mine, (deep, other) = project.pictures(stone.id)[0], project.pictures(cat.id)
    project.move(cat.id, mine.id)
    assert project.picture(mine.id).path.read_bytes() == encoded(1)
    assert project.picture(other.id).path.read_bytes() == encoded(2)
    project.change_class(cat.id, name="dog")
    assert {one.id for one in again().find(project.id).pictures()} == {mine.id, other.id, deep.id}
    assert project.picture(deep.id).path.read_bytes() == encoded(3)
    project.picture(mine.id).path.rename(pictures / "石头" / project.picture(mine.id).path.name)
    project.look()
    assert project.picture(mine.id).class_id == stone.id
    assert facts(again().find(project.id)) == facts(project)


def test_a_folder_that_somebody_renames_is_still_the_class(project: Project, encoded: Encoded, again: Again) -> None:
    stone = project.classes[0]
    picture = project.add(stone.id, encoded())
    (project.folder / "pictures" / "石头").rename(project.folder / "pictures" / "rock")
    for found in (again().find(project.id), project):
        found.look()
        assert found.classes[0].id == stone.id
        assert found.classes[0].name == "rock"
        assert found.picture(picture.id).class_id == stone.id


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_lead_nowhere(project: Project, encoded: Encoded, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(encoded())
    (project.folder / "pictures" / "linked").symlink_to(outside)
    (project.folder / "pictures" / "cat" / "link.jpg").symlink_to(outside / "secret.jpg")
    project.look()
    assert [one.name for one in project.classes] == ["石头", "cat"]
    assert project.pictures() == ()


def test_a_file_that_is_no_picture_after_all_has_no_size(project: Project) -> None:
    (project.folder / "pictures" / "cat" / "bad.jpg").write_bytes(b"no picture")
    project.look()
    assert list(project.sizes().values()) == [(0, 0)]


def test_many_sizes_are_read_once(project: Project, encoded: Encoded, again: Again) -> None:
    for number in range(60):
        (project.folder / "pictures" / "cat" / f"{number}.jpg").write_bytes(encoded(number, size=(20, 10 + number)))
    project.look()
    sizes = project.sizes()
    assert sorted(width for width, _ in sizes.values()) == list(range(10, 70))
    kept = json.loads((project.cache / "sizes.json").read_bytes())
    assert len(kept) == 60
    (project.cache / "sizes.json").write_text(json.dumps({**kept, next(iter(kept)): "?"}), encoding="utf-8")
    assert again().find(project.id).sizes() == sizes


def test_a_thumbnail_is_made_again_where_the_cache_is_gone(project: Project, encoded: Encoded) -> None:
    picture = project.add(project.classes[0].id, encoded(size=(480, 640)))
    first = project.thumb(picture.id)
    shutil.rmtree(project.cache)
    again = project.thumb(picture.id)
    for data in (first, again):
        assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (120, 160, 3)
    with pytest.raises(ImageNotFound):
        project.thumb("../../secret")


def test_a_project_is_a_data_set_as_it_lies(project: Project, encoded: Encoded) -> None:
    stone, cat = project.classes
    project.add_class("empty")
    for seed in range(4):
        project.add(cat.id, encoded(seed))
        project.add(stone.id, encoded(seed + 10))
    given = project.training_set()
    data = imagenet.load(given.path)
    assert data.classes == given.names == ("cat", "石头")
    assert given.class_ids == (cat.id, stone.id)
    project.change_class(cat.id, name="a/cat")
    project.change_class(stone.id, name="a:stone")
    given = project.training_set()
    data = imagenet.load(given.path)
    assert data.classes == given.names
    assert set(given.names) == {"a/cat", "a:stone"}
    for label, class_id in enumerate(given.class_ids):
        folder = project.class_of(class_id).folder
        assert {one.path.parent.name for one in data.train if one.label == label} == {folder}
    project.change_class(stone.id, name="stone")
    given = project.training_set()
    assert imagenet.load(given.path).classes == given.names == ("a／cat", "stone")
    assert not (given.path / "classes.txt").exists()


def test_settings_are_plain_data_and_not_without_end(project: Project) -> None:
    project.change_settings({"a": [1, {"b": "中"}], "c": True})
    project.change_settings({"c": None})
    assert project.settings == {"a": [1, {"b": "中"}]}
    for bad in ({"x": float("nan")}, {"x": "y" * 300_000}, {"x": object()}):
        with pytest.raises(ParameterInvalid):
            project.change_settings(bad)
    assert project.settings == {"a": [1, {"b": "中"}]}


def test_five_threads_at_once_lose_nothing(project: Project, encoded: Encoded, again: Again) -> None:
    stone, cat = project.classes
    count = [0]
    lock = threading.Lock()

    def heard(change: Change) -> None:
        if change.what == "added":
            with lock:
                count[0] += len(change.pictures)

    project.listeners.append(heard)
    failed: list[Exception] = []

    def work(number: int) -> None:
        try:
            for seed in range(10):
                picture = project.add(stone.id, encoded(100 * number + seed))
                project.move(cat.id, picture.id)
                project.look()
                if seed % 2:
                    project.remove(picture.id)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert count == [50]
    assert len(project.pictures(cat.id)) == 25
    assert facts(again().find(project.id)) == facts(project)


def test_what_somebody_writes_into_the_file_of_an_open_project_counts(project: Project) -> None:
    heard, file = told(project), project.folder / "project.json"
    content = json.loads(file.read_bytes())
    content["classes"][0] |= {"name": "rock", "color": 6}
    content["name"] = "new"
    file.write_text(json.dumps(content), encoding="utf-8")
    project.look()
    assert (project.name, project.classes[0].name, project.classes[0].color) == ("new", "rock", 6)
    assert heard == [("classes", []), ("name", [])]
    file.write_text("{ damaged", encoding="utf-8")
    project.look()
    project.rename("newer")
    assert json.loads(file.read_bytes())["classes"][0]["name"] == "rock"


def test_a_deleted_project_does_not_come_back_with_a_late_picture(
    projects: Projects, project: Project, encoded: Encoded
) -> None:
    stone = project.classes[0]
    picture = project.add(stone.id, encoded())
    projects.delete(project.id)
    for late in (
        lambda: project.add(stone.id, encoded(1)),
        lambda: project.add_class("new"),
        lambda: project.rename("new"),
        lambda: project.thumb(picture.id),
    ):
        with pytest.raises(XEduError):
            late()
    assert list(projects.folder.iterdir()) == []


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="here HEIC is read")
def test_telephones_pictures_that_nothing_reads_are_counted(project: Project, encoded: Encoded) -> None:
    project.add(project.classes[0].id, encoded())
    assert project.notes == ()
    for number in range(3):
        (project.folder / "pictures" / "cat" / f"IMG_{number}.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    project.look()
    (note,) = project.notes
    assert note.startswith("3 pictures in its folder cannot be read on this computer, e.g. IMG_")
    assert "mmedu[heic]" in note
    assert len(project.pictures()) == 1
