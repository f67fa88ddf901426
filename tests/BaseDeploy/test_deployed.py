"""Raw outputs, and the results that are in them."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import BaseDeploy
import models_on_disk as models
from BaseDeploy.deployed import DeployedModel
from BaseDT import display, image
from BaseDT.data import ImageData
from BaseDT.errors import (
    CheckpointInvalid,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    NothingToShow,
    ParameterInvalid,
    ParameterUnknown,
)
from XEdu.hub import pictures

NOISE = np.random.default_rng(0).integers(0, 256, (32, 64, 3), np.uint8)


@pytest.fixture
def classifier(folder: Path) -> DeployedModel:
    return BaseDeploy.load(models.classifier(folder / "颜 色.onnx"))


@pytest.fixture
def detector(folder: Path) -> DeployedModel:
    return BaseDeploy.load(models.detector(folder / "检 测.onnx"))


@pytest.fixture
def photos(folder: Path) -> Path:
    """A folder of a red, a green and a blue picture."""
    for number, colour in enumerate(models.COLOURS):
        image.write(folder / "照 片" / f"图 {number} {colour}.png", models.picture(colour))
    return folder / "照 片"


# --- inference --------------------------------------------------------------------------------------------------------


def test_it_returns_what_the_runtime_gave(classifier: DeployedModel) -> None:
    raw = classifier.inference(NOISE)
    assert isinstance(raw, list)
    assert len(raw) == 1
    assert np.array_equal(raw[0], classifier.diy_inference(models.preprocess()(NOISE))[0])


@pytest.mark.parametrize("kind", ["str", "Path", "array", "pil", "ImageData"])
def test_one_picture_is_one_dictionary(classifier: DeployedModel, photos: Path, kind: str) -> None:
    path = photos / "图 1 green.png"
    data = {
        "str": str(path),
        "Path": path,
        "array": image.read(path),
        "pil": Image.fromarray(image.read(path)[:, :, ::-1]),
        "ImageData": ImageData(path, preprocess=models.info()),
    }[kind]
    result = classifier.print_result(classifier.inference(data))
    assert (result["标签"], result["预测结果"]) == (1, "绿色")
    assert set(result) == {"标签", "置信度", "预测结果"}
    json.dumps(result)


@pytest.mark.parametrize("kind", ["folder", "list", "ImageData", "list of ImageData"])
def test_several_pictures_are_a_list(classifier: DeployedModel, photos: Path, kind: str) -> None:
    files = sorted(photos.iterdir())
    data = {
        "folder": photos,
        "list": [str(files[0]), image.read(files[1]), files[2]],
        "ImageData": ImageData(photos, preprocess=models.info()),
        "list of ImageData": [ImageData(file, preprocess=models.info()) for file in files],
    }[kind]
    raw = classifier.inference(data)
    assert len(raw) == 3
    assert [result["预测结果"] for result in classifier.print_result(raw)] == list(models.CLASSES)


def test_a_folder_names_its_files(classifier: DeployedModel, photos: Path) -> None:
    results = classifier.print_result(classifier.inference(photos))
    assert [result["文件名"] for result in results] == [file.name for file in sorted(photos.iterdir())]


def test_show_path_names_the_whole_path(classifier: DeployedModel, photos: Path) -> None:
    one, path = classifier, photos / "图 0 red.png"
    assert one.print_result(one.inference(path, show_path=True))["文件名"] == str(path)
    assert one.print_result(one.inference(photos, show_path=True))[0]["文件名"] == str(path)


def test_boxes_are_in_pixels_of_the_picture(detector: DeployedModel) -> None:
    (box,) = detector.print_result(detector.inference(NOISE))
    assert box["坐标"] == {"x1": 8, "y1": 8, "x2": 32, "y2": 24}
    assert box["预测结果"] == "绿色"


@pytest.mark.parametrize(("score", "count"), [(None, 1), (0, 3), (0.3, 2), (1, 0)])
def test_boxes_below_the_score_are_left_out(detector: DeployedModel, score: float | None, count: int) -> None:
    assert len(detector.print_result(detector.inference(NOISE, score=score))) == count


def test_an_older_raw_output_keeps_its_own_picture(detector: DeployedModel) -> None:
    first = detector.inference(NOISE)
    detector.inference(np.zeros((160, 160, 3), np.uint8))
    assert detector.print_result(first)[0]["坐标"] == {"x1": 8, "y1": 8, "x2": 32, "y2": 24}


def test_boxes_of_image_data_go_back_by_its_own_geometry(detector: DeployedModel) -> None:
    data = ImageData(NOISE, size=(16, 16), normalize=True)
    assert detector.print_result(detector.inference(data))[0]["坐标"] == {"x1": 8, "y1": 8, "x2": 32, "y2": 24}


def test_boxes_of_many_image_data_go_back_to_their_own_picture(detector: DeployedModel, folder: Path) -> None:
    for number, size in enumerate(((16, 16), (32, 64))):
        image.write(folder / "两 张" / f"{number}.png", models.picture("red", size))
    data = ImageData(folder / "两 张", size=(16, 16), normalize=True)
    boxes = [found["坐标"] for (found,) in detector.print_result(detector.inference(data))]
    assert boxes == [{"x1": 2, "y1": 4, "x2": 8, "y2": 12}, {"x1": 8, "y1": 8, "x2": 32, "y2": 24}]


def test_image_data_that_do_not_fit_are_named(classifier: DeployedModel, refused) -> None:
    with refused(ParameterInvalid, "1 × 3 × 20 × 20"):
        classifier.inference(ImageData(NOISE, size=(20, 20), normalize=True))


def test_what_came_with_a_picture_can_be_printed(classifier: DeployedModel, photos: Path) -> None:
    for data in (NOISE, photos):
        for get_img in ("cv2", "pil"):
            raw, _ = found = classifier.inference(data, get_img=get_img)
            assert classifier.print_result(found) == classifier.print_result(raw)
    one = classifier.inference(NOISE)
    assert len(classifier.print_result((one, one))) == 2


def test_plain_arrays_can_be_printed(classifier: DeployedModel, detector: DeployedModel) -> None:
    assert classifier.print_result([np.float32([[0.1, 0.2, 0.7]])])["预测结果"] == "蓝色"
    raw = [np.float32([[[1, 2, 3, 4, 0.9]]]), np.int64([[0]])]
    assert detector.print_result(raw)[0]["坐标"] == {"x1": 1, "y1": 2, "x2": 3, "y2": 4}


def test_the_drawn_picture_comes_with_the_raw_output(detector: DeployedModel, photos: Path) -> None:
    picture = np.full((300, 400, 3), 255, np.uint8)
    raw, drawn = detector.inference(picture, get_img="cv2")
    assert len(raw) == 2
    assert drawn.shape == picture.shape
    assert not np.array_equal(drawn, picture)
    _, pillow = detector.inference(picture, get_img="pil")
    assert np.array_equal(np.asarray(pillow)[:, :, ::-1], drawn)
    _, small = detector.inference(picture[:120, :160], get_img="cv2")
    assert small.shape == (120, 160, 3)
    many, pictures = detector.inference(photos, get_img="cv2")
    assert (len(many), len(pictures)) == (3, 3)


def test_pictures_are_shown_when_asked(
    classifier: DeployedModel, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[np.ndarray] = []
    monkeypatch.setattr(display, "show", lambda picture: shown.append(picture) or True)
    classifier.inference(NOISE)
    assert shown == []
    classifier.inference(NOISE, show=True)
    classifier.inference(photos, show=True)
    assert len(shown) == 2


def test_a_folder_that_is_only_shown_is_kept_small(
    classifier: DeployedModel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[np.ndarray] = []
    monkeypatch.setattr(display, "show", lambda picture: shown.append(picture) or True)
    enlarged, draw_on, small = [], pictures.drawn, pictures.show

    def counted(picture: np.ndarray, result: object, kind: object, *, enlarge: bool = True) -> np.ndarray:
        enlarged.append(enlarge)
        return draw_on(picture, result, kind, enlarge=enlarge)

    def measured(made: list[np.ndarray], names: list[str]) -> None:
        sizes.append({picture.shape for picture in made})
        small(made, names)

    sizes: list[set[tuple[int, ...]]] = []
    monkeypatch.setattr(pictures, "drawn", counted)
    monkeypatch.setattr(pictures, "show", measured)
    for number in range(3):
        image.write(folder / "大 图" / f"{number}.png", models.picture("red", (400, 600)))
    classifier.inference(folder / "大 图", show=True)
    assert enlarged == [True] * 3, "nothing is drawn that nobody asked for"
    assert sizes == [{(160, 160, 3)}]
    classifier.inference([folder / "大 图" / "0.png"], show=True)
    assert shown[1].shape == (400, 600, 3), "one alone is shown whole"


def test_results_are_printed_and_returned(classifier: DeployedModel, capsys: pytest.CaptureFixture[str]) -> None:
    raw = classifier.inference(models.picture("red"))
    assert capsys.readouterr() == ("", "")
    result = classifier.print_result(raw)
    assert capsys.readouterr().out.strip() == str(result)
    assert classifier.print_result() == result


@pytest.mark.parametrize("kind", ["mixed", "folder", "folder in a list"])
def test_lists_of_image_data_follow_the_rules_of_other_lists(
    classifier: DeployedModel, photos: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    red, green, blue = sorted(photos.iterdir())
    whole = ImageData(blue, preprocess=models.info())
    many = ImageData(photos, preprocess=models.info())
    green.write_bytes(b"")
    data = {"mixed": [red, green, whole, ImageData(image.read(red), preprocess=models.info()), image.read(blue), whole]}
    results = classifier.print_result(classifier.inference(data.get(kind, many if kind == "folder" else [many])))
    assert "图 1 green.png" in capsys.readouterr().err
    expected = [("红色", red.name), ("蓝色", blue.name)]
    if kind == "mixed":
        expected += [("红色", "image_3.jpg"), ("蓝色", "image_4.jpg"), ("蓝色", f"{blue.stem}_2.png")]
    assert [(result["预测结果"], result["文件名"]) for result in results] == expected


def test_image_data_of_another_kind_go_through_a_list(classifier: DeployedModel) -> None:
    class Board:
        """As the ``BaseData.py`` of a board has it."""

        raw_value = models.picture("green")

        def to_tensor(self) -> np.ndarray:
            return models.preprocess()(self.raw_value)

    assert classifier.print_result(classifier.inference(Board()))["预测结果"] == "绿色"
    results = classifier.print_result(classifier.inference([Board(), Board()]))
    assert [result["文件名"] for result in results] == ["image_0.jpg", "image_1.jpg"]


def test_raw_outputs_do_not_keep_their_pictures(classifier: DeployedModel, folder: Path) -> None:
    for number in range(6):
        image.write(folder / "大 图" / f"{number}.png", models.picture("red", (1000, 1000)))
    data = ImageData(folder / "大 图", preprocess=models.info())
    tracemalloc.start()
    raw = classifier.inference(data)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(raw) == 6
    assert held < 3_000_000


# --- bad input --------------------------------------------------------------------------------------------------------


def test_nothing_is_printed_before_inference(classifier: DeployedModel, refused) -> None:
    with refused(NothingToShow, "inference"):
        classifier.print_result()


@pytest.mark.parametrize("raw", ["text", 3, {}, [1, 2], np.zeros(3)])
def test_what_is_no_raw_output_is_named(classifier: DeployedModel, raw: object, refused) -> None:
    with refused(ParameterInvalid, "print_result"):
        classifier.print_result(raw)


@pytest.mark.parametrize(
    ("data", "kind"), [(None, ImageTypeUnsupported), ([], ImageTypeUnsupported), ("没有.jpg", ImageNotFound)]
)
def test_data_that_are_no_picture_are_named(classifier: DeployedModel, data: object, kind: type, refused) -> None:
    with refused(kind):
        classifier.inference(data)


def test_pictures_that_cannot_be_read_are_left_out(
    classifier: DeployedModel, photos: Path, capsys: pytest.CaptureFixture[str], refused
) -> None:
    (photos / "图 1 green.png").write_bytes(b"")
    assert len(classifier.inference(photos)) == 2
    assert "图 1 green.png" in capsys.readouterr().err
    for file in photos.iterdir():
        file.write_bytes(b"")
    with refused(ImageDamaged):
        classifier.inference(photos)


@pytest.mark.parametrize(
    "options", [{"get_img": "jpg"}, {"score": 2}, {"score": "high"}, {"show": 1}, {"show_path": 0}]
)
def test_values_that_cannot_be_are_named(classifier: DeployedModel, options: dict[str, object], refused) -> None:
    with refused(ParameterInvalid, next(iter(options))):
        classifier.inference(NOISE, **options)  # type: ignore[arg-type]


def test_misspelt_parameters_offer_the_right_one(classifier: DeployedModel, refused) -> None:
    with refused(ParameterUnknown, "get_image", "get_img"):
        classifier.inference(NOISE, get_image="cv2")  # type: ignore[call-arg]


@pytest.mark.parametrize("tensor", [NOISE, np.zeros((1, 3, 8, 8), np.float32), None, "x.jpg"], ids=range(4))
def test_a_tensor_of_ones_own_must_fit(classifier: DeployedModel, tensor: object, refused) -> None:
    with refused(ParameterInvalid, "input"):
        classifier.diy_inference(tensor)


def test_a_dict_feeds_several_inputs(folder: Path) -> None:
    model = BaseDeploy.load(models.of_two_inputs(folder / "x.onnx"))
    one = np.ones((1, 3), np.float32)
    assert model.diy_inference({"left": one, "right": one})[0].tolist() == [[2, 2, 2]]


def test_without_metadata_it_runs_raw_and_says_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], refused
) -> None:
    model = BaseDeploy.load(models.classifier(folder / "外 来.onnx", known={}))
    assert "外 来.onnx" in capsys.readouterr().err
    raw, drawn = model.inference(models.picture("green"), get_img="cv2")
    assert raw[0].argmax() == 1
    assert np.array_equal(drawn, models.picture("green"))
    assert model.inference(np.zeros((1, 3, 16, 16), np.float32))[0].shape == (1, 3)
    with refused(ParameterInvalid, "float64", "astype"):
        model.inference(np.zeros((1, 3, 16, 16)))
    with refused(CheckpointInvalid, "classes"):
        model.print_result(raw)


def test_a_batch_is_told_apart(folder: Path) -> None:
    model = BaseDeploy.load(models.classifier(folder / "多 张.onnx", batch="N"))
    batch = np.concatenate([models.preprocess()(models.picture(colour)) for colour in ("blue", "red")])
    names = [result["预测结果"] for result in model.print_result(model.inference(batch))]
    assert names == [model.print_result(model.inference(models.picture(c)))["预测结果"] for c in ("blue", "red")]


def test_a_tensor_cannot_be_drawn_on(classifier: DeployedModel, refused) -> None:
    with refused(ParameterInvalid):
        classifier.inference(models.preprocess()(NOISE), get_img="cv2")


def test_a_folder_of_image_data_keeps_its_names(classifier: DeployedModel, photos: Path) -> None:
    classifier.inference(ImageData(photos, preprocess=models.preprocess()))
    assert [one["文件名"] for one in classifier.print_result()] == sorted(file.name for file in photos.iterdir())
