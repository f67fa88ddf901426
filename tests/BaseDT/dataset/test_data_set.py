"""The documented class: data sets are made from every format, are what training reads, and are checked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset import DataSet, coco, imagenet
from BaseDT.errors import (
    AnnotationMissing,
    DatasetInvalid,
    DatasetNotFound,
    ParameterInvalid,
    ParameterUnknown,
    PathExists,
)

Refused = Callable[..., Any]
Make = Callable[..., Path]


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def classes(tmp_path: Path, picture: Make) -> Path:
    """Twenty pictures of cats and ten of dogs, in ``images/<class>``, some of them in sub-folders."""
    root = tmp_path / "源 图"
    for name, count in (("猫", 20), ("狗", 10)):
        for index in range(count):
            sub = "更多/" if index % 5 == 4 else ""
            picture(root / "images" / name / f"{sub}图 片{index % 9}-{index}.jpg")
    return root


@pytest.fixture
def voc(tmp_path: Path, make_voc: Make) -> Path:
    objects = {}
    for index in range(20):
        objects[f"图 片{index}.jpg"] = [("猫", (1, 1, 20, 20)), *([("狗", (5, 5, 30, 25))] if index % 4 == 0 else [])]
    return make_voc(tmp_path / "源 图", objects)


def test_the_package_stays_cheap_to_import() -> None:
    code = "import sys, BaseDT.dataset.imagenet; sys.exit('BaseDT.dataset.data_set' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestImageNet:
    def test_is_what_training_reads(self, classes: Path, tmp_path: Path) -> None:
        report = DataSet(tmp_path / "我的 数据").make_dataset(classes, src_format="IMAGENET")
        data = imagenet.load(tmp_path / "我的 数据")
        assert (data.counts("train"), data.counts("val"), data.counts("test")) == ((7, 14), (2, 4), (1, 2))
        assert data.classes == report.classes == ("狗", "猫")
        assert data.notes == ()
        assert report.counts == {"train": (7, 14), "val": (2, 4), "test": (1, 2)}
        assert report.pictures == {"train": 21, "val": 6, "test": 3}

    def test_writes_the_documented_files(self, classes: Path, tmp_path: Path) -> None:
        target = tmp_path / "我的 数据"
        DataSet(target).make_dataset(classes)
        assert {path.name for path in target.iterdir()} == {
            *("training_set", "val_set", "test_set", "classes.txt", "val.txt", "test.txt")
        }
        assert (target / "classes.txt").read_text(encoding="utf-8") == "狗\n猫\n"
        lines = (target / "val.txt").read_text(encoding="utf-8").splitlines()
        assert len(lines) == 6
        assert all((target / "val_set" / line.rpartition(" ")[0]).is_file() for line in lines)

    def test_copies_every_picture_once_and_as_it_is(self, classes: Path, tmp_path: Path) -> None:
        before = files(classes)
        DataSet(tmp_path / "新").make_dataset(classes)
        copies = [data for name, data in files(tmp_path / "新").items() if name.endswith(".jpg")]
        assert sorted(copies) == sorted(before.values())
        assert files(classes) == before

    def test_the_same_source_gives_the_same_files_wherever_it_lies(self, classes: Path, tmp_path: Path) -> None:
        moved = tmp_path / "别 处"
        shutil.copytree(classes / "images", moved)  # without images/
        for target, src in (("一", classes), ("二", moved)):
            DataSet(tmp_path / target).make_dataset(src, seed=3)
        DataSet(tmp_path / "三").make_dataset(classes, seed=4)
        assert files(tmp_path / "一") == files(tmp_path / "二")
        assert files(tmp_path / "一") != files(tmp_path / "三")

    def test_names_that_collide_become_unique(self, classes: Path, tmp_path: Path, picture: Make) -> None:
        picture(classes / "images" / "猫" / "x" / "图 片0-0.JPG")
        DataSet(tmp_path / "新").make_dataset(classes)
        assert len([name for name in files(tmp_path / "新") if name.lower().endswith(".jpg")]) == 31

    def test_a_given_order_of_classes_is_kept(self, classes: Path, tmp_path: Path) -> None:
        (classes / "classes.txt").write_bytes("猫\r\n狗".encode("gbk"))
        assert DataSet(tmp_path / "新").make_dataset(classes).classes == ("猫", "狗")
        assert imagenet.load(tmp_path / "新").counts("train") == (14, 7)

    def test_numbered_folders_with_names_keep_both(self, tmp_path: Path, picture: Make) -> None:
        for number in ("0", "1"):
            for index in range(5):
                picture(tmp_path / "源" / number / f"{index}.png")
        (tmp_path / "源" / "classes.txt").write_text("猫\n狗\n", encoding="utf-8")
        DataSet(tmp_path / "新").make_dataset(tmp_path / "源")
        assert imagenet.load(tmp_path / "新").classes == ("猫", "狗")

    def test_classes_with_few_pictures_are_said(self, tmp_path: Path, picture: Make) -> None:
        for name, count in (("猫", 9), ("狗", 2)):
            for index in range(count):
                picture(tmp_path / "源" / name / f"{index}.png")
        report = DataSet(tmp_path / "新").make_dataset(tmp_path / "源")
        assert report.counts["train"][0] == report.counts["val"][0] == 1
        assert report.notes == ("Too few pictures for 'test' of: 狗.",)

    def test_without_a_test_part(self, classes: Path, tmp_path: Path) -> None:
        DataSet(tmp_path / "新").make_dataset(classes, "imagenet", 0.8, 0, 0.2)
        assert not (tmp_path / "新" / "test_set").exists()
        assert not (tmp_path / "新" / "test.txt").exists()

    def test_a_set_that_is_divided_already_stays_so(self, dataset: Path, tmp_path: Path) -> None:
        before = files(dataset)
        report = DataSet(tmp_path / "新").make_dataset(dataset)
        old, new = imagenet.load(dataset), imagenet.load(tmp_path / "新")
        assert (report.counts["train"], report.counts["val"]) == (old.counts("train"), old.counts("val"))
        assert new.counts("train") == old.counts("train")
        assert any("divided already: its parts are kept" in note for note in report.notes)
        assert before.items() <= files(dataset).items()

    def test_ratios_that_are_given_divide_anew(self, dataset: Path, tmp_path: Path) -> None:
        report = DataSet(tmp_path / "新").make_dataset(dataset, "IMAGENET", 1, 0, 0)
        assert report.pictures == {"train": 18, "val": 0, "test": 0}
        report = DataSet(tmp_path / "又").make_dataset(dataset, train_ratio=0.5, test_ratio=0, val_ratio=0.5)
        assert report.pictures == {"train": 10, "val": 8, "test": 0}
        assert not any("divided already" in note for note in report.notes)

    def test_classes_txt_and_folders_that_disagree_are_refused(
        self, classes: Path, tmp_path: Path, refused: Refused
    ) -> None:
        (classes / "classes.txt").write_text("猫\n鸟\n", encoding="utf-8")
        with refused(DatasetInvalid, r"classes\.txt:2: there is no folder '鸟'"):
            DataSet(tmp_path / "新").make_dataset(classes)

    def test_a_damaged_picture_is_named_and_nothing_is_made(
        self, classes: Path, tmp_path: Path, refused: Refused
    ) -> None:
        damaged = next((classes / "images" / "猫").glob("*.jpg"))
        damaged.write_bytes(damaged.read_bytes()[:-100])
        with refused(DatasetInvalid, f"1 picture is damaged: images/猫/{damaged.name}: ") as caught:
            DataSet(tmp_path / "新").make_dataset(classes)
        assert "load_dataset" not in caught.value.hint
        assert {path.name for path in tmp_path.iterdir()} == {"源 图"}


class TestCoco:
    def test_from_voc(self, voc: Path, tmp_path: Path) -> None:
        report = DataSet(tmp_path / "我的 数据").make_dataset(
            voc, "VOC", train_ratio=0.6, test_ratio=0.2, val_ratio=0.2
        )
        data = coco.load(tmp_path / "我的 数据")
        assert (len(data.train), len(data.val), len(data.test)) == (12, 4, 4)
        assert data.classes == report.classes == ("狗", "猫")
        assert (data.counts("train"), data.counts("val"), data.counts("test")) == ((3, 12), (1, 4), (1, 4))
        assert data.notes == report.notes == ()
        both = next(image for image in data.train if len(image.boxes) == 2)
        assert {box.corners for box in both.boxes} == {(0, 0, 20, 20), (4, 4, 30, 25)}
        assert len({image.id for part in (data.train, data.val, data.test) for image in part}) == 20

    def test_from_yolo_with_a_turned_picture(self, tmp_path: Path, picture: Make) -> None:
        src = tmp_path / "源"
        for index in range(10):
            picture(src / "images" / f"图 {index}.jpg", orientation=6 if index == 0 else 1)
            (src / "annotations").mkdir(exist_ok=True)
            (src / "annotations" / f"图 {index}.txt").write_text("0 0.5 0.5 0.5 0.5\n", encoding="utf-8")
        (src / "classes.txt").write_text("猫\n", encoding="utf-8")
        report = DataSet(tmp_path / "新").make_dataset(src, "YOLO")
        assert report.counts == {"train": (7,), "val": (2,), "test": (1,)}
        images = {i.path.name: i for part in ("train", "val", "test") for i in coco.load(tmp_path / "新").split(part)}  # type: ignore[arg-type]
        assert images["图 1.jpg"].boxes[0].corners == (10, 7.5, 30, 22.5)
        turned = images["图 0.jpg"]
        assert (turned.width, turned.height, turned.boxes[0].corners) == (30, 40, (7.5, 10, 22.5, 30))
        assert DataSet(tmp_path / "新").check().notes == ()

    def test_from_coco_again(self, voc: Path, tmp_path: Path) -> None:
        DataSet(tmp_path / "一").make_dataset(voc, "VOC")
        report = DataSet(tmp_path / "二").make_dataset(tmp_path / "一", "coco", 0.5, 0, 0.5)
        assert report.pictures == {"train": 10, "val": 10, "test": 0}
        assert sum(map(sum, report.counts.values())) == 25

    def test_sizes_that_an_annotation_claims_are_compared(
        self, tmp_path: Path, make_voc: Make, refused: Refused
    ) -> None:
        src = make_voc(tmp_path / "源", {"a.jpg": [("猫", (1, 1, 60, 50))]}, size=(60, 80))
        with refused(
            DatasetInvalid, r"1 pictures have another size than their annotations say: a.jpg is 40×30, not 80"
        ):
            DataSet(tmp_path / "新").make_dataset(src, "VOC")
        assert not (tmp_path / "新").exists()

    def test_annotation_files_that_divide_are_kept(self, tmp_path: Path, make_coco: Make) -> None:
        boxes = {f"{n}.jpg": [(7, 1, 1, 9, 9)] for n in range(9)}
        more = {f"v{n}.jpg": [(3, 1, 1, 9, 9)] for n in range(4)}
        src = make_coco(tmp_path / "源", train=boxes, valid=more)
        report = DataSet(tmp_path / "新").make_dataset(src, "COCO")
        assert report.pictures == {"train": 9, "val": 4, "test": 0}
        assert {one.path.name for one in coco.load(tmp_path / "新").val} == set(more)
        assert DataSet(tmp_path / "又").make_dataset(src, "COCO", 0.7, 0.1, 0.2).pictures["test"] > 0

    def test_folders_that_divide_are_kept(self, tmp_path: Path, make_voc: Make) -> None:
        src = make_voc(tmp_path / "源", {f"{n}.jpg": [("猫", (1, 1, 9, 9))] for n in range(8)})
        for folder in ("train", "val"):
            (src / "images" / folder).mkdir()
        for n in range(8):
            name = f"{n}.jpg"
            (src / "images" / name).rename(src / "images" / ("val" if n > 5 else "train") / name)
        report = DataSet(tmp_path / "新").make_dataset(src, "VOC")
        assert report.pictures == {"train": 6, "val": 2, "test": 0}
        assert {one.path.name for one in coco.load(tmp_path / "新").val} == {"6.jpg", "7.jpg"}

    def test_the_same_source_gives_the_same_files(self, voc: Path, tmp_path: Path) -> None:
        for target in ("一", "二"):
            DataSet(tmp_path / target).make_dataset(voc, "voc")
        DataSet(tmp_path / "三").make_dataset(voc, "voc", seed=1)
        assert files(tmp_path / "一") == files(tmp_path / "二")
        assert files(tmp_path / "一") != files(tmp_path / "三")

    def test_a_damaged_annotation_is_named_and_nothing_is_made(
        self, voc: Path, tmp_path: Path, refused: Refused
    ) -> None:
        (voc / "annotations" / "图 片3.xml").write_text("<annotation>", encoding="utf-8")
        with refused(DatasetInvalid, r"图 片3\.xml is no whole XML"):
            DataSet(tmp_path / "新").make_dataset(voc, "VOC")
        assert {path.name for path in tmp_path.iterdir()} == {"源 图"}

    def test_the_wrong_format_is_a_hint(self, voc: Path, tmp_path: Path, refused: Refused) -> None:
        with refused(AnnotationMissing) as caught:
            DataSet(tmp_path / "新").make_dataset(voc, "COCO")
        assert "src_format" in caught.value.hint


class TestTheTarget:
    def test_is_never_overwritten(self, classes: Path, tmp_path: Path, refused: Refused) -> None:
        target = tmp_path / "新"
        target.mkdir()
        (target / "作业.txt").write_text("mine", encoding="utf-8")
        with refused(PathExists, "The target is there already"):
            DataSet(target).make_dataset(classes)
        with refused(PathExists):
            DataSet(target / "作业.txt").make_dataset(classes)
        assert files(target) == {"作业.txt": b"mine"}

    def test_may_be_an_empty_folder(self, classes: Path, tmp_path: Path) -> None:
        (tmp_path / "新").mkdir()
        DataSet(tmp_path / "新").make_dataset(classes)
        assert (tmp_path / "新" / "training_set").is_dir()

    def test_may_be_relative(self, classes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        report = DataSet("新/数据").make_dataset(classes.name)
        assert report.root == tmp_path / "新" / "数据"
        assert report.root.is_dir()


class TestArguments:
    @pytest.mark.parametrize("path", [None, 5, "", b"x", ["a"], "a\0b"])
    def test_no_path(self, refused: Refused, path: Any) -> None:
        with refused(ParameterInvalid, "path="):
            DataSet(path)

    def test_no_such_type(self, tmp_path: Path, refused: Refused) -> None:
        with refused(ParameterInvalid, "type='imagnet' cannot be used") as caught:
            DataSet(tmp_path, type="imagnet")
        assert "Did you mean 'IMAGENET'?" in caught.value.hint
        with refused(ParameterInvalid):
            DataSet(tmp_path, type=5)  # type: ignore[arg-type]

    def test_no_such_format(self, tmp_path: Path, refused: Refused) -> None:
        with refused(ParameterInvalid, "src_format='VOCC' cannot be used") as caught:
            DataSet(tmp_path / "新").make_dataset(tmp_path, src_format="VOCC")
        assert "Did you mean 'VOC'?" in caught.value.hint

    def test_no_such_keyword(self, tmp_path: Path, refused: Refused) -> None:
        with refused(ParameterUnknown, "train_rate") as caught:
            DataSet(tmp_path / "新").make_dataset(tmp_path, train_rate=0.8)
        assert "Did you mean 'train_ratio'?" in caught.value.hint
        with refused(ParameterUnknown, "typ"):
            DataSet(tmp_path, typ="COCO")

    @pytest.mark.parametrize("seed", [1.5, "1", None, True])
    def test_no_seed(self, classes: Path, tmp_path: Path, refused: Refused, seed: Any) -> None:
        with refused(ParameterInvalid, "seed="):
            DataSet(tmp_path / "新").make_dataset(classes, seed=seed)

    def test_ratios_that_are_none(self, classes: Path, tmp_path: Path, refused: Refused) -> None:
        with refused(ParameterInvalid, "add up to 1.4"):
            DataSet(tmp_path / "新").make_dataset(classes, train_ratio=0.8, test_ratio=0.4)

    def test_a_type_that_the_format_does_not_give(self, voc: Path, tmp_path: Path, refused: Refused) -> None:
        with refused(ParameterInvalid, "type IMAGENET cannot be made from VOC"):
            DataSet(tmp_path / "新", type="imagenet").make_dataset(voc, "VOC")

    def test_no_source(self, tmp_path: Path, refused: Refused) -> None:
        with refused(DatasetNotFound):
            DataSet(tmp_path / "新").make_dataset(tmp_path / "没有")
        with refused(DatasetInvalid):
            DataSet(tmp_path / "新").make_dataset(5)  # type: ignore[arg-type]


class TestCheck:
    def test_recognises_both_kinds(self, dataset: Path, tmp_path: Path, make_coco: Make) -> None:
        report = DataSet(dataset).check()
        assert (report.type, report.counts) == ("IMAGENET", {"train": (6, 6), "val": (3, 3), "test": (0, 0)})
        root = make_coco(tmp_path / "检 测", train={"图 片.jpg": [(7, 1, 2, 10, 20)]}, valid={"1.jpg": []})
        report = DataSet(root).check()
        assert (report.type, report.classes, report.counts["train"]) == ("COCO", ("狗", "猫"), (0, 1))
        assert report.pictures == {"train": 1, "val": 1, "test": 0}

    def test_takes_the_type_that_it_is_told(self, dataset: Path, refused: Refused) -> None:
        with refused(DatasetInvalid, "no data set in COCO's layout"):
            DataSet(dataset, type="det").check()

    def test_names_damaged_pictures(self, dataset: Path, tmp_path: Path, make_coco: Make, refused: Refused) -> None:
        damaged = next(dataset.rglob("*.png"))
        damaged.write_bytes(damaged.read_bytes()[:-20])
        with refused(DatasetInvalid, f"1 picture is damaged: .*{damaged.name}"):
            DataSet(dataset).check()
        root = make_coco(tmp_path / "检 测", train={"图 片.jpg": []})
        (root / "images" / "train" / "图 片.jpg").write_bytes(b"")
        with refused(DatasetInvalid, r"1 picture is damaged: .*图 片\.jpg"):
            DataSet(root).check()

    def test_says_where_pictures_are_turned(self, tmp_path: Path, make_coco: Make, picture: Make) -> None:
        root = make_coco(tmp_path / "检 测", train={"a.jpg": [(7, 1, 2, 9, 9)], "b.jpg": []})
        picture(root / "images" / "train" / "a.jpg", orientation=6)
        assert "1 pictures were labelled without the camera's rotation" in DataSet(root).check().notes[-2]

    def test_names_pictures_of_another_size(
        self, tmp_path: Path, make_coco: Make, picture: Make, refused: Refused
    ) -> None:
        root = make_coco(tmp_path / "检 测", train={"a.jpg": []}, valid={"c.jpg": []})
        picture(root / "images" / "valid" / "c.jpg", 20, 20)
        with refused(DatasetInvalid, r"1 pictures have another size than their annotations say: valid/c.jpg is 20×20"):
            DataSet(root).check()

    def test_names_a_broken_annotation_file(self, tmp_path: Path, make_coco: Make, refused: Refused) -> None:
        root = make_coco(tmp_path / "检 测", train={"a.jpg": []})
        file = root / "annotations" / "train.json"
        file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")))[:-9], encoding="utf-8")
        with refused(DatasetInvalid, r"train\.json is no whole JSON: line 1, column"):
            DataSet(root).check()

    def test_a_folder_that_is_not_there(self, tmp_path: Path, refused: Refused) -> None:
        with refused(DatasetNotFound):
            DataSet(tmp_path / "没有").check()

    def test_can_be_printed(self, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
        report = DataSet(dataset).check()
        assert capsys.readouterr().out == ""
        print(report)
        assert "猫" in capsys.readouterr().out


def test_a_set_is_not_made_inside_its_source(classes: Path) -> None:
    before = files(classes)
    with pytest.raises(ParameterInvalid, match="inside"):
        DataSet(classes / "新 集").make_dataset(classes)
    assert files(classes) == before
