"""Pascal VOC: corners, classes, pictures without annotation, and files that are broken or hostile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.formats import voc
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.image import phone_formats

Refused = Callable[..., Any]
OBJECT = "<object><name>猫</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"


@pytest.fixture
def src(tmp_path: Path, make_voc: Callable[..., Path]) -> Path:
    objects = {
        "图 片.jpg": [("猫", (1, 1, 40, 30)), ("狗", (5.5, 6, 10, 12))],
        "b.PNG": [("狗", (0, 0, 4, 4))],
        "空.jpg": [],
    }
    return make_voc(tmp_path / "数据 集", objects)


def annotation(src: Path, text: str | bytes, name: str = "图 片") -> None:
    file = src / "annotations" / f"{name}.xml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)


def test_corners_become_edges_counted_from_0(src: Path) -> None:
    source = voc.read(src)
    assert [c.name for c in source.categories] == sorted(["猫", "狗"])
    assert [picture.key for picture in source.pictures] == ["b.PNG", "图 片.jpg", "空.jpg"]
    assert source.pictures[1].boxes == (Box(1, (0, 0, 40, 30)), Box(0, (4.5, 5, 10, 12)))
    assert source.pictures[1].size == (30, 40)
    assert source.pictures[2].boxes == ()
    assert source.notes == ()


def test_a_click_without_a_drag_has_no_area(src: Path) -> None:
    annotation(src, f"<annotation>{OBJECT.replace('9', '1')}</annotation>")
    x1, y1, x2, y2 = voc.read(src).pictures[1].boxes[0].corners
    assert (x2 - x1, y2 - y1) == (0, 0)


@pytest.mark.parametrize("edges", [(5, 6, 30, 20), (30, 6, 5, 20), (5, 20, 30, 6), (30, 20, 5, 6)])
def test_a_box_drawn_from_any_corner_is_the_same_box(src: Path, tmp_path: Path, edges: tuple[int, ...]) -> None:
    names = ("xmin", "ymin", "xmax", "ymax")
    bounds = "".join(f"<{name}>{edge}</{name}>" for name, edge in zip(names, edges, strict=True))
    annotation(src, f"<annotation><object><name>猫</name><bndbox>{bounds}</bndbox></object></annotation>")
    assert voc.read(src).pictures[1].boxes == (Box(1, (4, 5, 30, 20)),)
    report = DataSet(tmp_path / "新").make_dataset(src, src_format="VOC", train_ratio=1, val_ratio=0, test_ratio=0)
    told = [note for note in report.notes if "drawn from the other corner" in note]
    assert len(told) == (edges != (5, 6, 30, 20))
    assert not [note for note in report.notes if "without area" in note]


def test_classes_txt_gives_the_order(src: Path) -> None:
    (src / "classes.txt").write_bytes("鸟\r\n猫\r\n狗\r\n\r\n".encode("gbk"))
    source = voc.read(src)
    assert [(c.id, c.name) for c in source.categories] == [(1, "鸟"), (2, "猫"), (3, "狗")]
    assert source.pictures[1].boxes[0].label == 1


def test_a_class_that_is_not_in_classes_txt_is_named(src: Path, refused: Refused) -> None:
    (src / "classes.txt").write_text("猫\n狗狗\n", encoding="utf-8")
    with refused(DatasetInvalid, r"has the class '狗', which is not in classes\.txt"):
        voc.read(src)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("猫\n\n狗\n", r"classes\.txt:2 is blank"),
        ("猫\n狗\n猫\n", r"classes\.txt:3: '猫' is there twice"),
    ],
)
def test_a_broken_classes_txt_is_named(src: Path, refused: Refused, text: str, message: str) -> None:
    (src / "classes.txt").write_text(text, encoding="utf-8")
    with refused(DatasetInvalid, message):
        voc.read(src)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<?xml version="1.0" encoding="gb2312"?>\n', "gbk"),
        ('<?xml version="1.0" encoding="utf-8"?><!--狗-->', "gbk"),
        ("<!--狗-->", "gbk"),
        ('\ufeff<?xml version="1.0"?>', "utf-8"),
        ('\ufeff<?xml version="1.0" encoding="utf-16"?>', "utf-16-le"),
    ],
)
def test_reads_every_usual_encoding_whatever_the_file_claims(src: Path, head: str, encoding: str) -> None:
    annotation(src, f"{head}<annotation>{OBJECT}</annotation>".encode(encoding))
    assert voc.read(src).pictures[1].boxes == (Box(1, (0, 0, 9, 9)),)


@pytest.mark.parametrize(
    "size", ["", "<size><width>0</width><height>0</height></size>", "<size><width>x</width></size>"]
)
def test_a_size_may_be_missing(src: Path, size: str) -> None:
    annotation(src, f"<annotation>{size}{OBJECT}</annotation>")
    assert voc.read(src).pictures[1].size is None


def test_pictures_without_annotation_are_left_out_and_counted(src: Path) -> None:
    (src / "annotations" / "b.xml").unlink()
    source = voc.read(src)
    assert len(source.pictures) == 2
    assert source.notes == ("1 pictures have no annotation file (e.g. b.PNG): not used.",)


def test_hidden_files_do_not_count(src: Path) -> None:
    annotation(src, b"\0\1", "._b")
    assert len(voc.read(src).pictures) == 3


DOCTYPE = '<!DOCTYPE annotation [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "head", [DOCTYPE, '<!DOCTYPE annotation SYSTEM "file:///etc/passwd">', f'<?xml version="1.0"?>\n{DOCTYPE}']
)
def test_a_document_type_is_refused(src: Path, refused: Refused, head: str, encoding: str) -> None:
    annotation(src, f"{head}<annotation>&b;{OBJECT}</annotation>".encode(encoding))
    with refused(DatasetInvalid, "图 片.xml defines a document type"):
        voc.read(src)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "图 片.xml is no whole XML"),
        ("<annotation><object>", "图 片.xml is no whole XML: .*line 1, column 20"),
        ("<annotation>&b;</annotation>", "is no whole XML: undefined entity"),
        ("<html></html>", "it begins with <html>"),
        ("<annotation><object/></annotation>", "object 1 has no name"),
        (f"<annotation>{OBJECT}<object><name>猫</name></object></annotation>", "xmin of object 2 is missing"),
        (f"<annotation>{OBJECT.replace('9', 'nan')}</annotation>", "xmax of object 1 is 'nan'"),
        (f"<annotation>{OBJECT.replace('9', '九')}</annotation>", "xmax of object 1 is '九'"),
    ],
)
def test_a_broken_file_is_named(src: Path, refused: Refused, text: str, message: str) -> None:
    annotation(src, text)
    with refused(DatasetInvalid, message):
        voc.read(src)


def test_an_annotation_without_picture_is_named(src: Path, refused: Refused) -> None:
    annotation(src, "<annotation/>", "丢了")
    annotation(src, "<annotation/>", "丢了二")
    with refused(DatasetInvalid, r"There is no picture for annotations/丢了\.xml \(and 1 more\) in images"):
        voc.read(src)


def test_an_annotation_of_two_pictures_is_named(src: Path, refused: Refused, picture: Callable[..., Path]) -> None:
    picture(src / "images" / "图 片.png")
    with refused(DatasetInvalid, r"Which picture 图 片\.xml belongs to is not clear: 图 片\.jpg, 图 片\.png"):
        voc.read(src)


def test_sub_folders_are_matched(src: Path, picture: Callable[..., Path]) -> None:
    for part in ("一", "二"):
        picture(src / "images" / part / "same.jpg")
        (src / "annotations" / part).mkdir()
        annotation(src, f"<annotation>{OBJECT}</annotation>", f"{part}/same")
    assert [p.key for p in voc.read(src).pictures if len(p.boxes) == 1 and "same" in p.key] == [
        "一/same.jpg",
        "二/same.jpg",
    ]


@pytest.mark.parametrize("name", ["annotations", "images"])
def test_a_missing_folder_is_named(src: Path, refused: Refused, name: str) -> None:
    (src / name).rename(src / "other")
    with refused(DatasetInvalid, f"There is no folder '{name}'"):
        voc.read(src)


def test_no_annotations_at_all(src: Path, refused: Refused) -> None:
    for file in (src / "annotations").iterdir():
        annotation(src, "<annotation/>", file.stem)
    with refused(AnnotationMissing, "has an object"):
        voc.read(src)
    for file in (src / "annotations").iterdir():
        file.unlink()
    with refused(AnnotationMissing, r"There is no \.xml file"):
        voc.read(src)


@pytest.mark.skipif(".heic" in phone_formats.readable(), reason="pillow-heif is installed")
def test_pictures_of_telephones_that_cannot_be_read_are_counted(src: Path) -> None:
    (src / "images" / "手机.heic").write_bytes(b"x")
    assert any("1 HEIC" in note for note in voc.read(src).notes)
