"""What classic learning needs beyond the light runtime, and the command that installs it. Nothing is imported here."""

from __future__ import annotations

from importlib.util import find_spec

from BaseDT.errors import DependencyMissing
from BaseDT.language import say

INSTALL_ML = 'pip install "mmedu[ml]"'
"""The command that brings scikit-learn."""


def require_sklearn() -> None:
    """Make sure that algorithms can be used.

    Raises:
        DependencyMissing: scikit-learn is not installed (-502); the hint holds the command that mends it.
    """
    if find_spec("sklearn") is None:
        raise DependencyMissing(
            say(
                "Classic machine learning needs scikit-learn, which this Python does not have.",
                "经典机器学习需要 scikit-learn，而当前 Python 没有安装。",
            ),
            hint=say(f"Install it: {INSTALL_ML}", f"请安装：{INSTALL_ML}"),
        )
