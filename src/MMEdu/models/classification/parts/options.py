"""What an entry of a classifier says that other models do not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClassifierOptions:
    """What only classifiers have.

    Attributes:
        explain_layer: The module whose output Grad-CAM reads, as a dotted name; empty for the last convolution.
    """

    explain_layer: str = ""
