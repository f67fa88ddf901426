"""Fully connected layers. Torch-free."""

from __future__ import annotations

from BaseNN.layers.kind import LayerKind

KINDS: tuple[LayerKind, ...] = ()
