"""What the studio needs beyond the light runtime, and the one command that installs it."""

from __future__ import annotations

from importlib.util import find_spec

from BaseDT.errors import DependencyMissing
from BaseDT.language import say

INSTALL_STUDIO = 'pip install "mmedu[studio]"'
_PACKAGES = ("starlette", "uvicorn", "python_multipart", "segno")


def require_studio() -> None:
    """Make sure that the studio can start.

    Raises:
        DependencyMissing: Something is not installed (-502); the hint holds the command that mends it.
    """
    missing = ", ".join(name for name in _PACKAGES if find_spec(name) is None)
    if missing:
        raise DependencyMissing(
            say(f"The studio needs {missing}, which this Python does not have.",
                f"studio 需要 {missing}，而当前 Python 没有安装。"),
            hint=say(f"Install it with: {INSTALL_STUDIO}", f"请先安装：{INSTALL_STUDIO}"),
        )  # fmt: skip
