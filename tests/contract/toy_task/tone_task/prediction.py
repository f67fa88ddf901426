"""A loaded network that predicts pictures, and what it gives when it is exported."""

import numpy as np
import torch

from BaseDT.image.reading import Reading
from MMEdu.export.parity import largest_difference
from MMEdu.export.signature import NetworkSignature
from tone_task.kind import Tone


class TonePredictor:
    reading = Reading()

    def __init__(self, model):
        self.model = model

    def of(self, pictures, names):
        pixels = np.stack([self.model.preprocess.pixels(picture) for picture in pictures])
        with torch.inference_mode():
            return [Tone(float(row)) for row in self.model.model(self.model.images(pixels))[:, 0]]

    def drawn(self, picture, result):
        return picture


def predictor(model, arguments):
    return TonePredictor(model)


def signature(entry, target_format):
    return NetworkSignature(
        outputs=("tone",),
        kind="tone",
        options=lambda network: {},
        wrap=lambda network: network,
        difference=largest_difference,
        batches=True,
        tolerance=1e-4,
    )
