"""Checkpoint files: what they hold, what is refused, and never code."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch

from BaseDT.errors import CheckpointInvalid, CheckpointNotFound
from BaseDT.files import write_whole
from BaseDT.language import say, use_language
from MMEdu.engine import checkpoint

GOOD = {"state_dict": {"weight": torch.arange(6.0).reshape(2, 3)}, "meta": {"CLASSES": ["猫", "狗"], "epoch": 3}}


@pytest.fixture
def good(tmp_path) -> Path:
    return write_whole(tmp_path / "权 重" / "猫.pth", checkpoint.to_bytes(GOOD))


class RunsCode:
    """A pickle that would make a folder when it is loaded."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


def test_what_is_written_is_read(good):
    content = checkpoint.read(good)
    assert content["meta"] == GOOD["meta"]
    torch.testing.assert_close(content["state_dict"]["weight"], GOOD["state_dict"]["weight"])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_cut_off_file_is_named(good, share):
    data = good.read_bytes()
    good.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(CheckpointInvalid, match=r"-202.*cannot be read") as caught:
        checkpoint.read(good)
    assert "again" in caught.value.hint


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_wants_to_run_code_is_refused_and_runs_none(tmp_path, zipped):
    file, trap = tmp_path / "bad.pth", tmp_path / "trap"
    torch.save({"state_dict": {}, "meta": RunsCode(trap)}, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointInvalid, match="wants to run code"):
        checkpoint.read(file)
    assert not trap.exists()


def test_a_plain_pickle_is_refused_and_runs_nothing(tmp_path):
    file, trap = tmp_path / "bad.pth", tmp_path / "trap"
    file.write_bytes(pickle.dumps(RunsCode(trap)))
    with pytest.raises(CheckpointInvalid):
        checkpoint.read(file)
    assert not trap.exists()


@pytest.mark.parametrize("content", [{"weight": torch.zeros(1)}, [1, 2], torch.zeros(3), {"state_dict": {}}])
def test_tensors_that_are_no_checkpoint_of_ours_are_named(tmp_path, content):
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(CheckpointInvalid, match="no MMEdu checkpoint"):
        checkpoint.read(tmp_path / "other.pth")


def test_a_text_file_is_named(tmp_path):
    (tmp_path / "text.pth").write_text("weights", encoding="utf-8")
    with pytest.raises(CheckpointInvalid, match="cannot be read"):
        checkpoint.read(tmp_path / "text.pth")


def test_another_suffix_and_a_folder_are_no_checkpoints(tmp_path, good):
    (tmp_path / "model.onnx").write_bytes(b"x")
    for path in (tmp_path / "model.onnx", good.parent):
        with pytest.raises(CheckpointInvalid, match="not a checkpoint file"):
            checkpoint.read(path)


@pytest.mark.parametrize("path", [None, 3, b"x.pth", ["x.pth"]])
def test_what_is_no_path_is_named(path):
    with pytest.raises((CheckpointInvalid, CheckpointNotFound)):
        checkpoint.read(path)


def test_a_missing_file_offers_what_is_there(good):
    with pytest.raises(CheckpointNotFound, match=r"Error Code: -102\. No such checkpoint file") as caught:
        checkpoint.read(good.parent / "猫猫.pth")
    assert "猫.pth" in caught.value.hint
    assert isinstance(caught.value, FileNotFoundError)


def test_words_in_the_users_language_are_stored_as_plain_text(tmp_path: Path) -> None:
    with use_language("zh"):
        meta = {"words": [say("cat", "猫")], say("key", "键"): (1, say("dog", "狗"))}
    file = tmp_path / "words.pth"
    file.write_bytes(checkpoint.to_bytes({"state_dict": {"weight": torch.zeros(2)}, "meta": meta}))
    assert checkpoint.read(file)["meta"] == {"words": ["猫"], "键": (1, "狗")}
