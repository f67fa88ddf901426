"""Models in the work folder, with what they say of themselves; of a checkpoint its log says it: it is not opened."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.errors import CheckpointInvalid, XEduError
from BaseDT.files import Stamp, free_name, stamp_of
from BaseDT.language import say
from MMEdu.requirements import INSTALL_TRAIN, TRAIN_PACKAGES
from MMEdu.studio.jobs import job as jobs_files
from MMEdu.studio.jobs.job import ACTIVE
from MMEdu.studio.programs.kinds import kind_of
from MMEdu.studio.projects.names import cleaned, folder_name
from MMEdu.studio.studio import Studio
from MMEdu.studio.trying import Trying
from MMEdu.studio.uploads import moved_whole

FOLDER = "models"
BACKENDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "ONNX": (TRAIN_PACKAGES, INSTALL_TRAIN),
    "INT8": (("onnx", "onnxruntime"), INSTALL_TRAIN),
    "NCNN": ((*TRAIN_PACKAGES, "pnnx", "ncnn"), 'pip install "mmedu[ncnn-export]"'),
    "OpenVINO": ((*TRAIN_PACKAGES, "openvino"), 'pip install "mmedu[openvino]"'),
}
"""What a model can be made into: the import packages that this needs, and what installs them."""
EXPORTED = (".onnx", ".param", ".xml", ".engine", ".trt")
CHECKPOINTS = (".pth", ".pt", ".safetensors")
_TAKEN = (*EXPORTED, *CHECKPOINTS, ".bin", ".json")
_NOT_BELOW = frozenset({"datasets", "pictures", "__pycache__"})
_DEEP, _MOST = 6, 500
_BEST = re.compile(r"best_.+_epoch_\d+\.pth")
_OF_A_RUN = re.compile(r"epoch_\d+\.pth|best_.+_epoch_\d+\.pth|latest\.pth|unfinished\.pth")
_LATEST = "latest.pth"
_LAID = ("network", "numbers")
"""Kinds of jobs whose models are asked on their own pages."""
_GO_ON = ("stopped", "interrupted", "failed")
_LOG = ".log.json"
_LONGEST_LINE = 2**20


class ModelFiles:
    """The models of a studio."""

    def __init__(self, studio: Studio) -> None:
        self._root = studio.folder
        self._trying = studio.room(Trying)
        self._known: dict[tuple[Path, Stamp], dict[str, Any]] = {}

    def all(self) -> list[dict[str, Any]]:
        """Describe every model: finished ones first, the newest of them first; those of a training that runs last.

        Each has ``id`` (as ``/api/try`` has it), ``name``, ``title`` (project and run first, the name last), ``path``
        (within the work folder), ``folder``, ``form`` (``checkpoint`` or ``exported``),
        ``format``, ``size`` (bytes), ``changed``, ``best`` (of its training), ``running`` (its training is not over),
        ``folded`` (its training left a better one to take), and where it says so ``task``, ``backbone``, ``classes``,
        ``precision``; or ``problem``.
        """
        found = [described for path in self._files() if (described := self._described(path)) is not None]
        self._place_in_runs(found)
        return sorted(
            found,
            key=lambda one: (one["folded"], one["running"], one["name"] == _LATEST, -one["changed"], one["path"]),
        )

    def backends(self) -> list[dict[str, Any]]:
        """List what a model can be made into here, and how to get what is missing."""
        listed = []
        for name, (packages, install) in BACKENDS.items():
            missing = [package for package in packages if find_spec(package) is None]
            lacks_training = any(package in TRAIN_PACKAGES for package in missing)
            listed.append({"name": name, "missing": missing, "install": INSTALL_TRAIN if lacks_training else install})
        return listed

    def add(self, came: Path) -> list[dict[str, Any]]:
        """Take over files that came from the browser.

        Raises:
            CheckpointInvalid: None of them is a model (-202).
            DiskFull, PathNotWritable: They cannot be written (-803, -104).
        """
        files = [path for path in sorted(came.rglob("*")) if path.is_file() and path.suffix.lower() in _TAKEN]
        if not any(path.suffix.lower() in (*EXPORTED, *CHECKPOINTS) for path in files):
            raise CheckpointInvalid(
                say("None of these files is a model.", "这些文件中没有模型。"),
                hint=say("Take .pth, .onnx, .param with .bin, or .xml with .bin.",
                         "请选择 .pth、.onnx、.param（连同 .bin）或 .xml（连同 .bin）文件。"),
            )  # fmt: skip
        main = next(path for path in files if path.suffix.lower() in (*EXPORTED, *CHECKPOINTS))
        folder = self._root / FOLDER
        if len(files) > 1:  # a pair stays one: names within it are kept
            folder = free_name(folder / folder_name(cleaned(main.name.split(".")[0], "model")))
        targets = []
        for path in files:
            stem, dot, rest = path.name.partition(".")
            target = free_name(folder / f"{folder_name(cleaned(stem, 'model'))}{dot}{rest}")
            moved_whole(path, target)
            targets.append(target)
        found = [described for path in targets if (described := self._described(path)) is not None]
        self._place_in_runs(found)
        return found

    def _place_in_runs(self, models: list[dict[str, Any]]) -> None:
        """Say of each where it belongs: ``title``, ``best``, ``running``, ``folded``."""
        by_folder: dict[str, list[dict[str, Any]]] = {}
        for one in models:
            by_folder.setdefault(one["folder"], []).append(one)
        for folder, inside in by_folder.items():
            state = _state_of_run(self._root / folder)
            before = _called(self._root, folder)
            bests = [one for one in inside if _BEST.fullmatch(one["name"])]
            best = max(bests, key=lambda one: (one["changed"], one["path"]), default=None)
            for one in inside:
                goes_on = state in _GO_ON and one["name"] == _LATEST
                of_run = _OF_A_RUN.fullmatch(one["name"]) is not None
                one["title"] = " / ".join([*before, one["name"]])
                one["best"], one["running"] = one is best, state in ACTIVE
                one["folded"] = of_run and best is not None and one is not best and not goes_on
            if best is None:  # of the epochs of a run the latest stands for all
                latest = max((one for one in inside if _OF_A_RUN.fullmatch(one["name"])),
                             key=lambda one: (one["name"] == _LATEST, one["changed"]), default=None)  # fmt: skip
                for one in inside:
                    one["folded"] = one is not latest and _OF_A_RUN.fullmatch(one["name"]) is not None

    def _files(self) -> Iterator[Path]:
        count = 0
        pending = [(self._root, 0)]
        while pending and count < _MOST:
            folder, depth = pending.pop(0)
            try:
                with os.scandir(folder) as entries:
                    inside = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                continue
            run = jobs_files.read(folder) if any(entry.name == jobs_files.FILE for entry in inside) else None
            if run is not None and run.kind in _LAID:
                yield from _exported_classifiers(run)
                continue
            for entry in inside:
                if entry.name.startswith(".") or entry.is_symlink():  # it may lead out of the work folder
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEEP and entry.name.lower() not in _NOT_BELOW:
                        pending.append((Path(entry.path), depth + 1))
                elif Path(entry.name).suffix.lower() in (*EXPORTED, *CHECKPOINTS):
                    count += 1
                    yield Path(entry.path)

    def _described(self, path: Path) -> dict[str, Any] | None:
        stamp, suffix = stamp_of(path), path.suffix.lower()
        if stamp is None or suffix not in (*EXPORTED, *CHECKPOINTS):
            return None
        if suffix in (".xml", ".param") and not path.with_suffix(".bin").is_file():
            return None  # annotations of boxes are called so, too
        if (path, stamp) not in self._known:
            self._known[path, stamp] = _said_by(path)
        return {
            "id": self._trying.identifier(path),
            "name": path.name,
            "path": path.relative_to(self._root).as_posix(),
            "folder": path.parent.relative_to(self._root).as_posix(),
            "form": "exported" if suffix in EXPORTED else "checkpoint",
            "size": stamp[0],
            "changed": stamp[1] / 1e9,
            **self._known[path, stamp],
        }


def _exported_classifiers(run: jobs_files.Job) -> list[Path]:
    """Return what other pages can use of a network laid by hand: exported classifiers of pictures.

    All else, networks over rows and classic models, is asked on the run's own page.
    """
    if "color" not in run.settings:
        return []
    return [one.path for one in kind_of(run.kind).results(run.folder, run.settings) if one.path.suffix in EXPORTED]


def _state_of_run(folder: Path) -> str:
    """Return how the job stands that writes into a folder; empty where none does."""
    run = folder.parent
    return jobs_files.read(run).state if (run / jobs_files.FILE).is_file() else ""


def _called(root: Path, folder: str) -> list[str]:
    """Return the words that stand before a model's name: its project's, then its run's or its folders'."""
    parts = [part for part in folder.split("/") if part != "."]
    if parts[:1] == ["projects"] and len(parts) > 1:
        rest = parts[3:] if parts[2:3] == ["runs"] else parts[2:]
        return [_project_name(root / "projects" / parts[1]), *_without_last(rest)]
    return _without_last(parts[1:] if parts[:1] in (["runs"], [FOLDER]) else parts)


def _without_last(parts: list[str]) -> list[str]:
    return parts[:-1] if len(parts) > 1 and parts[-1] == "model" else parts


def _project_name(folder: Path) -> str:
    try:
        told = json.loads((folder / "project.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return folder.name
    name = told.get("name") if isinstance(told, dict) else None
    return name if isinstance(name, str) and name else folder.name


def _said_by(path: Path) -> dict[str, Any]:
    """Return what a model says of itself."""
    if path.suffix.lower() in EXPORTED:
        from MMEdu.actions.info import info

        try:
            told = info(path)
        except (XEduError, OSError, ValueError) as error:
            return {"format": path.suffix[1:].upper(), "problem": getattr(error, "message", "") or str(error)}
        return {
            "format": told.get("format", ""),
            "task": told.get("task", ""),
            "backbone": told.get("backbone", ""),
            "classes": list(told.get("CLASSES", ())),
            "precision": told.get("precision", ""),
            "size": told.get("size", 0),
        }
    header = _log_header(path.parent)
    return {
        "format": "PyTorch",
        "task": str(header.get("task", "")),
        "backbone": str(header.get("backbone", "")),
        "classes": list(map(str, header.get("classes", ()))) if isinstance(header.get("classes"), list) else [],
    }


def _log_header(folder: Path) -> dict[str, Any]:
    """Return the first line of the newest log beside a checkpoint."""
    try:
        logs = sorted(folder.glob(f"*{_LOG}"), key=lambda file: file.stat().st_mtime)
        if not logs:
            return {}
        with logs[-1].open(encoding="utf-8") as file:
            header = json.loads(file.readline(_LONGEST_LINE))
    except (OSError, ValueError, RecursionError):
        return {}
    return header if isinstance(header, dict) else {}
