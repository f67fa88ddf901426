"""Keypoints: persons, hands or things with named points; their words, drawing, line, and how many points are right.

How the raw arrays become points is in ``parts.point_arrays``. Where no boxes are known the whole picture is the person;
where they are, each box is cut out and run by itself (``in_boxes``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import is_integer, is_number
from BaseDT.errors import CheckpointInvalid
from BaseDT.escaping import one_line
from BaseDT.geometry.regions import PADDING, RotatedRegion
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.names import composed
from BaseDT.readable import read_all
from BaseDT.results import DetectionResult, KeypointsResult
from XEdu.outputs.key_names import COMMON, translated
from XEdu.outputs.kind import (
    LabelledFolder,
    OutputBatch,
    OutputKind,
    Placement,
    Score,
    ScoredModel,
    UnknownOption,
    labels_by_name,
    refuse_unknown_options,
)
from XEdu.outputs.parts import point_arrays
from XEdu.runtime.backend import Array

if TYPE_CHECKING:
    from BaseDT.dataset.keypoint_samples import PosedObject

DECODES = ("heatmaps", "simcc")
"""How outputs are read. ``"heatmaps"``: (N, K, h, w), each with a top of height 1 where its point is; ``"simcc"``:
logits over bins along each axis, (N, K, W') and (N, K, H'). Maps and bins cover the whole input: the middle of cell
``i`` of ``w`` is at ``(i + 0.5) / w`` of it."""
SEEN_FROM = 0.3
"""Score of a point that counts as seen: what is drawn in full and counted in words."""
Box = tuple[float, float, float, float]
Points = npt.NDArray[np.float64]
_VOCABULARY = {
    **COMMON,
    "编号": ("number", "номер", "Nummer", "numéro"),
    "坐标": ("coordinates", "координаты", "Koordinaten", "coordonnées"),
    "关键点坐标": ("keypoints", "ключевые точки", "Schlüsselpunkte", "points clés"),
    "分数": ("scores", "оценки точек", "Punktwerte", "scores des points"),
    "深度": ("depth", "глубина", "Tiefe", "profondeur"),
}
_NAMED_IN_A_LINE = 3
_PERSON = "person"
_ENOUGH = 2  # points make a box


def options(
    names: Sequence[str],
    skeleton: Sequence[Sequence[int]] = (),
    decode: str = "heatmaps",
    flip_pairs: Sequence[Sequence[int]] = (),
    box_padding: float = PADDING,
) -> dict[str, Any]:
    """Return the options of ``ModelInfo``.

    Args:
        names: Of the K points.
        skeleton: Pairs of points that bones join, from 0.
        decode: One of ``DECODES``.
        flip_pairs: Pairs of points that change places in a mirrored picture, from 0.
        box_padding: How many times a person's box the part of the picture is that the model sees.
    """
    return {
        "names": list(names),
        "skeleton": [list(pair) for pair in skeleton],
        "decode": decode,
        "flip_pairs": [list(pair) for pair in flip_pairs],
        "box_padding": box_padding,
    }


def _check_options(values: Mapping[str, Any]) -> None:
    refuse_unknown_options(values, tuple(options(())))
    names, skeleton, decode, pairs, padding = {**options(()), **values}.values()
    if not isinstance(names, (list, tuple)) or not names or not all(isinstance(name, str) for name in names):
        raise TypeError("a model of keypoints names them")
    if not isinstance(decode, str):
        raise TypeError("a way to decode is a name")
    if decode not in DECODES:
        raise UnknownOption(say(f"the way to decode keypoints {decode!r}", f"关键点解码方式 {decode!r}"))
    if not all(isinstance(listed, (list, tuple)) and _are_pairs(listed, len(names)) for listed in (skeleton, pairs)):
        raise TypeError("a skeleton is pairs of points")
    if not is_number(padding) or not 0.5 <= padding <= 10:
        raise TypeError("a padding is a factor")


def _are_pairs(listed: Sequence[Any], count: int) -> bool:
    return all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and all(is_integer(end) and 0 <= end < count for end in pair)
        for pair in listed
    )


class _Mapping(Protocol):
    def __call__(self, points: Points) -> Points: ...


# --- raw outputs into results -----------------------------------------------------------------------------------------


def _decode(batch: OutputBatch, info: ModelInfo, threshold: float) -> list[list[KeypointsResult]]:
    ways = [_of_placement(placement) for placement in batch.placements]
    people = _people(batch.arrays, batch.names, info, ways, [None] * len(ways))
    return [[person] if person.score >= threshold else [] for person in people]


def _of_placement(placement: Placement) -> _Mapping:
    return placement.mapping.points_to_picture if placement.mapping is not None else lambda points: points


def of_regions(
    arrays: Sequence[Array],
    names: Sequence[str],
    info: ModelInfo,
    regions: Sequence[RotatedRegion],
    boxes: Sequence[Box | None] = (),
) -> list[KeypointsResult]:
    """Read the outputs of N parts of one picture, each with a person, hand or face: one result for each.

    Args:
        arrays: The raw outputs; their first axis counts the parts.
        names: Of the outputs.
        info: What the model says of itself.
        regions: Which part of the picture each input was.
        boxes: Of the objects; none, or None: the smallest around their points.

    Raises:
        CheckpointInvalid: The outputs do not fit the metadata, or are no numbers (-202).
    """
    size = _input_size(info)

    def way(region: RotatedRegion) -> _Mapping:
        return lambda points: region.points_to_picture(points, size)

    return _people(arrays, names, info, [way(region) for region in regions], boxes or [None] * len(regions))


def points_of(arrays: Sequence[Array], names: Sequence[str], info: ModelInfo) -> tuple[Points, Points]:
    """Read raw outputs: points (N, K, 2) of x, y in pixels of the input, and their scores (N, K).

    Raises:
        CheckpointInvalid: The outputs do not fit the metadata, or are no numbers (-202).
    """
    values = {**options(()), **info.options}
    read = point_arrays.simcc if values["decode"] == "simcc" else point_arrays.heatmaps
    shares, scores = read(arrays, names, len(values["names"]))
    height, width = _input_size(info)
    return shares * (width, height), scores


def _people(
    arrays: Sequence[Array],
    names: Sequence[str],
    info: ModelInfo,
    ways: Sequence[_Mapping],
    boxes: Sequence[Box | None],
) -> list[KeypointsResult]:
    points, scores = points_of(arrays, names, info)
    if len(points) != len(ways):
        text = say(
            f"The model gives points for {len(points)} pictures of {len(ways)}.",
            f"模型给出了 {len(points)} 张图片的关键点，而图片有 {len(ways)} 张。",
        )
        raise CheckpointInvalid(text, hint=say("Convert it again.", "请重新转换模型。"))
    values = {**options(()), **info.options}
    point_names, skeleton = tuple(values["names"]), tuple(tuple(pair) for pair in values["skeleton"])
    name = info.classes[0] if info.classes else _PERSON
    return [
        KeypointsResult(
            placed := way(one), sure, box or _around(placed, sure), float(sure.mean()), 0, name, point_names, skeleton
        )
        for one, sure, way, box in zip(points, scores, ways, boxes, strict=True)
    ]


def _around(points: Points, scores: Points) -> Box | None:
    """Return the box around the points that are seen: one that is not may lie anywhere. None: around all."""
    seen = points[scores >= SEEN_FROM]
    if len(seen) < _ENOUGH:
        return None
    (x1, y1), (x2, y2) = seen.min(axis=0).tolist(), seen.max(axis=0).tolist()
    return x1, y1, x2, y2


def _input_size(info: ModelInfo) -> tuple[int, int]:
    assert info.preprocess is not None  # ``needs_preprocess``: a file without is refused when it is opened
    return info.preprocess.size


def in_boxes(
    model: ScoredModel, picture: Pixels, boxes: Sequence[Sequence[float]], threshold: float = 0.0
) -> list[KeypointsResult]:
    """Return the person in each box of a picture; those below the threshold are left out.

    Args:
        model: Of this kind.
        picture: H×W×3 BGR or H×W gray.
        boxes: x1, y1, x2, y2 in pixels of the picture.
        threshold: Lowest score of a person, the mean of its points.

    Raises:
        CheckpointInvalid: The outputs do not fit the metadata, or are no numbers (-202).
    """
    info = model.info
    assert info is not None
    assert info.preprocess is not None
    size, padding = info.preprocess.size, {**options(()), **info.options}["box_padding"]
    regions = [RotatedRegion.of_box(box, size, padding) for box in boxes]
    crops = [region.crop(picture, size, info.preprocess.pad_value) for region in regions]
    people: list[KeypointsResult] = []
    for batch in model.output_batches(crops):
        part = slice(len(people), len(people) + len(batch.placements))
        ways = [
            _through(placement, region, size) for placement, region in zip(batch.placements, regions[part], strict=True)
        ]
        corners: list[Box | None] = [(box[0], box[1], box[2], box[3]) for box in boxes[part]]
        people += _people(batch.arrays, batch.names, info, ways, corners)
    return [person for person in people if person.score >= threshold]


def _through(placement: Placement, region: RotatedRegion, size: tuple[int, int]) -> _Mapping:
    """Return the way from the input through a part that was cut out onto the picture."""
    to_part = _of_placement(placement)
    return lambda points: region.points_to_picture(to_part(points), size)


def _split(arrays: Sequence[Array]) -> list[list[Array]]:
    return [[array[row : row + 1] for array in arrays] for row in range(len(arrays[0]))]


# --- results ----------------------------------------------------------------------------------------------------------


def nobody_found_text(results: Sequence[Sequence[KeypointsResult]], threshold: float) -> str:
    """Say so where nobody is sure enough: a model that has learned little is sure of nothing. Empty where somebody is.

    Args:
        results: Of one call.
        threshold: What was asked for.
    """
    if any(results) or not results or threshold <= 0:
        return ""
    return say(
        f"Nobody has a score of {threshold:g} or more; thr=0 shows the points all the same.",
        f"没有得分达到 {threshold:g} 的结果；写 thr=0 可以照样显示关键点。",
    )


def _about_results(results: Sequence[Sequence[KeypointsResult]], threshold: float, info: ModelInfo) -> str:
    del info
    return nobody_found_text(results, threshold)


def _holds(result: object) -> bool:
    """Whether it is a person, or the list of a picture's; an empty list is one: nobody was found."""
    results = result if isinstance(result, list) else [result]
    return all(isinstance(person, KeypointsResult) for person in results)


def _in_words(result: list[KeypointsResult] | KeypointsResult, lang: str) -> Any:
    if isinstance(result, KeypointsResult):
        return translated(result.to_chinese(), lang, _VOCABULARY)
    return [_in_words(person, lang) for person in result]


def _documented(people: Sequence[KeypointsResult]) -> list[dict[str, Any]]:
    return [person.to_chinese() for person in people]


def _names(people: Sequence[KeypointsResult]) -> list[str]:
    return [person.name for person in people]


def _points(people: Sequence[KeypointsResult]) -> Points:
    """Return (N, K, 2); of nobody (0, 0, 2)."""
    return np.stack([person.points for person in people]) if people else np.zeros((0, 0, 2))


def _only(people: Sequence[KeypointsResult], names: Collection[str]) -> list[KeypointsResult]:
    return [person for person in people if person.name in names]


def _boxes(people: Sequence[KeypointsResult]) -> list[DetectionResult]:
    return [DetectionResult(person.label, person.score, person.edges, person.name) for person in people]


def _numbered(people: Sequence[KeypointsResult], numbers: Sequence[int | None]) -> list[KeypointsResult]:
    pairs = zip(people, numbers, strict=True)
    return [replace(person, number=number) for person, number in pairs if number is not None]


def _features(people: Sequence[KeypointsResult], upright: bool) -> npt.NDArray[np.float32]:
    rows = [person.features(upright) for person in people]
    return np.stack(rows) if rows else np.zeros((0, 0), np.float32)


def _draw(picture: Pixels, people: Sequence[KeypointsResult], *, enlarge: bool = True) -> Pixels:
    from BaseDT import draw  # late: who draws nothing loads no fonts

    return draw.keypoints(picture, people, enlarge=enlarge)


def _line(people: Sequence[KeypointsResult]) -> str:
    if not people:
        return say("nobody found", "没有检测到关键点")
    surest = sorted(people, key=lambda person: -person.score)[:_NAMED_IN_A_LINE]
    return f"{len(people)}: {', '.join(map(_in_a_line, surest))}"


def _in_a_line(person: KeypointsResult) -> str:
    seen, all_of_them = int((person.scores >= SEEN_FROM).sum()), len(person)
    number = "" if person.number is None else f"#{person.number} "
    counted = say(f"({seen} of {all_of_them} points)", f"（{all_of_them} 个关键点中 {seen} 个）")
    return f"{number}{one_line(person.name)} {person.score:.2f} {counted}"


# --- on labelled pictures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PosedPicture:
    """One labelled picture with the persons in it.

    Attributes:
        path: Of the picture.
        people: In it (``BaseDT.dataset.keypoint_samples.PosedObject``); at least one.
        whole: Whether all of the picture is its only person's: nobody drew boxes.
    """

    path: Path
    people: tuple[PosedObject, ...]
    whole: bool


def grouped(people: Sequence[PosedObject], *, whole: bool) -> tuple[PosedPicture, ...]:
    """Return the pictures of persons, in the order of the first of each.

    Args:
        people: Several may share a picture.
        whole: Whether all of each picture is the person's.
    """
    by_path: dict[Path, list[PosedObject]] = {}
    for person in people:
        by_path.setdefault(person.path, []).append(person)
    return tuple(PosedPicture(path, tuple(group), whole and len(group) == 1) for path, group in by_path.items())


def answers(model: ScoredModel, picture: PosedPicture, pixels: Pixels) -> list[KeypointsResult]:
    """Return what a model says of each person of a picture, in its true box or of the whole picture."""
    if picture.whole:
        (people,) = model.predict([pixels], threshold=0.0)
        return list(people)
    return in_boxes(model, pixels, [person.box for person in picture.people])


def _labelled(folder: Path) -> LabelledFolder | None:
    """Read a set with keypoints: its pictures for validation, or for training where it has no others."""
    from BaseDT.dataset import keypoints as datasets  # late: only a benchmark reads data sets

    if not datasets.looks_like_keypoints(folder):
        return None
    dataset = datasets.load(folder)
    pictures = grouped(dataset.val or dataset.train, whole=dataset.whole_pictures)
    return LabelledFolder(
        files=tuple(picture.path for picture in pictures),
        source=f"{folder} (keypoints)",
        form=("sets of keypoints", "关键点数据集"),
        content=("keypoints", "关键点"),
        labels=pictures,
        classes=dataset.names,
    )


def _score(model: ScoredModel, folder: LabelledFolder) -> Score:
    """Judge a model of keypoints by PCK, in the true boxes. Points that it does not know are left out."""
    from BaseDT.metrics import keypoints as metrics

    info = model.info
    points = () if info is None else tuple(info.options["names"])
    label_of = labels_by_name(points)
    own = {number: label_of[composed(name)] for number, name in enumerate(folder.classes) if composed(name) in label_of}
    found: list[Points] = []
    people: list[PosedObject] = []
    pairs = read_all(folder.labels, lambda picture: model.reading.of(picture.path), lambda *_: None)
    for picture, pixels in pairs:
        people += picture.people
        found += [person.points for person in answers(model, picture, pixels)]
    judged = len({person.path for person in people})
    counts = {
        "damaged": len(folder.labels) - judged,
        "foreign_points": sum(number not in own for number in range(len(folder.classes))),
    }
    if not people or not own:
        return Score(counts=counts)
    truth = np.zeros((len(people), len(points), 3))
    for number, label in own.items():
        truth[:, label] = [person.points[number] for person in people]
    truth[[person.crowd for person in people], :, 2] = 0  # a group is neither right nor wrong
    boxes = np.array([person.box for person in people], np.float64)
    share = metrics.pck(metrics.errors(np.array(found), truth, metrics.sizes_of(boxes, truth, points))).pck
    return Score(counts=counts) if share is None else Score({"pck": 100 * share}, judged, counts)


def _notes(name: str, counts: Mapping[str, int]) -> list[str]:
    if not (count := counts.get("foreign_points", 0)):
        return []
    points = "1 point" if count == 1 else f"{count} points"
    en = f"{name}: not judged, because the model does not have them: {points} of the set."
    return [say(en, f"{name}：数据集中有 {count} 个关键点不属于该模型，未参与评估。")]


def _other_labels(name: str, folder: LabelledFolder) -> str:
    en, zh = folder.form
    return say(
        f"{name} finds keypoints, and {en} tell of none: no PCK. Give a set with COCO's keypoints.",
        f"{name} 是关键点模型，而{zh}中没有关键点标注，因此没有 PCK。请给出 COCO 关键点格式的数据集。",
    )


_ROW = {
    "编号": "number",
    "标签": "label",
    "置信度": "score",
    "坐标": "box",
    "预测结果": "class",
    "关键点坐标": "points",
    "分数": "point_scores",
    "深度": "depth",
}


def _row(documented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"objects": [{_ROW[name]: value for name, value in person.items()} for person in documented]}


def _summary(documented: Sequence[Mapping[str, Any]]) -> str:
    people = ", ".join(
        f"{one_line(person['预测结果'])} {person['置信度']:.4f} "
        f"({sum(score >= SEEN_FROM for score in person['分数'])}/{len(person['分数'])})"
        for person in documented
    )
    return people or say("nobody found", "没有检测到关键点")


KIND = OutputKind(
    row=_row,
    summary=_summary,
    name="keypoints",
    decode=_decode,
    holds=_holds,
    in_words=_in_words,
    batched=True,
    split=_split,
    check_options=_check_options,
    threshold=0.2,
    deploy_threshold=0.2,
    about_results=_about_results,
    documented=_documented,
    names=_names,
    draw=_draw,
    line=_line,
    points=_points,
    only=_only,
    boxes=_boxes,
    numbered=_numbered,
    in_boxes=in_boxes,
    features=_features,
    metrics={"pck": "PCK@0.2"},
    labelled=_labelled,
    score=_score,
    notes=_notes,
    other_labels=_other_labels,
    evaluation="XEdu.evaluation.keypoints:EVALUATION",
)
