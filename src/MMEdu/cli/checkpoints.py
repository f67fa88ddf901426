"""What the commands that take a checkpoint share: the file itself knows which model it belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from MMEdu.actions.origin import origin


def model_of(checkpoint: Path) -> Any:
    """Make the documented class for a checkpoint.

    Raises:
        CheckpointNotFound, CheckpointInvalid: It cannot be read, or says nothing of its backbone (-102, -202).
        ModelUnsupported: This version does not know its task (-206).
    """
    spec, backbone = origin(checkpoint)
    return spec.part("documented_class")(backbone)
