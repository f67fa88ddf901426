"""EfficientNet_Lite0, 1 and 2: for small boards and INT8. Registers them; ``network`` holds the layers."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.recipe import Schedule
from MMEdu.models.registry import register

_MEAN, _STD = 127.0, 128.0
_BORDER = 32
"""Pixels of the short side beyond the input that the published weights were tested with."""

_SIDES = {"EfficientNet_Lite0": 224, "EfficientNet_Lite1": 240, "EfficientNet_Lite2": 260}


def input_of(name: str) -> Preprocess:
    """Return how a picture becomes the input of one of the three."""
    side = _SIDES[name]
    return Preprocess(
        size=(side, side),
        color="rgb",
        mean=(_MEAN, _MEAN, _MEAN),
        std=(_STD, _STD, _STD),
        resize="short_side",
        resize_to=side + _BORDER,
    )


for _order, _name in enumerate(_SIDES):
    register(
        imagenet_entry(
            _name,
            factory=f"{__name__}.network:{_name.lower()}",
            reference=f"Tan & Le 2019, EfficientNet-B{_order} in its Lite form: no squeeze-and-excitation, ReLU6",
            explain_layer="features.8",
            schedule=Schedule("exponential", gamma=0.98),
            order=21 + _order,
            preprocess=input_of(_name),
            usually_pretrained=True,
        )
    )
