"""``Workflow`` as the documents use it: data in, results, pictures and languages out."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import models_on_disk as models
from BaseDT import display, fonts, image
from BaseDT.data import ImageData
from BaseDT.errors import (
    CheckpointInvalid,
    CheckpointNotFound,
    DeviceUnavailable,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    ImageUnsupported,
    NothingToShow,
    ParameterInvalid,
    ParameterUnknown,
    PathNotWritable,
    TaskMismatch,
    TaskUnknown,
)
from BaseDT.model_info import ModelInfo
from BaseDT.results import DetectionResult
from XEdu.hub import Workflow, pictures
from XEdu.presets.names import PRESETS
from XEdu.runtime import sidecar

BOX = {"标签": 1, "置信度": 0.9, "坐标": {"x1": 8, "y1": 8, "x2": 32, "y2": 24}, "预测结果": "绿色"}
NOISE = np.random.default_rng(0).integers(0, 256, (32, 64, 3), np.uint8)


@pytest.fixture
def classifier(folder: Path) -> Workflow:
    return Workflow(task="mmedu", checkpoint=models.classifier(folder / "颜 色.onnx"))


@pytest.fixture
def detector(folder: Path) -> Workflow:
    return Workflow(task="mmedu", checkpoint=str(models.detector(folder / "检 测.onnx")))


@pytest.fixture
def photos(folder: Path) -> Path:
    """A folder of a red, a green and a blue picture."""
    for number, colour in enumerate(models.COLOURS):
        image.write(folder / "照 片" / f"图 {number} {colour}.png", models.picture(colour))
    return folder / "照 片"


def names(result: list[dict[str, object]]) -> list[object]:
    return [each["预测结果"] for each in result]


def _pillow(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.copy()


# --- what it takes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["str", "Path", "array", "pil", "pil gray", "bgra"])
def test_one_picture_gives_one_dictionary(classifier: Workflow, photos: Path, kind: str) -> None:
    path = photos / "图 2 blue.png"
    pixels = image.read(path)
    data = {
        "str": str(path),
        "Path": path,
        "array": pixels,
        "pil": _pillow(path),
        "pil gray": _pillow(path).convert("P"),
        "bgra": np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)]),
    }[kind]
    result = classifier.inference(data=data)
    assert (result["标签"], result["预测结果"]) == (2, "蓝色")
    assert set(result) == {"标签", "置信度", "预测结果"}


@pytest.mark.parametrize("kind", ["folder", "list", "mixed", "stack", "list of one"])
def test_many_pictures_give_a_list_with_their_files(classifier: Workflow, photos: Path, kind: str) -> None:
    files = sorted(photos.iterdir())
    pixels = [image.read(file) for file in files]
    data = {
        "folder": str(photos),
        "list": files,
        "mixed": [str(files[0]), pixels[1], _pillow(files[2])],
        "stack": np.stack(pixels),
        "list of one": files[:1],
    }[kind]
    result = classifier.inference(data)
    assert names(result) == list(models.CLASSES)[: len(result)]
    assert [each["文件名"] for each in result] == classifier.files
    if kind in ("folder", "list"):
        assert classifier.files == [file.name for file in files]


def test_a_classifier_of_several_formats_says_the_same(folder: Path, classifier: Workflow) -> None:
    known = models.info()
    xml = models.openvino_of(folder / "颜 色.onnx", folder / "颜 色.xml", known)
    param = models.ncnn_classifier(folder / "颜 色.ncnn.param")
    sidecar.path_of(param).write_bytes(sidecar.to_bytes(known.to_metadata()))
    expected = classifier.inference(NOISE)
    for file in (xml, param):
        result = Workflow("mmedu", file).inference(NOISE)
        assert result["标签"] == expected["标签"]
        assert result["置信度"] == pytest.approx(expected["置信度"], abs=1e-5)


def test_results_are_plain_numbers(classifier: Workflow, detector: Workflow) -> None:
    for workflow in (classifier, detector):
        json.dumps(workflow.inference(NOISE))
    assert type(classifier.inference(NOISE)["标签"]) is int
    assert type(classifier.inference(NOISE)["置信度"]) is float


def test_a_detector_gives_a_list_of_boxes(detector: Workflow) -> None:
    result = detector.inference(NOISE)
    assert result[0] == {**BOX, "置信度": pytest.approx(0.9)}
    assert len(result) == 2
    assert len(detector.inference(NOISE, thr=0.6)) == 1
    assert detector.inference(NOISE, thr=0.95) == []


def test_many_pictures_of_a_detector_give_a_list_each(detector: Workflow, photos: Path) -> None:
    result = detector.inference(photos)
    assert [len(boxes) for boxes in result] == [2, 2, 2]
    assert detector.files == [file.name for file in sorted(photos.iterdir())]


def test_pictures_that_cannot_be_read_are_left_out_and_named(
    classifier: Workflow, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "图 1 green.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    assert names(classifier.inference(photos)) == ["红色", "蓝色"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "图 1 green.png" in captured.err


def test_what_a_folder_holds_beside_its_pictures_is_told_in_one_line(
    classifier: Workflow, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "动 图.gif").write_bytes(b"GIF89a")
    (photos / "更 多").mkdir()
    assert len(classifier.inference(photos)) == 3
    assert capsys.readouterr().err == "Passed over in 照 片: 1 GIF and 1 sub-folder.\n"


def test_a_folder_of_class_folders_says_to_give_one(classifier: Workflow, folder: Path, photos: Path, refused) -> None:
    (folder / "照 片" / "猫").mkdir()
    for file in photos.glob("*.png"):
        file.rename(photos / "猫" / file.name)
    with refused(ImageNotFound, "sub-folders: 猫", "Give one of them"):
        classifier.inference(photos)


@pytest.mark.parametrize("call", [Workflow.inference, lambda _, data: ImageData(data)])
def test_a_picture_that_opencv_did_not_find_says_so(classifier: Workflow, call, refused) -> None:
    with refused(ImageTypeUnsupported, "data is None: cv2.imread found no file, or the camera gave no frame"):
        call(classifier, cv2.imread("没有.jpg"))


def test_where_no_picture_can_be_read_the_first_is_named(classifier: Workflow, photos: Path, refused) -> None:
    for file in photos.iterdir():
        file.write_bytes(b"\xff\xd8\xff")
    with refused(ImageDamaged, "图 0 red.png"):
        classifier.inference(photos)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (None, ImageTypeUnsupported),
        (3, ImageTypeUnsupported),
        ([], ImageTypeUnsupported),
        ({}, ImageTypeUnsupported),
        ("没有.jpg", ImageNotFound),
        (np.zeros((2, 2, 7), np.uint8), ImageTypeUnsupported),
    ],
)
def test_data_that_are_no_picture_are_named(classifier: Workflow, data: object, kind: type, refused) -> None:
    with refused(kind):
        classifier.inference(data)


def test_a_file_that_is_no_picture_is_named(classifier: Workflow, folder: Path, refused) -> None:
    (folder / "笔 记.txt").write_text("你好", "utf-8")
    with refused(ImageUnsupported, "笔 记.txt"):
        classifier.inference("笔 记.txt")


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_the_drawn_picture_is_an_array_or_a_pillow_image(classifier: Workflow) -> None:
    plain = image.read(NOISE).copy()
    result, drawn = classifier.inference(NOISE, img_type="cv2")
    assert (drawn.dtype, drawn.ndim) == (np.uint8, 3)
    assert result == classifier.inference(NOISE)
    same, pillow = classifier.inference(NOISE, img_type="PIL")
    assert (pillow.mode, same) == ("RGB", result)
    assert np.array_equal(np.asarray(pillow)[:, :, ::-1], drawn)
    assert np.array_equal(NOISE, plain), "the user's own array stays as it is"


def test_boxes_are_drawn(detector: Workflow) -> None:
    picture = np.full((300, 400, 3), 255, np.uint8)
    _, drawn = detector.inference(picture, img_type="cv2")
    assert drawn.shape == picture.shape
    assert not np.array_equal(drawn, picture)
    nothing, same = detector.inference(picture, img_type="cv2", thr=1.0)
    assert nothing == []
    assert np.array_equal(same, picture)


@pytest.mark.parametrize("size", [(120, 160), (28, 28), (20, 300)])
def test_a_small_picture_comes_back_in_its_size(
    classifier: Workflow, detector: Workflow, size: tuple[int, int], folder: Path
) -> None:
    picture = np.full((*size, 3), 255, np.uint8)
    for workflow in (classifier, detector):
        _, drawn = workflow.inference(picture, img_type="cv2")
        _, pillow = workflow.inference(picture, img_type="pil")
        assert drawn.shape == picture.shape
        assert pillow.size == size[::-1]
        assert not np.array_equal(drawn, picture)
        assert max(image.read(workflow.save(drawn, "大.png")).shape) >= 224


def test_many_pictures_come_back_drawn(classifier: Workflow, photos: Path) -> None:
    result, drawn = classifier.inference(photos, img_type="cv2")
    assert len(result) == len(drawn) == 3


def test_a_gray_model_draws_on_the_coloured_picture(folder: Path) -> None:
    known = models.info(("暗", "亮"), channels=1)
    workflow = Workflow("mmedu", models.classifier(folder / "x.onnx", known=known, classes=2, channels=1))
    image.write(folder / "红.png", models.picture("red", (240, 240)))
    plain = workflow.inference("红.png")
    result, drawn = workflow.inference("红.png", img_type="cv2")
    assert result == plain
    assert drawn[-1, -1].tolist() == [0, 0, 200]


@pytest.mark.parametrize("img_type", ["cv", "PLI", 3, True])
def test_another_img_type_is_refused(classifier: Workflow, img_type: object, refused) -> None:
    with refused(ParameterInvalid, "img_type", "'cv2'"):
        classifier.inference(NOISE, img_type=img_type)  # type: ignore[arg-type]


def test_a_picture_is_shown_where_there_is_a_screen(classifier: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[np.ndarray] = []
    monkeypatch.setattr(display, "show", lambda picture: shown.append(picture) or True)
    _, drawn = classifier.inference(NOISE, show=True, img_type="cv2")
    classifier.show(drawn)
    classifier.show()
    assert len(shown) == 3
    assert {each.shape for each in shown} == {(128, 256, 3)}, "a small picture is shown larger"
    drawn[:] = 0
    classifier.show(drawn)
    assert np.array_equal(shown[-1], drawn), "what the user drew is shown as it is"


def test_many_pictures_are_shown_as_one(classifier: Workflow, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[np.ndarray] = []
    monkeypatch.setattr(display, "show", lambda picture: shown.append(picture) or True)
    classifier.inference(photos, show=True)
    classifier.show()
    assert len(shown) == 2


def test_without_a_screen_nothing_waits_and_one_line_says_so(
    classifier: Workflow, capsys: pytest.CaptureFixture[str]
) -> None:
    classifier.inference(NOISE, show=True)
    assert "No screen" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["结 果.jpg", "新 文件夹/结果.png"])
def test_a_picture_is_saved(classifier: Workflow, folder: Path, name: str) -> None:
    _, drawn = classifier.inference(NOISE, img_type="pil")
    assert classifier.save(drawn, name) == Path(name)
    assert image.read(folder / name).shape[2] == 3


def test_the_last_result_is_saved_without_a_picture(classifier: Workflow, folder: Path) -> None:
    picture = np.full((240, 320, 3), 90, np.uint8)
    _, drawn = classifier.inference(picture, img_type="cv2")
    classifier.inference(picture)
    classifier.save(path="new.png")
    assert np.array_equal(image.read(folder / "new.png"), drawn)


def test_a_result_is_saved_on_the_picture_that_was_inferred(classifier: Workflow, folder: Path) -> None:
    """A maker's loop: one array for all frames, or one file that is written again and again."""
    frame = np.full((240, 320, 3), 90, np.uint8)
    image.write("现在.png", frame)
    _, drawn = classifier.inference(frame.copy(), img_type="cv2")
    for data in (frame, "现在.png"):
        classifier.inference(data)
        frame[:] = 0
        image.write("现在.png", frame)
        classifier.save(path="新.png")
        assert np.array_equal(image.read("新.png"), drawn)
        frame[:] = 90
        image.write("现在.png", frame)


def test_arrays_of_a_list_are_those_that_were_inferred(classifier: Workflow) -> None:
    frames = [np.full((240, 320, 3), 90, np.uint8), np.full((240, 320, 3), 200, np.uint8)]
    expected = [np.array(drawn) for drawn in classifier.inference(frames, img_type="cv2")[1]]
    for options in ({}, {"img_type": "cv2"}):
        classifier.inference(frames, **options)
        for frame in frames:
            frame += 5
        files = classifier.save(path="新.png")
        assert isinstance(files, list)
        assert all(np.array_equal(image.read(file), drawn) for file, drawn in zip(files, expected, strict=True))
        for frame in frames:
            frame -= 5


@pytest.mark.parametrize("how", ["save", "show"])
def test_files_that_changed_after_inference_are_refused(classifier: Workflow, photos: Path, how: str, refused) -> None:
    classifier.inference(photos)
    image.write(photos / "图 1 green.png", models.picture("red", (30, 30)))
    with refused(NothingToShow, "图 1 green.png has changed", "img_type"):
        getattr(classifier, how)()
    (photos / "图 1 green.png").unlink()
    with refused(ImageNotFound, "图 1 green.png"):
        getattr(classifier, how)()


def test_a_gray_model_notices_that_the_coloured_picture_changed(folder: Path, refused) -> None:
    known = models.info(("暗", "亮"), channels=1)
    workflow = Workflow("mmedu", models.classifier(folder / "x.onnx", known=known, classes=2, channels=1))
    image.write("图.png", models.picture("red", (240, 240)))
    workflow.inference("图.png")
    assert image.read(workflow.save(path="新.png"))[-1, -1].tolist() == [0, 0, 200]  # type: ignore[arg-type]
    image.write("图.png", models.picture("green", (250, 240)))
    with refused(NothingToShow, "图.png has changed"):
        workflow.save(path="新.png")
    red = models.picture("red", (240, 240))
    workflow.inference(red)
    red[:] = 0
    assert image.read(workflow.save(path="新.png"))[-1, -1].tolist() == [0, 0, 200]  # type: ignore[arg-type]


def test_a_folder_that_is_only_shown_is_not_kept_in_memory(
    classifier: Workflow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[np.ndarray] = []
    monkeypatch.setattr(display, "show", lambda picture: shown.append(picture) or True)
    for number in range(10):
        image.write(folder / "大 图" / f"{number}.png", models.picture("red", (1000, 1000)))
    tracemalloc.start()
    classifier.inference(folder / "大 图", show=True)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 3_000_000
    classifier.show()
    assert np.array_equal(*shown)


def test_many_pictures_are_saved_with_numbers(classifier: Workflow, photos: Path, folder: Path) -> None:
    _, drawn = classifier.inference(photos, img_type="cv2")
    written = classifier.save(drawn, "new.png")
    assert isinstance(written, list)
    assert all(file.is_file() for file in written)
    assert [file.name for file in written] == ["new_0.png", "new_1.png", "new_2.png"]


def test_a_picture_that_cannot_be_written_is_named(classifier: Workflow, folder: Path, refused) -> None:
    _, drawn = classifier.inference(NOISE, img_type="cv2")
    (folder / "file").write_text("", "utf-8")
    with refused(PathNotWritable):
        classifier.save(drawn, "file/new.png")
    with refused(ImageUnsupported, "'.gif'"):
        classifier.save(drawn, "new.gif")
    with refused(ParameterInvalid, "path"):
        classifier.save(drawn, None)  # type: ignore[arg-type]


# --- format_output ----------------------------------------------------------------------------------------------------

KEYS = {
    "zh": ["标签", "置信度", "坐标", "预测结果"],
    "en": ["label", "confidence", "coordinates", "prediction"],
    "ru": ["метка", "уверенность", "координаты", "предсказание"],
    "de": ["Label", "Konfidenz", "Koordinaten", "Vorhersage"],
    "fr": ["étiquette", "confiance", "coordonnées", "prédiction"],
}


@pytest.mark.parametrize("lang", KEYS)
def test_a_result_in_a_language(
    classifier: Workflow, detector: Workflow, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    classifier.inference(NOISE)
    detector.inference(NOISE)
    boxes = detector.format_output(lang=lang)
    assert list(boxes[0]) == KEYS[lang]
    assert boxes[0][KEYS[lang][2]] == BOX["坐标"]
    one = classifier.format_output(lang=lang.upper())
    assert list(one) == [key for key in KEYS[lang] if key != KEYS[lang][2]]
    printed = capsys.readouterr().out
    assert all(key in printed for key in KEYS[lang])


def test_it_prints_only_when_asked(classifier: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    result = classifier.inference(NOISE)
    assert capsys.readouterr() == ("", "")
    assert classifier.format_output(isprint=False) == result
    assert capsys.readouterr() == ("", "")


def test_it_formats_many(classifier: Workflow, photos: Path) -> None:
    classifier.inference(photos)
    assert [each["file"] for each in classifier.format_output("en", False)] == classifier.files


@pytest.mark.parametrize("lang", ["chinese", "es", "", None, 3])
def test_an_unknown_language_lists_those_that_are_there(classifier: Workflow, lang: object, refused) -> None:
    classifier.inference(NOISE)
    with refused(ParameterInvalid, "lang", "'zh', 'en', 'ru', 'de', 'fr'"):
        classifier.format_output(lang)  # type: ignore[arg-type]


# --- order of calls, parameters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call", [lambda w: w.show(), lambda w: w.show(NOISE), lambda w: w.format_output(), lambda w: w.save(NOISE, "x.jpg")]
)
def test_nothing_is_shown_before_inference(classifier: Workflow, call, refused) -> None:
    with refused(NothingToShow, "inference"):
        call(classifier)


def test_misspelt_parameters_offer_the_right_one(classifier: Workflow, folder: Path, refused) -> None:
    with refused(ParameterUnknown, "thresh", "thr"):
        classifier.inference(NOISE, thresh=0.3)  # type: ignore[call-arg]
    with refused(ParameterUnknown, "chekpoint", "checkpoint"):
        Workflow("mmedu", chekpoint="x.onnx")  # type: ignore[call-arg]
    with refused(ParameterUnknown, "language", "lang"):
        classifier.format_output(language="en")  # type: ignore[call-arg]


@pytest.mark.parametrize("thr", [-0.1, 1.1, "0.5", "Auto", float("nan"), True])
def test_a_threshold_that_cannot_be_is_refused(classifier: Workflow, detector: Workflow, thr: object, refused) -> None:
    for model in (classifier, detector):
        with refused(ParameterInvalid, "thr"):
            model.inference(NOISE, thr=thr)  # type: ignore[arg-type]


def test_a_detector_without_a_suggestion_has_the_documented_threshold(detector: Workflow, refused) -> None:
    with refused(ParameterInvalid, "thr", "suggests no score"):
        detector.inference(NOISE, thr="auto")
    assert detector.inference(NOISE) == detector.inference(NOISE, thr=0.3) != detector.inference(NOISE, thr=0.1)


@pytest.mark.parametrize("options", [{"preprocess": len}, {"postprocess": len}])
def test_functions_belong_to_the_task_custom(classifier: Workflow, options: dict[str, object], refused) -> None:
    with refused(ParameterInvalid, "custom"):
        classifier.inference(NOISE, **options)  # type: ignore[arg-type]


# --- tasks and models -------------------------------------------------------------------------------------------------


def test_the_tasks_are_listed(classifier: Workflow) -> None:
    assert Workflow.support_task() == classifier.support_task() == ["mmedu", "basenn", "baseml", "custom", *PRESETS]


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("mmedo", ("Did you mean 'mmedu'", "mmedu, basenn, baseml, custom")),
        ("pose_hand12", ("Did you mean 'pose_hand21'",)),
        ("", ("mmedu, basenn, baseml, custom",)),
        (None, ("mmedu, basenn, baseml, custom",)),
        (3, ("mmedu, basenn, baseml, custom",)),
    ],
)
def test_an_unknown_task_says_what_is_known(task: object, words: tuple[str, ...], refused) -> None:
    with refused(TaskUnknown, *words):
        Workflow(task=task, checkpoint="x.onnx")  # type: ignore[arg-type]


@pytest.mark.parametrize("task", ["mmedu", "basenn", "baseml", "custom"])
def test_a_missing_model_is_named(task: str, folder: Path, refused) -> None:
    with refused(CheckpointNotFound, "checkpoint="):
        Workflow(task)
    with refused(CheckpointNotFound, "没有.onnx"):
        Workflow(task, "没有.onnx")


def test_letter_case_of_a_task_is_ignored(folder: Path) -> None:
    workflow = Workflow("MMEdu", models.classifier(folder / "x.onnx"))
    assert repr(workflow).startswith("Workflow(task='mmedu'")


def test_a_download_path_is_not_needed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Workflow("mmedu", models.classifier(folder / "x.onnx"), "somewhere")
    assert "nothing is downloaded" in capsys.readouterr().err


def test_a_model_of_another_codebase_is_no_task_of_mmedu(folder: Path, refused) -> None:
    with refused(TaskMismatch, "MMPose", "MMCls"):
        Workflow("mmedu", models.classifier(folder / "x.onnx", known=models.foreign(codebase="MMPose")))


def test_a_file_of_the_original_tools_runs(folder: Path) -> None:
    file = models.classifier(folder / "x.onnx", known=models.foreign("MobileNet"), size=(224, 224))
    assert Workflow("mmedu", file).inference(models.picture("green"))["预测结果"] == "绿色"


def test_without_metadata_it_runs_raw_and_says_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow = Workflow("mmedu", models.classifier(folder / "外 来.onnx", known={}))
    told = capsys.readouterr().err
    assert "外 来.onnx" in told
    assert "classes" in told
    assert "16×16" in told
    assert told.count("\n") == 1
    (raw,) = workflow.inference(models.picture("green"))
    assert raw.shape == (1, 3)
    assert raw.argmax() == 1
    (of_tensor,) = workflow.inference(np.zeros((1, 3, 16, 16), np.float32))
    assert of_tensor.shape == (1, 3)
    assert [len(outputs) for outputs in workflow.inference([NOISE, NOISE])] == [1, 1]
    assert np.array_equal(workflow.format_output()[0][0], workflow.inference(NOISE)[0])


def test_without_any_size_only_tensors_run(folder: Path, refused, capsys: pytest.CaptureFixture[str]) -> None:
    workflow = Workflow("mmedu", models.classifier(folder / "x.onnx", known={}, size=("h", "w")))
    assert "tensors" in capsys.readouterr().err
    assert workflow.inference(np.zeros((1, 3, 20, 20), np.float32))[0].shape == (1, 3)
    with refused(CheckpointInvalid, "custom"):
        workflow.inference(NOISE)


def test_a_failed_inference_leaves_no_older_answer(classifier: Workflow, refused) -> None:
    """In a loop with try and except it would pass for the new one."""
    classifier.inference(models.picture("green"))
    with refused(ImageNotFound):
        classifier.inference("没有.jpg")
    with refused(NothingToShow):
        classifier.format_output(isprint=False)


def test_our_file_says_what_the_original_client_would_say(folder: Path) -> None:
    """The original reads ``MODEL_INFO`` and takes the highest of ``probs``."""
    import onnxruntime

    from XEdu.runtime.model import Model

    file = models.classifier(folder / "x.onnx")
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    known = json.loads(session.get_modelmeta().custom_metadata_map["MODEL_INFO"])
    (probs,) = session.run(["probs"], {"input": Model.load(file).tensor(models.picture("blue"))})
    assert known["classes"][int(probs[0].argmax())] == "蓝色"


def test_boxes_of_a_workflow_are_those_of_the_result_class(detector: Workflow) -> None:
    box = DetectionResult(label=1, score=0.9, box=(8, 8, 32, 24), name="绿色")
    assert detector.inference(NOISE)[0] == {**box.to_chinese(), "置信度": pytest.approx(0.9)}


def test_a_detector_that_stretches_and_one_of_another_size(folder: Path) -> None:
    known = ModelInfo("detection", "SSD_Lite", models.CLASSES, models.preprocess(size=(32, 16)), "detection")
    file = models.detector(folder / "x.onnx", [(0, 0, 8, 16, 0.9)], [0], known=known, size=(32, 16))
    (box,) = Workflow("mmedu", file).inference(np.zeros((64, 64, 3), np.uint8))
    assert box["坐标"] == {"x1": 0, "y1": 0, "x2": 32, "y2": 32}


def test_an_empty_path_is_not_the_working_directory(classifier: Workflow, photos: Path) -> None:
    with pytest.raises(ImageTypeUnsupported):
        classifier.inference("")


def test_a_provider_that_is_not_there_is_named(folder: Path, refused) -> None:
    file = models.classifier(folder / "x.onnx")
    with refused(DeviceUnavailable) as caught:
        Workflow(task="mmedu", checkpoint=file, providers=["TensorrtExecutionProvider"])
    assert "TensorrtExecutionProvider" in caught.value.message


def test_where_chinese_names_cannot_be_drawn_a_line_says_once_how_to_get_a_font(classifier, monkeypatch, capsys):
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    pictures._notify_of_fonts.cache_clear()
    classifier.inference(NOISE)
    assert fonts.font_hint() not in capsys.readouterr().err, "nothing was drawn"
    for _ in range(2):
        classifier.inference(NOISE, img_type="cv2")
    assert capsys.readouterr().err.count(fonts.font_hint()) == 1
