"""``noisy``: a picture on its way to noise."""

from __future__ import annotations

import numpy as np
import torch

from BaseDT import display
from BaseDT.arguments import check_integer, checked_flag
from BaseDT.image import ImageSource
from BaseNN.diffusion.noise_schedule import kept_shares
from BaseNN.looking.pixels import Values, as_pixels, as_values, in_rows

MOST_STEPS = 10_000


def noisy_pictures(source: ImageSource, timestep: int, num: int, *, gray: bool, show: bool) -> list[Values]:
    """Bring noise to a picture, as the diffusion model does: ``num`` states, evenly from the picture on.

    Args:
        source: Path, array (BGR or gray) or Pillow image.
        timestep: Steps from the picture to noise.
        num: How many states.
        gray: Whether one channel is enough.
        show: Show them side by side where there is a place.

    Returns:
        (C, H, W) each, the picture's values from 0 to 1, with noise also beyond; torch's random numbers.

    Raises:
        ParameterInvalid: A number cannot be used (-305).
        ImageNotFound: There is no such picture (-103).
    """
    check_integer("timestep", timestep, most=MOST_STEPS)
    check_integer("num", num, most=timestep)
    checked_flag("show", show)
    clean = as_values(source, gray=gray) * 2 - 1
    kept = kept_shares(timestep)
    states = [_with_noise(clean, float(kept[timestep * number // num])) for number in range(num)]
    if show:
        display.show(in_rows([[as_pixels(state) for state in states]]))
    return states


def _with_noise(clean: Values, kept: float) -> Values:
    noise = torch.randn(clean.shape).numpy()
    return np.asarray((np.sqrt(kept) * clean + np.sqrt(1 - kept) * noise + 1) / 2, np.float32)
