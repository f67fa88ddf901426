"""What was taken away as a zip comes back as it was."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from tests.MMEdu.studio.projects.conftest import Encoded

from BaseDT.errors import DatasetInvalid
from MMEdu.studio.projects.bringing import brought
from MMEdu.studio.projects.project import Project
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.projects.starts import start_named


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def packed(folder: Path, inside: str = "taken/") -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {f"{inside}{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}


@pytest.mark.parametrize("inside", ["taken/", "", "a/b/"])
def test_a_project_comes_back_as_it_was(projects: Projects, project: Project, encoded: Encoded, inside: str) -> None:
    stone, cat = project.classes
    for seed in range(3):
        project.add(stone.id, encoded(seed))
    (project.folder / "pictures" / "cat" / "my photo.jpg").write_bytes(encoded(9))
    project.look()
    project.add_class("a:b")
    project.change_settings({"x": [1]})
    (project.runs / "first" / "drawn").mkdir(parents=True)
    (project.runs / "first" / "drawn" / "curve.png").write_bytes(encoded(suffix=".png"))
    made, refused = brought(projects, zipped(packed(project.folder, inside)), "石头 剪刀.zip")
    assert refused == []
    assert (made.name, made.kind, made.settings) == ("石头 剪刀 2", "classify", {"x": [1]})
    assert made.id != project.id
    assert made.classes == project.classes
    assert [(one.id, one.class_id, one.path.read_bytes()) for one in made.pictures()] == [
        (one.id, one.class_id, one.path.read_bytes()) for one in project.pictures()
    ]
    assert projects.find(made.id) is made
    assert made.add(cat.id, encoded(50)).order > max(one.order for one in project.pictures())


def test_a_picture_that_is_there_twice_comes_twice(projects: Projects, project: Project, encoded: Encoded) -> None:
    picture = project.add(project.classes[0].id, encoded())
    files = packed(project.folder) | {f"taken/pictures/cat/{picture.path.name}": encoded(1)}
    made, _ = brought(projects, zipped(files), "x.zip")
    assert [len(made.pictures(one.id)) for one in made.classes] == [1, 1]
    assert len({one.id for one in made.pictures()}) == 2


def test_boxes_come_along(projects: Projects) -> None:
    start = start_named("desk")
    project = projects.create("find", "desk", start.fill)
    made, refused = brought(projects, zipped(packed(project.folder)), "desk.zip")
    assert refused == []
    assert (made.kind, len(made.pictures())) == ("find", 60)
    assert (made.folder / "annotations.json").read_bytes() == (project.folder / "annotations.json").read_bytes()


def test_folders_of_classes_become_a_project_too(projects: Projects, encoded: Encoded) -> None:
    files = {
        "set/cat/1.jpg": encoded(1),
        "set/cat/2.jpg": encoded(2),
        "set/con/1.jpg": encoded(3),
        "set/cat/x.jpg": b"x",
    }
    made, refused = brought(projects, zipped(files), "pets.zip")
    assert (made.name, [one.file for one in refused]) == ("pets", ["x.jpg"])
    assert [(one.name, one.folder, len(made.pictures(one.id))) for one in made.classes] == [
        ("cat", "cat", 2),
        ("con", "con_", 1),
    ]


def test_a_damaged_file_in_the_zip_costs_no_picture(projects: Projects, project: Project, encoded: Encoded) -> None:
    project.add(project.classes[0].id, encoded())
    files = packed(project.folder) | {"taken/project.json": b"{"}
    made, _ = brought(projects, zipped(files), "x.zip")
    assert [(one.name, len(made.pictures(one.id))) for one in made.classes] == [("石头", 1)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"taken/project.json": b'{"format": 2}'}, "newer version"),
        (None, r"x\.zip is no zip"),
    ],
)
def test_what_cannot_come_back_leaves_nothing(
    projects: Projects, project: Project, encoded: Encoded, change: dict[str, bytes] | None, message: str
) -> None:
    project.add(project.classes[0].id, encoded())
    data = b"no zip" if change is None else zipped(packed(project.folder) | change)
    with pytest.raises(DatasetInvalid, match=message):
        brought(projects, data, "x.zip")
    assert len(list(projects.folder.iterdir())) == 1


def test_nothing_of_a_zip_leaves_its_project(projects: Projects, project: Project, encoded: Encoded) -> None:
    project.add(project.classes[0].id, encoded())
    evil = {"taken/pictures/../../../evil.jpg": encoded(1), "taken/pictures/..\\evil/1.jpg": encoded(2)}
    before = set(projects.folder.parent.rglob("*"))
    made, refused = brought(projects, zipped(packed(project.folder) | evil), "x.zip")
    assert len(made.pictures()) == 1
    assert len(refused) == 2
    new = set(projects.folder.parent.rglob("*")) - before
    assert all(path.is_relative_to(made.folder) for path in new)
