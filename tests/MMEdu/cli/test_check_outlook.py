"""``mmedu check`` says what the recipe will do with the pictures, and draws what the network sees of ten of them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

SHEET = Path("check_result", "network_view.png")


@pytest.fixture
def long_pictures(make_imagenet, tmp_path: Path) -> Path:
    return make_imagenet(tmp_path / "长 图", train=6, val=2, size=(40, 120), gray=False)


def test_the_recipe_of_a_training_without_backbone_is_told(mmedu, long_pictures, workplace):
    ended = mmedu("check", long_pictures)
    assert ended.code == 0
    assert "EfficientNet_Lite0 (a training without --backbone takes it) sees rgb 224x224." in ended.out
    assert "74 % of the pictures' area is cut away" in ended.out
    assert "train(fit='letterbox') or train(fit='stretch') shows all of it" in ended.out
    assert "mirrored left-right (flip=False leaves that out)" in ended.out
    assert "16 pictures are smaller" in ended.out


def test_a_model_that_is_named_is_told_of(mmedu, dataset, workplace):
    told = mmedu("check", dataset, "--backbone", "lenet").out
    assert "LeNet sees gray 32x32." in told
    assert "fit='stretch': the whole picture, stretched; 0 of 18" in told
    assert "Training shows them as they are." in told


def test_a_recipe_file_is_told_of(mmedu, long_pictures, workplace):
    Path("配 方.toml").write_text('backbone = "MobileNet"\nfit = "letterbox"\n[augment]\nflip = 0.0', encoding="utf-8")
    told = mmedu("check", long_pictures, "--backbone", "配 方.toml").out
    assert "fit='letterbox': the whole picture" in told
    assert "is cut away" not in told
    assert "moved and made smaller, nothing cut away." in told


def test_in_chinese(mmedu, long_pictures, workplace, monkeypatch):
    monkeypatch.setenv("MMEDU_LANG", "zh")
    told = mmedu("check", long_pictures).out
    assert "图片面积的 74 % 被裁掉" in told
    assert "flip=False 可关闭" in told


def test_the_sheet_shows_what_is_left_of_the_pictures(mmedu, tmp_path, workplace):
    """A mark at the edge is on the sheet where the whole picture is seen, and nowhere where the middle is."""
    for split, count in (("training_set", 8), ("val_set", 2)):
        for name in ("a", "b"):
            (tmp_path / "d" / split / name).mkdir(parents=True)
            for index in range(count):
                picture = np.full((40, 120, 3), 128, np.uint8)
                picture[:, :12] = (0, 0, 255)
                cv2.imwrite(str(tmp_path / "d" / split / name / f"{index}.png"), picture)
    Path("r.toml").write_text('backbone = "MobileNet"\nfit = "stretch"', encoding="utf-8")
    red = {}
    for backbone in ("MobileNet", "r.toml"):
        told = json.loads(mmedu("check", tmp_path / "d", "--backbone", backbone, "--json").out)
        assert Path(told["sheet"]) == SHEET
        sheet = cv2.imdecode(np.fromfile(SHEET, np.uint8), cv2.IMREAD_COLOR)
        red[backbone] = int((sheet == (0, 0, 255)).all(axis=2).sum())
    assert red["MobileNet"] == 0
    assert red["r.toml"] > 10 * 224 * 15


def test_the_sheet_lies_where_it_is_asked_for(mmedu, dataset, workplace):
    ended = mmedu("check", dataset, "--sheet", "看 这里/图.png")
    assert "图.png" in ended.out
    assert [path.name for path in workplace.iterdir()] == ["看 这里"]


def test_damaged_pictures_are_not_on_the_sheet_and_none_at_all_make_none(mmedu, dataset, workplace):
    for picture in dataset.rglob("*.png"):
        picture.write_bytes(b"\x89PNG broken")
    ended = mmedu("check", dataset, "--backbone", "LeNet")
    assert ended.code == 1
    assert not SHEET.exists()
    assert json.loads(mmedu("check", dataset, "--json").out)["sheet"] is None
