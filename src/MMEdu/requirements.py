"""What training needs beyond the light runtime, and the one command that installs it.

Everybody in MMEdu may ask here before the first use of torch; nothing here imports torch.
"""

from __future__ import annotations

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
    missing = [name for name in TRAIN_PACKAGES if find_spec(name) is None]
    if not missing:
        return
    raise DependencyMissing(
        f"Training needs {', '.join(missing)}, which this Python does not have.",
        hint=say(f"Install the training part with: {INSTALL_TRAIN}", f"请先安装训练部分：{INSTALL_TRAIN}"),
    )
