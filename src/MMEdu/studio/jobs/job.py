"""What is known of a job: ``job.json`` in its folder, written whole."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from BaseDT import plain_json
from BaseDT.files import write_whole
from BaseDT.language import say

State: TypeAlias = Literal["waiting", "running", "stopping", "stopped", "done", "failed", "interrupted"]
STATES: tuple[str, ...] = get_args(State)
ACTIVE: tuple[State, ...] = ("waiting", "running", "stopping")
FORMAT = 1
FILE = "job.json"


@dataclass
class Job:
    """A job.

    Attributes:
        folder: Where everything of it lies.
        id: The server's name of it.
        kind: What kind of program it is.
        name: A few words, in no language.
        settings: What its program was written of.
        language: Its program's and its messages'.
        state: How it stands.
        created: When, in seconds since 1970; the order of the list.
        started: When it began to run last; 0: never.
        seconds: How long it ran, all its runs together, up to the last one's end.
        message: What went wrong.
        hint: What to do.
        code: The error's documented number.
        resumed: How often it went on.
    """

    folder: Path
    id: str
    kind: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    language: str = "en"
    state: State = "waiting"
    created: float = field(default_factory=time.time)
    started: float = 0.0
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    code: int = 0
    resumed: int = 0

    def save(self) -> None:
        """Write it down.

        Raises:
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        values = {"format": FORMAT, **asdict(self)}
        del values["folder"]
        text = json.dumps(values, ensure_ascii=False, indent=1)
        write_whole(self.folder / FILE, text.encode("utf-8", "backslashreplace"))


def read(folder: Path) -> Job:
    """Read a job; one that cannot be read, or that a newer version wrote, is failed and says so."""
    try:
        values = plain_json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return _unreadable(folder)
    if not isinstance(values, dict):
        return _unreadable(folder)
    if isinstance(values.get("format"), int) and values["format"] > FORMAT:
        return _newer(folder)
    known = {item.name: values[item.name] for item in fields(Job) if item.name in values}
    if not _is_whole(known):
        return _unreadable(folder)
    return Job(**{**known, "folder": folder})


def _is_whole(values: dict[str, Any]) -> bool:
    numbers = all(
        isinstance(values.get(name, 0), (int, float)) and abs(values.get(name, 0)) < 1e12
        for name in ("created", "started", "seconds", "code", "resumed")
    )
    texts = all(isinstance(values.get(name), str) for name in ("id", "kind", "name", "state"))
    told = all(isinstance(values.get(name, ""), str) for name in ("message", "hint", "language"))
    settings = isinstance(values.get("settings"), dict)
    return numbers and texts and told and settings and values["state"] in STATES and bool(values["id"])


def _unreadable(folder: Path) -> Job:
    return _broken(
        folder,
        say(f"{FILE} of this run cannot be read.", f"无法读取这次运行的 {FILE}。"),
        say("Its files are still in its folder. Remove the run, or mend the file.",
            "文件仍在文件夹中。可以删除这次运行，或修好该文件。"),
    )  # fmt: skip


def _newer(folder: Path) -> Job:
    return _broken(
        folder,
        say("A newer version of MMEdu wrote this run.", "这次运行由更新版本的 MMEdu 写入。"),
        say("Update MMEdu to go on with it: pip install -U mmedu", "请更新 MMEdu：pip install -U mmedu"),
    )


def _broken(folder: Path, message: str, hint: str) -> Job:
    try:
        created = folder.stat().st_mtime
    except OSError:
        created = 0.0
    return Job(folder, "", "unknown", folder.name, state="failed", created=created, message=message, hint=hint)
