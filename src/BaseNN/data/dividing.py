"""A part of the samples is held out, of every class alike. Torch-free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from BaseDT.arguments import check_number
from BaseDT.tabular.dividing import divided
from BaseNN.data.training_data import TrainingData

_SEED = 42


def checked_ratio(value: object) -> float:
    """Return the share of the samples to train with: above 0, up to 1 (nothing is held out).

    Raises:
        ParameterInvalid: It is no such number (-305).
    """
    return float(check_number("train_val_ratio", value, above=0, most=1))


def hold_out(data: TrainingData, ratio: float, seed: int | None) -> TrainingData:
    """Hold a part of the samples out.

    Args:
        data: All of them.
        ratio: The share to train with; 1 holds out nothing.
        seed: Another number gives another division; None always the same.
    """
    if ratio >= 1 or len(data.inputs) < 2:
        return data
    targets = data.targets
    labels = targets if targets is not None and targets.ndim == 1 and targets.dtype == np.int64 else None
    train, held = divided(len(data.inputs), 1 - ratio, _SEED if seed is None else seed, labels=labels)
    train, held = np.sort(train), np.sort(held)
    return replace(
        data,
        inputs=data.inputs[train],
        targets=None if targets is None else targets[train],
        val_inputs=data.inputs[held],
        val_targets=None if targets is None else targets[held],
    )
