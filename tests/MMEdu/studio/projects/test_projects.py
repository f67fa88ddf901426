"""The projects of a work folder: made whole, found wherever they lie, mended where their file is damaged."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.MMEdu.studio.projects.conftest import Encoded

from BaseDT.errors import DatasetInvalid, DatasetNotFound, DiskFull, ParameterInvalid, PathNotWritable
from MMEdu.studio.projects.project import Project
from MMEdu.studio.projects.project_file import Saved
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.projects.starts import start_named

Again = Callable[[], Projects]


def names(projects: Projects) -> list[str]:
    return sorted(path.name for path in projects.folder.iterdir())


def test_a_project_is_a_folder_that_a_person_can_read(projects: Projects) -> None:
    project = projects.create("classify", "我的 猫/狗")
    assert names(projects) == ["我的 猫／狗"]
    assert sorted(path.name for path in project.folder.iterdir()) == ["pictures", "project.json", "runs"]
    content = json.loads((project.folder / "project.json").read_text(encoding="utf-8"))
    assert content["format"] == 1
    assert content["name"] == "我的 猫/狗"


def test_names_may_be_the_same_folders_may_not(projects: Projects) -> None:
    made = [projects.create("classify", name) for name in ("cat", "CAT", "cat", "", "", "con")]
    assert names(projects) == ["CAT 2", "My pictures", "My pictures 2", "cat", "cat 3", "con_"]
    assert len({project.id for project in made}) == 6
    assert projects.create("classify", default="My pictures 2").name == "My pictures 3"
    assert [projects.create("find", default="room 2").name for _ in range(2)] == ["room 2", "room 2 2"]
    assert projects.create("find").name == "Find things"
    with pytest.raises(ParameterInvalid, match="kind 'x'"):
        projects.create("x")


def test_what_cannot_be_made_whole_is_not_there_at_all(projects: Projects) -> None:
    def fill(folder: Path, saved: Saved) -> None:
        (folder / "pictures" / "a").mkdir()
        raise DiskFull("No room left")

    with pytest.raises(DiskFull):
        projects.create("classify", "half", fill)
    assert names(projects) == []


def test_what_a_killed_server_left_is_swept(projects: Projects, again: Again) -> None:
    kept = projects.create("classify", "kept")
    for left in (".new-123", ".deleted-456"):
        (projects.folder / left / "pictures").mkdir(parents=True)
    half = kept.folder / "pictures" / "cat" / ".000001-abcdef.jpg.0123abcd.tmp"
    half.parent.mkdir()
    half.write_bytes(b"half")
    (kept.folder / ".deleted-c01234567").mkdir()
    assert [one.id for one in again().list()] == [kept.id]
    assert names(projects) == ["kept"]
    assert sorted(path.name for path in kept.folder.rglob("*")) == ["cat", "pictures", "project.json", "runs"]


def test_a_deleted_project_is_gone_and_its_listeners_know(projects: Projects, project: Project) -> None:
    heard: list[str] = []
    project.listeners.append(lambda change: heard.append(change.what))
    projects.delete(project.id)
    assert heard == ["deleted"]
    assert names(projects) == []
    for identifier in (project.id, "", "..", "p000000000000"):
        with pytest.raises(DatasetNotFound, match="not here any more"):
            projects.find(identifier)
        with pytest.raises(DatasetNotFound):
            projects.delete(identifier)


def test_a_folder_that_somebody_renames_is_the_same_project(
    projects: Projects, project: Project, encoded: Encoded
) -> None:
    picture = project.add(project.classes[0].id, encoded())
    project.folder.rename(projects.folder / "moved away")
    assert projects.find(project.id) is project
    assert project.folder.name == "moved away"
    assert project.picture(picture.id).path.read_bytes() == encoded()
    project.folder.rename(projects.folder / "and again")
    assert [one.project for one in projects.list()] == [project]
    assert project.picture(picture.id).path.is_file()
    project.folder.rename(projects.folder.parent / "outside")
    with pytest.raises(DatasetNotFound):
        projects.find(project.id)


def test_a_copied_folder_is_another_project(
    projects: Projects, project: Project, again: Again, encoded: Encoded
) -> None:
    project.add(project.classes[0].id, encoded())
    shutil.copytree(project.folder, projects.folder / f"{project.folder.name} - 副本")
    first = {one.id for one in projects.list()}
    assert len(first) == 2
    assert projects.find(project.id).folder == project.folder
    assert {one.id for one in again().list()} == first
    assert {len(one.project.pictures()) for one in projects.list() if one.project} == {1}


def test_a_newer_project_is_listed_with_what_to_do_and_not_touched(
    projects: Projects, project: Project, again: Again
) -> None:
    file = project.folder / "project.json"
    newer = json.loads(file.read_bytes()) | {"format": 2, "what": "new"}
    file.write_text(json.dumps(newer), encoding="utf-8")
    later = again()
    (listed,) = later.list()
    assert listed.project is None
    assert "newer version" in listed.problem
    assert "Update mmedu" in listed.problem
    with pytest.raises(DatasetInvalid, match="newer version"):
        later.find(project.id)
    assert json.loads(file.read_bytes()) == newer
    later.delete(listed.id)
    assert later.list() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[1, 2]",
        lambda text: "{}",
        lambda text: text.replace('"format": 1', '"format": "one"'),
        lambda text: text.replace("classify", "other"),
        lambda text: "[" * 100_000,
    ],
)
def test_a_damaged_file_is_made_anew_from_the_folders_and_the_old_one_kept(
    projects: Projects, project: Project, encoded: Encoded, again: Again, damage: Callable[[str], str]
) -> None:
    pictures = {project.add(one.id, encoded()).id for one in project.classes}
    file = project.folder / "project.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(damage(text), encoding="utf-8")
    later = again()
    (listed,) = later.list()
    assert listed.project is not None
    assert {one.id for one in listed.project.pictures()} == pictures
    assert {one.name for one in listed.project.classes} == {"cat", "石头"}
    assert (project.folder / "project.damaged.json").read_text(encoding="utf-8") == damage(text)
    assert "project.damaged.json" in listed.problem
    assert "damaged" in listed.problem
    assert later.find(listed.id) is listed.project
    if project.id in damage(text):
        assert listed.id == project.id
    (after,) = again().list()
    assert (after.id, after.problem) == (listed.id, "")


def test_what_somebody_wrote_into_the_file_is_checked(projects: Projects, project: Project, again: Again) -> None:
    file = project.folder / "project.json"
    content = json.loads(file.read_bytes())
    evil = [{"id": "c12345678", "name": "evil", "color": 99, "folder": "../../.."}, {"id": "x"}, 5, None]
    content |= {"classes": content["classes"] + evil, "settings": 7, "own_names": [], "name": 3}
    file.write_text(json.dumps(content), encoding="utf-8")
    found = again().find(project.id)
    assert [one.folder for one in found.classes] == ["石头", "cat"]
    assert found.settings == {}
    assert found.name == project.folder.name


def test_a_lost_file_is_written_again_while_the_project_is_open(projects: Projects, project: Project) -> None:
    (project.folder / "project.json").unlink()
    assert projects.find(project.id) is project
    assert json.loads((project.folder / "project.json").read_bytes())["id"] == project.id


def test_a_folder_of_class_folders_becomes_a_project(projects: Projects, encoded: Encoded) -> None:
    for name in ("cat", "dog"):
        folder = projects.folder / "by hand" / "pictures" / name
        folder.mkdir(parents=True)
        (folder / "1.jpg").write_bytes(encoded())
    (projects.folder / "something else").mkdir()
    (listed,) = projects.list()
    assert listed.problem == ""
    assert listed.project is not None
    assert listed.project.name == "by hand"
    assert [one.name for one in listed.project.classes] == ["cat", "dog"]
    assert projects.find(listed.id) is listed.project


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is closed to an administrator")
def test_a_folder_that_cannot_be_written_can_be_looked_at(project: Project, again: Again, encoded: Encoded) -> None:
    (project.folder / "pictures" / "cat" / "mine.jpg").write_bytes(encoded())
    folders = [project.folder, project.folder / "pictures", *(project.folder / "pictures").iterdir()]
    for folder in folders:
        folder.chmod(0o500)
    try:
        found = again().find(project.id)
        picture = found.pictures()[0]
        assert len(found.thumb(picture.id)) > 0
        with pytest.raises(PathNotWritable):
            found.add(found.classes[0].id, encoded())
        with pytest.raises(PathNotWritable):
            found.remove(picture.id)
        with pytest.raises(PathNotWritable):
            found.add_class("new")
        assert len(found.pictures()) == 1
        assert len(found.classes) == 2
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_the_latest_comes_first_also_after_the_clock_jumped(projects: Projects) -> None:
    made = [projects.create("classify", name) for name in ("one", "two")]
    for project, year in zip(made, (2e9, 1e9), strict=True):
        for path in (project.folder / "project.json", project.folder / "pictures", project.folder / "runs"):
            os.utime(path, (year, year))
    assert [one.id for one in projects.list()] == [made[0].id, made[1].id]


def test_a_set_to_start_from_becomes_a_project(projects: Projects, again: Again) -> None:
    start = start_named("moods")
    project = projects.create(start.kind, "", start.fill, start.name[0])
    assert project.name == "Happy or sad"
    assert [one.name for one in project.classes] == ["happy", "sad", "surprised"]
    assert [len(project.pictures(one.id)) for one in project.classes] == [30, 30, 30]
    assert again().find(project.id).pictures() == project.pictures()
