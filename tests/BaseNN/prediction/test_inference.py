"""Answers of networks of classes and numbers: what may be asked, what is returned and printed, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from BaseDT.errors import (
    CheckpointNotFound,
    DatasetNotFound,
    ImageDamaged,
    InputMismatch,
    NothingLoaded,
    NothingToShow,
    ParameterInvalid,
)
from BaseDT.image import write
from BaseNN import nn
from MMEdu.engine.events import silent
from XEdu.hub import Workflow

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((30, 4)).astype(np.float32)
Y = X[:, :3].argmax(axis=1)


@pytest.fixture(autouse=True)
def _in_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> nn:
    """A network of rows that has learnt."""
    model = nn(save_fold=tmp_path_factory.mktemp("模 型"))
    model.set_seed(1)
    model.load_dataset(X, Y, classes=["甲", "乙", "丙"])
    model.add("linear", size=(4, 3), activation="softmax")
    model.train(lr=0.1, epochs=100, listener=silent)
    return model


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[nn, Path]:
    """A network of pictures that has learnt, and their folder."""
    root = tmp_path_factory.mktemp("数据 集")
    for name, channel in (("blue", 0), ("red", 2)):
        for number in range(4):
            picture = np.zeros((10, 10, 3), np.uint8)
            picture[:, :, channel] = 150 + number
            write(root / name / f"图 {number}.png", picture)
    model = nn(save_fold=root.parent / "模 型")
    model.set_seed(1)
    model.load_img_data(root, batch_size=4, transform={"Resize": (8, 8), "RandomHorizontalFlip": 0.5})
    model.add("conv2d", size=(3, 2), kernel_size=3, activation="relu")
    model.add("linear", size=2, activation="softmax")
    model.train(lr=0.05, epochs=15, listener=silent)
    return model, root


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist, torch.from_numpy, lambda x: x.astype(np.float64)])
def test_rows_of_any_kind_get_the_same_answers(rows: nn, kind: Any) -> None:
    answers = rows.inference(kind(X))
    assert (answers.shape, answers.dtype) == ((30, 3), np.float32)
    assert rows.res is answers
    assert np.array_equal(answers, rows.inference(X))
    assert np.allclose(answers.sum(axis=1), 1)
    assert (answers.argmax(axis=1) == Y).mean() > 0.9


def test_one_row_is_a_batch_of_one(rows: nn) -> None:
    assert np.array_equal(rows.inference(X[0].tolist()), rows.inference(X[:1]))


def test_a_table_with_its_label_needs_the_word_for_it(rows: nn) -> None:
    file = Path("表 格.csv")
    file.write_text("a,b,c,d,y\n" + "".join(f"{','.join(map(str, x))},{y}\n" for x, y in zip(X, Y, strict=True)))
    answers = rows.inference(X)
    assert np.allclose(rows.inference(str(file), label=True), answers)
    assert rows.val_label.tolist() == Y.tolist()
    with pytest.raises(InputMismatch, match="label=True"):
        rows.inference(file)
    np.savez("data.npz", data=np.zeros((3, 5)))
    with pytest.raises(InputMismatch) as caught:
        rows.inference("data.npz")
    assert "label" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "right"), [(["丙", "甲", "丙"], [2, 0, 2]), (["2", "0", "1"], [2, 0, 1]), (["?", "", "x"], None)]
)
def test_what_is_right_is_counted_as_the_network_counts(rows: nn, column: list[str], right: list[int] | None) -> None:
    Path("表.csv").write_text("".join(f"1,2,3,4,{label}\n" for label in column), encoding="utf-8")
    assert len(rows.inference("表.csv", label=True)) == 3
    assert rows.val_label is None if right is None else rows.val_label.tolist() == right


def test_labels_that_did_not_count_from_0_are_known_by_their_names() -> None:
    model = nn()
    lines = [f"{','.join(map(str, row))},{label + 1}\n" for row, label in zip(X, Y, strict=True)]
    Path("表.csv").write_text("".join(lines), encoding="utf-8")
    model.load_tab_data("表.csv")
    model.add("linear", size=(4, 3))
    model.train(epochs=1, listener=silent)
    model.inference("表.csv", label=True)
    assert model.val_label.tolist() == Y.tolist()


def test_numbers_that_are_right_are_kept() -> None:
    Path("表.csv").write_text("1,2,0.5\n3,4,1.5\n", encoding="utf-8")
    model = nn("reg")
    model.load_tab_data("表.csv")
    model.add("linear", size=(2, 1))
    model.train(epochs=1, listener=silent)
    model.inference("表.csv", label=True)
    assert model.val_label.tolist() == [0.5, 1.5]


def test_batches_bring_their_labels(rows: nn) -> None:
    np.savez("data.npz", data=X, label=Y)
    _, held = nn().load_npz_data("data.npz", train_val_ratio=0.7)
    answers = rows.inference(held)
    assert len(answers) == len(rows.val_label) == 9
    assert (answers.argmax(axis=1) == rows.val_label).mean() > 0.8
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    assert len(rows.inference(torch.utils.data.DataLoader(pairs, batch_size=7))) == 30


def test_an_npz_file_is_asked_by_its_path(rows: nn) -> None:
    np.savez("data.npz", data=X)
    assert np.array_equal(rows.inference("data.npz"), rows.inference(X))


def test_many_rows_are_computed_in_parts(rows: nn) -> None:
    many = np.tile(X, (36_000, 1))
    answers = rows.inference(many)
    assert len(answers) == 1_080_000
    assert np.allclose(answers[-30:], rows.inference(X), atol=1e-6)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (None, ParameterInvalid),
        (X[:, :3], InputMismatch),
        ([[1, 2, 3, 4, 5]], InputMismatch),
        (np.zeros((2, 2, 4)), InputMismatch),
        ("nowhere.csv", DatasetNotFound),
        ("model.pth", ParameterInvalid),
    ],
)
def test_what_does_not_fit_is_refused(rows: nn, data: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        rows.inference(data)


def test_what_has_learnt_nothing_does_not_answer() -> None:
    model = nn()
    model.add("linear", size=(4, 3))
    with pytest.raises(NothingLoaded, match="learnt nothing"):
        model.inference(X)
    with pytest.raises(CheckpointNotFound):
        model.inference(X, checkpoint="nowhere.pth")


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_pictures_are_asked_by_path_folder_array_and_list(pictures: tuple[nn, Path]) -> None:
    model, root = pictures
    file = root / "blue" / "图 1.png"
    answer = model.inference(str(file))
    assert answer.shape == (1, 2)
    assert answer.argmax() == (model.img_classes or []).index("blue")
    array = np.zeros((10, 10, 3), np.uint8)
    array[:, :, 0] = 151  # as OpenCV reads it
    assert np.array_equal(model.inference(array), answer)
    assert np.array_equal(model.inference(Image.fromarray(array[:, :, ::-1])), answer)
    assert np.allclose(model.inference([str(file), array]), [answer[0]] * 2, atol=1e-6)
    folder = model.inference(str(root / "red"))
    assert folder.shape == (4, 2)
    assert set(folder.argmax(axis=1)) == {(model.img_classes or []).index("red")}


def test_pixels_as_batch_are_divided_too(pictures: tuple[nn, Path]) -> None:
    model, _ = pictures
    pixels = RANDOM.integers(0, 255, (2, 3, 8, 8)).astype(np.uint8)
    assert np.allclose(model.inference(pixels), model.inference(pixels.astype(np.float32) / 255), atol=1e-6)


def test_brightness_comes_as_shares_too(pictures: tuple[nn, Path]) -> None:
    model, _ = pictures
    picture = RANDOM.integers(0, 255, (8, 8, 3)).astype(np.uint8)
    for data in (picture, picture[:, :, 0]):
        assert np.array_equal(model.inference(data / 255), model.inference(data))


@pytest.mark.parametrize("highest", [1, 255])
def test_a_network_of_arrays_takes_pictures_as_its_exported_file_does(highest: int) -> None:
    model = nn()
    model.load_dataset(RANDOM.random((8, 1, 6, 6)) * highest, [0, 1] * 4)
    model.add("linear", size=(None, 2), activation="softmax")
    model.train(lr=0.01, epochs=1, listener=silent)
    board = Workflow("basenn", model.convert(out_file="网 络"))
    picture = RANDOM.integers(0, 256, (6, 6)).astype(np.uint8)
    for data in (picture, picture / 255, [picture, picture / 255]):
        assert np.allclose(model.inference(data), board.inference(data)[0], atol=1e-5)


def test_a_damaged_picture_is_named(pictures: tuple[nn, Path]) -> None:
    model, root = pictures
    Path("a.png").write_bytes((root / "blue" / "图 1.png").read_bytes()[:-20])
    with pytest.raises(ImageDamaged, match=r"a\.png"):
        model.inference("a.png")


def test_a_file_answers_as_the_network_did(pictures: tuple[nn, Path]) -> None:
    model, root = pictures
    again = nn()
    answer = again.inference(str(root / "red"), checkpoint=Path(model.save_fold) / "basenn.pth")
    assert np.array_equal(answer, model.inference(str(root / "red")))
    assert (again.img_classes, again.color) == (model.img_classes, "RGB")
    assert again.print_result()[0]["预测结果"] == "red"


# --- what is printed --------------------------------------------------------------------------------------------------


def test_the_result_is_printed_in_the_documented_keys(rows: nn, capsys: pytest.CaptureFixture[str]) -> None:
    answers = rows.inference(X[:2], show=True)
    said = rows.print_result()
    assert capsys.readouterr().out.startswith("推理结果为：")
    assert said == {
        number: {
            "预测值": row.argmax(),
            "置信度": pytest.approx(float(row.max())),
            "预测结果": ["甲", "乙", "丙"][row.argmax()],
        }
        for number, row in enumerate(answers)
    }
    assert all((type(entry["预测值"]), type(entry["置信度"])) == (int, float) for entry in said.values())


def test_labels_from_1_are_numbers_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    model = nn()
    model.load_dataset(X, Y + 1)
    assert "1, 2, 3 are counted from 0 here, as 0 to 2" in capsys.readouterr().out
    model.add("linear", size=(4, 3), activation="softmax")
    model.train(lr=0.1, epochs=50, listener=silent)
    best = int(model.inference(X[:1]).argmax())
    said = model.print_result()[0]
    assert (said["预测值"], said["预测结果"]) == (best, str(best + 1))


@pytest.mark.parametrize(
    ("outputs", "activation", "loss"),
    [
        (3, None, "CrossEntropyLoss"),
        (3, "relu", "crossentropyloss"),
        (3, "softmax", "CrossEntropyLoss"),
        (3, None, "MSELoss"),
        (1, None, "BCEWithLogitsLoss"),
        (1, "sigmoid", "BCELoss"),
    ],
)
def test_computer_and_board_are_as_sure(outputs: int, activation: str | None, loss: str) -> None:
    model = nn()
    model.set_seed(0)
    model.load_dataset(X * 0.2, Y if outputs > 1 else Y > 0)
    model.add("linear", size=(4, outputs), activation=activation)
    model.train(lr=0.05, epochs=5, loss=loss, listener=silent)
    answers = model.inference(X)
    here = model.print_result()
    board = Workflow("basenn", model.convert(out_file="m.onnx"))
    assert np.allclose(board.inference(X)[0], answers, atol=1e-5)  # the numbers themselves stay
    there = board.format_output(isprint=False)
    assert [one["预测值"] for one in here.values()] == [one["预测值"] for one in there.values()]
    assert [one["置信度"] for one in here.values()] == pytest.approx([one["分数"] for one in there.values()], abs=1e-4)
    if outputs == 3 and loss != "MSELoss" and activation is None:
        shares = np.exp(answers) / np.exp(answers).sum(axis=1, keepdims=True)
        assert [one["置信度"] for one in here.values()] == pytest.approx(shares.max(axis=1).tolist())
    if loss == "BCEWithLogitsLoss":
        assert [one["预测值"] for one in here.values()] == (answers[:, 0] > 0).astype(int).tolist()


def test_numbers_are_printed_without_a_share() -> None:
    model = nn("reg")
    assert model.print_result(np.array([[1.5], [2.5]])) == {0: {"预测值": 1.5}, 1: {"预测值": 2.5}}
    assert model.print_result([[1, 2]]) == {0: {"预测值": [1.0, 2.0]}}


def test_other_outputs_than_shares_become_shares() -> None:
    assert nn().print_result([[0.0, 2.0]])[0] == {"预测值": 1, "置信度": pytest.approx(0.8808, abs=1e-4)}
    assert nn().print_result([[0.2]])[0] == {"预测值": 0, "置信度": pytest.approx(0.8)}


def test_nothing_is_printed_before_there_is_a_result() -> None:
    with pytest.raises(NothingToShow):
        nn().print_result()


# --- after other data, other layers, other files ----------------------------------------------------------------------


def _named(first: str, second: str) -> nn:
    model = nn(save_fold=first)
    model.load_dataset(X, np.array([first, second])[(X[:, 0] > 0).astype(int)])
    model.add("linear", size=(4, 2), activation="softmax")
    return model


def test_names_are_those_of_the_data_that_are_learned_from() -> None:
    file = _named("x", "y")
    file.train(epochs=2, listener=silent)
    model = _named("猫", "狗")
    own = model.img_classes
    model.load("x/basenn.pth")
    assert model.img_classes == ["x", "y"]
    model.train(epochs=2, listener=silent)
    assert model.img_classes == own
    model.save("again.pth")
    again = nn()
    again.load("again.pth")
    assert again.img_classes == own


@pytest.mark.parametrize("change", ["a layer", "data"])
def test_what_was_laid_after_the_training_does_not_answer(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    model = nn()
    model.load_dataset(X, Y)
    model.add("linear", size=(4, 3))
    model.add("linear", size=3)
    model.train(epochs=1, listener=silent)
    model.add(activation="softmax")  # without weights
    assert len(model.inference(X)) == len(X)
    if change == "data":
        wide = nn()
        wide.load_dataset(X, Y)
        wide.add("linear", size=3)
        wide.train(epochs=1, listener=silent)
        wide.load_dataset(np.tile(X, 2), Y)
        model, rows = wide, np.tile(X, 2)
    else:
        model.add("linear", size=(3, 3))
        rows = X
    with pytest.raises(NothingLoaded, match="after the training"):
        model.inference(rows)
    with pytest.raises(NothingLoaded, match="after the training"):
        model.convert(out_file="m.onnx")
    model.save("fresh.pth")
    assert "after the training" in capsys.readouterr().out
    model.train(epochs=1, listener=silent)
    assert len(model.inference(rows)) == len(X)
    model.save("m.pth")
    model.add("linear", size=(3, 3))
    model.load("m.pth")
    assert len(model.inference(rows)) == len(X)


def _hardly_learnt(root: Path) -> nn:
    """A network of pictures that is sure of nothing: every number counts."""
    model = nn()
    model.set_seed(0)
    model.load_img_data(root, transform={"Resize": (8, 8)})
    model.add("linear", size=2)
    model.train(lr=1e-5, epochs=1, listener=silent)
    return model


def test_fractions_are_a_picture_as_bytes_are(pictures: tuple[nn, Path]) -> None:
    model = _hardly_learnt(pictures[1])
    gray = RANDOM.integers(0, 255, (8, 8)).astype(np.uint8)
    answer = model.inference(gray)
    board = Workflow("basenn", model.convert(out_file="m.onnx"))
    for floats in (
        gray / 255,
        (gray / 255).astype(np.float32),
        gray.astype(float),
        [gray / 255],
        gray[..., None] / 255,
    ):
        assert np.allclose(model.inference(floats), answer, atol=1e-5)
        assert np.allclose(board.inference(floats)[0], answer, atol=1e-5)


def test_numbers_up_to_255_are_divided_as_in_the_exported_file(pictures: tuple[nn, Path]) -> None:
    model = _hardly_learnt(pictures[1])
    pixels = RANDOM.integers(0, 255, (2, 3, 8, 8)).astype(np.float32)
    pixels[1] /= 255
    file = model.convert(out_file="m.onnx")
    answers = model.inference(pixels)
    assert np.allclose(answers, Workflow("basenn", file).inference(pixels)[0], atol=1e-5)
    assert np.allclose(answers[0], model.inference(pixels[:1] / 255)[0], atol=1e-6)
