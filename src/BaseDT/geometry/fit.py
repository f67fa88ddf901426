"""How a picture of another shape gets into the input, in the user's words. Standard library alone: faces list them."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Fit: TypeAlias = Literal["crop", "letterbox", "stretch"]
FITS: tuple[Fit, ...] = get_args(Fit)
"""Its middle; all of it with its ratio; all of it without."""
