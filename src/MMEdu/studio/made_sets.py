"""Sets that are made at once, without a download: another process writes them, and imports what that needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from BaseDT.errors import DependencyMissing, WorkerFailed
from BaseDT.language import current_language, say
from MMEdu.requirements import INSTALL_TRAIN
from MMEdu.studio.uploads import moved_whole

_SECONDS = 300


def write(root: Path, writer: str, target: Path) -> None:
    """Write a set whole, or not at all.

    Args:
        root: The work folder.
        writer: ``"module:function"``, called with the path.
        target: A folder or a file that is not there yet.

    Raises:
        DependencyMissing: scikit-learn, which brings what is in it, is not installed (-502).
        WorkerFailed: It could not be made (-805).
        DiskFull, PathNotWritable: It cannot be moved to its place (-803, -104).
    """
    if find_spec("sklearn") is None:
        raise DependencyMissing(
            say("The data come with scikit-learn, which this Python does not have.",
                "这些数据来自 scikit-learn，而当前 Python 没有安装。"),
            hint=say(f"Install it with: {INSTALL_TRAIN}", f"请先安装：{INSTALL_TRAIN}"),
        )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix=".making-", dir=root) as there:
        half = Path(there, target.name)
        module, _, function = writer.partition(":")
        program = f"import sys, pathlib, {module} as m; m.{function}(pathlib.Path(sys.argv[1]))"
        done = subprocess.run(
            [sys.executable, "-c", program, str(half)],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", "MMEDU_LANG": current_language()},
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["?"]
            raise WorkerFailed(
                say(f"The set could not be made: {lines[-1][:300]}", f"数据集没有生成：{lines[-1][:300]}"),
                hint=say("Look whether the disk is full.", "请检查磁盘空间是否已满。"),
            )
        moved_whole(half, target)
