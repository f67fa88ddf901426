"""Names that people give, and folders named by them that every system can make."""

from __future__ import annotations

import re
from collections.abc import Collection

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.names import composed

LONGEST = 300
"""Characters of a name."""
_FOLDER_CHARACTERS, _FOLDER_BYTES = 60, 150
# Controls, marks that turn the direction of writing or are not seen, halves of a pair; joiners of emoji stay.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_FORBIDDEN = str.maketrans('<>:"/\\|?*', "＜＞：＂／＼｜？＊")
"""What Windows takes in no name, in the width that looks the same."""
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
# What a reader of data sets, a system or git would take for something else.
_TAKEN = frozenset(
    {"training_set", "trainning_set", "val_set", "test_set", "labels"}
    | {"annotations", "masks", "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "__pycache__", "@eadir"}
    | {"$recycle.bin", "system volume information"}
)


def cleaned(name: str, default: str) -> str:
    """Return a name as it is shown: on one line, without what is not seen.

    Args:
        name: What somebody typed.
        default: Taken where nothing is left.

    Raises:
        ParameterInvalid: It has more than 300 characters (-305).
    """
    name = composed(" ".join(_UNSEEN.sub("", name).split()))
    if len(name) > LONGEST:
        raise ParameterInvalid(
            say(f"A name of {len(name)} characters is too long.", f"名称有 {len(name)} 个字符，太长了。"),
            hint=say(f"Take at most {LONGEST}.", f"最多 {LONGEST} 个字符。"),
        )
    return name or default


def folder_name(name: str, taken: Collection[str] = ()) -> str:
    """Return a folder's name for what is called so, one that Windows, macOS and Linux can make.

    Args:
        name: As ``cleaned`` returned it.
        taken: Names that are there; letter case is ignored.
    """
    safe = _shortened(name.translate(_FORBIDDEN)).strip(". ")
    if not safe or _DEVICES.fullmatch(safe) or safe.lower() in _TAKEN:
        safe = f"{safe}_"
    there, number, free = {same(one) for one in taken}, 2, safe
    while same(free) in there:
        free, number = f"{safe} {number}", number + 1
    return free


def same(name: str) -> str:
    """Return what two names have in common that must not be both there."""
    return composed(name).casefold()


def _shortened(name: str) -> str:
    name = name[:_FOLDER_CHARACTERS]
    while len(name.encode("utf-8", "replace")) > _FOLDER_BYTES:
        name = name[:-1]
    return name.rstrip("\u200d\ufe0f")  # half an emoji of several
