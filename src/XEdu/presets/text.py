"""``ocr``: lines of printed text, Chinese and English: found, turned upright, read. PaddleOCR's networks, our code.

The reader gives a probability for each character and place; repeated ones and blanks go (CTC: Graves et al. 2006).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.errors import CheckpointInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.results import TextResult
from XEdu.outputs import kind as kinds
from XEdu.outputs.kind import OutputKind
from XEdu.presets import text_regions
from XEdu.presets.ready_made import Box, Frames
from XEdu.presets.text_regions import Corners
from XEdu.runtime.backend import Array, Backend

NETWORKS = ("text_detection", "text_direction", "text_recognition")
"""Of the catalogue, in the order in which ``TextReader`` takes them."""

Floats: TypeAlias = "npt.NDArray[np.float32]"

_STEP = 32
_SHORT_SIDE, _LONG_SIDE = 512, 1600
"""Of the detector's input: letters should be ten pixels high or more."""
_LARGEST_FACTOR = 3.0
_LINE_HEIGHT = 48
_LEAST_WIDTH, _MOST_WIDTH = 320, 3200
_DIRECTION_WIDTH = 192
_ON_ITS_HEAD = 0.9
_CHARACTERS = "character"


@dataclass(frozen=True)
class TextReader:
    """The opened networks: a ready-made task.

    Attributes:
        detector: Finds lines.
        direction: Tells which stand on their head.
        recogniser: Reads a line; its file names the characters.
        missed: What to say where nothing was found, in English and Chinese.
    """

    detector: Backend
    direction: Backend
    recogniser: Backend
    missed: tuple[str, str] = ("No text was found.", "没有找到文字。")
    takes_boxes: bool = False
    classes: tuple[str, ...] = ()

    @property
    def kind(self) -> OutputKind:
        """Of its results."""
        return kinds.find("text")

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the lowest score of a line."""
        return self.kind.threshold if value is None else self.kind.checked_threshold(name, value, None)

    def of(self, picture: Pixels, threshold: float, boxes: Sequence[Box] | None = None) -> list[TextResult]:
        """Return the lines of one picture (H×W×3 BGR or H×W gray), in the order in which they are read.

        Raises:
            CheckpointInvalid: The recogniser's file names no characters (-202).
        """
        del boxes
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)) if picture.ndim == 2 else picture
        places = text_regions.found(self._shares(picture), (picture.shape[0], picture.shape[1]))
        characters = characters_of(self.recogniser)
        lines = [self._upright(picture, corners) for corners in places]
        results = []
        for number in text_regions.reading_order([corners for corners, _ in lines]):
            corners, line = lines[number]
            text, score = decoded(self._read(line), characters)
            if text.strip() and score >= threshold:
                first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
                results.append(TextResult(text.strip(), score, (first, second, third, fourth)))
        return results

    def frames(self) -> Frames:
        """Return what takes the pictures of one film, each for itself."""
        return lambda picture, _, threshold: self.of(picture, threshold)

    def _shares(self, picture: Pixels) -> Floats:
        height, width = input_size(picture.shape[0], picture.shape[1])
        resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
        shares = _run(self.detector, _signed(resized))
        return np.asarray(shares.reshape(height, width), np.float32)

    def _upright(self, picture: Pixels, corners: Corners) -> tuple[Corners, Pixels]:
        """Cut a line out, and turn it where it stands on its head."""
        line = text_regions.cut_out(picture, corners)
        chances = _run(self.direction, _filled(line, _DIRECTION_WIDTH, _DIRECTION_WIDTH))
        if float(chances.reshape(-1)[1]) < _ON_ITS_HEAD:
            return corners, line
        return text_regions.turned(corners), np.ascontiguousarray(line[::-1, ::-1])

    def _read(self, line: Pixels) -> Floats:
        """Return the probabilities of each character at each place, (T, characters)."""
        chances = _run(self.recogniser, _filled(line, _LEAST_WIDTH, _MOST_WIDTH))
        return np.asarray(chances[0], np.float32)


def input_size(height: int, width: int) -> tuple[int, int]:
    """Return the size at which lines are looked for: multiples of 32, the picture's sides as they are to each other."""
    factor = min(max(1.0, _SHORT_SIDE / min(height, width)), _LARGEST_FACTOR, _LONG_SIDE / max(height, width))
    steps = (max(1, round(side * factor / _STEP)) for side in (height, width))
    rows, columns = (_STEP * step for step in steps)
    return rows, columns


def characters_of(recogniser: Backend) -> list[str]:
    """Return the characters that a recogniser's outputs stand for; the first one is the blank.

    Raises:
        CheckpointInvalid: Its file names none, or not as many as it has outputs (-202).
    """
    listed = recogniser.metadata.get(_CHARACTERS, "").split("\n")
    characters = ["", *listed, " "]
    if len(listed) > 1 and recogniser.outputs[0].shape[-1] in (None, len(characters)):
        return characters
    raise CheckpointInvalid(
        say("The network that reads text does not name its characters.", "文字识别网络没有给出字符表。"),
        hint=say("Fetch it again: mmedu weights get ocr.", "请重新获取：mmedu weights get ocr。"),
    )


def decoded(chances: Floats, characters: Sequence[str]) -> tuple[str, float]:
    """Return the most likely text of a line and the mean probability of its characters.

    Args:
        chances: Of each character at each place, (T, C).
        characters: C; the first one is the blank.
    """
    best = chances.argmax(axis=1)
    kept = (best != 0) & (best != np.concatenate([[-1], best[:-1]]))
    if not kept.any():
        return "", 0.0
    return "".join(characters[number] for number in best[kept]), float(chances.max(axis=1)[kept].mean())


def _filled(line: Pixels, least: int, most: int) -> Floats:
    """Return a line of 48 pixels' height in the colours of the networks, black filled in at its right."""
    height, width = line.shape[:2]
    wanted = min(most, max(1, math.ceil(_LINE_HEIGHT * width / height)))
    resized = cv2.resize(line, (wanted, _LINE_HEIGHT), interpolation=cv2.INTER_LINEAR)
    filled = np.zeros((_LINE_HEIGHT, max(least, wanted), 3), np.float32)
    filled[:, :wanted] = _signed(resized)
    return filled


def _signed(pixels: npt.NDArray[Any]) -> Floats:
    return np.asarray(pixels, np.float32) / np.float32(127.5) - np.float32(1)


def _run(backend: Backend, values: Floats) -> Array:
    """Run a network that takes BGR from -1 to 1, (H, W, 3)."""
    tensor = np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)
    return backend.run({backend.inputs[0].name: tensor})[0]
