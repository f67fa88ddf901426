"""``mmedu check --deep``: what was planted into a made set is found and shown, none else, and nothing is changed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.errors import DependencyMissing
from looks import DISGUISES, photo
from MMEdu.models import registry
from MMEdu.tasks.classification import suspicious
from MMEdu.weights.loaded_model import load_model


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes of 12 photographs for training and 4 for validation, each its own."""
    root = tmp_path / "数据 <集>"
    for label, name in enumerate(("猫", "=dog")):
        for number in range(16):
            part = "training_set" if number < 12 else "val_set"
            image.write(root / part / name / f"{number:02}.jpg", photo(100 * label + number))
    return root


def disguise(source: Path, target: Path, how: str) -> Path:
    return image.write(target, DISGUISES[how](image.read(source)))


@pytest.fixture
def planted(photos: Path) -> Path:
    train, val = photos / "training_set", photos / "val_set"
    disguise(train / "猫" / "01.jpg", val / "猫" / "变.png", "all")
    disguise(train / "猫" / "02.jpg", val / "猫" / "镜.jpg", "mirrored")
    disguise(train / "=dog" / "03.jpg", train / "猫" / "错.jpg", "brighter")
    disguise(train / "=dog" / "05.jpg", train / "=dog" / "再.jpg", "half")
    # The mirror image in another class may be meant: arrows to the left and to the right.
    disguise(train / "=dog" / "07.jpg", train / "猫" / "左.jpg", "mirrored")
    return photos


def names(finding: dict[str, object], root: Path) -> list[list[str]]:
    return [[Path(one["file"]).relative_to(root).as_posix() for one in group] for group in finding["groups"]]  # type: ignore[attr-defined]


EXPECTED = {
    "near_duplicates_classes": [["training_set/=dog/03.jpg", "training_set/猫/错.jpg"]],
    "near_duplicates_parts": [
        ["training_set/猫/01.jpg", "val_set/猫/变.png"],
        ["training_set/猫/02.jpg", "val_set/猫/镜.jpg"],
    ],
    "near_duplicates_within": [["training_set/=dog/05.jpg", "training_set/=dog/再.jpg"]],
}


def test_what_was_planted_is_found_and_none_else(mmedu, planted, monkeypatch):
    monkeypatch.setattr(suspicious, "_network", lambda: None)
    before = {path: path.read_bytes() for path in planted.rglob("*") if path.is_file()}
    ended = mmedu("check", planted, "--deep", "--json")
    assert ended.code == 0, ended.err
    deep = json.loads(ended.out)["deep"]
    assert {one["kind"]: names(one, planted) for one in deep["findings"]} == EXPECTED
    assert "needs the weights of EfficientNet_Lite0" in deep["remarks"][0]
    assert {path: path.read_bytes() for path in planted.rglob("*") if path.is_file()} == before


def test_the_page_needs_nothing_else_and_no_name_acts_in_it(mmedu, planted, monkeypatch):
    monkeypatch.setattr(suspicious, "_network", lambda: None)
    ended = mmedu("check", planted, "--deep")
    assert (
        "Nearly the same in training and validation or test: 2 (training_set/猫/01.jpg ~ val_set/猫/变.png)"
        in ended.out
    )
    page = Path("check_result/deep.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 8
    assert "数据 &lt;集&gt;" in page
    assert "<集>" not in page
    assert "http" not in page
    rows = list(csv.reader(Path("check_result/deep.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["kind", "group", "file", "part", "class", "note"]
    assert rows[1] == ["near_duplicates_classes", "1", "training_set/=dog/03.jpg", "train", "'=dog", ""]
    assert len(rows) == 9


def test_chinese(mmedu, planted, monkeypatch):
    monkeypatch.setattr(suspicious, "_network", lambda: None)
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert "几乎相同的图片出现在不同类别" in mmedu("check", planted, "--deep").out
    assert 'lang="zh"' in Path("check_result/deep.html").read_text(encoding="utf-8")


def test_nothing_conspicuous_and_no_look_without_being_asked(mmedu, photos, monkeypatch):
    monkeypatch.setattr(suspicious, "_network", lambda: None)
    assert "found nothing conspicuous" in mmedu("check", photos, "--deep").out
    shutil.rmtree("check_result")
    told = json.loads(mmedu("check", photos, "--json").out)
    assert told["deep"] is None
    assert not Path("check_result", "deep.html").exists()


def test_damaged_pictures_are_passed_over(mmedu, planted, monkeypatch):
    monkeypatch.setattr(suspicious, "_network", lambda: None)
    (planted / "training_set" / "猫" / "00.jpg").write_bytes(b"")
    ended = mmedu("check", planted, "--deep", "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert len(told["damaged"]) == 1
    assert {one["kind"]: names(one, planted) for one in told["deep"]["findings"]} == EXPECTED


def test_from_within_the_set_the_page_is_beside_it(mmedu, planted, monkeypatch):
    monkeypatch.setattr(suspicious, "_network", lambda: None)
    monkeypatch.chdir(planted)
    assert mmedu("check", ".", "--deep").code == 0
    assert (planted.parent / "check_result" / "deep.html").is_file()
    assert not (planted / "check_result").exists()


def test_swapped_labels_of_small_gray_pictures_are_found(mmedu, make_imagenet, tmp_path):
    root = make_imagenet(tmp_path / "数 字", classes=("甲", "乙", "丙"), train=20, val=5)
    swapped = []
    for number, (old, new) in enumerate((("甲", "乙"), ("乙", "丙"), ("丙", "甲"))):
        source = sorted((root / "training_set" / old).glob("图*.png"))[number]
        swapped.append(Path(shutil.move(source, root / "training_set" / new / f"换{number}.png")))
    deep = json.loads(mmedu("check", root, "--deep", "--json").out)["deep"]
    (found,) = [one for one in deep["findings"] if one["kind"] == "suspicious_labels"]
    assert {group[0]["file"] for group in found["groups"]} == set(map(str, swapped))
    assert {group[0]["note"] for group in found["groups"]} == {"like 甲", "like 乙", "like 丙"}


def test_classes_that_look_alike_make_no_label_suspicious(mmedu, tmp_path):
    rng = np.random.default_rng(0)
    for part in ("training_set", "val_set"):
        for name in ("a", "b"):
            for number in range(12):
                pixels = cv2.resize(rng.integers(0, 255, (7, 7), np.uint8), (28, 28))
                (folder := tmp_path / "x" / part / name).mkdir(parents=True, exist_ok=True)
                Image.fromarray(np.asarray(pixels)).save(folder / f"{number}.png")
    ended = mmedu("check", tmp_path / "x", "--deep", "--json")
    deep = json.loads(ended.out)["deep"]
    assert [one["kind"] for one in deep["findings"]] == []
    assert "cannot be told apart" in deep["remarks"][0]


def test_swapped_labels_of_photographs_are_found_by_a_network_that_is_here(mmedu, trained, tmp_path, monkeypatch):
    network = load_model(registry.find("LeNet", "classification"), trained.folder / "latest.pth", "cpu")
    monkeypatch.setattr(suspicious, "_network", lambda: network)
    monkeypatch.setattr(suspicious, "are_small_and_gray", lambda dataset: False)
    root = Path(shutil.copytree(trained.data, tmp_path / "照 片"))
    source = sorted((root / "training_set" / "猫").iterdir())[3]
    swapped = Path(shutil.move(source, root / "training_set" / "狗" / "换.png"))
    sorted((root / "training_set" / "狗").iterdir())[0].write_bytes(b"")  # places do not shift by a damaged one
    deep = json.loads(mmedu("check", root, "--deep", "--json").out)["deep"]
    (found,) = [one for one in deep["findings"] if one["kind"] == "suspicious_labels"]
    assert [[one["file"] for one in group] for group in found["groups"]] == [[str(swapped)]]


def test_a_large_set_is_judged_in_part_and_that_is_said(mmedu, trained, monkeypatch):
    network = load_model(registry.find("LeNet", "classification"), trained.folder / "latest.pth", "cpu")
    monkeypatch.setattr(suspicious, "_network", lambda: network)
    monkeypatch.setattr(suspicious, "are_small_and_gray", lambda dataset: False)
    monkeypatch.setattr(suspicious, "_MOST", 20)
    assert "The labels of 20 of 52 pictures were judged." in mmedu("check", trained.data, "--deep").out


def test_without_training_installed_the_rest_is_done(mmedu, planted, monkeypatch):
    def missing() -> None:
        raise DependencyMissing("Training is not installed.", hint="pip install …")

    monkeypatch.setattr(suspicious, "require_train", missing)
    deep = json.loads(mmedu("check", planted, "--deep", "--json").out)["deep"]
    assert {one["kind"]: names(one, planted) for one in deep["findings"]} == EXPECTED
    assert deep["remarks"] == ["Labels were not judged. pip install …"]
