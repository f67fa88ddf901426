"""How a model is quantised: the options that users give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from BaseDT.arguments import check_choice, check_integer, check_number, checked_flag

Method = Literal["minmax", "average", "percentile"]
"""How the range of an activation is found: the extremes of all pictures, the mean of each picture's extremes, all but
one value of ten thousand. Outliers widen the later ones less."""
METHODS: tuple[Method, ...] = get_args(Method)
Calibration = Literal["auto", "minmax", "average", "percentile"]


@dataclass(frozen=True)
class QuantizeOptions:
    """How a model is quantised.

    Attributes:
        max_drop: Points of the task's first metric that it may cost.
        reduce_range: Weights of 7 bits: those of 8 saturate on AVX2 processors without VNNI.
        calibration: How the range of activations is found; ``auto`` takes the first of the others that is good enough.
        images: How many training pictures it is found with.

    Raises:
        ParameterInvalid: A value cannot work.
    """

    max_drop: float = 1.0
    reduce_range: bool = True
    calibration: Calibration = "auto"
    images: int = 100

    def __post_init__(self) -> None:
        check_choice("calibration", self.calibration, ("auto", *METHODS))
        check_integer("images", self.images)
        check_number("max_drop", self.max_drop, least=0, most=100)
        checked_flag("reduce_range", self.reduce_range)
