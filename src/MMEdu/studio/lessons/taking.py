"""What a project is taken away as: a zip of everything, a model with its script, a model of 8 bits, lines of code."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.errors import DatasetNotLoaded
from BaseDT.files import discard, not_written
from BaseDT.language import say
from MMEdu.actions import teach
from MMEdu.actions.taught_model import four_lines, lesson_program, write_model
from MMEdu.actions.teach import Backbone, Table
from MMEdu.studio.lessons.lesson import Learnt
from MMEdu.studio.lessons.taught_project import Look, TaughtProject

MODEL = "model.onnx"
TAKEN = "taken"
"""The folder of a project where what was taken lies; no part of its zip."""
_FEWEST, _MOST_TESTS = 5, 400


@dataclass(frozen=True)
class Taken:
    """A file that can be fetched.

    Attributes:
        file: It.
        more: What there is to say of it, plain data.
        parts: What is in it, where that can be fetched by itself.
    """

    file: Path
    more: dict[str, Any]
    parts: tuple[Path, ...] = ()


def take_zip(project: TaughtProject, backbone: Backbone | None, learnt: Learnt | None, look: Look) -> Taken:
    """Write the whole project; with its model, where one was learnt."""
    if backbone is not None and learnt is not None:
        _write_model(project, backbone, learnt, look)
    folder = project.folder
    files = ((file, _inside(file, folder)) for file in _files_of(folder))
    target = _zipped(folder / TAKEN / f"{folder.name}.zip", files)
    return Taken(target, {"pictures": len(project.pictures()), "model": (folder / MODEL).is_file()})


def take_onnx(project: TaughtProject, backbone: Backbone, learnt: Learnt, look: Look) -> Taken:
    """Write the model with its script and its classes."""
    files = _write_model(project, backbone, learnt, look)
    target = _zipped(project.folder / TAKEN / f"{project.folder.name}-onnx.zip", ((file, file.name) for file in files))
    return Taken(target, {"code": four_lines(MODEL)}, tuple(files))


def take_int8(project: TaughtProject, backbone: Backbone, learnt: Learnt, look: Look) -> Taken:
    """Write the model in 8 bits, and say what that costs.

    Raises:
        DependencyMissing: The quantiser is not installed; the hint holds the command (-502).
        XEduError: It cannot be made.
    """
    from MMEdu.actions import taught_int8

    table, names = learnt.table, _names(learnt, look)
    made = project.training_set()
    # The quantiser reads the folders, and wants the model to name its classes as they do.
    folders = dict(zip(made.class_ids, made.names, strict=True))
    called = [folders.get(one, name) for one, name in zip(table.classes, names, strict=True)]
    left_out = _last_fifth(table)
    tests = [
        (look.pictures[table.pictures[place]].path, called[table.labels[place]])
        for place in np.flatnonzero(left_out)[:_MOST_TESTS]
        if table.pictures[place] in look.pictures
    ]
    with tempfile.TemporaryDirectory(dir=_made(project.folder / TAKEN)) as place:
        trial, small = Path(place, "trial.onnx"), Path(place, "small.onnx")
        layer = teach.learn(_part(table, ~left_out)) if left_out.any() else learnt.layer
        trial.write_bytes(backbone.model(called, layer))
        found = taught_int8.make(trial, small, made.path, tests)
        # What it is taken for was measured without these pictures; what is taken away has learnt from them, too.
        files = write_model(project.folder / TAKEN / "model_int8.onnx", Backbone(small), names, learnt.layer)
    figures = {key: found[key] for key in ("fp32", "int8", "tested", "before", "after")}
    return Taken(files[0], {**figures, "sentence": cost(found), "code": four_lines(files[0].name)}, tuple(files))


def cost(found: dict[str, Any]) -> str:
    """Say what 8 bits cost and what they bring."""
    small, large = (found[key]["size"] / 1e6 for key in ("int8", "fp32"))
    sizes = say(f"{small:.1f} MB instead of {large:.1f} MB.", f"大小从 {large:.1f} MB 变为 {small:.1f} MB。")
    tested = found["tested"]
    if not tested:
        return say(
            f"{sizes} What it costs cannot be said: there are too few pictures to leave some out.",
            f"{sizes}图片太少，无法留出一部分来比较准确率。",
        )
    before, after = found["before"], found["after"]
    large = "as many as the large one" if before == after else f"the large one {before}"
    same = "和大模型一样多" if before == after else f"大模型答对 {before} 张"
    return say(
        f"{sizes} Of {tested} pictures that were left out, it tells {after} rightly, {large}.",
        f"{sizes}留出 {tested} 张图片检验：小模型答对 {after} 张，{same}。",
    )


def programs(project: TaughtProject, look: Look, backbone: Backbone | None) -> dict[str, str]:
    """Return the lines that ask the model, and the program that teaches the same without this page."""
    folders = {one: picture.path.parent for picture in look.pictures.values() for one in [picture.class_id]}
    classes = [(name, str(folders[one])) for one, name in look.classes.items() if one in folders]
    network = "efficientnet_lite0.onnx" if backbone is None else str(backbone.file)
    model = str(project.folder / MODEL)
    return {"use": four_lines(MODEL), "teach": lesson_program(network, classes, model)}


def nothing_learnt(look: Look) -> DatasetNotLoaded:
    """Make the error of a project that has no model yet (-603)."""
    used = sum(count > 0 for count in look.counts.values())
    return DatasetNotLoaded(
        say(
            f"There is no model to take yet: {used} of the classes have pictures, and two must.",
            f"还没有可以带走的模型：有图片的类别有 {used} 个，至少要 2 个。",
        ),
        hint=say("Add pictures to two classes, then wait a moment.", "请给至少两个类别添加图片，然后稍等片刻。"),
    )


def _write_model(project: TaughtProject, backbone: Backbone, learnt: Learnt, look: Look) -> list[Path]:
    return write_model(project.folder / MODEL, backbone, _names(learnt, look), learnt.layer)


def _names(learnt: Learnt, look: Look) -> tuple[str, ...]:
    return tuple(look.classes.get(one, one) for one in learnt.table.classes)


def _last_fifth(table: Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the pictures that came last in each class that has at least five."""
    out = np.zeros(len(table.labels), bool)
    for label in range(len(table.classes)):
        places = np.flatnonzero(table.labels == label)
        if len(places) >= _FEWEST:
            out[places[-(len(places) // _FEWEST) :]] = True
    return out


def _part(table: Table, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Table:
    pictures = tuple(one for one, kept in zip(table.pictures, chosen, strict=True) if kept)
    return Table(pictures, table.classes, table.features[chosen], table.labels[chosen])


def _files_of(folder: Path) -> Iterator[Path]:
    """Give the files of a project that are its own: no link leads out of it, nothing that can be made again comes."""
    yield from (one for one in sorted(folder.iterdir()) if one.is_file() and not _is_hidden(one))
    for place, folders, names in os.walk(folder / "pictures"):
        folders[:] = sorted(name for name in folders if not _is_hidden(Path(place, name)))
        yield from (file for name in sorted(names) if not _is_hidden(file := Path(place, name)) and file.is_file())


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.is_symlink()


def _inside(file: Path, folder: Path) -> str:
    return f"{folder.name}/{file.relative_to(folder).as_posix()}"


def _zipped(target: Path, files: Iterable[tuple[Path, str]]) -> Path:
    """Write a zip whole, file by file: pictures are not held in memory, and are not pressed a second time.

    Raises:
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    half = target.with_name(f".{target.name}.tmp")
    try:
        _made(target.parent)
        with zipfile.ZipFile(half, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
            for file, name in files:
                try:
                    archive.write(file, name)
                except FileNotFoundError:  # it was removed meanwhile
                    continue
        half.replace(target)
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        discard(half)
    return target


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(folder, error) from error
    return folder
