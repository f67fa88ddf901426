"""Pictures with masks as training sees them: mirrored, enlarged and cropped, made smaller, recoloured. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.dataset.mask_codes import IGNORE
from BaseDT.dataset.masked import MaskedImage
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from MMEdu.models.segmentation.augment import Augment
from MMEdu.tasks.photometric import photometric
from MMEdu.tasks.segmentation.samples import MaskedPictures


class VariedMaskedPictures(MaskedPictures):
    """A training set whose pictures vary, each together with its mask.

    Args:
        images: Pictures and their masks, upright.
        preprocess: Gives the size and colour of the network's input.
        augment: What varies.
    """

    varies = True

    def __init__(self, images: Sequence[MaskedImage], preprocess: Preprocess, augment: Augment) -> None:
        super().__init__(images, preprocess)
        self.augment = augment
        self._ground = [min(255, max(0, round(value))) for value in preprocess.mean]

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Pixels:
        """Vary one picture and its mask: (H, W, C + 1)."""
        del index
        augment, pixels, mask = self.augment, cached[..., :-1], cached[..., -1]
        if augment.scale != (1.0, 1.0):
            matrix = _moved(mask.shape, augment.scale, random)
            size = mask.shape[::-1]
            pixels = _warped(np.ascontiguousarray(pixels), matrix, size, cv2.INTER_LINEAR, self._ground)
            mask = _warped(np.ascontiguousarray(mask), matrix, size, cv2.INTER_NEAREST, [IGNORE])
        pixels = photometric(np.ascontiguousarray(pixels.reshape(*mask.shape, -1)), random, augment.photometric)
        varied = np.dstack([pixels, mask])
        return varied[:, ::-1] if random.random() < augment.flip else varied


def _moved(size: tuple[int, ...], scale: tuple[float, float], random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw by how much a picture of (height, width) is enlarged, and where it then lies; a matrix for OpenCV.

    Small and large are as frequent: the logarithm is drawn evenly. The picture covers the input, or lies within it.
    """
    factor = float(np.exp(random.uniform(*np.log(scale))))
    room = np.array(size[::-1]) * (1 - factor)  # below 0 where the picture is larger than the input
    x, y = room * random.random(2)
    middle = (factor - 1) / 2  # middles of pixels lie half a pixel within
    return np.array([[factor, 0, x + middle], [0, factor, y + middle]])


def _warped(
    image: Pixels, matrix: npt.NDArray[np.float64], size: tuple[int, ...], how: int, ground: Sequence[int]
) -> Pixels:
    return cv2.warpAffine(image, matrix, size, flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=ground)  # type: ignore[return-value]
