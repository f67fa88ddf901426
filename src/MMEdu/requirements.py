"""What training needs beyond the light runtime, and the one command that installs it.

Everybody in MMEdu may ask here before the first use of torch; nothing here imports torch.
"""

from __future__ import annotations

import functools
import os
import sys
from importlib.util import find_spec

from BaseDT.errors import DependencyMissing
from BaseDT.language import say

INSTALL_TRAIN = 'pip install "mmedu[train]"'
"""The command that every message about a missing training part names."""

TRAIN_PACKAGES = ("torch", "torchvision", "psutil", "matplotlib", "sklearn")
"""The import packages that training uses and the light runtime lacks."""


def require_train() -> None:
    """Make sure that training can start; cheap, because the packages are looked for and not imported.

    Raises:
        DependencyMissing: Some of ``TRAIN_PACKAGES`` are not installed; the hint holds the command that mends it.
    """
    if missing := _missing():
        raise DependencyMissing(
            say(
                f"Training needs {missing}, which this Python does not have.",
                f"训练需要 {missing}，而当前 Python 没有安装。",
            ),
            hint=_install(),
        )


def can_train() -> bool:
    """Whether the training part is installed; packages are looked for, not imported."""
    return not _missing()


def require_for_checkpoint() -> None:
    """Make sure that a checkpoint (``.pth``) can be opened: to predict with it, or to look into it.

    Raises:
        DependencyMissing: As in ``require_train``; the hint names the way without torch, too.
    """
    if missing := _missing():
        raise DependencyMissing(
            say(
                f"A checkpoint (.pth) needs {missing}, which this Python does not have.",
                f"权重文件（.pth）需要 {missing}，而当前 Python 没有安装。",
            ),
            hint=say(
                "Convert it on the computer that it was trained on, mmedu convert best.pth, and use the .onnx file "
                "here: that needs no torch. Or install the training part here. ",
                "请在训练它的电脑上转换：mmedu convert best.pth，然后在这里使用得到的 .onnx 文件（不需要 torch）；"
                "或在这里安装训练部分。",
            )
            + _install(),
        )


def _missing() -> str:
    """Return the missing packages as a list for a sentence; empty where there are none."""
    _let_go_of_busy_cores()
    _survive_forks()
    return ", ".join(name for name in TRAIN_PACKAGES if find_spec(name) is None)


def _install() -> str:
    return say(f"Install the training part with: {INSTALL_TRAIN}", f"请先安装训练部分：{INSTALL_TRAIN}")


def _let_go_of_busy_cores() -> None:
    """Let torch's threads (GNU OpenMP, on Linux) sleep soon when they wait for each other.

    By default they spin for milliseconds. Where another program uses a core, the thread that is waited for is the one
    that gets no time: LeNet fell from 13,000 pictures/s to 600; with this it keeps 2,700, and an idle machine is as
    fast within noise. Read once, when torch is imported; a value that the user has set stays.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")


@functools.cache
def _survive_forks() -> None:
    """Let a process that was forked off (``os.fork``, ``multiprocessing`` on Linux) compute with one thread.

    The threads of GNU OpenMP do not come along, and the child would wait for them for ever.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_compute_alone)


def _compute_alone() -> None:
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)
