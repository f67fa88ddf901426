"""What serving needs beyond the light runtime, and the one command that installs it."""

from __future__ import annotations

from importlib.util import find_spec

from BaseDT.errors import DependencyMissing
from BaseDT.language import say

INSTALL_SERVE = 'pip install "mmedu[serve]"'
_PACKAGES = ("starlette", "uvicorn", "python_multipart")


def require_serve() -> None:
    """Make sure that a service can start; packages are looked for, not imported.

    Raises:
        DependencyMissing: Something is not installed (-502); the hint holds the command that mends it.
    """
    missing = ", ".join(name for name in _PACKAGES if find_spec(name) is None)
    if missing:
        raise DependencyMissing(
            say(f"Serving a model needs {missing}, which this Python does not have.",
                f"启动模型服务需要 {missing}，而当前 Python 没有安装。"),
            hint=say(f"Install it with: {INSTALL_SERVE}", f"请先安装：{INSTALL_SERVE}"),
        )  # fmt: skip
