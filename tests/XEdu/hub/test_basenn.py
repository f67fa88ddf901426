"""``task="basenn"``: networks of BaseNN, ours and the original's, over pictures, rows, sequences and words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import models_on_disk
import networks_on_disk as networks
from BaseDT import image
from BaseDT.errors import (
    CheckpointInvalid,
    DatasetInvalid,
    DatasetNotFound,
    ImageNotFound,
    InputMismatch,
    ModelUnsupported,
    NothingToShow,
    ParameterInvalid,
    TaskMismatch,
)
from BaseDT.own_network_info import OwnNetworkInfo
from XEdu.hub import Workflow
from XEdu.hub.tasks import basenn

ROW = [0.1, 0.7, 0.2]
RED = np.full((6, 10, 3), (0, 0, 255), np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "数据 集"


@pytest.fixture
def flowers(folder: Path) -> Workflow:
    return Workflow(task="basenn", checkpoint=networks.table(folder / "鸢 尾.onnx"))


# --- rows of numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [ROW, [ROW], np.array(ROW), np.float32([ROW]), (tuple(ROW),)],
    ids=["numbers", "list of rows", "float64", "float32", "tuples"],
)
def test_a_row_comes_in_any_form(flowers: Workflow, data: object) -> None:
    (scores,) = flowers.inference(data)
    assert scores.shape == (1, 3)
    assert scores.argmax(axis=1).tolist() == [1]


def test_what_is_said_of_rows_is_plain_data(flowers: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    scores = flowers.inference(data=[ROW, [3, 1, 2]])[0]
    said = flowers.format_output(lang="zh")
    assert said == {
        0: {"预测值": 1, "分数": pytest.approx(scores[0, 1]), "预测结果": "变色鸢尾"},
        1: {"预测值": 0, "分数": pytest.approx(scores[1, 0]), "预测结果": "山鸢尾"},
    }
    assert json.loads(json.dumps(said))["0"]["预测值"] == 1
    assert "变色鸢尾" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "keys"), [("en", ["prediction", "scores", "class"]), ("de", ["Vorhersage", "Partituren", "Klasse"])]
)
def test_keys_have_their_languages(flowers: Workflow, lang: str, keys: list[str]) -> None:
    flowers.inference(ROW)
    assert list(flowers.format_output(lang=lang, isprint=False)[0]) == keys


def test_a_number_is_said_as_a_number(folder: Path) -> None:
    known = OwnNetworkInfo("tab", (1, 3), "reg")
    house = Workflow("basenn", networks.table(folder / "房 价.onnx", known, softmax=False))
    house.inference([[1.5, 2, 3]])
    assert house.format_output(isprint=False) == {0: {"预测值": [1.5, 2.0, 3.0]}}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([[1, 2, 3, 4]], ("1 × 4", "N × 3", "3 numbers a row")),
        ([1, 2], ("1 × 2", "3 numbers a row")),
        ([[[1, 2, 3]]], ("1 × 1 × 3",)),
    ],
)
def test_rows_of_another_length_are_named(flowers: Workflow, data: object, words: tuple[str, ...], refused) -> None:
    with refused(InputMismatch, *words):
        flowers.inference(data)
    with refused(NothingToShow):
        flowers.format_output()


@pytest.mark.parametrize(
    "data",
    [[], None, [["a", "b", "c"]], [[1, 2], [1, 2, 3]], [[1, np.nan, 3]], [[1, 2, np.inf]], [len], 3, {"a": 1}],
    ids=str,
)
def test_what_is_no_rows_of_numbers_is_named(flowers: Workflow, data: object, refused) -> None:
    with refused(DatasetInvalid, "data"):
        flowers.inference(data)


def test_a_table_is_read_from_its_file(flowers: Workflow, folder: Path, refused) -> None:
    file = folder / "花 瓣.csv"
    file.write_text("长;宽;高\n0,1;0,7;0,2\n3;1;2\n", encoding="gbk")
    assert flowers.inference(str(file))[0].argmax(axis=1).tolist() == [1, 0]
    file.write_text("1,2,3\n1,,3\n", encoding="utf-8")
    with refused(DatasetInvalid, "花 瓣.csv:2"):
        flowers.inference(file)
    with refused(DatasetNotFound, "没有.csv"):
        flowers.inference("没有.csv")
    with refused(ParameterInvalid, "no numbers that can be read"):
        flowers.inference("表.docx")


def test_a_number_that_the_network_cannot_hold_is_named(flowers: Workflow, refused) -> None:
    with refused(InputMismatch, "too large"):
        flowers.inference([1, 1e300, 3])


def test_rows_have_no_picture(flowers: Workflow, refused) -> None:
    with refused(TaskMismatch, "no pictures", "img_type"):
        flowers.inference(ROW, img_type="cv2")


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_picture_is_seen_as_while_it_was_learned(folder: Path) -> None:
    """BGR, stretched, a share of 255: what the original's client leaves out."""
    file = image.write(folder / "红 色.png", RED)
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    for data in (str(file), file, RED, Image.fromarray(RED[:, :, ::-1]), [RED], folder):
        (scores,) = workflow.inference(data)
        assert scores == pytest.approx(np.float32([[0, 0, 1]]))
        assert workflow.format_output(isprint=False)[0]["预测结果"] == "红"


def test_many_pictures_are_one_array_and_files_keep_their_names(folder: Path) -> None:
    for number, colour in enumerate(((255, 0, 0), (0, 255, 0))):
        image.write(folder / f"图 片{number}.png", np.full((5, 5, 3), colour, np.uint8))
    (folder / "坏.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    assert workflow.inference(folder)[0].argmax(axis=1).tolist() == [0, 1]
    assert workflow.files == ["图 片0.png", "图 片1.png"]


def test_a_finished_tensor_goes_in_as_it_is(folder: Path) -> None:
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    tensor = np.random.default_rng(0).random((2, 3, 4, 8))
    for data in (tensor, tensor.tolist(), tensor.astype(np.float32)):
        assert workflow.inference(data)[0] == pytest.approx(tensor.mean(axis=(2, 3)), abs=1e-6)
    assert workflow.inference(tensor[0].astype(np.float32))[0].shape == (1, 3)


def test_a_gray_network_reads_colours_and_hands_them_out_again(folder: Path) -> None:
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx", channels=1))
    assert workflow.inference(np.full((9, 9, 3), 51, np.uint8))[0] == pytest.approx(np.float32([[0.2]]))
    _, drawn = workflow.inference(image.write(folder / "红.png", RED), img_type="cv2")
    assert np.array_equal(drawn, RED)


def test_many_samples_run_a_part_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basenn, "_NUMBERS_AT_ONCE", 100)
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    tensor = np.random.default_rng(0).random((5, 3, 4, 8)).astype(np.float32)
    assert workflow.inference(tensor)[0] == pytest.approx(tensor.mean(axis=(2, 3)), abs=1e-6)


def test_drawn_pictures_of_a_folder_are_read_again(folder: Path, refused) -> None:
    file = image.write(folder / "红.png", RED)
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    (scores,), (drawn,) = workflow.inference([file], img_type="cv2")
    assert (scores.shape, drawn.shape) == ((1, 3), RED.shape)
    file.write_bytes(b"changed")
    with refused(NothingToShow, "has changed"):
        workflow.save(path=folder / "结果.png")


def test_the_drawn_picture_keeps_its_size(folder: Path) -> None:
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    _, drawn = workflow.inference(np.full((80, 120, 3), (0, 0, 255), np.uint8), img_type="cv2")
    assert drawn.shape == (80, 120, 3)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 2
    assert workflow.save(path=folder / "结 果.png").is_file()


@pytest.mark.parametrize("size", [(3, 8), (4, 9)])
def test_a_tensor_of_another_size_is_named(folder: Path, size: tuple[int, int], refused) -> None:
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    with refused(InputMismatch, f"1 × 3 × {size[0]} × {size[1]}", "N × 3 × 4 × 8"):
        workflow.inference(np.zeros((1, 3, *size), np.float32))


def test_a_missing_picture_is_named(folder: Path, refused) -> None:
    workflow = Workflow("basenn", networks.pictures(folder / "x.onnx"))
    with refused(ImageNotFound, "没有.jpg"):
        workflow.inference("没有.jpg")


# --- sequences and words ----------------------------------------------------------------------------------------------


def test_a_sequence_comes_as_an_array_or_a_file(folder: Path) -> None:
    workflow = Workflow("basenn", networks.sequences(folder / "x.onnx"))
    steps = np.arange(12, dtype=np.float64).reshape(2, 2, 3)
    np.savez(folder / "动 作.npz", data=steps, label=[1, 2], word2idx=np.array({"a": 1}, dtype=object))
    for data in (steps, steps.tolist(), str(folder / "动 作.npz")):
        assert workflow.inference(data)[0].tolist() == [[3, 4, 5], [9, 10, 11]]
    assert workflow.inference(steps[0])[0].tolist() == [[3, 4, 5]]
    assert workflow.format_output(isprint=False)[0]["预测结果"] == "跑"


def test_a_npz_of_objects_is_not_unpickled(folder: Path, refused) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (folder / "ran",)

    workflow = Workflow("basenn", networks.sequences(folder / "x.onnx"))
    np.savez(folder / "对 象.npz", data=np.array([Bomb()], dtype=object))
    with refused(DatasetInvalid, "Python objects"):
        workflow.inference(str(folder / "对 象.npz"))
    assert not (folder / "ran").exists()


def test_npz_files_that_cannot_be_used_are_named(folder: Path, refused) -> None:
    workflow = Workflow("basenn", networks.sequences(folder / "x.onnx"))
    with refused(DatasetNotFound, "没有.npz"):
        workflow.inference(str(folder / "没有.npz"))
    np.savez(folder / "两 个.npz", a=[1], b=[2])
    with refused(DatasetInvalid, "no array 'data'", "a, b"):
        workflow.inference(folder / "两 个.npz")
    (folder / "坏.npz").write_bytes((folder / "两 个.npz").read_bytes()[:90])
    with refused(DatasetInvalid, "cut off"):
        workflow.inference(folder / "坏.npz")


def test_words_go_in_as_text(folder: Path) -> None:
    workflow = Workflow("basenn", networks.text(folder / "x.onnx"))
    for data in ("床前", ["床", "前"], [[0, 1]], np.array([[0, 1]])):
        (scores,) = workflow.inference(data)
        assert scores.shape == (2, 5)
        assert [said["预测值"] for said in workflow.format_output(isprint=False).values()] == ["前", "明"]


@pytest.mark.parametrize(
    ("data", "kind", "word"),
    [
        ("床x", ParameterInvalid, "It knows 5"),
        ("", ParameterInvalid, "empty"),
        ([0.5], InputMismatch, "whole numbers"),
        ([[9]], InputMismatch, "from 0 to 4"),
    ],
)
def test_text_that_cannot_be_used_is_named(folder: Path, data: object, kind, word: str, refused) -> None:
    with refused(kind, word):
        Workflow("basenn", networks.text(folder / "x.onnx")).inference(data)


# --- files ------------------------------------------------------------------------------------------------------------


def test_files_of_the_original_run(folder: Path) -> None:
    """Their texts are Python's, their pictures are seen as they were learned, their classes are numbers."""
    words = networks.original("npz", (1, 4), word2idx=str({"床": 0, "前'": 1, 'a"\\': 2, "月": 3, "\n": 4}))
    text = Workflow("basenn", networks.text(folder / "t.onnx", words))
    assert text.inference(['a"\\'])[0].argmax() == 3
    assert text.format_output(isprint=False) == {0: {"预测值": "月", "分数": 1.0}}
    pictures = Workflow("basenn", networks.pictures(folder / "p.onnx", networks.original("img", (1, 3, 4, 8))))
    assert pictures.inference(RED)[0] == pytest.approx(np.float32([[0, 0, 1]]))
    table = Workflow("basenn", networks.table(folder / "r.onnx", networks.original("tab", (1, 3))))
    table.inference([ROW])
    assert table.format_output(isprint=False)[0]["预测值"] == 1


def test_a_network_of_words_of_the_original_has_the_steps_first(folder: Path) -> None:
    words = networks.original("npz", (1, 4), word2idx=str(networks.WORDS))
    workflow = Workflow("basenn", networks.text(folder / "t.onnx", words, ("batch_size", 1)))
    assert workflow.inference("床前明")[0].shape == (3, 5)
    assert [said["预测值"] for said in workflow.format_output(isprint=False).values()] == ["前", "明", "月"]


@pytest.mark.parametrize(
    "properties",
    [
        {"input_size": "[1, -3]", "dataset_type": "tab"},
        {"input_size": "__import__('os')", "dataset_type": "tab"},
        {"input_size": "[1, 3]", "dataset_type": "movie"},
        {"input_size": "[1, 3]", "dataset_type": "npz", "word2idx": "{'a': open('x')}"},
        {"input_size": "[1, 3]", "dataset_type": "npz", "word2idx": "{'a': 1, }}"},
        {"input_size": "[1, 3]", "dataset_type": "npz", "word2idx": "[" * 9999},
        {"input_size": "[1, 3]", "dataset_type": "npz", "word2idx": '{"a": 1099511627776}'},
        {"input_size": "[1, 3]", "dataset_type": "npz", "word2idx": '{"a": -1}'},
        {"input_size": "[1, 3]", "dataset_type": "tab", "basenn": "{}"},
        {"input_size": "[1, 3]", "dataset_type": "tab", "basenn": '{"format": 1, "task": "x"}'},
        {
            "input_size": "[1, 3]",
            "dataset_type": "tab",
            "classes": "[1]",
            "basenn": '{"format": 1, "task": "cls", "preprocess": null, "tool": ""}',
        },
    ],
)
def test_damaged_properties_are_named(folder: Path, properties: dict[str, str], refused) -> None:
    with refused(CheckpointInvalid, "damaged", "坏 的.onnx"):
        Workflow("basenn", networks.table(folder / "坏 的.onnx", properties))


def test_a_newer_file_says_so(folder: Path, refused) -> None:
    properties = {**networks.original("tab", (1, 3)), "basenn": '{"format": 2}'}
    with refused(ModelUnsupported, "newer"):
        Workflow("basenn", networks.table(folder / "x.onnx", properties))


def test_files_of_another_tool_are_sent_to_their_task(folder: Path, refused) -> None:
    with refused(TaskMismatch, "task='mmedu'"):
        Workflow("basenn", models_on_disk.classifier(folder / "m.onnx"))
    with refused(CheckpointInvalid, "task='custom'"):
        Workflow("basenn", models_on_disk.classifier(folder / "c.onnx", known={}))
    with refused(TaskMismatch, "task='basenn'"):
        Workflow("mmedu", networks.table(folder / "b.onnx"))


@pytest.mark.parametrize("options", [{"bbox": [0, 0, 1, 1]}, {"target_class": "x"}])
def test_what_belongs_to_other_tasks_is_refused(flowers: Workflow, options: dict[str, object], refused) -> None:
    with refused(TaskMismatch):
        flowers.inference(ROW, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"thr": 0.5}, {"preprocess": len}])
def test_arguments_of_other_tasks_are_refused(flowers: Workflow, options: dict[str, object], refused) -> None:
    with refused(ParameterInvalid):
        flowers.inference(ROW, **options)  # type: ignore[arg-type]


def test_such_networks_are_not_evaluated_here(flowers: Workflow, folder: Path, refused) -> None:
    with refused(ModelUnsupported, "no classifier of pictures"):
        flowers.evaluate(folder)


def test_running_one_loads_neither_torch_nor_scikit_learn(folder: Path) -> None:
    file = networks.table(folder / "x.onnx")
    code = (
        "import sys; from XEdu.hub import Workflow; "
        f"Workflow('basenn', {str(file)!r}).inference([[1, 2, 3]]); "
        "print([name for name in ('torch', 'sklearn', 'matplotlib', 'onnx', 'BaseNN', 'MMEdu') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"


# --- what was meant is named ------------------------------------------------------------------------------------------


def test_brightness_comes_as_shares_or_as_whole_numbers(folder: Path) -> None:
    gray = Workflow("basenn", networks.pictures(folder / "g.onnx", channels=1))
    for data in (np.full((9, 9), 51, np.uint8), np.full((4, 8), 0.2), np.full((4, 8), 51.0), [np.full((4, 8), 0.2)]):
        assert gray.inference(data)[0] == pytest.approx(np.float32([[0.2]]))
    with pytest.raises(InputMismatch):  # may be a table
        gray.inference(np.full((9, 9), 0.2))
    colour = Workflow("basenn", networks.pictures(folder / "c.onnx"))
    for data in (RED / 255, [RED / 255, RED]):
        assert colour.inference(data)[0][0] == pytest.approx(np.float32([0, 0, 1]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], ("data", "no picture")),
        (np.zeros((0, 3, 4, 8)), ("data", "no picture")),
        (None, ("data=None",)),
        (3, ("data=3", "no picture")),
        ([["a"]], ("no picture",)),
        (np.full((1, 3, 4, 8), np.nan), ("picture in data", "NaN")),
        (np.full((9, 9, 3), np.inf), ("picture in data", "NaN")),
    ],
    ids=["no list", "no array", "nothing", "number", "texts", "NaN", "infinite"],
)
def test_what_is_no_picture_is_named_as_that(folder: Path, data: object, words: tuple[str, ...], refused) -> None:
    with refused(DatasetInvalid, *words) as caught:
        Workflow("basenn", networks.pictures(folder / "x.onnx")).inference(data)
    assert "row" not in str(caught.value)


def test_pictures_for_a_network_of_a_table_are_named(flowers: Workflow, folder: Path, refused) -> None:
    file = image.write(folder / "红 色.png", RED)
    for data in (file, str(file), [file, file], folder, Image.fromarray(RED)):
        with refused(InputMismatch, "did not learn from pictures", "3 numbers a row"):
            flowers.inference(data)


def test_a_column_of_labels_is_named(flowers: Workflow, folder: Path, refused) -> None:
    file = folder / "花 瓣.csv"
    file.write_text("1,2,3,0\n3,1,2,1\n", encoding="utf-8")
    with refused(InputMismatch, "2 × 4", "one column too many"):
        flowers.inference(file)
    file.write_text("1,2,3,0,0\n", encoding="utf-8")
    with refused(InputMismatch, "3 numbers a row"):
        flowers.inference(file)


def test_no_data_are_named(flowers: Workflow, refused) -> None:
    with refused(DatasetInvalid, "no data to answer"):
        flowers.inference(None)
