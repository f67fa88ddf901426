"""``project.json``: what the folders of a project do not say by themselves. Written whole, readable."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from BaseDT import plain_json
from BaseDT.contents import read_bytes
from BaseDT.errors import DatasetInvalid
from BaseDT.files import free_name, patiently, write_whole
from BaseDT.language import say, system_reason
from MMEdu.studio.projects.names import cleaned
from MMEdu.studio.projects.picture import COLOURS, PictureClass

NAME = "project.json"
FORMAT = 1
Kind = Literal["classify", "find"]
KINDS: tuple[Kind, ...] = ("classify", "find")
_ID = re.compile(r"p[0-9a-f]{12}")
_CLASS_ID = re.compile(r"c[0-9a-f]{8}")
# That of the project comes first; a class's begins with another letter.
_ID_IN_TEXT = re.compile(rb'"id"\s*:\s*"(p[0-9a-f]{12})"')


class Damaged(ValueError):
    """The file is there, and is no project; the text says why."""


@dataclass
class Saved:
    """What stands in the file.

    Attributes:
        id: The server's.
        kind: What is learnt.
        name: As it is shown.
        classes: In the user's order.
        settings: What pages keep.
        own_names: Ids of pictures that do not stand in their files' names, by path within ``pictures``.
    """

    id: str
    kind: Kind
    name: str
    classes: list[PictureClass] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    own_names: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return it as it is written."""
        content = {
            "format": FORMAT,
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "classes": [vars(one) for one in self.classes],
            "settings": self.settings,
            "own_names": self.own_names,
        }
        return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def new_project_id() -> str:
    """Return an id that no other project has."""
    return f"p{secrets.token_hex(6)}"


def new_class_id() -> str:
    """Return an id that no other class has."""
    return f"c{secrets.token_hex(4)}"


def read(folder: Path) -> Saved:
    """Read a project's file.

    Raises:
        DatasetInvalid: It is of a newer version of mmedu, or cannot be read (-201).
        Damaged: It is missing, or no project.
    """
    try:
        data = patiently(lambda: read_bytes(folder / NAME))
    except FileNotFoundError as error:
        raise Damaged(say("it is missing", "文件不存在")) from error
    except OSError as error:
        raise DatasetInvalid(
            say(f"The project '{folder.name}' cannot be opened: {system_reason(error)}.",
                f"无法打开项目“{folder.name}”：{system_reason(error)}。"),
            hint=say("Check that you may read its folder.", "请检查是否有权限读取它的文件夹。"),
        ) from error  # fmt: skip
    try:
        values = plain_json.loads(data)
    except ValueError as error:
        raise Damaged(plain_json.fault(error)) from error
    return checked(values, folder.name)


def id_in(folder: Path) -> str:
    """Return the id of a project's file, also of a newer or a damaged one; empty where it has none."""
    try:
        found = _ID_IN_TEXT.search(read_bytes(folder / NAME))
    except OSError:
        return ""
    return found[1].decode("ascii") if found else ""


def rebuilt(folder: Path) -> tuple[Saved, str]:
    """Make the file anew where it is damaged or missing; the damaged one is kept under another name.

    Classes are found by whoever looks at the folders.

    Returns:
        What is known, and the name of the file that was kept; empty where there was none.

    Raises:
        PathNotWritable, DiskFull: The folder cannot be written (-104, -803).
    """
    path, kept = folder / NAME, ""
    identifier = id_in(folder) or new_project_id()  # an address that somebody has kept stays right
    if path.is_file():
        kept = free_name(folder / "project.damaged.json").name
        write_whole(folder / kept, read_bytes(path))
    flat = (folder / "annotations.json").is_file()
    return Saved(identifier, "find" if flat else "classify", cleaned(folder.name, "?")), kept


def checked(values: object, folder: str) -> Saved:
    """Return what a project's file says.

    Args:
        values: Of the file.
        folder: Its folder's name.

    Raises:
        DatasetInvalid: It is of a newer version of mmedu (-201).
        Damaged: It is no project.
    """
    if not isinstance(values, dict) or not isinstance(values.get("format"), int):
        raise Damaged(say("it is no project", "它不是项目文件"))
    if values["format"] > FORMAT:
        raise DatasetInvalid(
            say(f"The project '{folder}' was made by a newer version of mmedu.",
                f"项目“{folder}”由更新版本的 mmedu 创建。"),
            hint=say("Update mmedu, then open it again; nothing in it was changed.",
                     "请升级 mmedu 后再打开；其中的内容没有改动。"),
        )  # fmt: skip
    if not isinstance(values.get("id"), str) or not _ID.fullmatch(values["id"]) or values.get("kind") not in KINDS:
        raise Damaged(say("its id or its kind is missing", "缺少编号或类型"))
    name = values.get("name")
    settings, own_names = values.get("settings"), values.get("own_names")
    return Saved(
        values["id"],
        cast(Kind, values["kind"]),
        cleaned(name[:300] if isinstance(name, str) else "", folder),
        _classes(values.get("classes")),
        settings if isinstance(settings, dict) else {},
        {str(key): str(value) for key, value in own_names.items()} if isinstance(own_names, dict) else {},
    )


def _classes(values: object) -> list[PictureClass]:
    """Return the classes of the file; an entry that is none is left out: its folder becomes a class again."""
    found: dict[str, PictureClass] = {}
    for value in values if isinstance(values, list) else ():
        if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in ("id", "name", "folder")):
            continue
        color = value.get("color")
        color = color if isinstance(color, int) and 0 <= color < COLOURS else len(found) % COLOURS
        plain = value["folder"] in ("", ".", "..") or any(sign in value["folder"] for sign in "/\\:\0")
        if _CLASS_ID.fullmatch(value["id"]) and not (plain and value["folder"]):
            name = cleaned(value["name"][:300], value["folder"] or "?")
            found[value["id"]] = PictureClass(value["id"], name, color, value["folder"])
    return list(found.values())
