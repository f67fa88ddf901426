"""MMDetection by its documents: arguments, files of a run, results, conversion, INT8, bad input."""

from __future__ import annotations

import inspect
import json
import shutil
from pathlib import Path

import detection_data
import numpy as np
import pytest
import torch
from PIL import Image

from BaseDT import image
from BaseDT.errors import (
    AnnotationMissing,
    BackboneUnknown,
    CheckpointInvalid,
    CheckpointNotFound,
    ClassCountMismatch,
    DatasetInvalid,
    DatasetNotFound,
    DatasetNotLoaded,
    ImageNotFound,
    NothingLoaded,
    NothingToShow,
    ParameterInvalid,
    ParameterUnknown,
    TaskMismatch,
)
from MMEdu import MMClassification, MMDetection
from MMEdu.tasks.detection.arguments import best_key
from XEdu.hub import Workflow
from XEdu.runtime.model import Model


@pytest.fixture
def model() -> MMDetection:
    return MMDetection("SSD_Lite")


# --- what is documented ----------------------------------------------------------------------------------------------


def defaults(function) -> dict[str, object]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.name != "self" and p.kind is not p.KEYWORD_ONLY}


def test_the_documented_arguments_in_their_order_with_their_defaults():
    assert defaults(MMDetection.train) == {
        "random_seed": 0,
        "save_fold": None,
        "distributed": False,
        "validate": True,
        "device": "cpu",
        "metric": "bbox",
        "save_best": "bbox_mAP",
        "optimizer": "SGD",
        "epochs": 100,
        "lr": 1e-3,
        "weight_decay": 1e-3,
        "Frozen_stages": 1,
        "checkpoint": None,
        "batch_size": None,
    }
    shown = {"device": "cpu", "checkpoint": None, "image": None, "show": True}
    thresholds = {"rpn_threshold": 0.7, "rcnn_threshold": 0.7}
    expected = {**shown, **thresholds, "save_fold": "det_result", "class_path": None}
    assert defaults(MMDetection.inference) == expected
    assert defaults(MMDetection.load_checkpoint) == {"checkpoint": None, "device": "cpu", **thresholds}


def test_names_ignore_case_and_yolo_is_yolov3():
    of_documents = ["SSD_Lite", "FasterRCNN", "Yolov3", "Yolov3_MobileNet", "Mask_RCNN"]
    assert [name for name in MMDetection.sota() if name in of_documents] == of_documents
    assert MMDetection("YOLO").backbone == MMDetection("yolov3").backbone == "Yolov3"
    assert MMDetection("yolov3_lite").backbone == "Yolov3_MobileNet"
    assert MMDetection().backbone == "FasterRCNN"


# --- training --------------------------------------------------------------------------------------------------------


def test_the_log_has_the_documented_keys(detector):
    step = next(line for line in detector.log if line["mode"] == "train")
    assert {"loss_cls", "loss_bbox", "loss", "lr", "memory", "data_time", "time"} <= step.keys()
    assert step["loss"] == pytest.approx(step["loss_cls"] + step["loss_bbox"], rel=1e-3)
    val = next(line for line in detector.log if line["mode"] == "val")
    names = {"bbox_mAP", *(f"bbox_mAP_{part}" for part in ("50", "75", "s", "m", "l"))}
    assert names <= val.keys()
    assert 0 <= val["bbox_mAP"] <= 1


def test_the_files_of_a_run(detector):
    names = {path.name for path in detector.folder.iterdir()}
    assert {"epoch_1.pth", "epoch_2.pth", "latest.pth", "curves.png", "per_class.csv", "detections.png"} <= names
    assert len([name for name in names if name.startswith("best_bbox_mAP_epoch_")]) == 1
    (log,) = detector.folder.glob("*.log.json")
    assert [json.loads(line) for line in log.read_text("utf-8").splitlines()] == detector.log


def test_the_checkpoint_says_what_it_is(detector):
    meta = torch.load(detector.checkpoint, weights_only=True)["meta"]
    assert (meta["task"], meta["backbone"], meta["CLASSES"]) == ("detection", "SSD_Lite", ["方块", "圆"])
    assert meta["preprocess"]["size"] == [96, 96]


@pytest.mark.full
def test_the_same_seed_gives_the_same_numbers(detector, workplace, quick):
    model = MMDetection("SSD_Lite")
    model.load_dataset(detector.dataset, check=False)
    log = model.train(epochs=1, batch_size=4, lr=0.002, optimizer="AdamW", image_size=96, random_seed=5, save_fold="a")
    again = model.train(
        epochs=1, batch_size=4, lr=0.002, optimizer="AdamW", image_size=96, random_seed=5, save_fold="b"
    )
    assert [line.get("loss") for line in log] == [line.get("loss") for line in again]


def test_training_goes_on_from_a_checkpoint_with_frozen_stages(detector, workplace, quick):
    model = MMDetection("SSD_Lite")
    model.load_dataset(detector.dataset, check=False)
    model.train(
        epochs=1, batch_size=4, image_size=96, checkpoint=detector.checkpoint, Frozen_stages=2, save_fold="more"
    )
    before, after = (
        torch.load(file, weights_only=True)["state_dict"] for file in (detector.checkpoint, Path("more/latest.pth"))
    )
    moved = {name for name, value in before.items() if not torch.equal(value, after[name])}
    first = next(name for name in before if name.startswith("backbone") and before[name].ndim == 4)
    assert first not in moved
    assert any(not name.startswith("backbone") for name in moved)


def test_a_set_of_another_shape(detector, workplace, quick, model):
    root = shutil.copytree(detector.dataset, "其 它")
    Path(root, "annotations", "train.json").rename(Path(root, "标注.json"))
    Path(root, "images", "train").rename(Path(root, "照片"))
    model.load_dataset(root, train_json="标注.json", train_images="照片")
    assert len(model.train(epochs=1, batch_size=4, image_size=96, validate=False, save_fold="m")) == 2


# --- inference -------------------------------------------------------------------------------------------------------


def test_a_result_has_the_documented_shape(model, detector, workplace):
    found = model.inference(image=detector.picture, checkpoint=detector.checkpoint, thr=0.0)
    assert found
    assert list(found[0]) == ["类别标签", "置信度", "坐标", "预测结果"]
    assert set(found[0]["坐标"]) == {"x1", "y1", "x2", "y2"}
    assert found[0]["预测结果"] in ("方块", "圆")
    assert json.loads(json.dumps(found)) == found
    scores = [one["置信度"] for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= one["坐标"]["x1"] <= one["坐标"]["x2"] <= 120 for one in found)
    assert Path("det_result", detector.picture.name).exists()


def test_a_folder_gives_a_list_for_every_picture_in_order(model, detector, workplace):
    folder = detector.picture.parent
    found = model.inference(image=folder, checkpoint=detector.checkpoint, thr=0.0)
    names = sorted(path.name for path in folder.iterdir())
    assert model.files == names
    assert len(found) == len(names)
    assert all(isinstance(one, list) for one in found)
    assert sorted(path.name for path in Path("det_result").iterdir()) == names
    alone = model.inference(image=folder / names[1], checkpoint=detector.checkpoint, thr=0.0, show=False)
    assert [one["置信度"] for one in alone] == pytest.approx([one["置信度"] for one in found[1]], abs=1e-5)


def test_a_higher_threshold_gives_fewer_boxes(model, detector, workplace):
    counts = [
        len(model.inference(image=detector.picture, checkpoint=detector.checkpoint, thr=thr, show=False))
        for thr in (0.0, 0.3, 1.0)
    ]
    assert counts[0] >= counts[1] >= counts[2] == 0


def test_fast_inference_and_print_result_say_the_same(model, detector, workplace, capsys):
    model.load_checkpoint(checkpoint=str(detector.checkpoint), thr=0.1)
    fast = model.fast_inference(image=image.read(detector.picture), show=False)
    assert fast == model.inference(image=detector.picture, checkpoint=detector.checkpoint, thr=0.1, show=False)
    assert model.print_result() == fast
    assert capsys.readouterr().out.startswith("检测结果如下：\n")
    assert model.print_result(fast[:1]) == fast[:1]


def test_the_thresholds_of_two_stages_do_nothing_here_and_that_is_said_once(model, detector, workplace, capsys):
    for _ in range(2):
        model.inference(image=detector.picture, checkpoint=detector.checkpoint, rcnn_threshold=0.2, show=False)
    assert capsys.readouterr().out.count("has one stage") == 1


@pytest.mark.parametrize(
    ("save_best", "metric", "key"),
    [
        ("bbox_mAP", "bbox", "bbox_mAP"),
        ("bbox_mAP", "segm", "segm_mAP"),
        ("auto", "segm", "segm_mAP"),
        ("bbox_mAP_50", "segm", "bbox_mAP_50"),
        ("segm_mAP_75", "segm", "segm_mAP_75"),
    ],
)
def test_the_best_checkpoint_is_that_of_the_metric(save_best, metric, key):
    assert best_key(save_best, metric) == key


def test_masks_do_not_choose_the_best_of_boxes():
    with pytest.raises(ParameterInvalid, match="segm_mAP"):
        best_key("segm_mAP", "bbox")


# --- conversion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("backend", "suffix"),
    [("ONNX", ".onnx"), pytest.param("OpenVINO", ".xml", marks=pytest.mark.full), ("NCNN", ".ncnn.param")],
)
def test_the_exported_detector_says_the_same(model, detector, workplace, backend, suffix):
    file = model.convert(detector.checkpoint, backend, "出 口/找")
    assert file == Path("出 口", f"找{suffix}")
    exported = Model.load(file)
    names = ["out0", "out1"] if backend == "NCNN" else ["dets", "labels"]
    assert [spec.name for spec in exported.backend.outputs] == names
    trained = model.inference(image=detector.picture, checkpoint=detector.checkpoint, thr=0.05, show=False)
    found = Workflow(task="mmedu", checkpoint=file).inference(detector.picture, thr=0.05)
    assert len(found) >= len(trained) > 0
    for ours, theirs in zip(trained[:10], found[:10], strict=True):
        assert ours["置信度"] == pytest.approx(theirs["置信度"], abs=1e-3)


@pytest.mark.full
def test_each_runtime_finds_as_many_boxes_at_most(model, detector, workplace):
    said = model.inference(image=detector.picture, checkpoint=detector.checkpoint, thr=0.0, show=False)
    for backend in ("ONNX", "OpenVINO", "NCNN"):
        file = model.convert(detector.checkpoint, backend, "x")
        found = Workflow(task="mmedu", checkpoint=file).inference(detector.picture, thr=0.0)
        assert len(found) <= 200
        assert Model.load(file).info.options["max_detections"] == 200
        if backend != "NCNN" or len(found) == 200:
            assert len(found) == pytest.approx(len(said), abs=2)


def test_the_metadata_of_a_detector(model, detector, workplace):
    told = json.loads(Model.load(model.convert(detector.checkpoint, out_file="x")).backend.metadata["MODEL_INFO"])
    assert (told["codebase"], told["classes"]) == ("MMDet", ["方块", "圆"])
    assert told["modelname"] == "", "the original would feed 320 pixels"


@pytest.mark.full
def test_int8_is_measured_by_map(model, detector, workplace, capsys):
    model.load_dataset(detector.dataset, check=False)
    file = model.quantize(detector.checkpoint, "q", max_drop=100)
    assert "mAP FP32" in capsys.readouterr().out
    assert file.stat().st_size < 0.5 * model.convert(detector.checkpoint, out_file="f").stat().st_size


# --- bad input -------------------------------------------------------------------------------------------------------


def broken(detector, change) -> Path:
    root = Path(shutil.copytree(detector.dataset, "坏 的"))
    change(root)
    return root


def edited(root: Path, change) -> None:
    place = root / "annotations" / "train.json"
    document = json.loads(place.read_text("utf-8"))
    change(document)
    place.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda root: (root / "annotations/train.json").unlink(), AnnotationMissing, "train.json"),
        (lambda root: (root / "annotations/train.json").write_text('{"images": [', "utf-8"), DatasetInvalid, "line 1"),
        (lambda root: (root / "images/train/图 片 03.png").unlink(), DatasetInvalid, "图 片 03.png"),
        (lambda root: edited(root, lambda d: d["images"].append(d["images"][0])), DatasetInvalid, "id"),
        (lambda root: edited(root, lambda d: d["annotations"][0].update(image_id=99)), AnnotationMissing, "99"),
        (lambda root: edited(root, lambda d: d["annotations"][0].update(category_id=5)), AnnotationMissing, "5"),
        (
            lambda root: (root / "images/train/图 片 02.png").write_bytes(
                (root / "images/train/图 片 02.png").read_bytes()[:300]
            ),
            DatasetInvalid,
            "图 片 02.png",
        ),
    ],
)
def test_a_broken_set_is_named(model, detector, workplace, change, error, words):
    root = broken(detector, change)
    with pytest.raises(error) as caught:
        model.load_dataset(root)
    assert words in str(caught.value)


def test_boxes_without_area_are_counted(model, detector, workplace, capsys):
    root = broken(detector, lambda r: edited(r, lambda d: d["annotations"][0].update(bbox=[5, 5, 0, 9])))
    model.load_dataset(root)
    assert "1 boxes without area" in capsys.readouterr().out


def test_validation_without_any_box_is_reported_and_does_not_crash(detector, workplace, quick, model):
    root = broken(detector, lambda r: None)
    place = root / "annotations" / "valid.json"
    document = json.loads(place.read_text("utf-8"))
    document["annotations"] = []
    place.write_text(json.dumps(document), encoding="utf-8")
    model.load_dataset(root)
    assert model.train(epochs=1, batch_size=4, image_size=96, save_fold="m")[-1]["bbox_mAP"] == 0


def test_turned_phone_pictures_keep_their_boxes(detector, workplace, model):
    """The JSON holds the stored size, the picture is shown turned."""
    root = detection_data.write(Path("照 片"), suffix=".jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    for path in (root / "images" / "train").iterdir():
        with Image.open(path) as opened:
            opened.load()
            opened.save(path, exif=exif)
    model.load_dataset(root)
    first = model._session.dataset.data.dataset.train[0]
    assert (first.width, first.height) == (90, 120)
    assert all(box.corners[2] <= 90 and box.corners[3] <= 120 for box in first.boxes)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m, d: m.train(), DatasetNotLoaded, "no dataset"),
        (lambda m, d: m.load_dataset("nowhere"), DatasetNotFound, "nowhere"),
        (lambda m, d: m.load_dataset(d.dataset, check="maybe"), ParameterInvalid, "check"),
        (lambda m, d: m.inference(image=d.picture), CheckpointNotFound, "checkpoint"),
        (lambda m, d: m.inference(image="no.jpg", checkpoint=d.checkpoint), ImageNotFound, "no.jpg"),
        (lambda m, d: m.inference(image=d.picture, checkpoint=d.checkpoint, thr=2), ParameterInvalid, "thr=2"),
        (
            lambda m, d: m.inference(image=d.picture, checkpoint=d.checkpoint, rpn_threshold="x"),
            ParameterInvalid,
            "rpn",
        ),
        (lambda m, d: m.inference(threshold=0.5), ParameterUnknown, "rpn_threshold"),
        (lambda m, d: m.fast_inference(image=d.picture), NothingLoaded, "load_checkpoint"),
        (lambda m, d: m.print_result(), NothingToShow, "inference"),
        (lambda m, d: m.print_result("boxes"), ParameterInvalid, "no result"),
        (lambda m, d: MMDetection("SSDLite"), BackboneUnknown, "SSD_Lite"),
        (
            lambda m, d: MMDetection("YOLO").inference(image=d.picture, checkpoint=d.checkpoint),
            CheckpointInvalid,
            "SSD",
        ),
        (lambda m, d: m.convert(d.checkpoint, dynamic=True), ParameterInvalid, "one picture at a time"),
    ],
)
def test_a_mistake_is_named(model, detector, workplace, call, error, words):
    with pytest.raises(error) as caught:
        call(model, detector)
    assert words in str(caught.value)


def test_num_classes_that_disagrees(model, detector, workplace, refused):
    model.load_dataset(detector.dataset, check=False)
    model.num_classes = 3
    with refused(ClassCountMismatch):
        model.train(epochs=1)


def test_a_checkpoint_of_the_other_task(model, trained, detector, workplace, refused):
    with refused(TaskMismatch):
        model.inference(image=detector.picture, checkpoint=trained.checkpoint)
    with refused(TaskMismatch):
        MMClassification("LeNet").inference(image=detector.picture, checkpoint=detector.checkpoint)


def test_pictures_of_every_kind(model, detector, workplace):
    model.load_checkpoint(detector.checkpoint, thr=0.0)
    rng = np.random.default_rng(0)
    for pixels in (rng.integers(0, 256, (50, 70), np.uint8), rng.integers(0, 256, (50, 70, 4), np.uint8)):
        assert model.fast_inference(image=Image.fromarray(pixels), show=True)
