"""Sets whose pictures have several labels: tables as people and exports write them, and what is wrong with some."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT.dataset.labelled import load
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset
from BaseDT.errors import AnnotationMissing, DatasetInvalid

CYCLE = ("cat;dog", "cat", "dog", "")


def pictures(folder: Path, count: int = 12) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.fromarray(np.full((4, 4, 3), index, np.uint8)).save(folder / f"{index:02}.png")
    return folder


def rows(cells=CYCLE, count: int = 12) -> str:
    return "".join(f"{index:02}.png,{cells[index % len(cells)]}\n" for index in range(count))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    pictures(tmp_path / "数据 集" / "images")
    return tmp_path / "数据 集"


def table(root: Path, text: str | bytes, name: str = "labels.csv") -> Path:
    (root / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return root


def labels_of(data) -> dict[str, set[str]]:
    parts = (*data.train, *data.val, *data.test)
    return {sample.path.name: {data.classes[label] for label in sample.labels} for sample in parts}


def words(data) -> str:
    return "\n".join(data.notes)


def test_a_table_of_files_and_labels(root):
    data = load(table(root, "file,labels\n" + rows()))
    assert isinstance(data, MultiLabelDataset)
    assert data.classes == ("cat", "dog")
    found = labels_of(data)
    assert [found[f"{i:02}.png"] for i in range(4)] == [{"cat", "dog"}, {"cat"}, {"dog"}, set()]
    assert len(data.train) + len(data.val) == 12
    assert len(data.val) > 0
    assert "2 labels" in words(data)
    assert sorted(path.name for path in root.iterdir()) == ["images", "labels.csv"], "nothing is written into the set"


def test_what_is_held_out_follows_from_names_and_labels_alone(root, tmp_path):
    first = load(table(root, "file,labels\n" + rows()))
    pictures(tmp_path / "other" / "images")
    lines = rows().splitlines(keepends=True)
    second = load(table(tmp_path / "other", "file,labels\n" + "".join(reversed(lines))))
    assert [s.path.name for s in first.val] == [s.path.name for s in second.val]
    assert first.fingerprint() == second.fingerprint()


def test_every_label_keeps_training_pictures_and_most_are_held_out_in_share(tmp_path):
    pictures(tmp_path / "images", 100)
    cells = ["a", "a;b", "b;c", "", "a;c", "c", "a;b;c", "b", "a", "a;d"]
    data = load(table(tmp_path, "file,labels\n" + rows(cells, 100)))
    train, val = np.array(data.counts("train")), np.array(data.counts("val"))
    assert np.all(np.abs(val / (train + val) - 0.2) < 0.08)
    assert len(data.val) == 20


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_chinese_tables_in_every_usual_encoding(root, encoding):
    text = "文件名,标签\n" + rows(("猫;狗", "猫", "狗", ""))
    data = load(table(root, text.encode(encoding)))
    assert data.classes == ("狗", "猫")
    assert labels_of(data)["00.png"] == {"猫", "狗"}


@pytest.mark.parametrize(
    "text",
    [
        "file,labels\n" + rows(("cat,dog", "cat", "dog", "")),
        "file,labels\n" + rows(('"cat, dog"', "cat", "dog", "")),
        "file\tlabels\n" + rows().replace(",", "\t"),
        "image_name,tags\n" + rows(("cat dog", "cat", "dog", "")).replace(".png", ""),
        "path,labels\n" + "".join(f"images\\{line}\n" for line in rows().splitlines()),
        "path,labels\n" + "".join(f"/home/u/set/images/{line}\n" for line in rows().splitlines()),
        rows(),
        "filename, cat, dog\n" + rows(("1, 1", "1, 0", "0,1", "0,0")),
        "filename,cat,dog\n" + rows(("1,1", "1,", ",1", ",")),
    ],
    ids=["commas", "quoted", "tabs", "blanks", "backslashes", "paths", "headless", "one-hot", "marks"],
)
def test_forms_of_tables_that_say_the_same(root, text):
    found = labels_of(load(table(root, text)))
    assert [found[f"{i:02}.png"] for i in range(4)] == [{"cat", "dog"}, {"cat"}, {"dog"}, set()]


def test_a_column_divides_the_set(root):
    cells = [f"{labels},{split}" for labels, split in zip(CYCLE, ("train", "valid", "训练", "test"), strict=True)]
    data = load(table(root, "file,labels,split\n" + rows(cells)))
    assert {sample.path.name for sample in data.val} == {"01.png", "05.png", "09.png"}
    assert len(data.test) == 3


def test_tables_of_the_parts(root):
    lines = rows().splitlines(keepends=True)
    table(root, "file,labels\n" + "".join(lines[:8]), "train.csv")
    data = load(table(root, "file,labels\n" + "".join(lines[8:]), "val.csv"))
    assert (len(data.train), len(data.val)) == (8, 4)


def test_an_export_of_roboflow(tmp_path):
    for split, count in (("train", 8), ("valid", 4)):
        pictures(tmp_path / split, count)
        marks = "".join(f"{i:02}.png, {i % 2}, {int(i % 3 == 0)}, 0\n" for i in range(count))
        (tmp_path / split / "_classes.csv").write_text("filename, cat, dog, animals\n" + marks, "utf-8")
    data = load(tmp_path)
    assert (len(data.train), len(data.val), data.classes) == (8, 4, ("cat", "dog"))
    assert "animals" in words(data)


def test_folders_of_the_parts_divide_one_table(tmp_path):
    pictures(tmp_path / "images" / "train", 6)
    pictures(tmp_path / "images" / "val", 3)
    paths = [f"images/train/{i:02}.png" for i in range(6)] + [f"images/val/{i:02}.png" for i in range(3)]
    lines = "".join(f"{path},{CYCLE[i % 4]}\n" for i, path in enumerate(paths))
    data = load(table(tmp_path, "file,labels\n" + lines))
    assert (len(data.train), len(data.val)) == (6, 3)


def test_one_label_for_every_picture_is_ordinary_classification(root):
    data = load(table(root, "file,labels\n" + rows(("cat", "dog"))))
    assert isinstance(data, ImageNetDataset)
    assert {sample.label for sample in data.train} == {0, 1}
    assert "exactly one label" in words(data)


def test_one_label_that_some_pictures_have_is_enough(root):
    data = load(table(root, "file,labels\n" + rows(("cat", ""))))
    assert isinstance(data, MultiLabelDataset)
    assert data.classes == ("cat",)


def test_classes_txt_gives_the_order(root):
    table(root, "dog\ncat\n", "classes.txt")
    assert load(table(root, "file,labels\n" + rows())).classes == ("dog", "cat")


def test_several_lines_of_a_picture_are_put_together(root):
    data = load(table(root, "file,labels\n00.png,cat\n00.png,dog\n01.png,cat\n02.png,\n"))
    assert labels_of(data)["00.png"] == {"cat", "dog"}
    assert "several lines (e.g. images/00.png, labels.csv:3)" in words(data)


def test_pictures_without_a_line_are_counted_and_named(root):
    data = load(table(root, "file,labels\n" + rows(count=10)))
    assert len(labels_of(data)) == 10
    assert "2 pictures in 数据 集 have no entry in labels.csv (e.g. images/10.png)" in words(data)


def test_a_label_of_one_picture_is_named_with_what_it_is_like(root):
    data = load(table(root, "file,labels\n" + rows().replace("00.png,cat;dog", "00.png,cat;dgo")))
    assert "Only one picture has the label 'dgo'. Did you mean 'dog'?" in words(data)


def test_labels_that_differ_in_case_are_named(root):
    data = load(table(root, "file,labels\n" + rows(("Cat;dog", "cat", "dog", ""))))
    assert "'Cat' and 'cat' are two labels" in words(data)


def test_labels_without_training_pictures_are_left_out_and_named(root):
    table(root, "file,labels\n" + rows(count=8), "train.csv")
    data = load(table(root, "file,labels\n08.png,cat;bird\n09.png,dog\n", "val.csv"))
    assert data.classes == ("cat", "dog")
    assert "No training picture has: bird" in words(data)
    assert labels_of(data)["08.png"] == {"cat"}


def test_a_table_beside_class_folders_of_a_set_is_named_and_not_read(make_imagenet, tmp_path):
    folder = make_imagenet(tmp_path / "set")
    data = load(table(folder, "file,labels\na.png,cat;dog\n"))
    assert isinstance(data, ImageNetDataset)
    assert "labels.csv is not read" in words(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "labels.csv is empty"),
        ("file,labels\n", "has a line of column names and no picture"),
        ("a,b\n1,2\n", "has no columns of pictures and their labels"),
        ("file\n00.png\n", "has no columns"),
        (
            "file,labels\n00.png,cat\nxy.png,dog\n",
            "labels.csv:3: 1 of 2 pictures are not in 数据 集, .*: xy.png",
        ),
        ("file,labels\n,cat\n01.png,dog\n", "labels.csv:2: the picture's name is missing"),
        ("file,cat,cat\n00.png,1,0\n", "labels.csv:1: two columns have the name 'cat'"),
        ("file,cat,dog\n00.png,1,2\n01.png,0,1\n", "labels.csv:2: column 'dog' holds '2'"),
        ("file,cat,dog\n00.png,1,0\n00.png,0,1\n", "labels.csv:2 and labels.csv:3 say different things"),
        ("file,labels,split\n00.png,cat,trian\n", "labels.csv:2: the split is 'trian'"),
        ("file,labels\n00.png,cat\n01.png,cat\n", "Every picture has the same only label: 'cat'"),
        ('file,labels\n"00.png,cat\n', "unexpected end of data"),
    ],
)
def test_what_is_wrong_is_named(root, refused, text, message):
    with refused(DatasetInvalid, message):
        load(table(root, text))


def test_namesakes_in_folders_are_told_apart_by_the_end_of_their_path(tmp_path):
    for name in ("a", "b"):
        pictures(tmp_path / "images" / name, 2)
    data = load(table(tmp_path, "id,file,labels,width\n1,a/00.png,cat;dog,4\n2,b/00.png,cat,4\n3,b/01.png,,4\n"))
    found = {s.path.relative_to(tmp_path).as_posix(): len(s.labels) for s in (*data.train, *data.val)}
    assert found == {"images/a/00.png": 2, "images/b/00.png": 1, "images/b/01.png": 0}
    assert "not read: id, width" in words(data)


def test_bare_names_of_namesakes_are_named(tmp_path, refused):
    for name in ("a", "b"):
        pictures(tmp_path / "images" / name, 2)
    with refused(DatasetInvalid, "labels.csv:2: 2 of 2 pictures are not in .*, or not only once: 00.png, 01.png"):
        load(table(tmp_path, "file,labels\n00.png,cat;dog\n01.png,cat\n"))


def test_a_table_of_validation_pictures_alone(root, refused):
    with refused(AnnotationMissing, "There is val.csv, but no train.csv"):
        load(table(root, "file,labels\n" + rows(), "val.csv"))


def test_a_table_without_any_label(root, refused):
    with refused(AnnotationMissing, "No training picture has a label"):
        load(table(root, "file,cat,dog\n" + rows(("0,0",))))


def test_a_label_that_classes_txt_lacks(root, refused):
    table(root, "cat\ndog\n", "classes.txt")
    with refused(DatasetInvalid, "does not have the label 'dgo'\nDid you mean 'dog'"):
        load(table(root, "file,labels\n" + rows().replace("00.png,cat;dog", "00.png,cat;dgo")))


@pytest.mark.parametrize("cells", [CYCLE, ("cat", "dog")])
def test_what_was_held_out_is_trained_on_where_nobody_validates(root, cells):
    data = load(table(root, rows(cells)))
    assert data.holds_out
    assert len(data.without_validation().train) == 12
    given = "file,labels,split\n" + "".join(
        line.replace("\n", ",val\n" if i < 2 else ",train\n") for i, line in enumerate(rows(cells).splitlines(True))
    )
    data = load(table(root, given))
    assert not data.holds_out
    assert data.without_validation() is data


def test_a_class_that_only_validation_has_does_not_make_several_labels_of_one(root):
    text = "file,labels,split\n" + rows(("cat", "dog"), 10).replace("\n", ",train\n")
    data = load(table(root, text + "10.png,bird,val\n11.png,cat,val\n"))
    assert isinstance(data, ImageNetDataset)
    assert data.classes == ("cat", "dog")
    assert [sample.path.name for sample in data.val] == ["11.png"]
    assert "bird" in words(data)
