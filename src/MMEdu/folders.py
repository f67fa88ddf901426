"""Where the project keeps its own files on a user's machine. ``MMEDU_HOME`` moves all of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder for files that may vanish at any time; made when missing.

    Raises:
        OSError: It can neither be made nor found.
    """
    folder = _home() / "cache" if os.environ.get("MMEDU_HOME") else _system_cache() / "mmedu"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def weights_folder() -> Path:
    """Return the folder for weights that were downloaded; whoever writes into it makes it."""
    home = _home() if os.environ.get("MMEDU_HOME") else _system_data() / "mmedu"
    return home / "weights"


def _home() -> Path:
    return Path(os.environ["MMEDU_HOME"]).expanduser()


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
