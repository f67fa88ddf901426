"""Pictures into results: the file's own preprocessing, batches, boxes on the picture, files of the original tools."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import CheckpointInvalid, ModelUnsupported
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from BaseDT.results import ClassificationResult, DetectionResult
from XEdu.outputs import classification, detection
from XEdu.runtime import sidecar
from XEdu.runtime.model import Model

COLOURS = list(models.COLOURS)


def classes_of(model: Model, colours: list[str]) -> list[str]:
    said = model.predict([models.picture(colour) for colour in colours])
    assert all(isinstance(result, ClassificationResult) for result in said)
    return [result.name for result in said if isinstance(result, ClassificationResult)]


def scores_of(model: Model, pictures: list[np.ndarray]) -> np.ndarray:
    return classification.scores_of(model.output_batches(pictures), 3)


# --- classification ---------------------------------------------------------------------------------------------------


def test_every_format_says_the_same_of_a_picture(folder: Path) -> None:
    onnx_file = models.classifier(folder / "颜 色.onnx")
    ncnn_file = models.ncnn_classifier(folder / "颜 色.ncnn.param")
    sidecar.path_of(ncnn_file).write_bytes(sidecar.to_bytes(models.info().to_metadata()))
    for file in (onnx_file, models.openvino_of(onnx_file, folder / "颜 色.xml", models.info()), ncnn_file):
        assert classes_of(Model.load(file), COLOURS) == list(models.CLASSES)


def test_scores_are_those_of_the_preprocessing(folder: Path) -> None:
    model = Model.load(models.classifier(folder / "x.onnx"))
    weights, _ = models.linear(3, 3)
    logits = weights @ ((np.float32([200, 0, 0]) - 127.5) / 127.5)
    expected = np.exp(logits) / np.exp(logits).sum()
    assert np.allclose(scores_of(model, [models.picture("red")])[0], expected, atol=1e-6)


def test_the_tensor_is_that_of_preprocess_bit_for_bit(folder: Path) -> None:
    model = Model.load(models.classifier(folder / "x.onnx"))
    noise = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    assert np.array_equal(model.tensor(noise), models.preprocess()(noise))


@pytest.mark.parametrize("batch", [1, 4, "n"])
@pytest.mark.parametrize("count", [0, 1, 2, 4, 21])
def test_any_number_of_pictures_goes_through_any_batch(folder: Path, batch: int | str, count: int) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", batch=batch))
    colours = [COLOURS[i % 3] for i in range(count)]
    expected = [models.CLASSES[i % 3] for i in range(count)]
    assert classes_of(model, colours) == expected
    assert scores_of(model, [models.picture(colour) for colour in colours]).shape == (count, 3)


def test_a_batch_is_as_large_as_the_file_allows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", batch="n"))
    sizes = []
    run = Model.run
    monkeypatch.setattr(Model, "run", lambda self, tensor: sizes.append(len(tensor)) or run(self, tensor))
    scores_of(model, [models.picture()] * 35)
    assert sizes == [16, 16, 3]


def test_results_name_their_files(folder: Path) -> None:
    model = Model.load(models.classifier(folder / "x.onnx"))
    said = model.predict([models.picture(), models.picture("blue")], names=["甲.jpg", None])
    assert [result.file for result in said if isinstance(result, ClassificationResult)] == ["甲.jpg", None]


def test_a_gray_model_reads_gray(folder: Path) -> None:
    known = models.info(("暗", "亮"), channels=1)
    model = Model.load(models.classifier(folder / "x.onnx", known=known, classes=2, channels=1))
    assert model.reading.gray
    dark, light = np.full((9, 9), 10, np.uint8), np.full((9, 9, 3), 240, np.uint8)
    assert [result.name for result in model.predict([dark, light])] == ["暗", "亮"]  # type: ignore[union-attr]


# --- detection --------------------------------------------------------------------------------------------------------


def boxes_of(model: Model, shape: tuple[int, int], threshold: float = 0.3) -> list[DetectionResult]:
    (found,) = model.predict([np.zeros((*shape, 3), np.uint8)], threshold=threshold)
    assert isinstance(found, list)
    return found


def test_boxes_are_in_pixels_of_the_picture(folder: Path) -> None:
    found = boxes_of(Model.load(models.detector(folder / "x.onnx")), (32, 64))
    assert [(box.name, round(box.score, 3), box.box) for box in found] == [
        ("绿色", 0.9, (8.0, 8.0, 32.0, 24.0)),
        ("红色", 0.5, (0.0, 0.0, 16.0, 8.0)),
    ]


@pytest.mark.parametrize(("threshold", "count"), [(0.0, 3), (0.3, 2), (0.6, 1), (0.95, 0)])
def test_boxes_below_the_threshold_are_left_out(folder: Path, threshold: float, count: int) -> None:
    assert len(boxes_of(Model.load(models.detector(folder / "x.onnx")), (20, 20), threshold)) == count


def test_boxes_leave_the_padding_of_a_letterbox(folder: Path) -> None:
    boxed = replace(models.preprocess(), resize="letterbox")
    known = ModelInfo("detection", "Yolov3", models.CLASSES, boxed, "detection")
    (box,) = boxes_of(Model.load(models.detector(folder / "x.onnx", [(0, 0, 16, 16, 0.9)], [0], known=known)), (20, 40))
    assert box.box == pytest.approx((0, 0, 40, 20))


@pytest.mark.parametrize("raw", [False, True])
def test_boxes_that_lie_in_the_padding_are_left_out(folder: Path, raw: bool) -> None:
    boxed = replace(models.preprocess(), resize="letterbox")
    known = ModelInfo(
        "detection", "Yolov3", models.CLASSES, boxed, "detection", {"decode": "raw_boxes" if raw else "boxes"}
    )
    there, beside = (2, 2, 8, 8), (2, 9, 8, 15)
    if raw:
        file = models.raw_detector(folder / "x.onnx", [beside, there], [(0.9, 0, 0), (0.5, 0, 0)], known=known)
    else:
        file = models.detector(folder / "x.onnx", [(*beside, 0.9), (*there, 0.5)], [0, 0], known=known)
    (box,) = boxes_of(Model.load(file), (20, 40))
    assert (box.box, box.score) == (pytest.approx((5, 5, 20, 20)), 0.5)


def test_of_all_anchors_no_more_boxes_are_left_than_the_model_says(folder: Path) -> None:
    places = [(x, y, x + 1, y + 1) for x in range(15) for y in range(15)]
    sure = [(0.1 + number / 1000, 0, 0) for number in range(len(places))]
    for most in (100, 120):
        options = detection.options("raw_boxes", max_detections=most)
        known = ModelInfo("detection", "Yolov3", models.CLASSES, models.preprocess(), "detection", options)
        found = boxes_of(Model.load(models.raw_detector(folder / "x.onnx", places, sure, known=known)), (16, 16), 0.0)
        assert len(found) == most
        assert found[0].score == pytest.approx(0.1 + (len(places) - 1) / 1000)


def test_an_exporters_filling_is_no_result(folder: Path) -> None:
    model = models.detector(folder / "x.onnx", [(0, 0, 4, 4, 0.9), (0, 0, 0, 0, 0.0)], [0, -1])
    assert len(boxes_of(Model.load(model), (20, 20), 0.0)) == 1


def test_a_label_beyond_the_classes_is_refused(folder: Path, refused) -> None:
    model = Model.load(models.detector(folder / "x.onnx", [(0, 0, 4, 4, 0.9)], [7]))
    with refused(CheckpointInvalid, "label 7"):
        boxes_of(model, (20, 20))


def test_openvino_finds_the_same_boxes(folder: Path) -> None:
    onnx_file = models.detector(folder / "x.onnx")
    ours = Model.load(onnx_file)
    theirs = Model.load(models.openvino_of(onnx_file, folder / "x.xml", ours.info))
    assert boxes_of(theirs, (32, 64)) == boxes_of(ours, (32, 64))


# --- files of the original tools --------------------------------------------------------------------------------------


def test_a_foreign_file_gets_the_tables_preprocessing(folder: Path) -> None:
    file = models.classifier(folder / "x.onnx", known=models.foreign("MobileNet"), size=(224, 224))
    model = Model.load(file)
    assert model.info is not None
    assert model.info.preprocess == Preprocess(
        size=(224, 224), resize="stretch", resize_to=(256, 256), interpolation="linear"
    )
    assert classes_of(model, COLOURS) == list(models.CLASSES)


def test_a_foreign_lenet_gives_a_row_without_a_batch(folder: Path) -> None:
    known = models.foreign("LeNet", ("暗", "亮"))
    model = Model.load(
        models.classifier(folder / "x.onnx", known=known, classes=2, channels=1, size=(32, 32), flat=True)
    )
    dark, light = np.full((9, 9), 10, np.uint8), np.full((9, 9, 3), 240, np.uint8)
    assert [result.name for result in model.predict([dark, light])] == ["暗", "亮"]  # type: ignore[union-attr]


def test_a_foreign_detector_stretches(folder: Path) -> None:
    known = models.foreign("SSD_Lite", codebase="MMDet")
    model = Model.load(models.detector(folder / "x.onnx", [(0, 0, 160, 320, 0.9)], [2], known=known, size=(320, 320)))
    (box,) = boxes_of(model, (100, 200))
    assert (box.name, box.box) == ("蓝色", (0.0, 0.0, 100.0, 100.0))


@pytest.mark.parametrize(
    ("shape", "tensor"),
    [((600, 1000), (800, 1344)), ((1000, 600), (1344, 800)), ((300, 300), (800, 800)), ((100, 1000), (160, 1344))],
)
def test_a_foreign_mask_rcnn_of_any_size_takes_each_picture_in_its_own_orientation(
    folder: Path, shape: tuple[int, int], tensor: tuple[int, int]
) -> None:
    scale = min(1333 / max(shape), 800 / min(shape))
    height, width = (int(side * scale + 0.5) for side in shape)
    known = models.foreign("Mask_RCNN", codebase="MMDet")
    found = [(0, 0, width, height, 0.9), (0, 0, width / 2, height / 2, 0.8)]
    model = Model.load(models.detector(folder / "x.onnx", found, [0, 1], known=known, size=("h", "w")))
    made = model.tensor(np.full((*shape, 3), 255, np.uint8))
    assert made.shape == (1, 3, *tensor)
    assert made[:, :, :height, :width].min() > 2
    assert not made[:, :, height:].any()
    assert not made[:, :, :, width:].any()
    whole, part = boxes_of(model, shape)
    assert whole.box == pytest.approx((0, 0, shape[1], shape[0]))
    assert part.box == pytest.approx((0, 0, shape[1] / 2, shape[0] / 2))


def test_a_foreign_regnet_of_any_size_says_what_each_picture_is(folder: Path) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", known=models.foreign("RegNet"), size=("h", "w")))
    # The average sees the padding, too: a square picture has none of it.
    pictures = [models.picture(colour, (50, 50)) for colour in COLOURS]
    assert [result.name for result in model.predict(pictures)] == list(models.CLASSES)  # type: ignore[union-attr]


def test_a_foreign_mask_rcnn_of_one_size_keeps_its_frame(folder: Path) -> None:
    known = models.foreign("Mask_RCNN", codebase="MMDet")
    model = Model.load(models.detector(folder / "x.onnx", known=known, size=(800, 1344)))
    assert model.tensor(np.zeros((1000, 600, 3), np.uint8)).shape == (1, 3, 800, 1344)


def test_an_unknown_name_takes_the_inputs_own_size(folder: Path) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", known=models.foreign("MyNet"), size=(40, 48)))
    assert model.info is not None
    assert model.info.preprocess is not None
    assert model.info.preprocess.size == (40, 48)


def test_without_any_size_it_says_what_is_missing(folder: Path, refused) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", known=models.foreign("MyNet"), size=("h", "w")))
    assert not model.knows_itself
    with refused(CheckpointInvalid, "size", "custom"):
        model.predict([models.picture()])


# --- files that say too little, or wrong things -----------------------------------------------------------------------


def test_a_file_without_metadata_runs_raw_only(folder: Path, refused) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", known={}))
    assert model.info is None
    assert model.run(np.zeros((1, 3, 16, 16), np.float32))[0].shape == (1, 3)
    with refused(CheckpointInvalid, "x.onnx", "custom"):
        model.predict([models.picture()])


def test_more_names_than_outputs_are_refused(folder: Path, refused) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", known=models.info(("a", "b", "c", "d"))))
    with refused(CheckpointInvalid, "1 × 3", "4 classes"):
        model.predict([models.picture()])


def test_logits_are_not_sold_as_probabilities(folder: Path, refused) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", softmax=False))
    with refused(CheckpointInvalid, "0 to 1", "softmax"):
        model.predict([models.picture()])


def own(**changed: object) -> dict[str, str]:
    """The properties of a file of ours, some of them changed in our own key."""
    return {**models.info().to_metadata(), "mmedu": json.dumps({**models.info().to_dict(), **changed})}


def boxes_of_ours(**changed: object) -> dict[str, str]:
    """The same of a detector."""
    info = ModelInfo("detection", "SSD_Lite", models.CLASSES, models.preprocess(), "detection")
    return {**info.to_metadata(), "mmedu": json.dumps({**info.to_dict(), **changed})}


def before_kinds(**changed: object) -> dict[str, str]:
    """The properties of a file of ours that was written before kinds of output had names."""
    values = {name: value for name, value in models.info().to_dict().items() if name not in ("kind", "options")}
    return {**models.info().to_metadata(), "mmedu": json.dumps({**values, **changed})}


NEWER = {
    "a kind": own(kind="scene_graph", task="pose"),
    "a kind without classes": own(kind="picture", task="generation", classes=[], preprocess=None),
    "a task": own(task="pose"),
    "an option": boxes_of_ours(options={"rotated": True}),
    "a way to decode": boxes_of_ours(options={"decode": "heatmaps"}),
    "a task before kinds": before_kinds(task="pose"),
    "a way to decode before kinds": before_kinds(decode="heatmaps"),
}


@pytest.mark.parametrize("known", NEWER.values(), ids=NEWER)
def test_what_this_version_does_not_know_needs_an_update_and_is_not_called_broken(
    folder: Path, known: dict[str, str], refused
) -> None:
    with refused(ModelUnsupported, "新 版.onnx", "newer mmedu", "pip install -U mmedu"):
        Model.load(models.classifier(folder / "新 版.onnx", known=known))
    ncnn_file = models.ncnn_classifier(folder / "新 版.ncnn.param")
    sidecar.path_of(ncnn_file).write_bytes(sidecar.to_bytes(known))
    with refused(ModelUnsupported, "新 版.ncnn.param", "pip install -U mmedu"):
        Model.load(ncnn_file)


def test_a_classifier_that_was_written_before_kinds_had_names_opens_as_ever(folder: Path) -> None:
    model = Model.load(models.classifier(folder / "x.onnx", known=before_kinds(nms_iou=0.45, max_detections=100)))
    assert model.info == models.info()
    assert classes_of(model, COLOURS) == list(models.CLASSES)


@pytest.mark.parametrize("options", [{}, {"nms_iou": 0.6}, {"nms_iou": 0.6, "max_detections": 7}])
def test_a_detector_that_was_written_before_kinds_had_names_opens_as_ever(
    folder: Path, options: dict[str, float]
) -> None:
    known = before_kinds(task="detection", decode="raw_boxes", **options)
    model = Model.load(models.raw_detector(folder / "x.onnx", known=known))
    assert model.info is not None
    assert (model.info.kind, model.info.options) == ("detection", detection.options("raw_boxes", **options))
    assert [box.name for box in boxes_of(model, (16, 16))] == ["绿色", "红色"]


def test_versions_that_know_no_kinds_still_read_our_classifiers_and_detectors() -> None:
    assert models.info().to_dict()["decode"] == "probabilities"
    options = detection.options("raw_boxes", nms_iou=0.6, max_detections=7)
    written = ModelInfo("detection", "", ("a",), models.preprocess(), "detection", options).to_dict()
    assert [written[name] for name in ("decode", "nms_iou", "max_detections")] == ["raw_boxes", 0.6, 7]
    default = ModelInfo("detection", "", ("a",), models.preprocess(), "detection").to_dict()
    assert [default[name] for name in ("decode", "nms_iou", "max_detections")] == ["boxes", 0.45, 100]


def test_a_file_of_a_newer_version_is_not_guessed_at(folder: Path, refused) -> None:
    file = models.classifier(folder / "新 版.onnx", known=own(format=2, preprocess={"size": [16, 16], "tiles": 4}))
    with refused(ModelUnsupported, "新 版.onnx", "newer mmedu", "pip install -U mmedu"):
        Model.load(file)


@pytest.mark.parametrize(
    "known",
    [
        own(kind=3),
        own(options=None),
        own(classes=None),
        own(classes=[]),
        own(classes=["a", 3, "c"]),
        own(preprocess={"size": [16, 16], "tiles": 4}),
        own(preprocess=None),
        own(task="detection"),
        own(format="1"),
        boxes_of_ours(options={"nms_iou": 2}),
        boxes_of_ours(options={"max_detections": "many"}),
        boxes_of_ours(options={"decode": 5}),
        before_kinds(decode=None),
        before_kinds(task="detection"),
        before_kinds(classes=[]),
        before_kinds(preprocess=None),
        {**models.info().to_metadata(), "mmedu": "{"},
        {**models.info().to_metadata(), "mmedu": "[]"},
    ],
    ids=range(18),
)
def test_a_file_of_ours_whose_own_metadata_are_broken_is_no_file_of_the_original_tools(
    folder: Path, known: dict[str, str], refused
) -> None:
    with refused(CheckpointInvalid, "坏 了.onnx", "convert"):
        Model.load(models.classifier(folder / "坏 了.onnx", known=known))


@pytest.mark.parametrize(
    ("known", "made"), [(models.info(size=(20, 30)), "3 × 20 × 30"), (models.info(channels=1), "1 × 16 × 16")]
)
def test_a_preprocessing_of_another_input_is_named(folder: Path, known: ModelInfo, made: str, refused) -> None:
    with refused(CheckpointInvalid, "图.onnx", made, "3 × 16 × 16"):
        Model.load(models.classifier(folder / "图.onnx", known=known))


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ((2, 4, np.inf, 12, 0.9), "no numbers"),
        ((np.nan, 4, 8, 12, 0.9), "no numbers"),
        ((2, 4, 8, 12, 1.5), "scores"),
        ((2, 4, 8, 12, np.nan), "scores"),
        ((2, 4, 8, 12, -3), "scores"),
    ],
)
def test_broken_boxes_are_the_models_fault(folder: Path, box: tuple[float, ...], words: str, refused) -> None:
    model = Model.load(models.detector(folder / "x.onnx", [box, (0, 0, 4, 4, 0.5)], [1, 0]))
    with refused(CheckpointInvalid, words):
        boxes_of(model, (20, 20))
    raw = models.raw_detector(folder / "y.onnx", [box[:4], (0, 0, 4, 4)], [(0, box[4], 0), (0.5, 0, 0)])
    with refused(CheckpointInvalid, words):
        boxes_of(Model.load(raw), (20, 20))


def test_what_an_exporter_fills_up_with_may_be_anything(folder: Path) -> None:
    boxes = [(2, 4, 8, 12, 1.0004), (np.nan, 0, 0, 0, 7.0)]
    (found,) = boxes_of(Model.load(models.detector(folder / "x.onnx", boxes, [1, -1])), (20, 20))
    assert found.score == 1.0


def test_a_classifier_that_claims_to_be_a_detector_is_named(folder: Path, refused) -> None:
    known = ModelInfo("detection", "SSD_Lite", models.CLASSES, models.preprocess(), "detection")
    with refused(CheckpointInvalid, "(1, 3)"):
        Model.load(models.classifier(folder / "x.onnx", known=known)).predict([models.picture()])


@pytest.mark.parametrize("metadata", [{"MODEL_INFO": "{"}, {"MODEL_INFO": "null"}, {"author": "我"}])
def test_metadata_that_say_nothing_are_none(folder: Path, metadata: dict[str, str]) -> None:
    assert Model.load(models.classifier(folder / "x.onnx", known=metadata)).info is None
