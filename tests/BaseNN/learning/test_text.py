"""Networks of words: trained on texts, asked word by word, kept in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from BaseDT.errors import InputMismatch, NothingLoaded, ParameterInvalid
from BaseNN import nn
from XEdu.hub import Workflow

WORDS = {word: number for number, word in enumerate("春眠不觉晓夜来风雨声")}
TEXT = "春眠不觉晓夜来风雨声" * 4
STEPS = 5


def _samples() -> tuple[np.ndarray, np.ndarray]:
    numbers = np.array([WORDS[word] for word in TEXT])
    starts = range(len(numbers) - STEPS)
    return np.array([numbers[n : n + STEPS] for n in starts]), np.array(
        [numbers[n + 1 : n + STEPS + 1] for n in starts]
    )


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> nn:
    model = nn("gen", save_fold=tmp_path_factory.mktemp("数据 集"))
    model.set_seed(1)
    model.load_dataset(*_samples(), word2idx=WORDS)
    model.add("em_lstm", size=(8, 24), num_layers=1)
    model.train(lr=0.03, epochs=12, batch_num=4, metrics=["acc"])
    return model


def _written(network: nn, start: str, count: int, checkpoint: Path | None = None) -> str:
    text, hidden = start, None
    for _ in range(count):
        shares, hidden = network.inference(data=text[-1], hidden=hidden, checkpoint=checkpoint)
        text += network.ix2word[np.argmax(shares)]  # as the documents do
    return text


def test_a_poem_is_learnt_and_written(network: nn) -> None:
    assert _written(network, "春", 9) == TEXT[:10]


def test_the_log_has_a_line_for_each_step(tmp_path: Path) -> None:
    model = nn("gen", save_fold=tmp_path)
    model.load_dataset(*_samples(), word2idx=WORDS)
    model.add("em_lstm", size=(4, 6), num_layers=2)
    log = model.train(lr=0.01, epochs=2, batch_num=3, metrics=["acc"])
    assert [line["epoch"] for line in log] == [0, 0, 0, 1, 1, 1]
    assert set(log[0]) == {"epoch", "loss", "acc"}
    assert log[0]["loss"] == pytest.approx(np.log(len(WORDS)), abs=0.5)


def test_shares_sum_to_one_and_what_is_remembered_counts(network: nn) -> None:
    shares, hidden = network.inference(data="春")
    assert shares.shape == (len(WORDS),)
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert [tuple(part.shape) for part in hidden] == [(1, 1, 24)] * 2
    plain, _ = network.inference(data="眠")
    after, _ = network.inference(data="眠", hidden=hidden)
    assert np.abs(plain - after).max() > 1e-4


def test_a_text_is_read_as_its_words_one_by_one(network: nn) -> None:
    whole, whole_hidden = network.inference(data="春眠不")
    hidden = None
    for word in ["春", "眠", WORDS["不"]]:
        shares, hidden = network.inference(data=word, hidden=hidden)
    np.testing.assert_allclose(whole, shares, atol=1e-6)
    torch.testing.assert_close(whole_hidden, hidden)
    as_arrays = tuple(part.numpy() for part in whole_hidden)
    assert network.inference(data="觉", hidden=as_arrays)[0].argmax() == WORDS["晓"]


def test_it_writes_the_same_out_of_its_file(network: nn, tmp_path: Path) -> None:
    network.save(tmp_path / "诗 歌.pth")
    other = nn("gen")
    other.load(tmp_path / "诗 歌.pth")
    assert other.word2idx == WORDS
    assert _written(other, "夜", 8) == _written(network, "夜", 8)
    trained = Path(network.save_fold) / "basenn.pth"
    fresh = nn()
    np.testing.assert_allclose(
        fresh.inference(data="夜", checkpoint=trained)[0], network.inference(data="夜")[0], atol=1e-6
    )


def test_a_file_of_the_documents_form(tmp_path: Path) -> None:
    file, (x, y) = tmp_path / "诗 句.npz", _samples()
    np.savez(file, data=x, label=y, word2idx=np.array(WORDS, dtype=object))
    model = nn(save_fold=tmp_path)
    model.load_npz_data(file, batch_size=16)
    model.add("em_lstm", size=(4, 6), num_layers=1)
    model.train(lr=0.01, epochs=1)
    assert model.word2idx == WORDS
    assert model.inference(data="春")[0].shape == (len(WORDS),)


def test_the_word_after_each_text(tmp_path: Path) -> None:
    x, y = _samples()
    model = nn("gen", save_fold=tmp_path)
    model.set_seed(1)
    model.load_dataset(x, y[:, -1], word2idx=WORDS)
    model.add("em_lstm", size=(8, 24), num_layers=1)
    model.train(lr=0.03, epochs=12, batch_num=4)
    assert model.inference(data="春眠不觉晓")[0].argmax() == WORDS["夜"]


def test_the_documented_rate_is_too_large_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = nn("gen", save_fold=tmp_path)
    model.load_dataset(*_samples(), word2idx=WORDS)
    model.add("em_lstm", size=(4, 6), num_layers=1)
    model.train(epochs=1)
    assert "lr=0.1 is too large for em_lstm: it learns with lr=0.005" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "words"),
    [("猫", "does not know the word '猫'"), ("", "no words"), (None, "no words"), (99, "word"), ([], "no w")],
)
def test_words_that_it_does_not_know(network: nn, data: object, words: str) -> None:
    with pytest.raises(ParameterInvalid, match=words) as error:
        network.inference(data=data)
    assert error.value.hint


def test_a_board_says_the_same_of_an_unknown_word(network: nn, tmp_path: Path) -> None:
    board = Workflow("basenn", network.convert(out_file=tmp_path / "诗.onnx"))
    said = []
    for ask in (network.inference, board.inference):
        with pytest.raises(ParameterInvalid) as caught:
            ask("猫")
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert said[0].endswith("夜, 来, 风, …")


@pytest.mark.parametrize("hidden", [1, "x", (torch.zeros(1, 1, 24),), (torch.zeros(1, 1, 3),) * 2, [None, None]])
def test_what_is_not_its_memory(network: nn, hidden: object) -> None:
    with pytest.raises(InputMismatch, match="-309"):
        network.inference(data="春", hidden=hidden)


def test_the_likeliest_next_word_is_printed(network: nn) -> None:
    network.inference(data="春眠不觉")
    (said,) = network.print_result().values()
    assert said["预测值"] == "晓"
    assert 0.5 < said["置信度"] <= 1


def test_what_each_layer_makes_of_words(network: nn, tmp_path: Path) -> None:
    network.visual_feature("春眠不", save_fold=tmp_path / "层")
    network.visual_feature("春眠不", in1img=True, save_fold=tmp_path / "层")
    assert sorted(path.name for path in (tmp_path / "层").iterdir()) == ["1.jpg", "2.jpg", "3.jpg", "total.jpg"]
    assert network.extract_feature("春眠不").shape == (1, 3, len(WORDS))
    with pytest.raises(ParameterInvalid, match="'猫'"):
        network.extract_feature("猫")


def test_an_exported_network_writes_the_same(network: nn, tmp_path: Path) -> None:
    file = network.convert(out_file=tmp_path / "诗 歌.onnx")
    workflow = Workflow(task="basenn", checkpoint=str(file))
    (rows,) = workflow.inference(data="春眠不觉")
    np.testing.assert_allclose(rows[-1], network.inference(data="春眠不觉")[0], atol=1e-5)


def test_asked_before_it_has_learnt() -> None:
    model = nn("gen")
    model.load_dataset(*_samples(), word2idx=WORDS)
    model.add("em_lstm", size=(4, 6), num_layers=1)
    with pytest.raises(NothingLoaded, match="-602"):
        model.inference(data="春")


def test_a_rate_that_a_network_of_words_learns_with_is_kept(tmp_path: Path) -> None:
    model = nn("gen", save_fold=tmp_path)
    model.set_seed(0)
    words = np.array([[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2]])
    model.load_dataset(words, np.roll(words, -1, axis=1), word2idx={"床": 0, "前": 1, "明": 2, "月": 3})
    model.add("em_lstm", size=(8, 16), num_layers=1)
    log = model.train(lr=0.05, epochs=20)
    assert log[-1]["loss"] < 0.5
