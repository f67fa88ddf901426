"""Where the project keeps its own files on a user's machine. ``MMEDU_HOME`` moves all of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say


def cache_folder() -> Path:
    """Return the folder for files that may vanish at any time; made when missing.

    Raises:
        OSError: It can neither be made nor found.
        ParameterInvalid: ``MMEDU_HOME`` can be no folder (-305).
    """
    folder = _home() / "cache" if os.environ.get("MMEDU_HOME") else _system_cache() / "mmedu"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def weights_folder() -> Path:
    """Return the folder for weights that were downloaded; whoever writes into it makes it.

    Raises:
        ParameterInvalid: ``MMEDU_HOME`` can be no folder (-305).
    """
    return data_folder() / "weights"


def data_folder() -> Path:
    """Return the folder for what is to stay; whoever writes into it makes it.

    Raises:
        ParameterInvalid: ``MMEDU_HOME`` can be no folder (-305).
    """
    return _home() if os.environ.get("MMEDU_HOME") else _system_data() / "mmedu"


def _home() -> Path:
    """Return the folder that ``MMEDU_HOME`` names.

    Raises:
        ParameterInvalid: It can be none (-305).
    """
    home = os.environ["MMEDU_HOME"]
    try:
        return Path(home).expanduser()
    except RuntimeError as error:  # ~somebody, who is not there
        raise ParameterInvalid(
            say(f"MMEDU_HOME={quoted(home)} cannot be used.", f"MMEDU_HOME={quoted(home)} 无法使用。"),
            hint=say("Name a folder, e.g. /home/me/mmedu.", "请填写文件夹，例如 /home/me/mmedu。"),
        ) from error


def _system_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local")))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")))


def _system_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local")))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share")))
