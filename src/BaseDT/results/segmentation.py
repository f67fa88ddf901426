"""The class of each pixel of a picture, as a segmenter predicts it; areas, outlines and cut-outs are read off it."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.arguments import PathLike, checked_path, documented, invalid
from BaseDT.errors import ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.names import composed
from BaseDT.results.validation import check_text, checked_score

Pixels: TypeAlias = npt.NDArray[np.uint8]
Outline: TypeAlias = list[list[int]]
"""Corners of one outline, x and y of pixels; closed, without its first corner at its end."""
TargetClass: TypeAlias = "str | int | Sequence[str | int] | None"
"""A class by its name or number, several of these, or None: all but the background."""

NO_CLASS = 255
"""In a mask: the pixel has no class. In data sets it is not judged. A model does not see it (its input is cropped), or
is less sure of it than was asked for."""
MOST_CLASSES = NO_CLASS

_BACKGROUNDS = frozenset({"background", "_background_", "__background__", "bg", "背景"})
_SPECK = 0.0005
"""Of a picture's area: smaller parts of a class get no outline, unless it has no larger one."""
_EXACT = 1 << 24  # pixels: OpenCV counts in float32, which holds whole numbers up to here
_FINENESS = 640
"""An outline stays as near to the pixels as the longer side divided by this, or three quarters of a pixel."""
_FILL_SIDE = 800
_HAIR = 1e-6
_EDGE = 0.005
"""Of the longer side: so far the edge of a thing mixes with what is behind it."""


def is_background(name: str) -> bool:
    """Whether a class is called as data sets call what is none of the things that were looked for."""
    return composed(name).strip().casefold() in _BACKGROUNDS


class SegmentationResult:
    """The class of each pixel of one picture. It does not change.

    Args:
        mask: (H, W) uint8, the size of the picture: numbers of classes, or 255 where there is none.
        classes: Names by number.
        scores: Of each class the mean probability of its pixels, 0 to 1; None of a class without pixels. Empty where
            nobody is unsure: a mask that was drawn by hand.
        background: Whether a class that is called background is reported and drawn as the others are.

    Attributes:
        shape: Height and width.
        areas: How many pixels each class has.
        classes, scores, background: As they were given.

    Raises:
        ParameterInvalid: A value has another type, or is outside its range (-305).
    """

    __slots__ = ("_mask", "areas", "background", "classes", "scores", "shape")

    def __init__(
        self,
        mask: Pixels,
        classes: Sequence[str],
        scores: Sequence[float | None] = (),
        background: bool = False,
    ) -> None:
        self.classes = tuple(classes)
        for name in self.classes:
            check_text("name", name)
        self.areas = tuple(_checked_counts(mask, len(self.classes))[: len(self.classes)])
        self._mask: Pixels | bytes = mask
        self.shape: tuple[int, int] = (mask.shape[0], mask.shape[1])
        self.scores = _checked_scores(scores, len(self.classes))
        self.background = background

    def __repr__(self) -> str:
        named = ", ".join(f"{self.classes[label]} {self.share(label):.1%}" for label in self.labels)
        return f"SegmentationResult({self.shape[0]}×{self.shape[1]}: {named})"

    @property
    def mask(self) -> Pixels:
        """(H, W) uint8: numbers of classes, or 255 where there is none."""
        if isinstance(self._mask, bytes):
            return np.frombuffer(zlib.decompress(self._mask), np.uint8).reshape(self.shape)
        return self._mask

    def packed(self) -> SegmentationResult:
        """Return the same result in little memory: the masks of a folder of photographs would not fit otherwise."""
        less = copy.copy(self)
        less._mask = zlib.compress(self.mask.tobytes(), 1)
        return less

    @property
    def labels(self) -> tuple[int, ...]:
        """The classes that occur, without the background if that is not to be reported; the largest first."""
        occurring = (label for label, area in enumerate(self.areas) if area)
        return tuple(sorted(filter(self._reported, occurring), key=lambda label: -self.areas[label]))

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.classes[label] for label in self.labels)

    def share(self, label: int) -> float:
        """Return how much of the picture is of a class, 0 to 1."""
        return self.areas[label] / self._size

    def outlines(self, label: int) -> list[Outline]:
        """Return the outer outlines of a class, the largest first: specks are left out, holes are not told."""
        found, _ = cv2.findContours(self._of(label), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        sized = sorted(((_pixels_within(line), line) for line in found), key=lambda pair: -pair[0])
        least = max(4.0, _SPECK * self._size)
        tolerance = max(0.75, max(self.shape) / _FINENESS)
        kept = [line for number, (size, line) in enumerate(sized) if number == 0 or size >= least]
        corners = (cv2.approxPolyDP(line, tolerance, True).reshape(-1, 2) for line in kept)
        return [[[int(x), int(y)] for x, y in line] for line in corners]

    def to_chinese(self) -> list[dict[str, Any]]:
        """Return the shape that XEdu.hub, BaseDeploy and ``print_result`` show: an entry for each of ``labels``."""
        return [self._entry(label) for label in self.labels]

    def to_prediction(self) -> list[dict[str, Any]]:
        """Return the shape that ``MMSegmentation.inference`` gives: that of ``to_chinese``."""
        return self.to_chinese()

    def only(self, target_class: TargetClass) -> SegmentationResult:
        """Return the result with some of the classes alone: the pixels of all others have none. So the background is
        reported where it is asked for by its name.

        Raises:
            ParameterInvalid: There is no such class (-305).
        """
        if target_class is None:
            return self
        kept = self.selected(target_class)
        table = np.full(256, NO_CLASS, np.uint8)
        table[kept] = kept
        scores = tuple(score if label in kept else None for label, score in enumerate(self.scores))
        named = any(is_background(self.classes[label]) for label in kept)
        return SegmentationResult(np.asarray(cv2.LUT(self.mask, table), np.uint8), self.classes, scores, named)

    def selected(self, target_class: TargetClass) -> list[int]:
        """Return the numbers of classes that a user chose; of None all that are no background.

        Raises:
            ParameterInvalid: There is no such class (-305).
        """
        if target_class is None:
            return [label for label in range(len(self.classes)) if self._reported(label)]
        several = isinstance(target_class, (list, tuple, set, frozenset))
        chosen = list(target_class) if several else [target_class]  # type: ignore[arg-type]
        return [checked_class("target_class", item, self.classes) for item in chosen]

    def binary_mask(self, target_class: TargetClass = None) -> Pixels:
        """Return where classes are: (H, W) of 255 and 0.

        Raises:
            ParameterInvalid: There is no such class (-305).
        """
        table = np.zeros(256, np.uint8)
        table[self.selected(target_class)] = 255
        return np.asarray(cv2.LUT(self.mask, table), np.uint8)

    def cut_out(self, picture: Pixels, target_class: TargetClass = None) -> Pixels:
        """Return the picture with some classes alone, all else transparent.

        Args:
            picture: H×W×3 BGR or H×W gray, of the mask's size.
            target_class: Which classes stay.

        Returns:
            H×W×4 BGRA; save it as PNG.

        Raises:
            ParameterInvalid: There is no such class, or the picture has another size (-305).
        """
        colours = self._fitting(picture)
        return np.dstack([colours, self.binary_mask(target_class)])

    def erase(self, picture: Pixels, target_class: TargetClass = None) -> Pixels:
        """Return the picture with some classes painted out from what lies around them.

        The gap is closed in ever smaller pictures and filled back from these ("push-pull", Gortler and others, "The
        Lumigraph", 1996): what is painted is smooth. Some pixels around the classes go, too, for there they mix with
        what is behind; all others stay as they are.

        Args:
            picture: H×W×3 BGR or H×W gray, of the mask's size.
            target_class: Which classes go.

        Returns:
            H×W×3 BGR.

        Raises:
            ParameterInvalid: There is no such class, or the picture has another size (-305).
        """
        return _painted_out(self._fitting(picture), self.binary_mask(target_class))

    @property
    def _size(self) -> int:
        return self.shape[0] * self.shape[1]

    def _reported(self, label: int) -> bool:
        return self.background or not is_background(self.classes[label])

    def _of(self, label: int) -> Pixels:
        return np.asarray(self.mask == label).view(np.uint8)

    def _entry(self, label: int) -> dict[str, Any]:
        return {
            "标签": label,
            "预测结果": self.classes[label],
            "面积": self.areas[label],
            "占比": self.share(label),
            "置信度": self.scores[label],
            "轮廓": self.outlines(label),
        }

    def _fitting(self, picture: Pixels) -> Pixels:
        """Return a picture as BGR, where it has the mask's size."""
        if isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.shape[:2] == self.shape:
            if picture.ndim == 2:
                return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
            if picture.ndim == 3 and picture.shape[2] == 3:
                return picture
        actual = f"{picture.dtype} {picture.shape}" if isinstance(picture, np.ndarray) else type(picture).__name__
        height, width = self.shape
        raise ParameterInvalid(
            say(
                f"the picture is {actual}, and its mask is {height}×{width}.",
                f"图片是 {actual}，而掩膜是 {height}×{width}。",
            ),
            hint=say(
                "Give the picture that was predicted, as BaseDT.image.read reads it.",
                "请给出推理时的那张图片（用 BaseDT.image.read 读取）。",
            ),
        )


class Regions(list[dict[str, Any]]):
    """The documented result of a picture: a list with an entry for each class; JSON writes it as such.

    Args:
        entries: Of the classes.
        result: Whose they are; the mask is its.
    """

    def __init__(self, entries: Sequence[dict[str, Any]], result: SegmentationResult) -> None:
        super().__init__(entries)
        self.result = result

    @property
    def mask(self) -> Pixels:
        """(H, W) uint8: numbers of classes, 255 where there is none."""
        return self.result.mask

    @property
    def classes(self) -> tuple[str, ...]:
        """Names by number."""
        return self.result.classes

    @documented
    def cut_out(self, picture: Any, target_class: TargetClass = None, path: PathLike | None = None) -> Pixels:
        """Return the picture with some classes alone, all else transparent: H×W×4 BGRA (抠图).

        Args:
            picture: A path, an array or a Pillow image: the one that was predicted.
            target_class: Which classes stay: names or numbers; None: all but the background.
            path: Where it is written as well: a ``.png`` file, for other formats have no transparent ground.

        Raises:
            ParameterInvalid: There is no such class, the picture has another size, or ``path`` is no PNG (-305).
            XEduError: The picture cannot be read, or the file not written.
        """
        target = None if path is None else checked_path("path", path)
        if target is not None and target.suffix.lower() != ".png":
            raise invalid(
                "path",
                target.name,
                "a .png file: others have no transparent ground",
                " .png 文件：其他格式没有透明背景",
            )
        cut = self.result.cut_out(_read(picture), target_class)
        if target is not None:
            from BaseDT.image.writing import write_transparent  # late, as ``_read``

            write_transparent(target, cut)
        return cut

    @documented
    def erase(self, picture: Any, target_class: TargetClass = None, path: PathLike | None = None) -> Pixels:
        """Return the picture with some classes painted out from what lies around them: H×W×3 BGR (擦除).

        Args:
            picture: A path, an array or a Pillow image: the one that was predicted.
            target_class: Which classes go: names or numbers; None: all but the background.
            path: Where it is written as well; its suffix chooses the format.

        Raises:
            ParameterInvalid: There is no such class, or the picture has another size (-305).
            XEduError: The picture cannot be read, or the file not written.
        """
        rest = self.result.erase(_read(picture), target_class)
        if path is not None:
            from BaseDT import image

            image.write(path, rest)
        return rest


def checked_class(name: str, value: object, classes: Sequence[str]) -> int:
    """Return the number of a class that a user named, by name or number.

    Args:
        name: The parameter.
        value: What was given.
        classes: Names by number.

    Raises:
        ParameterInvalid: There is no such class (-305).
    """
    if isinstance(value, str):
        names = [composed(item).strip().casefold() for item in classes]
        wanted = composed(value).strip().casefold()
        if wanted in names:
            exact = [label for label, item in enumerate(classes) if item == value]
            return exact[0] if exact else names.index(wanted)
    elif isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= value < len(classes):
        return int(value)
    near = did_you_mean(value, classes) if isinstance(value, str) else ""
    listed = ", ".join(classes[:20]) + (" …" if len(classes) > 20 else "")
    raise ParameterInvalid(
        say(f"{name}={quoted(value)}: there is no such class.", f"{name}={quoted(value)}：没有这个类别。"),
        hint=f"{near} " + say(f"Known: {listed}.", f"可用的类别：{listed.replace(', ', '、')}。"),
    )


def _read(picture: Any) -> Pixels:
    from BaseDT import image  # late: results are read without pictures

    return image.read(picture)


def _checked_scores(scores: Sequence[float | None], classes: int) -> tuple[float | None, ...]:
    checked = tuple(None if score is None else checked_score(score) for score in scores)
    if len(checked) in (0, classes):
        return checked or (None,) * classes
    raise ParameterInvalid(
        say(
            f"{len(checked)} scores do not fit {classes} classes.",
            f"{len(checked)} 个置信度与 {classes} 个类别不符。",
        ),
        hint=say("Expected one score for each class.", "每个类别应有一个置信度。"),
    )


def _checked_counts(mask: object, classes: int) -> list[int]:
    """Count the pixels of each number in what must be a mask.

    Raises:
        ParameterInvalid: It is none, or has numbers of no class (-305).
    """
    is_mask = isinstance(mask, np.ndarray) and mask.dtype == np.uint8 and mask.ndim == 2 and mask.size > 0
    if not is_mask:
        actual = f"{mask.dtype} {mask.shape}" if isinstance(mask, np.ndarray) else type(mask).__name__
        raise ParameterInvalid(
            say(f"the mask is {actual}.", f"掩膜是 {actual}。"),
            hint=say("Expected uint8 (height, width).", "应为 uint8 数组 (高, 宽)。"),
        )
    if not 1 <= classes <= MOST_CLASSES:
        raise ParameterInvalid(
            say(f"a mask of {classes} classes.", f"掩膜有 {classes} 个类别。"),
            hint=say(f"A mask can have from 1 to {MOST_CLASSES}.", f"掩膜可有 1 到 {MOST_CLASSES} 个类别。"),
        )
    assert isinstance(mask, np.ndarray)
    counts = _counts(mask)
    beyond = next((label for label in range(classes, NO_CLASS) if counts[label]), None)
    if beyond is not None:
        raise ParameterInvalid(
            say(
                f"the mask has the number {beyond} of {classes} classes.",
                f"掩膜中有编号 {beyond}，而只有 {classes} 个类别。",
            ),
            hint=say(
                f"Expected 0 to {classes - 1}, and {NO_CLASS} where there is no class.",
                f"应为 0 到 {classes - 1}，没有类别处为 {NO_CLASS}。",
            ),
        )
    return counts


def _counts(mask: Pixels) -> list[int]:
    if mask.size > _EXACT:
        return [int(count) for count in np.bincount(mask.ravel(), minlength=256)]
    return [int(count) for count in cv2.calcHist([mask], [0], None, [256], [0, 256]).ravel()]


def _pixels_within(line: npt.NDArray[Any]) -> float:
    """Return how many pixels an outline of OpenCV's encloses: its corners are middles of pixels."""
    return float(cv2.contourArea(line)) + cv2.arcLength(line, True) / 2 + 1


def _painted_out(picture: Pixels, mask: Pixels) -> Pixels:
    if not mask.any():
        return picture.copy()
    # Some pixels more: at its edge a thing mixes with what is behind it, and would be painted over all of it.
    reach = max(1, round(max(mask.shape) * _EDGE))
    covered = _widened(mask, 2 * reach)
    covered = mask if covered.all() else covered
    if covered.all():  # nothing lies around it
        mean = picture.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
        return np.broadcast_to(mean, picture.shape).copy()
    # What is painted is smooth: a smaller picture tells it as well.
    factor = min(1.0, _FILL_SIDE / max(mask.shape))
    size = (max(1, round(mask.shape[1] * factor)), max(1, round(mask.shape[0] * factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    shares = cv2.resize(covered, size, interpolation=cv2.INTER_AREA)
    free = np.asarray(shares < 128 if (shares < 128).any() else shares < 255)
    painted = _filled(small, free.astype(np.float32)).round().clip(0, 255).astype(np.uint8)
    large = np.asarray(cv2.resize(painted, mask.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.asarray(cv2.copyTo(large, np.minimum(_widened(mask, reach), covered), picture.copy()), np.uint8)


def _filled(colours: npt.NDArray[np.float32], known: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Fill pixels that are not known from ever smaller pictures, in which the known ones close the gaps.

    Args:
        colours: (H, W, 3).
        known: (H, W), 1 where a pixel is known, 0 where it is to be filled; between them it counts for so much.
    """
    if known.all():
        return colours
    height, width = known.shape
    if height == width == 1:
        return colours
    half = (-(-width // 2), -(-height // 2))
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA).reshape(half[::-1])
    weighted = cv2.resize(colours * known[..., None], half, interpolation=cv2.INTER_AREA).reshape(*half[::-1], 3)
    # One known pixel of four is enough: colours move inwards from the edge of a gap, and are no mean of all of it.
    known_there = np.asarray(np.minimum(1, 4 * weight), np.float32)
    smaller = _filled(np.asarray(weighted / np.maximum(weight, _HAIR)[..., None], np.float32), known_there)
    larger = cv2.resize(smaller, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 3)
    share = known[..., None]
    return np.asarray(colours * share + larger * (1 - share), np.float32)


def _widened(mask: Pixels, reach: int) -> Pixels:
    return np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.uint8)
