"""What a file says of its network."""

from __future__ import annotations

import os
from typing import Any


def pth_info(checkpoint: str | os.PathLike[str]) -> dict[str, Any]:
    """Print and return what a file says of its network."""
    raise NotImplementedError
