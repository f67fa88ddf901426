"""``extract_feature``: numbers that describe a sample, by the network itself or by one that knows photographs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from BaseNN.looking.outputs import checked_run
from BaseNN.looking.pixels import Values

Features = npt.NDArray[np.float32]


def own_features(model: nn.Module, sample: Values, device: torch.device) -> Features:
    """Return what a network gives for one sample, (1, …).

    Raises:
        InputMismatch: The sample does not fit (-309).
    """
    given: Any = checked_run(model, sample, device)
    while isinstance(given, (tuple, list)):
        given = given[0]
    return np.asarray(given.float().cpu())
