"""One seed for everything that draws: first weights, order of batches, dropout, noise."""

from __future__ import annotations

import random

import numpy as np
import torch

from BaseDT.arguments import check_integer


def set_seed(seed: int) -> int:
    """Let Python, numpy and torch draw the same from here on as with the same seed before.

    Args:
        seed: 0 to 2 ** 32 - 1, what numpy takes.

    Raises:
        ParameterInvalid: It is no such number (-305).
    """
    checked = check_integer("seed", seed, least=0, most=2**32 - 1)
    random.seed(checked)
    np.random.seed(checked)
    torch.manual_seed(checked)
    return checked
