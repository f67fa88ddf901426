"""Dropout and batch normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from BaseNN.layers.kind import Surroundings
    from BaseNN.layers.kinds.regularizing import BatchNorm, Dropout

Modules = list[tuple[str, nn.Module]]


def dropout(arguments: Dropout, _: Surroundings) -> Modules:
    """Make the module of ``dropout``."""
    return [("dropout", nn.Dropout(arguments.p))]


def batchnorm1d(arguments: BatchNorm, _: Surroundings) -> Modules:
    """Make the module of ``batchnorm1d``."""
    assert arguments.size is not None  # building has looked
    return [("batchnorm1d", nn.BatchNorm1d(arguments.size))]


def batchnorm2d(arguments: BatchNorm, _: Surroundings) -> Modules:
    """Make the module of ``batchnorm2d``."""
    assert arguments.size is not None  # building has looked
    return [("batchnorm2d", nn.BatchNorm2d(arguments.size))]
