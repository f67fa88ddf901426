"""``OutputKind``: everything that the rest of XEdu needs to know of a kind of output, and the registry of the kinds.

A kind's own file describes it (``classification``, ``detection``); it is imported when a model of that kind is opened.
Arrays come in, results go out; runtimes and files of models stay out.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import checked_threshold
from BaseDT.geometry import mapping
from BaseDT.language import say
from BaseDT.names import composed
from XEdu import outputs
from XEdu.runtime.backend import Array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from BaseDT.image import Pixels
    from BaseDT.image.reading import Reading
    from BaseDT.model_info import ModelInfo
    from BaseDT.results import DetectionResult

Result: TypeAlias = Any
"""What a model says of one picture, in the form of its kind: a class, a list of boxes …"""
BoxMapping: TypeAlias = Callable[[npt.ArrayLike], npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Placement:
    """How a model's input lies on its picture.

    Attributes:
        to_picture: Maps boxes (N, 4) in pixels of the input to pixels of the picture.
        size: Height and width of the picture; None where only the input is known (a finished tensor).
        mapping: The same way for points and for maps of pixels; None where only the input is known.
    """

    to_picture: BoxMapping
    size: tuple[int, int] | None = None
    mapping: mapping.Placement | None = None

    @classmethod
    def of_input(cls) -> Placement:
        """Return the identity: results stay in pixels of the input."""
        return cls(lambda boxes: np.asarray(boxes, np.float64))


@dataclass(frozen=True)
class OutputBatch:
    """The raw outputs of one run.

    Attributes:
        arrays: The outputs, in the order of the file.
        names: Of the outputs.
        placements: One for each picture of the batch.
    """

    arrays: Sequence[Array]
    names: Sequence[str]
    placements: Sequence[Placement]


@dataclass(frozen=True)
class LabelledFolder:
    """A folder of pictures whose content is known.

    Attributes:
        files: The pictures.
        source: What a report calls them.
        form: What such folders are called in notes, in English and Chinese.
        content: What their labels tell of, likewise.
        labels: Of each picture, in the kind's own form.
        classes: Names that the labels count through, where they are numbers.
    """

    files: tuple[Path, ...]
    source: str
    form: tuple[str, str]
    content: tuple[str, str]
    labels: tuple[Any, ...]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """How right a model is on labelled pictures.

    Attributes:
        metrics: Values by the keys of ``OutputKind.metrics``.
        judged: Pictures that were judged.
        counts: What was left out, by the kind's own keys; ``OutputKind.notes`` turns them into sentences.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    judged: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


class ScoredModel(Protocol):
    """What a kind's score needs of an opened model: ``XEdu.runtime.model.Model``."""

    @property
    def info(self) -> ModelInfo | None: ...
    @property
    def reading(self) -> Reading: ...
    def output_batches(self, pictures: Sequence[Pixels]) -> Iterator[OutputBatch]: ...
    def predict(self, pictures: Sequence[Pixels], *, threshold: float = 0.3) -> list[Result]: ...


def _no_names(_: Result) -> list[str]:
    return []


def _same_picture(picture: Pixels, _: Result, *, enlarge: bool = True) -> Pixels:
    del enlarge
    return picture


def _same_result(result: Result, _: str) -> Result:
    return result


def _as_row(documented: Any) -> dict[str, Any]:
    return dict(documented) if isinstance(documented, Mapping) else {"result": documented}


def _one_row(arrays: Sequence[Array]) -> list[list[Array]]:
    return [list(arrays)]


def _share(name: str, value: object, _: ModelInfo | None) -> float:
    return checked_threshold(name, value)


def _no_options(options: Mapping[str, Any]) -> None:
    refuse_unknown_options(options, ())


def _no_remark(_: Sequence[Result], __: float, ___: ModelInfo) -> str:
    return ""


def _no_labels(_: Path) -> LabelledFolder | None:
    return None


def _no_score(_: ScoredModel, __: LabelledFolder) -> Score:
    return Score()


def _no_notes(_: str, __: Mapping[str, int]) -> list[str]:
    return []


def _no_other_labels(_: str, __: LabelledFolder) -> str:
    return ""


@dataclass(frozen=True)
class OutputKind:
    """What the rest of XEdu needs to know of a kind. Only the first four have no default.

    Attributes:
        name: As it stands in a file's metadata.
        decode: Raw outputs, what the file says of itself, and the lowest score into one result for each picture.
        holds: Whether a value is a result of this kind.
        in_words: A result as plain data, its keys in a language (``key_names.LANGUAGES``).
        tasks: Whose models give it; empty: those of any.
        batched: Whether the first axis of the outputs counts pictures; otherwise pictures are run one at a time.
        needs_classes: Whether a file of ours without names of classes is damaged.
        needs_preprocess: The same of the preprocessing: false where the input is no picture.
        check_options: Raises ``UnknownOption``, or TypeError for a value that cannot be.
        threshold: Lowest score of a result where the caller says nothing.
        deploy_threshold: The same for ``BaseDeploy``.
        checked_threshold: Returns the lowest score that a caller gave as an argument of some name; what the model says
            of itself may explain it. Raises ``ParameterInvalid``.
        about_results: What a user should be told of the results of one call at a threshold, such as that it is too high
            for this model; empty: nothing.
        with_file: Names the file of the picture in a result.
        documented: A result as ``inference`` of MMEdu's documented class returns it.
        row: What ``documented`` returned as plain JSON data with English keys, for programs.
        summary: What ``documented`` returned in a few words, for a terminal.
        names: The names that are drawn: a font must have their characters.
        draw: Draws a result on a copy of its picture; ``enlarge``: small pictures become larger, to be looked at.
        line: A result in a few words, for live video.
        points: The points of a result, (N, K, 2) of x, y in pixels of the picture; None: it has none.
        only: Keeps what of a result has one of these names of classes; None: a result has no parts with a class each.
        boxes: The boxes of a result, which can be followed from picture to picture; None: it has none.
        numbered: A result of which those ``boxes`` are left that have a number, and know it; they are then drawn as the
            kind draws. None: they are drawn as boxes.
        in_boxes: What is in parts of one picture: (model, picture, boxes as x1, y1, x2, y2, lowest score) into a
            result; None: the results have no points that could be looked for in a box.
        features: What gestures are learned from: a result, and whether how its parts are turned is left out, into
            (N, F); None: there is nothing.
        split: Takes the raw outputs of a batch apart, one list for each picture.
        metrics: Keys of the scores and the heads of their columns.
        labelled: Reads the labels of a folder; None where it has none of this kind.
        score: Judges a model on a labelled folder.
        notes: What a reader of a score must know, from the model's name and the counts.
        other_labels: Why pictures that are labelled for another kind give no score; likewise, from the folder.
        evaluation: ``"module:ATTRIBUTE"`` of its ``XEdu.evaluation.kind.EvaluationKind``, imported when a model is
            evaluated; empty: models of this kind cannot be.
    """

    name: str
    decode: Callable[[OutputBatch, ModelInfo, float], list[Result]]
    holds: Callable[[object], bool]
    in_words: Callable[[Result, str], Any]
    tasks: tuple[str, ...] = ()
    batched: bool = False
    needs_classes: bool = False
    needs_preprocess: bool = True
    check_options: Callable[[Mapping[str, Any]], None] = _no_options
    threshold: float = 0.3
    deploy_threshold: float = 0.65
    checked_threshold: Callable[[str, object, ModelInfo | None], float] = _share
    about_results: Callable[[Sequence[Result], float, ModelInfo], str] = _no_remark
    with_file: Callable[[Result, str], Result] = _same_result
    documented: Callable[[Result], Any] = lambda result: result
    row: Callable[[Any], dict[str, Any]] = _as_row
    summary: Callable[[Any], str] = str
    names: Callable[[Result], list[str]] = _no_names
    draw: Callable[..., Pixels] = _same_picture
    line: Callable[[Result], str] = str
    points: Callable[[Result], npt.NDArray[np.float64]] | None = None
    only: Callable[[Result, Collection[str]], Result] | None = None
    boxes: Callable[[Result], list[DetectionResult]] | None = None
    numbered: Callable[[Result, Sequence[int | None]], Result] | None = None
    in_boxes: Callable[[ScoredModel, Pixels, Sequence[Sequence[float]], float], Result] | None = None
    features: Callable[[Result, bool], npt.NDArray[np.float32]] | None = None
    split: Callable[[Sequence[Array]], list[list[Array]]] = _one_row
    metrics: Mapping[str, str] = field(default_factory=dict)
    labelled: Callable[[Path], LabelledFolder | None] = _no_labels
    score: Callable[[ScoredModel, LabelledFolder], Score] = _no_score
    notes: Callable[[str, Mapping[str, int]], list[str]] = _no_notes
    other_labels: Callable[[str, LabelledFolder], str] = _no_other_labels
    evaluation: str = ""


class UnknownOption(ValueError):
    """An option, or a value of one, that this version does not know: a newer one wrote it."""


_NO_KINDS = ("kind", "key_names", "metadata")
"""Files beside the kinds' own."""
_registered: dict[str, str] = {}


@functools.cache
def _built_in() -> dict[str, str]:
    """Name every kind of ours: each file here is one. By text: a model of one kind loads no other kind's file."""
    files = (module.name for module in pkgutil.iter_modules(outputs.__path__) if not module.ispkg)
    return {name: f"{outputs.__name__}.{name}:KIND" for name in sorted(files) if name not in _NO_KINDS}


def register(name: str, target: str) -> None:
    """Add a kind.

    Args:
        name: As it stands in the metadata of models.
        target: ``"package.module:ATTRIBUTE"`` of its ``OutputKind``; imported when it is first needed, also by the
            processes of a benchmark.
    """
    _registered[name] = target


def names() -> list[str]:
    """List the kinds, those that others registered last."""
    return list(_built_in() | _registered)


def registered() -> dict[str, str]:
    """Return what others registered: targets by name."""
    return dict(_registered)


def find(name: str) -> OutputKind:
    """Return a kind.

    Raises:
        ModelUnsupported: This version does not know it (-206).
    """
    # What others register may replace one of ours: they have a reason.
    target = _registered.get(name) or _built_in().get(name)
    if target is None:
        from BaseDT.model_info import newer

        raise newer(
            say("The model", "该模型"),
            say(f"its kind of output {name!r} is not known here", f"这里没有输出类型 {name!r}"),
        )
    return _load(target)


@functools.cache
def _load(target: str) -> OutputKind:
    """Import a kind; asked for with every picture, so it is looked up once."""
    module, _, attribute = target.partition(":")
    kind: OutputKind = getattr(importlib.import_module(module), attribute)
    return kind


def kind_of(result: object) -> OutputKind | None:
    """Return the kind of a result that a user's function made; None for anything else."""
    return next((kind for kind in map(find, names()) if kind.holds(result)), None)


def labels_by_name(classes: Sequence[str]) -> dict[str, int]:
    """Return the label of each name, composed (``BaseDT.names``); of a name that comes twice, the first."""
    return {composed(name): label for label, name in reversed(list(enumerate(classes)))}


def refuse_unknown_options(options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise ``UnknownOption`` for the first option that is none of the known ones.

    Leaving one out would give another answer than the model's own version does, and nothing would show it.
    """
    for name in options:
        if name not in known:
            raise UnknownOption(say(f"the option {name!r}", f"选项 {name!r}"))
