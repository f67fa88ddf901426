"""Opens the tasks that need no training: obtains the weights of each and puts its parts together."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT import terminal
from BaseDT.events import Notice, WorkEvent
from BaseDT.results import skeletons
from XEdu import runtime
from XEdu.presets import names, subjects
from XEdu.presets.finder import Finder
from XEdu.presets.networks import Detector, PointsNetwork
from XEdu.presets.ready_made import ReadyMade, boxes_task, points_task
from XEdu.presets.subjects import Subject
from XEdu.runtime.backend import Backend

if TYPE_CHECKING:
    from XEdu.runtime.model import Model

_NO_FACE = ("No face was found.", "没有找到人脸。")
_NO_HAND = ("No hand was found.", "没有找到手。")
_NO_BODY = ("No person was found.", "没有找到人。")


def _published(names_of_files: Sequence[str]) -> list[Path]:
    """Return the files of published networks; what is missing is fetched."""
    from XEdu.presets.files import obtain

    return obtain(names_of_files, _tell)


def _tell(event: WorkEvent) -> None:
    if isinstance(event, Notice):
        terminal.note(event.text)


@dataclass(frozen=True)
class Sources:
    """Where weights come from, and what runs them.

    Attributes:
        obtain: Names of networks into their files; None: the published ones, which are fetched where they are missing.
        providers: Of onnxruntime; None is the CPU.
        threads: Of the computation; None takes all cores.
    """

    obtain: Callable[[Sequence[str]], list[Path]] | None = None
    providers: Sequence[str] | None = None
    threads: int | None = None

    def model(self, network: str) -> Model:
        """Open a network whose file says what it is."""
        from XEdu.runtime.model import Model

        (path,) = (self.obtain or _published)([network])
        return Model.load(path, threads=self.threads, providers=self.providers)

    def backends(self, *networks: str) -> list[Backend]:
        """Open networks; all are there before the first is opened."""
        paths = (self.obtain or _published)(networks)
        return [runtime.open(path, threads=self.threads, providers=self.providers) for path in paths]


def opened(name: str, sources: Sources | None = None) -> ReadyMade:
    """Open a task.

    Args:
        name: One of ``names.PRESETS``.
        sources: Where its weights come from.

    Raises:
        WeightsUnavailable: Its weights are not here and cannot be fetched (-107).
        XEduError: They cannot be opened.
    """
    module, _, function = names.PRESETS[name].opener.partition(":")
    task: ReadyMade = getattr(importlib.import_module(module), function)(sources or Sources())
    return task


def det_face(sources: Sources) -> ReadyMade:
    """Boxes of faces."""
    return boxes_task(_finder(subjects.FACE, sources), _NO_FACE, by_points=False)


def det_hand(sources: Sources) -> ReadyMade:
    """Boxes of hands."""
    return boxes_task(_finder(subjects.HAND, sources), _NO_HAND, by_points=True)


def det_body(sources: Sources) -> ReadyMade:
    """Boxes of persons."""
    return boxes_task(_finder(subjects.BODY, sources), _NO_BODY, by_points=True)


def pose_face(sources: Sources) -> ReadyMade:
    """Points of faces."""
    return points_task(_finder(subjects.FACE, sources), _NO_FACE)


def pose_hand21(sources: Sources) -> ReadyMade:
    """Points of hands."""
    return points_task(_finder(subjects.HAND, sources), _NO_HAND)


def pose_body(sources: Sources) -> ReadyMade:
    """All points of persons."""
    return points_task(_finder(subjects.BODY, sources), _NO_BODY)


def pose_body17(sources: Sources) -> ReadyMade:
    """COCO's points of persons."""
    return points_task(_finder(subjects.BODY, sources), _NO_BODY, skeletons.BODY17_OF_33, skeletons.BODY17)


def seg_person(sources: Sources) -> ReadyMade:
    """Pixels of persons."""
    from XEdu.presets.person import PersonMask

    (network,) = sources.backends("selfie_segmentation")
    return PersonMask(network, _NO_BODY)


def cls_imagenet(sources: Sources) -> ReadyMade:
    """One of ImageNet's classes."""
    from XEdu.presets import imagenet

    return imagenet.ImageNetClass(sources.model(imagenet.NETWORK))


def embedding_image(sources: Sources) -> ReadyMade:
    """Numbers that describe a picture."""
    from XEdu.presets import imagenet

    return imagenet.ImageEmbedding(sources.model(imagenet.NETWORK))


def ocr(sources: Sources) -> ReadyMade:
    """Lines of printed text."""
    from XEdu.presets import text

    detector, direction, recogniser = sources.backends(*text.NETWORKS)
    return text.TextReader(detector, direction, recogniser)


def _finder(subject: Subject, sources: Sources) -> Finder:
    designs = dict(subject.detectors)
    *detectors, network = sources.backends(*designs, subject.network)
    opened_detectors = [Detector(design, one) for design, one in zip(designs.values(), detectors, strict=True)]
    return Finder(subject, opened_detectors, PointsNetwork(subject.design, network))
