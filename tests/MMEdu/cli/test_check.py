"""``mmedu check`` and ``mmedu models``: what can be asked before anything is trained."""

from __future__ import annotations

import json
import shutil

import pytest

from MMEdu import MMClassification, MMDetection, MMPose, MMSegmentation

pytestmark = pytest.mark.usefixtures("workplace")  # a sheet is drawn there


def test_a_whole_dataset_is_counted(mmedu, dataset):
    ended = mmedu("check", dataset)
    assert ended.code == 0
    assert "狗         6    3     0\n猫         6    3     0\n" in ended.out
    assert "18 pictures, 0 damaged." in ended.out


def test_the_same_for_a_program(mmedu, dataset):
    ended = mmedu("check", dataset, "--json")
    told = json.loads(ended.out)
    assert ended.code == 0
    assert told["ok"] is True
    assert (told["classes"], told["train"], told["val"], told["test"]) == (["狗", "猫"], [6, 6], [3, 3], [0, 0])
    assert told["short_side"] == [28, 28]
    assert told["damaged"] == []


def test_damaged_pictures_are_named_with_the_reason(mmedu, dataset):
    cut = dataset / "val_set" / "猫" / "图 片-val-猫-00.png"
    cut.write_bytes(cut.read_bytes()[:-20])
    empty = dataset / "training_set" / "狗" / "空 [0].png"
    empty.touch()
    ended = mmedu("check", dataset)
    assert ended.code == 1
    assert f"Damaged: {cut}: " in ended.out
    assert f"Damaged: {empty}: it is empty (0 bytes)" in ended.out
    assert "19 pictures, 2 damaged." in ended.out
    told = json.loads(mmedu("check", dataset, "--json").out)
    assert told["ok"] is False
    assert {one["path"] for one in told["damaged"]} == {str(cut), str(empty)}


def test_a_wrong_checksum_is_found_although_the_picture_would_decode(mmedu, dataset):
    picture = dataset / "training_set" / "狗" / "图 片-training-狗-00.png"
    data = bytearray(picture.read_bytes())
    data[-1] ^= 1  # of IEND, which no decoder needs
    picture.write_bytes(data)
    ended = mmedu("check", dataset)
    assert ended.code == 1
    assert f"Damaged: {picture}: " in ended.out


def test_the_same_picture_in_training_and_validation_is_named(mmedu, dataset):
    source = dataset / "training_set" / "狗" / "图 片-training-狗-00.png"
    shutil.copy(source, dataset / "val_set" / "狗" / "再 来.png")
    shutil.copy(dataset / "val_set" / "猫" / "图 片-val-猫-01.png", dataset / "training_set" / "狗" / "错.png")
    ended = mmedu("check", dataset)
    assert ended.code == 0, "it can be trained on"
    assert (
        "in more than one part, 1 times (training_set/狗/图 片-training-狗-00.png = val_set/狗/再 来.png)" in ended.out
    )
    assert "in two classes, 1 times (training_set/狗/错.png = val_set/猫/图 片-val-猫-01.png)" in ended.out
    told = json.loads(mmedu("check", dataset, "--json").out)["copies"]
    assert told["parts"] == [[str(source), str(dataset / "val_set" / "狗" / "再 来.png")]]
    assert (len(told["classes"]), told["within"]) == (1, [])


def test_notes_of_the_dataset_are_passed_on(mmedu, make_imagenet, tmp_path):
    data = make_imagenet(tmp_path / "数据 集", train=10, val=0)
    assert "No validation pictures (val_set)" in mmedu("check", data).out
    assert any("No validation pictures" in note for note in json.loads(mmedu("check", data, "--json").out)["notes"])


def test_a_model_that_the_pictures_do_not_suit_is_told(mmedu, make_imagenet, tmp_path):
    small = make_imagenet(tmp_path / "小 图", train=2, val=1)
    large = make_imagenet(tmp_path / "大 图", train=2, val=1, size=(300, 240))
    assert "6 pictures are smaller" in mmedu("check", small, "--backbone", "MobileNet").out
    assert "6 pictures are larger than 224" in mmedu("check", large, "--backbone", "lenet").out
    assert "pictures are" not in mmedu("check", large, "--backbone", "MobileNet").out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["没有 这个"], "Error Code: -101. "),
        (["."], "Error Code: -201. "),
    ],
)
def test_what_is_no_dataset_is_named(mmedu, arguments, text):
    ended = mmedu("check", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(text)


def test_an_unknown_model_is_named(mmedu, dataset):
    ended = mmedu("check", dataset, "--backbone", "MobilNet")
    assert ended.code == 1
    assert "Did you mean 'MobileNet'?" in ended.err


KINDS = (MMClassification, MMDetection, MMPose, MMSegmentation)


def test_models_lists_what_sota_lists(mmedu):
    lines = mmedu("models").out.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == [name for kind in KINDS for name in kind.sota()]
    assert "gray 32x32" in lines[1]


def test_models_as_json(mmedu):
    told = json.loads(mmedu("models", "--json").out)["models"]
    assert [one["name"] for one in told] == [name for kind in KINDS for name in kind.sota()]
    assert told[0]["input"] == {"height": 32, "width": 32, "color": "gray"}
    assert all(one["batch_size"] > 0 and one["reference"] for one in told)
