"""Folders of pictures with masks: every layout, what values mean, and what is refused."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.dataset import coco, labelled
from BaseDT.dataset.coco import looks_like_coco
from BaseDT.dataset.mask_codes import voc_colours
from BaseDT.dataset.segmentation import load, looks_like_segmentation
from BaseDT.errors import AnnotationMissing, DatasetInvalid, ImageDamaged
from BaseDT.geometry import masks

Refused = Callable[..., Any]

HEIGHT, WIDTH = 12, 16


def blobs(background: int = 0, first: int = 1, second: int = 2) -> np.ndarray:
    """A mask with two squares and a border of 255 at its top."""
    mask = np.full((HEIGHT, WIDTH), background, np.uint8)
    mask[3:8, 2:7], mask[6:11, 9:14] = first, second
    mask[0] = 255
    return mask


def save(path: Path, pixels: np.ndarray, **how: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)
    return path


def photo(path: Path, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Path:
    rng = np.random.default_rng(list(path.name.encode()))
    return save(path, rng.integers(0, 255, (*size, 3), np.uint8))


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def write_png4(path: Path, mask: np.ndarray) -> None:
    """A PNG of four bits of gray, which decoders like to spread over 0 to 255."""
    packed = (mask[:, ::2] << 4 | mask[:, 1::2]).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    head = struct.pack(">IIBBBBB", mask.shape[1], mask.shape[0], 4, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    whole = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(whole))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures and masks in the documented layout, with a list of classes."""
    root = tmp_path / "数据 集"
    for number in range(10):
        photo(root / "images" / f"图 {number}.jpg")
        save(root / "labels" / f"图 {number}.png", blobs())
    (root / "classes.txt").write_text("背景\n猫\n狗\n", encoding="utf-8")
    return root


def test_the_documented_layout(folder: Path) -> None:
    (folder / "splits").mkdir()
    for name, numbers in (("train", range(6)), ("val", range(6, 9)), ("test", range(9, 10))):
        (folder / "splits" / f"{name}.txt").write_text("\n".join(f"图 {i}" for i in numbers), encoding="utf-8")
    data = load(folder)
    assert [len(data.train), len(data.val), len(data.test)] == [6, 3, 1]
    assert data.classes == ("背景", "猫", "狗")
    assert data.notes == ()
    assert not data.holds_out
    (one, *_) = data.train
    assert (one.height, one.width) == (HEIGHT, WIDTH)
    assert (one.read_mask() == blobs()).all()
    assert one.read_mask().dtype == np.uint8
    assert looks_like_segmentation(folder)


def test_without_lists_a_part_is_held_out_by_name(folder: Path) -> None:
    data = load(folder)
    assert [len(data.train), len(data.val)] == [8, 2]
    assert data.holds_out
    assert any("chosen by name" in note for note in data.notes)
    whole = data.without_validation()
    assert (len(whole.train), whole.val, whole.holds_out) == (10, (), False)
    assert whole.without_validation() is whole
    assert load(folder, complete=False).val == ()


class TestLayouts:
    @pytest.mark.parametrize("masks", ["labels", "masks", "Mask", "annotations", "SegmentationClass"])
    def test_folders_of_several_names(self, folder: Path, masks: str) -> None:
        (folder / "labels").rename(folder / masks)
        assert len(load(folder).train) == 8
        assert looks_like_segmentation(folder)
        assert not looks_like_coco(folder)

    def test_the_numbers_of_which_masks_were_made_may_lie_beside_them(self, folder: Path) -> None:
        for number in range(10):
            (folder / "labels" / f"图 {number}.regions.txt").write_text("0 0 1\n-1 2 2\n")
        assert looks_like_segmentation(folder)
        (folder / "labels" / "图 1.txt").write_text("0 0.5 0.5 0.1 0.1\n")  # boxes of YOLO
        assert not looks_like_segmentation(folder)
        assert len(load(folder, complete=False).train) == 10  # who names the task gets the masks

    def test_masks_as_text(self, folder: Path, refused: Refused) -> None:
        """As the Stanford Background Dataset has them."""
        (folder / "classes.txt").unlink()
        text = "\n".join(
            " ".join(str(value if value < 255 else -1) for value in row) for row in blobs(second=7).tolist()
        )
        for path in (folder / "labels").iterdir():
            path.unlink()
            path.with_suffix(".regions.txt").write_text(text)
            path.with_suffix(".layers.txt").write_text(text)
        assert looks_like_segmentation(folder)
        data = load(folder)
        assert data.classes[0] == "sky"
        assert (data.train[0].read_mask() == blobs(second=7)).all()
        (folder / "classes.txt").write_text("\n".join("abcdefgh"))
        assert load(folder).classes == tuple("abcdefgh")
        assert looks_like_segmentation(folder)
        (folder / "labels" / "图 1.regions.txt").write_text("1 2\n1\n")
        with refused(ImageDamaged, "no mask as text"):
            load(folder, complete=False).train[1].read_mask()

    def test_sub_folders_of_parts(self, tmp_path: Path) -> None:
        root = tmp_path / "数据 集"
        for part, count in (("train", 3), ("val", 2), ("test", 1)):
            for number in range(count):
                photo(root / "images" / part / f"图 {number}.jpg")
                save(root / "labels" / part / f"图 {number}.png", blobs())
        data = load(root)
        assert [len(data.train), len(data.val), len(data.test)] == [3, 2, 1]
        assert not data.holds_out

    def test_folders_in_parts(self, tmp_path: Path) -> None:
        root = tmp_path / "数据 集"
        for part, count in (("train", 3), ("valid", 2)):
            for number in range(count):
                photo(root / part / "images" / f"{number}.jpg")
                save(root / part / "masks" / f"{number}.png", blobs())
        data = load(root)
        assert [len(data.train), len(data.val)] == [3, 2]
        assert looks_like_segmentation(root)

    @pytest.mark.parametrize(
        ("images", "masks"),
        [("{}", "{}_labels"), ("{}", "{}annot"), ("{}_images", "{}_masks"), ("{} Images", "{}-Mask")],
    )
    def test_masks_in_folders_beside_those_of_parts(self, tmp_path: Path, images: str, masks: str) -> None:
        root = tmp_path / "数据 集"
        for part, count in (("train", 3), ("val", 2)):
            for number in range(count):
                photo(root / images.format(part) / f"图 {number}.png")
                save(root / masks.format(part) / f"图 {number}_L.png", blobs())
        data = load(root)
        assert [len(data.train), len(data.val)] == [3, 2]
        assert looks_like_segmentation(root)

    def test_voc(self, tmp_path: Path) -> None:
        root = tmp_path / "VOC"
        for number in range(6):
            photo(root / "JPEGImages" / f"2007_{number}.jpg")
            if number < 5:
                palette = Image.fromarray(blobs())
                palette.putpalette([c for colour in voc_colours(256) for c in colour])
                (root / "SegmentationClass").mkdir(exist_ok=True)
                palette.save(root / "SegmentationClass" / f"2007_{number}.png")
        lists = root / "ImageSets" / "Segmentation"
        lists.mkdir(parents=True)
        (lists / "train.txt").write_text("2007_0\n2007_1\n2007_2\n")
        (lists / "val.txt").write_text("2007_3\n")
        (lists / "trainval.txt").write_text("2007_0\n2007_1\n2007_2\n2007_3\n")
        data = load(root)
        assert [len(data.train), len(data.val)] == [3, 1]
        assert (data.train[0].read_mask() == blobs()).all()
        assert data.colours == voc_colours(3)
        assert any("1 pictures stand in no list" in note for note in data.notes)

    @pytest.mark.parametrize("mark", ["", "_mask", "-label", "_L", ".seg"])
    def test_masks_beside_their_pictures(self, tmp_path: Path, mark: str) -> None:
        root = tmp_path / "数据 集"
        for number in range(5):
            photo(root / f"图 {number}.jpg")
            save(root / f"图 {number}{mark}.png", blobs())
        data = load(root)
        assert [len(data.train), len(data.val)] == [4, 1]
        assert looks_like_segmentation(root)

    def test_masks_beside_their_pictures_in_parts(self, tmp_path: Path) -> None:
        """As Roboflow writes them: two PNG files, or a JPEG and a PNG, and a table of values."""
        root = tmp_path / "数据 集"
        for part in ("train", "valid"):
            for number in range(3):
                photo(root / part / f"{number}.png")
                save(root / part / f"{number}_mask.png", blobs())
            (root / part / "_classes.csv").write_text("Pixel Value, Class\n0, background\n1, 猫\n2, 狗\n", "utf-8")
        data = load(root)
        assert [len(data.train), len(data.val)] == [3, 3]
        assert data.classes == ("background", "猫", "狗")

    def test_masks_beside_their_pictures_in_folders_of_their_own(self, tmp_path: Path) -> None:
        for number in range(6):
            photo(tmp_path / f"病人 {number}" / f"{number}.tif")
            save(tmp_path / f"病人 {number}" / f"{number}_mask.tif", blobs())
        data = load(tmp_path)
        assert len(data.train) + len(data.val) == 6

    def test_other_tasks_name_the_one_for_it(self, folder: Path, refused: Refused) -> None:
        with refused(DatasetInvalid, "dataset for segmentation") as caught:
            labelled.load(folder)
        assert "MMSegmentation" in (caught.value.hint or "")
        with refused(DatasetInvalid, "no data set in COCO's layout") as caught:
            coco.load(folder)
        assert "MMSegmentation" in (caught.value.hint or "")

    def test_pictures_of_classes_are_no_masks(self, tmp_path: Path) -> None:
        for name in ("猫", "狗"):
            for number in range(3):
                photo(tmp_path / "training_set" / name / f"{number}.png")
                photo(tmp_path / name / f"{number}.jpg")
        assert not looks_like_segmentation(tmp_path)
        assert not looks_like_segmentation(tmp_path / "training_set")

    @pytest.mark.parametrize(
        "lines", ["images/{n}.jpg labels/{n}.png", "{n}.jpg", "./images/{n}.jpg", "labels/{n}.png"]
    )
    def test_lists_of_paths(self, folder: Path, lines: str) -> None:
        for path in (*(folder / "images").iterdir(), *(folder / "labels").iterdir()):
            path.rename(path.with_name(path.name.replace("图 ", "a")))
        (folder / "train.txt").write_text("\n".join(lines.format(n=f"a{i}") for i in range(7)))
        (folder / "val.txt").write_text("\n".join(lines.format(n=f"a{i}") for i in range(7, 10)))
        data = load(folder)
        assert [len(data.train), len(data.val)] == [7, 3]

    def test_a_list_in_gbk_with_blank_lines(self, folder: Path) -> None:
        (folder / "splits").mkdir()
        (folder / "splits" / "train.txt").write_bytes("图 0.jpg\r\n\r\n图 1.jpg\r\n图 2.jpg\r\n".encode("gbk"))
        data = load(folder)
        assert len(data.train) + len(data.val) == 3
        assert data.holds_out


class TestWhatDoesNotFit:
    def test_a_line_without_picture(self, folder: Path, refused: Refused) -> None:
        (folder / "train.txt").write_text("图 0\n图 77\n", encoding="utf-8")
        with refused(DatasetInvalid, "train.txt:2: there is no picture '图 77'"):
            load(folder)

    @pytest.mark.parametrize("name", ["splits/val.txt", "test.txt"])
    def test_lists_without_training(self, folder: Path, refused: Refused, name: str) -> None:
        (folder / "splits").mkdir()
        (folder / name).write_text("图 0\n", encoding="utf-8")
        with refused(DatasetInvalid, "name no training picture"):
            load(folder)
        data = load(folder, complete=False)  # to judge a model by it
        assert [len(data.train), len(data.val) + len(data.test)] == [0, 1]

    def test_a_mask_of_val_is_none_of_train(self, folder: Path) -> None:
        for part in ("train", "val"):
            for number in range(3):
                photo(folder / "images" / part / f"{number}.jpg")
                save(folder / "labels" / part / f"{number}.png", blobs())
        for number in range(10):
            (folder / "images" / f"图 {number}.jpg").unlink()
            (folder / "labels" / f"图 {number}.png").unlink()
        (folder / "images" / "val" / "1.jpg").unlink()
        data = load(folder)
        assert [len(data.train), len(data.val)] == [3, 2]
        assert any("1 masks belong to no picture (e.g. labels/val/1.png)" in note for note in data.notes)

    def test_a_picture_in_two_lists_is_for_the_first(self, folder: Path) -> None:
        (folder / "train.txt").write_text("图 0\n图 1\n", encoding="utf-8")
        (folder / "val.txt").write_text("图 1\n图 2\n", encoding="utf-8")
        data = load(folder)
        assert [len(data.train), len(data.val)] == [2, 1]
        assert any("stand in two lists" in note for note in data.notes)

    def test_pictures_without_mask_and_masks_without_picture_are_counted(self, folder: Path) -> None:
        (folder / "labels" / "图 3.png").unlink()
        save(folder / "labels" / "别的.png", blobs())
        data = load(folder)
        assert len(data.train) + len(data.val) == 9
        assert any("1 pictures have no mask (e.g. 图 3.jpg)" in note for note in data.notes)
        assert any("1 masks belong to no picture (e.g. labels/别的.png)" in note for note in data.notes)

    def test_no_mask_fits(self, folder: Path, refused: Refused) -> None:
        for number, path in enumerate(sorted((folder / "labels").iterdir())):
            path.rename(path.with_name(f"其他{number}.png"))
        with refused(AnnotationMissing, "10 pictures .*, 10 masks"):
            load(folder)

    def test_no_masks_at_all(self, folder: Path, refused: Refused) -> None:
        (folder / "labels").rename(folder / "东西")
        with refused(AnnotationMissing, "no masks"):
            load(folder)
        with refused(DatasetInvalid, "no masks"):
            load(empty(folder.parent / "空"))

    def test_two_pictures_of_one_name(self, folder: Path, refused: Refused) -> None:
        photo(folder / "images" / "图 1.png")
        with refused(DatasetInvalid, "belong together is not clear"):
            load(folder)
        assert looks_like_segmentation(folder)

    def test_names_that_differ_by_case(self, folder: Path, refused: Refused) -> None:
        photo(folder / "images" / "A.jpg")
        photo(folder / "images" / "a.jpg")
        save(folder / "labels" / "A.png", blobs())
        save(folder / "labels" / "a.png", blobs())
        assert len(load(folder, complete=False).train) == 12
        (folder / "labels" / "A.png").unlink()
        assert len(load(folder, complete=False).train) == 11

    def test_masks_of_another_size_are_all_named(self, folder: Path, refused: Refused) -> None:
        for number in (2, 5):
            save(folder / "labels" / f"图 {number}.png", blobs()[:6, :8])
        with refused(DatasetInvalid, "2 masks have another size .*图 2.png is 8×6, its picture 16×12; .*图 5.png"):
            load(folder)

    def test_a_damaged_mask_is_left_to_the_check(self, folder: Path, refused: Refused) -> None:
        path = folder / "labels" / "图 1.png"
        path.write_bytes(path.read_bytes()[:40])
        data = load(folder, complete=False)
        assert len(data.train) == 10
        with refused(ImageDamaged, "图 1.png"):
            data.train[1].read_mask()
        path.unlink()
        with refused(ImageDamaged, "图 1.png cannot be read"):
            data.train[1].read_mask()

    def test_every_mask_is_damaged(self, folder: Path, refused: Refused) -> None:
        (folder / "classes.txt").unlink()
        for path in (folder / "labels").iterdir():
            path.write_bytes(b"\x89PNG")
        assert load(folder).classes  # the check says what is wrong with each


class TestValues:
    def test_a_value_without_class_is_named(self, folder: Path, refused: Refused) -> None:
        save(folder / "labels" / "图 4.png", blobs(second=7))
        with refused(DatasetInvalid, "图 4.png has the values 7 .* 3 classes, values 0–2"):
            for picture in load(folder, complete=False).train:
                picture.read_mask()

    def test_without_list_the_masks_say_the_classes(self, folder: Path) -> None:
        (folder / "classes.txt").unlink()
        data = load(folder)
        assert data.classes == ("background", "class1", "class2")
        assert any("no classes.txt" in note for note in data.notes)

    def test_the_names_of_a_model_stand_in_for_a_list(self, folder: Path) -> None:
        (folder / "classes.txt").unlink()
        assert load(folder, classes=("a", "b", "c", "d")).classes == ("a", "b", "c", "d")

    @pytest.mark.parametrize("listed", [True, False])
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16, "RGB"])
    def test_black_and_white_are_two_classes(self, folder: Path, listed: bool, dtype: Any) -> None:
        (folder / "classes.txt").write_text("背景\n人\n", encoding="utf-8")
        if not listed:
            (folder / "classes.txt").unlink()
        for path in (folder / "labels").iterdir():
            if dtype == "RGB":
                Image.fromarray((blobs(second=1) == 1).astype(np.uint8) * 255).convert("RGB").save(path)
            else:
                save(path, (blobs(second=1) == 1).astype(dtype) * np.iinfo(dtype).max)
        data = load(folder)
        assert len(data.classes) == 2
        assert (data.train[0].read_mask() == (blobs(second=1) == 1)).all()
        assert sum("255 (white) is taken as" in note for note in data.notes) == 1

    @pytest.mark.parametrize("value", [1, 255])
    def test_one_name_is_that_of_the_foreground(self, folder: Path, value: int) -> None:
        (folder / "classes.txt").write_text("人\n", encoding="utf-8")
        for path in (folder / "labels").iterdir():
            save(path, (blobs() == 1).astype(np.uint8) * value)
        data = load(folder)
        assert data.classes == ("background", "人")
        assert (data.train[0].read_mask() == (blobs() == 1)).all()
        assert any("names one class" in note for note in data.notes)

    def test_two_classes_with_a_border_stay(self, folder: Path) -> None:
        (folder / "classes.txt").write_text("背景\n人\n", encoding="utf-8")
        for path in (folder / "labels").iterdir():
            save(path, blobs(second=1))
        data = load(folder)
        assert (data.train[0].read_mask() == blobs(second=1)).all()
        assert not any("white" in note for note in data.notes)

    def test_values_with_gaps_are_numbered(self, folder: Path) -> None:
        (folder / "classes.txt").unlink()
        for path in (folder / "labels").iterdir():
            save(path, blobs(first=80, second=160))
        data = load(folder)
        assert data.classes == ("background", "value80", "value160")
        assert (data.train[0].read_mask() == blobs()).all()
        assert any("have gaps" in note for note in data.notes)

    @pytest.mark.parametrize("mode", ["P", "I;16", "RGB", "RGBA", "LA", "png4", "tiff", "bmp", "png1"])
    def test_every_kind_of_file(self, folder: Path, mode: str) -> None:
        second = 1 if mode == "png1" else 2
        mask = blobs(second=second) % 255  # no border: not every kind has room for it
        for path in sorted((folder / "labels").iterdir()):
            drawn = Image.fromarray(mask)
            if mode == "P":
                drawn.putpalette([9, 9, 9, 200, 0, 0, 0, 200, 0])
            elif mode == "I;16":
                drawn = Image.fromarray(mask.astype(np.uint16))
            elif mode == "png4":
                write_png4(path, mask)
                continue
            elif mode == "png1":
                drawn = Image.fromarray(mask.astype(bool))
            elif mode in ("tiff", "bmp"):
                path.unlink()
                path = path.with_suffix(f".{mode}")
            elif mode != "L":
                drawn = drawn.convert("L").convert(mode)
            drawn.save(path)
        picture = load(folder).train[0]
        assert (picture.read_mask() == mask).all()

    def test_a_photograph_as_mask(self, folder: Path, refused: Refused) -> None:
        photo(folder / "labels" / "图 6.png")
        with refused(DatasetInvalid, r"图 6.png is no mask: it has \d+ different"):
            for picture in load(folder, complete=False).train:
                picture.read_mask()
        (folder / "classes.txt").unlink()
        with refused(DatasetInvalid, r"图 6.png is no mask"):
            load(folder)

    @pytest.mark.parametrize("listed", [True, False])
    def test_jpeg_blurs_a_mask(self, folder: Path, refused: Refused, listed: bool) -> None:
        if not listed:
            (folder / "classes.txt").unlink()
        large = np.kron(blobs() * 100 % 255, np.ones((4, 4), np.uint8))
        for path in sorted((folder / "labels").iterdir()):
            path.unlink()
            save(path.with_suffix(".jpg"), large)
            photo(folder / "images" / f"{path.stem}.jpg", large.shape)
        with refused(DatasetInvalid, r"图 \d.jpg is no mask") as caught:
            load(folder)
        assert "PNG" in (caught.value.hint or "")

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_smooth_edges_are_no_classes(self, folder: Path, refused: Refused, mode: str) -> None:
        (folder / "classes.txt").unlink()
        colours = np.array([[0, 0, 0], [240, 240, 240], [110, 110, 110]], np.uint8)
        colours[2, 0] += 90 * (mode == "RGB")
        large = np.kron(blobs() % 255, np.ones((9, 9), np.uint8))
        for path in sorted((folder / "labels").iterdir()):
            drawn = Image.fromarray(colours[large]).convert(mode)
            small = drawn.resize((WIDTH * 4, HEIGHT * 4), Image.Resampling.BILINEAR)
            small.save(path)
            photo(folder / "images" / f"{path.stem}.jpg", (HEIGHT * 4, WIDTH * 4))
        with refused(DatasetInvalid, r"is no mask: it has \d+ different values or colours, \d+ of them only where"):
            load(folder)

    def test_numbers_of_single_objects_of_one_class(self, folder: Path) -> None:
        """As the pedestrians of Penn and Fudan have them: PNGImages, PedMasks."""
        (folder / "images").rename(folder / "PNGImages")
        (folder / "labels").rename(folder / "PedMasks")
        for number, path in enumerate(sorted((folder / "PedMasks").iterdir())):
            mask = blobs(second=1 + min(1, number % 3)) % 255
            mask[10:, :2] = 3 * (number % 3 == 2)
            save(path.with_stem(f"{path.stem}_mask"), mask)
            path.unlink()
        (folder / "classes.txt").unlink()
        assert any("count up from 1" in note for note in load(folder).notes)
        (folder / "classes.txt").write_text("人\n", encoding="utf-8")
        data = load(folder, complete=False)
        assert data.classes == ("background", "人")
        assert all((picture.read_mask()[:9] == (blobs()[:9] % 255 > 0)).all() for picture in data.train)
        assert any("numbers of single objects" in note for note in data.notes)

    def test_values_that_begin_with_1(self, folder: Path, refused: Refused) -> None:
        for path in (folder / "labels").iterdir():
            save(path, blobs() % 255 + 1)
        with refused(DatasetInvalid, "values 3") as caught:
            load(folder)
        assert "background" in (caught.value.hint or "")

    def test_white_of_three_classes(self, folder: Path, refused: Refused) -> None:
        for path in (folder / "labels").iterdir():
            save(path, (blobs() == 1).astype(np.uint8) * 255)
        with refused(DatasetInvalid, "0 and 255 only, and there are 3 classes"):
            load(folder)

    def test_numbers_of_single_objects_are_no_classes(self, folder: Path, refused: Refused) -> None:
        (folder / "classes.txt").unlink()
        rows = np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH)
        for number, path in enumerate(sorted((folder / "labels").iterdir())):
            save(path, rows // 3 + 40 * number)
        with refused(DatasetInvalid, "different values"):
            load(folder)

    def test_classes_that_no_picture_shows_are_named(self, folder: Path) -> None:
        (folder / "classes.txt").unlink()
        for path in (folder / "labels").iterdir():
            save(path, blobs(first=1, second=3))
        data = load(folder)
        assert any("No picture shows: class2" in note for note in data.notes)

    def test_a_class_of_validation_alone_is_named(self, folder: Path) -> None:
        (folder / "classes.txt").unlink()
        for number in range(9):
            save(folder / "labels" / f"图 {number}.png", blobs(second=1))
        (folder / "train.txt").write_text("\n".join(f"图 {i}" for i in range(8)), encoding="utf-8")
        (folder / "val.txt").write_text("图 8\n图 9\n", encoding="utf-8")
        assert any("Only validation pictures show: class2" in note for note in load(folder).notes)
        (folder / "train.txt").unlink()
        (folder / "val.txt").unlink()
        assert 2 in np.unique(np.stack([picture.read_mask() for picture in load(folder).train]))


class TestColours:
    COLOURS = ((0, 0, 0), (200, 10, 10), (10, 200, 10))

    def paint(self, folder: Path, mode: str = "RGB", colours: tuple[tuple[int, int, int], ...] = COLOURS) -> np.ndarray:
        mask = blobs() % 255
        for path in sorted((folder / "labels").iterdir()):
            save(path, np.array(colours, np.uint8)[mask])
            Image.open(path).convert(mode).save(path)
        return mask

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("classes.txt", "背景 0 0 0\n猫 200 10 10\n狗 10 200 10\n"),
            ("classes.txt", "背景,0,0,0\n猫,200,10,10\n狗,10,200,10\n"),
            ("palette.txt", "背景 #000000\n猫 #c80a0a\n狗 #0ac80a\n"),
            ("class_dict.csv", "name,r,g,b\n背景,0,0,0\n猫,200,10,10\n狗,10,200,10\n"),
            ("labelmap.txt", "# label:color_rgb:parts:actions\n背景:0,0,0::\n猫:200,10,10::\n狗:10,200,10::\n"),
            ("label_colors.txt", "0 0 0 背景\n200 10 10\t\t猫\n10 200 10 狗\n"),
        ],
    )
    def test_a_list_says_what_colours_are(self, folder: Path, name: str, text: str) -> None:
        (folder / "classes.txt").unlink()
        (folder / name).write_text(text, encoding="utf-8")
        mask = self.paint(folder)
        data = load(folder)
        assert data.classes == ("背景", "猫", "狗")
        assert data.colours == self.COLOURS
        assert (data.train[0].read_mask() == mask).all()

    def test_a_black_mask_of_a_coloured_set(self, folder: Path) -> None:
        (folder / "classes.txt").write_text("猫 200 10 10\n背景 0 0 0\n狗 10 200 10\n", encoding="utf-8")
        self.paint(folder)
        save(folder / "labels" / "图 0.png", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        first = load(folder, complete=False).train[0]
        assert set(np.unique(first.read_mask())) == {1}

    def test_a_colour_without_class(self, folder: Path, refused: Refused) -> None:
        (folder / "classes.txt").write_text("背景 0 0 0\n猫 200 10 10\n", encoding="utf-8")
        self.paint(folder)
        with refused(DatasetInvalid, r"1 colours without a class \(\(10 200 10\)\)"):
            load(folder)

    def test_names_without_colours(self, folder: Path, refused: Refused) -> None:
        self.paint(folder)
        with refused(DatasetInvalid, "3 classes without colours"):
            load(folder)

    def test_the_colours_of_voc_are_known(self, folder: Path) -> None:
        mask = self.paint(folder, colours=voc_colours(3))
        data = load(folder)
        assert (data.train[0].read_mask() == mask).all()
        assert data.colours == voc_colours(3)

    def test_clean_colours_without_a_list_are_classes(self, folder: Path) -> None:
        (folder / "classes.txt").unlink()
        self.paint(folder)
        save(folder / "labels" / "图 0.png", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        data = load(folder)
        assert data.classes == ("background", "#0ac80a", "#c80a0a")
        assert any("in 3 colours" in note for note in data.notes)
        assert all(picture.read_mask().max() <= 2 for picture in (*data.train, *data.val))

    @pytest.mark.parametrize("listed", [True, False])
    def test_palettes_that_number_colours_anew_are_read_as_colours(self, folder: Path, listed: bool) -> None:
        """As programs save colours in eight bits: the numbers mean nothing."""
        (folder / "classes.txt").write_text("背景 0 0 0\n猫 200 10 10\n狗 10 200 10\n", encoding="utf-8")
        mask = self.paint(folder)
        for turn, path in enumerate(sorted((folder / "labels").iterdir())):
            order = np.roll(np.arange(3), turn)
            renumbered = Image.fromarray(np.argsort(order).astype(np.uint8)[mask])
            renumbered.putpalette([c for label in order for c in self.COLOURS[label]])
            renumbered.save(path)
        if not listed:
            (folder / "classes.txt").unlink()
        data = load(folder, complete=False)
        expected = mask if listed else np.array([0, 2, 1], np.uint8)[mask]  # without a list by their numbers as colours
        assert all((picture.read_mask() == expected).all() for picture in data.train)

    def test_numbers_without_a_colour_of_their_own_stay_numbers(self, folder: Path) -> None:
        (folder / "classes.txt").write_text("背景 0 0 0\n猫 200 10 10\n狗 10 200 10\n", encoding="utf-8")
        for path in (folder / "labels").iterdir():
            drawn = Image.fromarray(blobs() % 255)
            drawn.putpalette([0, 0, 0, 200, 10, 10, 0, 0, 0])  # the third class is black, too
            drawn.save(path)
        assert (load(folder).train[0].read_mask() == blobs() % 255).all()

    def test_what_is_transparent_is_black(self, folder: Path) -> None:
        (folder / "classes.txt").write_text("背景 0 0 0\n猫 200 10 10\n", encoding="utf-8")
        mask = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        mask[..., 0] = 77
        mask[2:5, 2:5] = (200, 10, 10, 255)
        for path in (folder / "labels").iterdir():
            save(path, mask)
        assert load(folder).train[0].read_mask().sum() == 9

    @pytest.mark.parametrize(
        "text", ["", "猫\n猫\n", "猫 1 1 1\n狗 1 1 1\n", "背景\n猫 1 1 1\n狗 2 2 2\n", "猫\n\n狗\n"]
    )
    def test_a_list_that_is_none(self, folder: Path, refused: Refused, text: str) -> None:
        (folder / "classes.txt").write_text(text, encoding="utf-8")
        with refused(DatasetInvalid, "classes.txt"):
            load(folder)

    def test_more_classes_than_a_mask_has_values(self, folder: Path, refused: Refused) -> None:
        (folder / "classes.txt").write_text("\n".join(f"类{i}" for i in range(300)), encoding="utf-8")
        with refused(DatasetInvalid, "300 classes"):
            load(folder)


class TestRotation:
    def camera(self, folder: Path, orientation: int, *, of_stored: bool, number: int = 10) -> None:
        for index in range(number):
            exif = Image.Exif()
            exif[0x0112] = orientation
            path = folder / "images" / f"图 {index}.jpg"
            save(path, np.kron(blobs() * 80, np.ones((1, 1), np.uint8)), exif=exif)
            mask = blobs() if of_stored else masks.turned_pixels(blobs(), orientation)
            save(folder / "labels" / f"图 {index}.png", np.ascontiguousarray(mask))

    @pytest.mark.parametrize("orientation", [5, 6, 7, 8])
    @pytest.mark.parametrize("of_stored", [True, False])
    def test_the_size_tells_which_way_up_a_mask_is(self, folder: Path, orientation: int, of_stored: bool) -> None:
        self.camera(folder, orientation, of_stored=of_stored)
        data = load(folder)
        one = data.train[0]
        assert (one.height, one.width) == (WIDTH, HEIGHT)
        assert image.read(one.path).shape[:2] == (WIDTH, HEIGHT)
        assert (one.read_mask() == masks.turned_pixels(blobs(), orientation)).all()
        assert any("drawn without the camera's rotation" in note for note in data.notes) == of_stored

    @pytest.mark.parametrize("most", [True, False])
    def test_where_no_size_tells_the_others_do(self, folder: Path, most: bool) -> None:
        self.camera(folder, 6, of_stored=most)
        self.camera(folder, 3, of_stored=True, number=2)
        data = load(folder, complete=False)
        expected = blobs()[::-1, ::-1] if most else blobs()
        assert (data.train[0].read_mask() == expected).all()
        assert any("no size shows" in note for note in data.notes)


class TestFingerprint:
    def test_depends_on_masks_and_not_on_the_place(self, folder: Path) -> None:
        before = load(folder).fingerprint()
        moved = folder.rename(folder.with_name("别处"))
        assert load(moved).fingerprint() == before
        changed = blobs()
        changed[4, 4] = 2
        save(moved / "labels" / "图 0.png", changed)
        assert load(moved).fingerprint() != before

    def test_knows_another_mask_of_the_same_size(self, folder: Path) -> None:
        path = save(folder / "labels" / "图 0.png", blobs(), compress_level=0)
        before, size = load(folder).fingerprint(), path.stat().st_size
        save(path, blobs(first=2, second=1), compress_level=0)
        assert path.stat().st_size == size
        assert load(folder).fingerprint() != before

    def test_depends_on_classes(self, folder: Path) -> None:
        before = load(folder).fingerprint()
        (folder / "classes.txt").write_text("背景\n狗\n猫\n", encoding="utf-8")
        assert load(folder).fingerprint() != before

    def test_without_some_pictures(self, folder: Path, refused: Refused) -> None:
        data = load(folder)
        less = data.without([data.train[0].path, data.val[0].path])
        assert [len(less.train), len(less.val)] == [7, 1]
        assert less.fingerprint() != data.fingerprint()
        assert [(p.path, p.split) for p in less.listed()] == [
            *((p.path, "train") for p in less.train),
            *((p.path, "val") for p in less.val),
        ]
        with refused(DatasetInvalid, "No usable training picture"):
            data.without([picture.path for picture in data.train])
