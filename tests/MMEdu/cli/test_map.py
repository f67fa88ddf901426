"""``mmedu map``: pictures as a classifier sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def checkpoint(trained) -> Path:
    return Path(json.loads(trained.ended.out)["best_checkpoint"])


def test_a_data_set(mmedu, checkpoint, trained):
    ended = mmedu("map", checkpoint, trained.data)
    assert ended.code == 0, ended.err
    assert "16 pictures" in ended.out
    place = Path("map_result", "feature_map.png")
    assert f"Drawn in {place}." in ended.out
    assert place.exists()


def test_for_programs(mmedu, checkpoint, trained):
    ended = mmedu(
        "map", checkpoint, trained.data, "--method", "tsne", "--split", "train", "--json", "--save-fold", "图 [1]"
    )
    told = json.loads(ended.out)
    assert told["method"] == "t-SNE"
    assert told["file"] == str(Path("图 [1]", "feature_map.png"))
    assert told["classes"] == ["狗", "猫"]
    assert len(told["pictures"]) == 32
    assert set(told["pictures"][0]) == {"file", "label", "x", "y", "stranger"}
    assert 0 <= told["at_home"] <= 1
    assert Path(told["file"]).exists()


def test_a_few_pictures_in_json(mmedu, checkpoint, trained):
    picture = next((trained.data / "test_set" / "猫").iterdir())
    told = json.loads(mmedu("map", checkpoint, picture, picture, "--json").out)
    assert len(told["pictures"]) == 2
    assert told["at_home"] is not None
    assert json.loads(mmedu("map", checkpoint, picture, "--json").out)["at_home"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--method", "pac"), -305), (("--split", "vall"), -305), (("--images", "0"), -305), (("--device", "gpu"), -301)],
)
def test_what_cannot_be_used_is_named(mmedu, checkpoint, trained, arguments, code):
    ended = mmedu("map", checkpoint, trained.data, *arguments)
    assert ended.code == 1
    assert ended.err.startswith(f"Error Code: {code}. ")


def test_a_detector_has_no_map(mmedu, trained):
    import torch

    content = torch.load(trained.folder / "latest.pth", weights_only=True)
    content["meta"] |= {"task": "detection", "backbone": "SSD_Lite"}
    torch.save(content, "检测.pth")
    ended = mmedu("map", "检测.pth", trained.data)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -311. ")


def test_pictures_that_are_not_there(mmedu, checkpoint):
    assert mmedu("map", checkpoint, "没有").err.startswith("Error Code: -103. ")
