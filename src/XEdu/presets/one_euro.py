"""The One Euro filter: points of a live picture rest when the object rests, and keep up when it moves."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_LEAST = 1e-3  # seconds: clocks stand still, and some films count their pictures twice


class OneEuro:
    """A low-pass filter whose cutoff rises with the speed (Casiez, Roussel and Vogel, CHI 2012).

    Speeds are in sizes of the object a second, so that a hand near the camera and one far away are smoothed alike.

    Args:
        rest: Cutoff of an object at rest, in Hz: lower is calmer, and slower to begin to move.
        response: How much the cutoff rises with the speed: higher follows a fast object more closely.
        speed_cutoff: Cutoff of the speed itself, in Hz.
    """

    def __init__(self, rest: float = 1.0, response: float = 20.0, speed_cutoff: float = 1.0) -> None:
        self._rest, self._response, self._speed_cutoff = rest, response, speed_cutoff
        self._value: Floats | None = None
        self._speed: Floats | None = None
        self._seconds = 0.0

    def __call__(self, points: Floats, seconds: float, size: float) -> Floats:
        """Return the smoothed points.

        Args:
            points: (K, D), in pixels; always as many.
            seconds: When the picture was taken, by any clock.
            size: Of the object, in pixels.
        """
        if self._value is None or self._speed is None:
            self._value, self._speed, self._seconds = points.copy(), np.zeros_like(points), seconds
            return points.copy()
        elapsed = max(seconds - self._seconds, _LEAST)
        self._seconds = seconds
        speed = (points - self._value) / (elapsed * max(size, 1.0))
        self._speed = self._speed + _weight(np.float64(self._speed_cutoff), elapsed) * (speed - self._speed)
        # One cutoff for a point: its axes would else bend its way.
        fast = np.linalg.norm(self._speed, axis=1, keepdims=True)
        self._value = self._value + _weight(self._rest + self._response * fast, elapsed) * (points - self._value)
        return self._value.copy()


def _weight(cutoff: npt.NDArray[np.float64] | np.float64, elapsed: float) -> npt.NDArray[np.float64]:
    """Return the weight of the newest value, 0 to 1, of an exponential filter with a cutoff in Hz."""
    return np.asarray(1.0 / (1.0 + 1.0 / (2 * math.pi * cutoff * elapsed)))
