"""Variation of a picture's colours, for every task that learns from pictures. Pure, and torch-free."""

from __future__ import annotations

import cv2
import numpy as np

from BaseDT.image import Pixels

# Liu et al. 2016, the authors' configuration of SSD.
_BRIGHTNESS = 32
_CONTRAST = _SATURATION = (0.5, 1.5)
_HUE = 18


def photometric(pixels: Pixels, random: np.random.Generator, share: float) -> Pixels:
    """Change brightness, contrast, saturation and hue, each with a probability of ``share``.

    In SSD's order: brightness, then contrast before or after saturation and hue. Neighbouring steps are one table.

    Args:
        pixels: (H, W, C) in the order RGB or BGR, or gray; not written to.
        random: Where chance comes from.
        share: 0 to 1.
    """
    if share <= 0:
        return pixels
    # As many numbers are drawn whatever changes, so that a choice here moves no random number after it.
    changes, contrast_first = random.random(4) < share, random.random() < 0.5
    strength = random.random(4)
    delta = (strength[0] * 2 - 1) * _BRIGHTNESS if changes[0] else 0.0
    contrast = _between(_CONTRAST, strength[1]) if changes[1] else 1.0
    saturation = _between(_SATURATION, strength[2]) if changes[2] else 1.0
    hue = (strength[3] * 2 - 1) * _HUE if changes[3] else 0.0
    in_colour = pixels.shape[2] == 3 and bool(changes[2] or changes[3])
    one_table = contrast_first or not in_colour
    pixels = _levels(pixels, delta, contrast if one_table else 1.0)
    if in_colour:
        pixels = _coloured(pixels, saturation, hue)
    return pixels if one_table else _levels(pixels, 0.0, contrast)


def _between(limits: tuple[float, float], share: float) -> float:
    return limits[0] + (limits[1] - limits[0]) * float(share)


def _levels(pixels: Pixels, delta: float, factor: float) -> Pixels:
    if delta == 0 and factor == 1:
        return pixels
    table = np.clip((np.arange(256) + delta) * factor + 0.5, 0, 255).astype(np.uint8)
    return cv2.LUT(pixels, table).reshape(pixels.shape)  # type: ignore[return-value]


def _coloured(pixels: Pixels, saturation: float, hue: float) -> Pixels:
    """Change saturation and hue. Whether red or blue comes first only mirrors the circle of hues, and its chance."""
    levels = np.arange(256)
    table = np.empty((1, 256, 3), dtype=np.uint8)
    table[0, :, 0] = (levels + round(hue / 2)) % 180  # OpenCV counts half degrees
    table[0, :, 1] = np.clip(levels * saturation + 0.5, 0, 255)
    table[0, :, 2] = levels
    turned = cv2.LUT(cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV), table)
    return cv2.cvtColor(turned, cv2.COLOR_HSV2BGR)  # type: ignore[return-value]
