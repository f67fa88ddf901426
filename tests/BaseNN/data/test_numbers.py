"""Tables, ``.npz`` files and arrays: what is read, what is refused, and that nothing in a file is run."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from BaseDT.errors import ClassCountMismatch, DatasetInvalid, DatasetNotFound, ParameterInvalid
from BaseDT.image import write
from BaseNN import nn

HEAD = "a,b,y\n"


def _table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "数据 集" / "表 格.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode(encoding))
    return file


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (HEAD + "1,2,0\n3,4,1\n", "utf-8"),
        ("1,2,0\n3,4,1\n", "utf-8"),
        ("长;宽;类\n1,0;2;0\n3;4,0;1\n", "gbk"),
        (HEAD + "1,2,0\n3,4,1\n", "utf-8-sig"),
    ],
)
def test_the_last_column_of_a_table_is_the_label(tmp_path: Path, text: str, encoding: str) -> None:
    x, y = next(iter(nn().load_tab_data(_table(tmp_path, text, encoding), shuffle=False)))
    assert (x.tolist(), y.tolist(), x.dtype, y.dtype) == ([[1, 2], [3, 4]], [0, 1], torch.float32, torch.int64)


def test_words_are_classes(tmp_path: Path) -> None:
    model = nn()
    _, y = next(iter(model.load_tab_data(_table(tmp_path, HEAD + "1,2,猫\n3,4,狗\n5,6,猫\n"), shuffle=False)))
    assert [(model.img_classes or [])[label] for label in y] == ["猫", "狗", "猫"]


def test_labels_from_1_keep_their_names(tmp_path: Path) -> None:
    model = nn()
    _, y = next(iter(model.load_tab_data(_table(tmp_path, HEAD + "1,2,1\n3,4,3\n5,6,2\n"), shuffle=False)))
    assert (y.tolist(), model.img_classes) == ([0, 2, 1], ["1", "2", "3"])


def test_numbers_are_learnt_where_the_task_is_one_of_numbers(tmp_path: Path) -> None:
    _, y = next(iter(nn("reg").load_tab_data(_table(tmp_path, HEAD + "1,2,0.5\n3,4,1\n"), shuffle=False)))
    assert (y.tolist(), y.dtype) == ([[0.5], [1.0]], torch.float32)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "1,2,0.5\n3,4,1\n",  # numbers with fractions are no classes
        HEAD + "1,,0\n3,4,1\n",
        HEAD + "1,nan,0\n3,4,1\n",
        HEAD + "1,inf,0\n3,4,1\n",
        HEAD + "1,word,0\n3,4,1\n",
        HEAD + "1,2\n3,4,1\n",
        "y\n0\n1\n",
        "",
    ],
)
def test_what_is_no_table_of_numbers_and_labels_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DatasetInvalid):
        nn().load_tab_data(_table(tmp_path, text))


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="nowhere"):
        nn().load_tab_data(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    "wishes",
    [{"train_val_ratio": 0}, {"train_val_ratio": 1.2}, {"batch_size": 0}, {"shuffle": "yes"}, {"y_type": "longer"}],
)
def test_what_cannot_be_wished_for_is_refused(tmp_path: Path, wishes: dict[str, Any]) -> None:
    with pytest.raises(ParameterInvalid, match=next(iter(wishes))):
        nn().load_tab_data(_table(tmp_path, HEAD + "1,2,0\n3,4,1\n"), **wishes)


def test_the_same_rows_are_held_out_each_time_and_others_with_another_seed(tmp_path: Path) -> None:
    file = _table(tmp_path, HEAD + "".join(f"{n},0,{n % 2}\n" for n in range(40)))

    def held(seed: int | None) -> list[float]:
        model = nn()
        if seed is not None:
            model.set_seed(seed)
        _, val = model.load_tab_data(file, train_val_ratio=0.75)
        return sorted(torch.cat([x[:, 0] for x, _ in val]).tolist())

    assert held(None) == held(None) != held(7)
    assert len(held(None)) == 10
    assert sum(number % 2 for number in held(None)) == 5  # of both classes alike


# --- npz --------------------------------------------------------------------------------------------------------------


def test_an_npz_file_holds_data_and_labels(tmp_path: Path) -> None:
    file = tmp_path / "动 作.npz"
    np.savez_compressed(file, data=np.asfortranarray(np.arange(24.0).reshape(4, 2, 3)), label=np.array([0, 1, 2, 0]))
    model = nn()
    x, y = next(iter(model.load_npz_data(file, shuffle=False, classes=["走", "跑", "跳"])))
    assert np.array_equal(x.numpy(), np.arange(24.0, dtype=np.float32).reshape(4, 2, 3))
    assert (y.tolist(), model.img_classes) == ([0, 1, 2, 0], ["走", "跑", "跳"])


def test_shares_of_classes_stay_shares(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=np.zeros((2, 3)), label=np.array([[0, 1], [1, 0]]))
    _, y = next(iter(nn().load_npz_data(tmp_path / "a.npz", shuffle=False)))
    assert (y.tolist(), y.dtype) == ([[0, 1], [1, 0]], torch.float32)


WORDS = {"春": 0, "眠": 1, "不": 2}


@pytest.mark.parametrize("numbers", [int, np.int64, np.int32], ids=str)
def test_a_vocabulary_of_the_original_is_read(tmp_path: Path, numbers: type) -> None:
    words = {word: numbers(number) for word, number in WORDS.items()}
    np.savez(tmp_path / "诗.npz", data=np.array([[0, 1, 2], [2, 1, 0]]), word2idx=np.array(words, dtype=object))
    model = nn("gen")
    x, y = next(iter(model.load_npz_data(tmp_path / "诗.npz", shuffle=False)))
    assert model.word2idx == WORDS
    assert (x.tolist(), y.tolist()) == ([[0, 1], [2, 1]], [[1, 2], [1, 0]])  # what follows each word


def test_a_vocabulary_may_be_an_array_of_words(tmp_path: Path) -> None:
    np.savez(tmp_path / "诗.npz", data=np.array([[0, 1]]), label=np.array([[1, 2]]), word2idx=np.array(list(WORDS)))
    model = nn("gen")
    model.load_npz_data(tmp_path / "诗.npz")
    assert model.word2idx == WORDS


class Attack:
    """Makes a folder when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


def test_nothing_in_a_vocabulary_is_run(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    for attack in (Attack(touched), {"春": Attack(touched)}):
        np.savez(tmp_path / "诗.npz", data=np.array([[0, 1]]), word2idx=np.array(attack, dtype=object))
        with pytest.raises(DatasetInvalid, match="word2idx"):
            nn("gen").load_npz_data(tmp_path / "诗.npz")
    assert not touched.exists()
    pickle.loads(pickle.dumps(Attack(touched)))  # noqa: S301
    assert touched.exists()  # it would have been


@pytest.mark.parametrize("key", ["data", "label"])
def test_objects_are_refused(tmp_path: Path, key: str) -> None:
    arrays: dict[str, Any] = {"data": np.zeros((2, 3)), "label": np.array([0, 1])}
    arrays[key] = np.array([[1, 2], [3]], dtype=object)
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DatasetInvalid, match="objects") as caught:
        nn().load_npz_data(tmp_path / "a.npz")
    assert str(caught.value).count("Error Code") == 1
    assert "same length" in caught.value.hint


def test_lists_that_are_cut_say_so(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **{f"x{n}": np.zeros(1) for n in range(9)})
    with pytest.raises(DatasetInvalid, match="x7, …"):
        nn().load_npz_data(tmp_path / "a.npz")
    for number in range(9):
        write(tmp_path / "图 片" / f"c{number}" / "a.png", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ClassCountMismatch, match="c7, …"):
        nn().load_img_data(tmp_path / "图 片", classes=["a", "b"])
    model = nn()
    model.load_dataset(np.zeros((9, 2)), np.arange(9), classes=[f"c{n}" for n in range(9)])
    model.add("linear", size=(2, 3))
    with pytest.raises(ClassCountMismatch, match="c7, …"):
        model.train(save_fold=tmp_path)


@pytest.mark.parametrize(
    "words", [{"春": 0, "眠": 2}, {"春": 0, "眠": 0}, {1: 0}, {"春": "0"}, {}, ["春"], {"春": 0.0}]
)
def test_what_is_no_vocabulary_is_refused(tmp_path: Path, words: Any) -> None:
    np.savez(tmp_path / "a.npz", data=np.array([[0, 1]]), word2idx=np.array(words, dtype=object))
    with pytest.raises(DatasetInvalid, match="word2idx"):
        nn("gen").load_npz_data(tmp_path / "a.npz")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _short(path: Path) -> None:
    """An array that says to be larger than it is."""
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((2, 3)))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.npy", buffer.getvalue().replace(b"(2, 3)", b"(9, 9)"))


@pytest.mark.parametrize("spoil", [_cut, _short, lambda path: path.write_bytes(b""), lambda path: path.write_text("a")])
def test_damaged_files_are_refused(tmp_path: Path, spoil: Any) -> None:
    np.savez(tmp_path / "a.npz", data=np.zeros((2, 3)), label=np.array([0, 1]))
    spoil(tmp_path / "a.npz")
    with pytest.raises(DatasetInvalid, match=r"a\.npz"):
        nn().load_npz_data(tmp_path / "a.npz")


def test_what_an_npz_file_lacks_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 3)))
    with pytest.raises(DatasetInvalid, match="it holds: x"):
        nn().load_npz_data(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", data=np.zeros((2, 3)))
    with pytest.raises(ParameterInvalid, match="label"):
        nn().load_npz_data(tmp_path / "b.npz")


# --- arrays -----------------------------------------------------------------------------------------------------------


class Frame:
    """What a frame can do, as far as it is asked."""

    columns = ("a", "b")

    def to_numpy(self) -> np.ndarray:
        return np.array([[1, 2], [3, 4]])


@pytest.mark.parametrize("x", [[[1, 2], [3, 4]], np.array([[1, 2], [3, 4]]), torch.tensor([[1.0, 2], [3, 4]]), Frame()])
@pytest.mark.parametrize("y", [[0, 1], np.array([0.0, 1.0]), np.array([[0], [1]]), torch.tensor([0, 1])])
def test_arrays_lists_tensors_and_frames(x: Any, y: Any) -> None:
    model = nn()
    model.load_dataset(x, y)
    data = model._data
    assert data is not None
    assert data.targets is not None
    assert (data.inputs.tolist(), data.targets.tolist()) == ([[1, 2], [3, 4]], [0, 1])
    assert (data.inputs.dtype, data.targets.dtype, model.batchsize) == (np.float32, np.int64, 2)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([[1, 2], [3, 4]], [0, 1, 2]),
        ([[1, 2], [3]], [0, 1]),
        ([[1, float("nan")], [3, 4]], [0, 1]),
        ([[1, float("inf")], [3, 4]], [0, 1]),
        ([["a", "b"], ["c", "d"]], [0, 1]),
        ([], []),
        ([[1, 2], [3, 4]], [0.5, 1]),
        ("text", [0]),
    ],
)
def test_what_is_no_data_is_refused(x: Any, y: Any) -> None:
    with pytest.raises(DatasetInvalid):
        nn().load_dataset(x, y)


def test_fewer_names_than_labels_are_refused() -> None:
    with pytest.raises(ClassCountMismatch, match="label 2"):
        nn().load_dataset([[1], [2], [3]], [0, 1, 2], classes=["a", "b"])


def test_data_of_another_width_are_refused_with_the_layer(tmp_path: Path) -> None:
    model = nn()
    model.add("linear", size=(4, 3))
    with pytest.raises(ParameterInvalid, match="Layer 1"):
        model.load_dataset([[1, 2]], [0])
    model.load_dataset([[1, 2, 3, 4]], [0])  # it stays as it was, and others can be loaded
