"""``inference``, ``load_checkpoint``, ``fast_inference``: what goes in, what comes out, what is drawn and where."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from BaseDT.errors import (
    CheckpointNotFound,
    ClassCountMismatch,
    DatasetNotFound,
    DeviceUnavailable,
    ImageDamaged,
    ImageNotFound,
    ImageTypeUnsupported,
    ImageUnsupported,
    NothingLoaded,
    ParameterInvalid,
    PathNotWritable,
)
from MMEdu import MMClassification as cls
from MMEdu.info import read_exported

pytestmark = pytest.mark.usefixtures("workplace")

KEYS = ["pred_label", "pred_score", "pred_class"]


@pytest.fixture
def model(trained):
    """A LeNet that takes the checkpoint of the trained one."""
    model = cls("LeNet")
    model.checkpoint = trained.checkpoint
    return model


@pytest.fixture
def photo(tmp_path) -> Path:
    """A coloured picture that is not square, with all kinds of values."""
    path = tmp_path / "照 片" / "图 片.png"
    path.parent.mkdir()
    pixels = np.random.default_rng(3).integers(0, 256, (40, 60, 3), np.uint8)
    pixels[:20, :30] = 250
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def album(trained, tmp_path) -> Path:
    """A folder of pictures with everything that a computer leaves in one, and one damaged picture."""
    folder = tmp_path / "测 试 IMG"
    folder.mkdir()
    for name, source in {"b 猫.png": trained.cat, "a 狗.png": trained.dog, "C.PNG": trained.dog}.items():
        shutil.copy(source, folder / name)
    (folder / "坏 的.jpg").write_bytes(b"\xff\xd8\xff\xe0 half a picture")
    for junk in ("Thumbs.db", ".DS_Store", "._a.png", "说明.txt"):
        (folder / junk).write_bytes(b"junk")
    (folder / ".ipynb_checkpoints").mkdir()
    shutil.copy(trained.dog, folder / ".ipynb_checkpoints" / "a.png")
    return folder


def pixels_of(path):
    return cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)


def shown_in(folder):
    return sorted(path.name for path in Path(folder).iterdir())


# What comes out


def test_one_picture_gives_one_dictionary_of_plain_values(model, trained):
    result = model.inference(image=str(trained.cat))
    assert list(result) == KEYS
    assert [type(result[key]) for key in KEYS] == [int, float, str]
    assert (result["pred_label"], result["pred_class"]) == (1, "猫")
    assert 0.5 < result["pred_score"] <= 1.0


def test_what_it_returns_can_be_written_as_json(model, trained, album):
    for result in (model.inference(image=trained.dog), model.inference(image=album)):
        assert json.loads(json.dumps(result)) == result


def test_a_folder_gives_a_list_in_the_order_of_names_with_the_names(model, album):
    results = model.inference(image=f"{album}/", show=False)
    assert [r["file_name"] for r in results] == ["C.PNG", "a 狗.png", "b 猫.png"]
    assert [r["pred_class"] for r in results] == ["狗", "狗", "猫"]
    assert list(results[0])[:3] == KEYS


def test_a_list_gives_a_list_in_its_own_order(model, trained):
    results = model.inference(image=[trained.cat, str(trained.dog), trained.cat], show=False)
    assert [r["pred_class"] for r in results] == ["猫", "狗", "猫"]
    assert type(model.inference(image=[trained.cat], show=False)) is list


def test_many_pictures_give_what_each_gives_alone(model, make_imagenet, tmp_path):
    folder = make_imagenet(tmp_path / "许 多", train=0, val=20) / "val_set" / "猫"
    alone = [model.inference(image=path, show=False) for path in sorted(folder.iterdir())]
    together = model.inference(image=folder, show=False)
    assert [r["pred_label"] for r in together] == [r["pred_label"] for r in alone]
    assert [r["pred_score"] for r in together] == pytest.approx([r["pred_score"] for r in alone], abs=1e-6)


def test_asking_twice_gives_the_same(model, photo):
    assert model.inference(image=photo) == model.inference(image=photo)


def test_showing_does_not_change_the_result(model, photo, trained):
    for picture in (photo, trained.dog):
        assert model.inference(image=picture, show=True) == model.inference(image=picture, show=False)


# What goes in


@pytest.mark.parametrize(
    "taken",
    [
        pytest.param(str, id="text"),
        pytest.param(lambda path: path, id="path"),
        pytest.param(lambda path: cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), id="numpy BGR"),
        pytest.param(
            lambda path: cv2.cvtColor(cv2.imdecode(np.fromfile(path, np.uint8), 1), cv2.COLOR_BGR2BGRA), id="numpy BGRA"
        ),
        pytest.param(lambda path: np.array(Image.open(path))[:, :, ::-1], id="numpy, a view of another's memory"),
        pytest.param(lambda path: np.array(Image.open(path))[:, :, ::-1] / 255.0, id="numpy float"),
        pytest.param(Image.open, id="Pillow"),
        pytest.param(lambda path: Image.open(path).convert("RGBA"), id="Pillow RGBA"),
    ],
)
def test_every_kind_of_picture_gives_the_result_of_its_path(model, photo, taken):
    assert model.inference(image=taken(photo), show=False) == model.inference(image=str(photo), show=False)
    assert model.inference(image=taken(photo)) == model.inference(image=str(photo))


@pytest.mark.parametrize(
    "taken",
    [
        pytest.param(lambda path: np.array(Image.open(path)), id="numpy gray"),
        pytest.param(lambda path: np.array(Image.open(path))[:, :, None], id="numpy H×W×1"),
        pytest.param(lambda path: cv2.cvtColor(np.array(Image.open(path)), cv2.COLOR_GRAY2BGR), id="numpy BGR"),
        pytest.param(Image.open, id="Pillow L"),
        pytest.param(lambda path: Image.open(path).convert("RGB"), id="Pillow RGB"),
    ],
)
def test_gray_pictures_too(model, trained, taken):
    assert model.inference(image=taken(trained.cat), show=False) == model.inference(image=trained.cat, show=False)


def test_a_rotated_photo_is_seen_upright(model, photo, tmp_path):
    upright = Image.open(photo)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: to be shown rotated by 90° clockwise
    upright.rotate(90, expand=True).save(tmp_path / "转 了.png", exif=exif)
    assert model.inference(image=tmp_path / "转 了.png", show=False) == model.inference(image=photo, show=False)
    drawn = model.inference(image=tmp_path / "转 了.png")
    assert drawn == model.inference(image=photo)
    height, width = pixels_of("cls_result/转 了.png").shape[:2]
    assert height < width


def test_a_list_may_mix_kinds(model, trained):
    pictures = [trained.cat, np.array(Image.open(trained.cat)), Image.open(trained.cat), str(trained.cat.parent)]
    results = model.inference(image=pictures)
    assert len(results) == 3 + 4
    assert {r["pred_class"] for r in results} == {"猫"}
    assert len(shown_in("cls_result")) == 7


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tiff", ".JPG"])
def test_the_documented_formats(model, trained, tmp_path, suffix):
    path = tmp_path / f"图 片{suffix}"
    Image.open(trained.cat).convert("RGB").save(path, format="JPEG" if suffix == ".jfif" else None, quality=95)
    assert model.inference(image=path)["pred_class"] == "猫"
    assert shown_in("cls_result") == [path.name]


# What is drawn


def test_the_result_is_drawn_under_the_original_name(model, photo):
    model.inference(image=photo, show=True)
    assert shown_in("cls_result") == ["图 片.png"]
    drawn, original = pixels_of("cls_result/图 片.png"), pixels_of(photo)
    assert drawn.size >= original.size
    assert drawn.shape != original.shape or (drawn != original).any()


def test_a_folder_is_drawn_picture_by_picture(model, album):
    before = shown_in(album)
    model.inference(image=album, show=True)
    assert shown_in("cls_result") == ["C.PNG", "a 狗.png", "b 猫.png"]
    assert shown_in(album) == before


def test_another_folder_for_the_results(model, trained, workplace):
    model.inference(image=trained.cat, save_fold="结 果/今天")
    model.inference(image=trained.cat, save_fold=workplace / "b")
    assert shown_in("结 果/今天") == shown_in("b") == [trained.cat.name]
    assert not Path("cls_result").exists()


def test_without_show_nothing_is_written_anywhere(model, album, trained, workplace):
    model.inference(image=album, show=False)
    model.inference(image=trained.cat, show=False)
    assert shown_in(workplace) == []


def test_a_file_then_a_folder_then_a_file_on_one_model(model, album, trained, workplace):
    for image in (trained.cat, album, trained.cat):
        model.inference(image=image)
    assert shown_in(workplace) == ["cls_result"]


def test_pictures_of_one_name_do_not_replace_each_other(model, trained, tmp_path):
    for folder, source in (("甲", trained.cat), ("乙", trained.dog)):
        (tmp_path / folder).mkdir()
        shutil.copy(source, tmp_path / folder / "图.png")
    results = model.inference(image=[tmp_path / "甲" / "图.png", tmp_path / "乙" / "图.png"])
    assert [r["pred_class"] for r in results] == ["猫", "狗"]
    assert shown_in("cls_result") == sorted(r["file_name"] for r in results)
    assert len(shown_in("cls_result")) == 2


def test_a_picture_without_a_name_gets_one(model, trained):
    model.inference(image=np.array(Image.open(trained.cat)))
    (name,) = shown_in("cls_result")
    assert pixels_of(Path("cls_result") / name).size


def test_the_users_own_picture_is_never_drawn_over(model, trained, workplace):
    """``save_fold`` may be the folder of the picture: the photo of a lifetime stays what it was."""
    shutil.copy(trained.cat, workplace / "图 片.png")
    before = Path("图 片.png").read_bytes()
    with contextlib.suppress(ParameterInvalid, PathNotWritable):
        model.inference(image="图 片.png", save_fold=".")
    assert Path("图 片.png").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named(model, trained, refused):
    Path("cls_result").write_text("a file", encoding="utf-8")
    with refused(PathNotWritable) as caught:
        model.inference(image=trained.cat)
    assert "cls_result" in caught.value.message
    assert model.inference(image=trained.cat, show=False)["pred_class"] == "猫"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only for this user")
def test_a_read_only_folder_is_named(model, trained, refused):
    Path("cls_result").mkdir(mode=0o500)
    with refused(PathNotWritable):
        model.inference(image=trained.cat)


@pytest.mark.parametrize("save_fold", [None, 5, "a\0b"])
def test_a_folder_that_is_no_path_is_named(model, trained, save_fold, refused):
    with refused(ParameterInvalid) as caught:
        model.inference(image=trained.cat, save_fold=save_fold)
    assert "save_fold" in caught.value.message


def test_without_a_display_show_returns_at_once(model, trained):
    start = time.perf_counter()
    model.inference(image=trained.cat, show=True)
    assert time.perf_counter() - start < 5


@pytest.mark.skipif(sys.platform != "linux", reason="stands in for a desktop's viewer")
@pytest.mark.parametrize("shape", [(20, 30, 3), (20, 30)])
def test_a_window_never_blocks_the_script(tmp_path, shape):
    """A viewer that stays open for a minute: the script goes on, and ends, at once."""
    viewer = tmp_path / "xdg-open"
    viewer.write_text(f"#!/bin/sh\ntouch '{tmp_path}/opened'\nexec sleep 60\n", encoding="utf-8")
    viewer.chmod(0o755)
    script = f"import numpy as np\nfrom BaseDT import display\nassert display.show(np.zeros({shape}, np.uint8))"
    env = {**os.environ, "DISPLAY": ":99", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    process = subprocess.Popen([sys.executable, "-c", script], env=env, stderr=subprocess.PIPE, start_new_session=True)
    try:
        assert process.wait(timeout=30) == 0
        deadline = time.monotonic() + 10
        while not (tmp_path / "opened").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (tmp_path / "opened").exists()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.stderr.close()


# Which weights


def test_after_training_the_best_weights_of_the_run_are_used_not_the_last(dataset, trained, quick):
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    # Weights that fit already only decay: every epoch is a little worse than the one before.
    log = model.train(epochs=3, lr=10.0, weight_decay=0.01, checkpoint=trained.checkpoint, save_fold="模 型")
    losses = [line["loss"] for line in log if line["mode"] == "val"]
    assert losses[0] < losses[1] < losses[2]
    picture = next((dataset / "val_set" / "猫").iterdir())
    found = model.inference(image=picture, show=False)
    best = "模 型/best_accuracy_top-1_epoch_1.pth"
    assert found == cls("LeNet").inference(image=picture, show=False, checkpoint=best)
    assert found != cls("LeNet").inference(image=picture, show=False, checkpoint="模 型/latest.pth")


def test_a_run_without_validation_has_no_best_the_one_of_an_older_run_is_not_its_own(dataset, quick):
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    model.train(epochs=1, save_fold="m", random_seed=1)
    model.train(epochs=2, save_fold="m", random_seed=2, validate=False)
    picture = next((dataset / "val_set" / "猫").iterdir())
    latest = cls("LeNet").inference(image=picture, show=False, checkpoint="m/latest.pth")
    assert model.inference(image=picture, show=False) == latest


def test_a_folder_of_an_earlier_day_is_enough(trained):
    model = cls("LeNet")
    model.save_fold = trained.folder
    assert model.inference(image=trained.cat, show=False)["pred_class"] == "猫"


def test_the_argument_wins_over_the_attribute(model, trained):
    model.checkpoint = "nowhere.pth"
    assert model.inference(image=trained.cat, show=False, checkpoint=trained.checkpoint)["pred_class"] == "猫"
    with pytest.raises(CheckpointNotFound):
        model.inference(image=trained.cat, show=False)


def test_a_checkpoint_that_was_written_anew_or_removed_is_not_remembered(dataset, trained, quick):
    """Training goes on in another window while this one asks ``inference`` again and again."""
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    model.train(epochs=1, random_seed=5, save_fold="m")
    other = cls("LeNet")
    first = other.inference(image=trained.cat, show=False, checkpoint="m/latest.pth")
    model.train(epochs=1, random_seed=6, save_fold="m")
    assert other.inference(image=trained.cat, show=False, checkpoint="m/latest.pth") != first
    Path("m/latest.pth").unlink()
    with pytest.raises(CheckpointNotFound):
        other.inference(image=trained.cat, show=False, checkpoint="m/latest.pth")


def test_the_same_name_in_another_folder_is_another_checkpoint(dataset, trained, monkeypatch, quick):
    model = cls("LeNet")
    model.load_dataset(dataset, check=False)
    for seed, folder in ((5, "a"), (6, "b")):
        model.train(epochs=1, random_seed=seed, save_fold=folder)
        os.utime(Path(folder) / "latest.pth", (1_000_000_000, 1_000_000_000))  # unpacked from one archive
    other, found = cls("LeNet"), []
    for folder in ("a", "../b"):
        monkeypatch.chdir(folder)
        found.append(other.inference(image=trained.cat, show=False, checkpoint="latest.pth"))
    assert found[0] != found[1]


def test_without_any_weights_nothing_is_made_up(trained, refused):
    with refused(CheckpointNotFound) as caught:
        cls("LeNet").inference(image=trained.cat)
    assert "checkpoint" in caught.value.hint


def test_an_empty_run_folder_holds_no_weights(trained, workplace, refused):
    model = cls("LeNet")
    model.save_fold = workplace
    with refused(CheckpointNotFound):
        model.inference(image=trained.cat)


def test_a_name_that_is_nearly_right_is_offered(trained, refused):
    with refused(CheckpointNotFound) as caught:
        cls("LeNet").inference(image=trained.cat, checkpoint=trained.folder / "lates.pth")
    assert "latest.pth" in caught.value.hint


@pytest.mark.parametrize("device", ["tpu", "Cpu", 0, None])
def test_a_device_that_there_is_not_is_refused(model, trained, device, refused):
    with refused(DeviceUnavailable):
        model.inference(image=trained.cat, device=device)
    with refused(DeviceUnavailable):
        model.load_checkpoint(device=device)


# class_path of the older pages


def classes_file(*names: str) -> str:
    Path("类 别.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    return "类 别.txt"


def test_class_path_names_the_classes(model, trained):
    assert model.inference(image=trained.cat, show=False, class_path=classes_file("汪", "喵"))["pred_class"] == "喵"


def test_class_path_holds_for_one_call(model, trained):
    model.inference(image=trained.cat, show=False, class_path=classes_file("汪", "喵"))
    assert model.inference(image=trained.cat, show=False)["pred_class"] == "猫"


@pytest.mark.parametrize("part", ["", "training_set", "classes.txt"])
def test_class_path_may_be_the_dataset_or_its_training_set(model, trained, part):
    assert model.inference(image=trained.cat, show=False, class_path=trained.dataset / part)["pred_class"] == "猫"


def test_class_path_of_a_dataset_that_has_no_text_files_yet_names_its_classes(model, trained, dataset):
    assert not (dataset / "classes.txt").exists()
    assert model.inference(image=trained.cat, show=False, class_path=dataset)["pred_class"] == "猫"


def test_class_path_does_not_count_hidden_folders(model, trained, dataset):
    (dataset / "training_set" / ".ipynb_checkpoints").mkdir()
    found = model.inference(image=trained.cat, show=False, class_path=dataset / "training_set")
    assert found["pred_class"] == "猫"


@pytest.mark.parametrize("names", [("一",), ("一", "二", "三"), ()])
def test_another_number_of_classes_is_refused(model, trained, names, refused):
    with refused(ClassCountMismatch) as caught:
        model.inference(image=trained.cat, class_path=classes_file(*names))
    assert "2" in caught.value.message


def test_class_path_that_is_not_there_is_named(model, trained, refused):
    with refused(DatasetNotFound) as caught:
        model.inference(image=trained.cat, class_path="没有.txt")
    assert "没有.txt" in caught.value.message


def test_class_path_that_is_no_path_is_named(model, trained, refused):
    with refused(ParameterInvalid):
        model.inference(image=trained.cat, class_path=5)


# Bad pictures


@pytest.mark.parametrize("image", [None, 5, 3.5, b"bytes", {"a": 1}, object(), [], [5], [None]])
def test_what_holds_no_picture_is_refused(model, image, refused):
    with refused(ImageTypeUnsupported):
        model.inference(image=image)


@pytest.mark.parametrize("array", [np.zeros((0, 5)), np.zeros(5), np.zeros((4, 4, 2)), np.full((4, 4), np.nan)])
def test_an_array_that_holds_no_picture_is_refused(model, array, refused):
    with refused(ImageTypeUnsupported):
        model.inference(image=array)


@pytest.mark.parametrize("image", ["没有.png", "没有/", Path("没有.jpg"), ["没有.png"], "a\0b.png", "x" * 300])
def test_a_file_that_is_not_there_is_named(model, image, refused):
    with refused(ImageNotFound):
        model.inference(image=image)


def test_a_misspelt_file_is_offered_the_right_one(model, workplace, trained, refused):
    shutil.copy(trained.cat, workplace / "testrock01-02.png")
    with refused(ImageNotFound) as caught:
        model.inference(image="testrock01-2.png")
    assert "Did you mean 'testrock01-02.png'" in caught.value.hint


def test_a_folder_without_pictures_is_named(model, workplace, refused):
    (workplace / "空").mkdir()
    (workplace / "空" / "a.txt").write_text("x", encoding="utf-8")
    with refused(ImageNotFound) as caught:
        model.inference(image="空")
    assert "空" in caught.value.message


def test_files_of_other_kinds_are_refused(model, workplace, refused):
    Image.new("P", (9, 9)).save(workplace / "动 图.gif")
    (workplace / "说明.txt").write_text("说明", encoding="utf-8")
    (workplace / "其实是文本.jpg").write_text("not a picture", encoding="utf-8")
    for name in ("动 图.gif", "说明.txt", "其实是文本.jpg"):
        with refused(ImageUnsupported) as caught:
            model.inference(image=name)
        assert name in caught.value.message


@pytest.mark.parametrize("share", [0.0, 0.3, 0.98])
def test_a_damaged_picture_is_refused(model, photo, share, refused):
    photo.write_bytes(photo.read_bytes()[: int(photo.stat().st_size * share)])
    with refused(ImageDamaged) as caught:
        model.inference(image=photo)
    assert "图 片.png" in caught.value.message
    assert not Path("cls_result").exists()


def test_of_a_folder_the_damaged_picture_is_left_out_and_named_once(model, album, capsys):
    assert len(model.inference(image=album)) == 3
    out = capsys.readouterr().out
    assert len([line for line in out.splitlines() if "坏 的.jpg" in line]) == 1
    assert "Thumbs.db" not in out


def test_what_of_a_folder_is_passed_over_is_told(model, album, capsys):
    (album / "子 夹").mkdir()
    (album / "动.gif").write_bytes(b"GIF89a")
    model.inference(image=album, show=False)
    assert "1 GIF and 1 sub-folder" in capsys.readouterr().out


def test_a_mistake_does_not_spoil_the_model(model, trained):
    for bad in ("没有.png", 5):
        with pytest.raises((ImageNotFound, ImageTypeUnsupported)):
            model.inference(image=bad)
    assert model.inference(image=trained.cat, show=False)["pred_class"] == "猫"


# load_checkpoint, fast_inference


def test_fast_inference_gives_what_inference_gives(model, trained, album):
    model.load_checkpoint(checkpoint=trained.checkpoint)
    for image in (trained.cat, str(trained.dog), album, np.array(Image.open(trained.cat))):
        fast = model.fast_inference(image=image, show=False)
        assert fast == cls("LeNet").inference(image=image, show=False, checkpoint=trained.checkpoint)


def test_it_draws_as_inference_does(model, trained):
    model.load_checkpoint()
    model.fast_inference(image=trained.cat)
    model.fast_inference(image=trained.cat, save_fold="别 处")
    assert shown_in("cls_result") == shown_in("别 处") == [trained.cat.name]


def test_without_show_it_draws_nothing(model, trained, workplace):
    model.load_checkpoint()
    model.fast_inference(image=trained.cat, show=False)
    assert shown_in(workplace) == []


def test_it_does_not_read_the_file_again(trained, tmp_path):
    copy = shutil.copy(trained.checkpoint, tmp_path / "a.pth")
    model = cls("LeNet")
    model.load_checkpoint(checkpoint=copy)
    Path(copy).unlink()
    assert model.fast_inference(trained.cat, show=False)["pred_class"] == "猫"


def test_what_was_loaded_is_meant_where_no_checkpoint_is_named(trained, tmp_path, refused):
    other = tmp_path / "names.txt"
    other.write_text("dog\ncat\n", encoding="utf-8")
    model = cls("LeNet")
    model.load_checkpoint(trained.checkpoint)
    assert model.inference(image=trained.cat, show=False)["pred_class"] == "猫"
    assert model.explain(trained.cat, show=False).result.label == 1
    model.load_checkpoint(trained.checkpoint, class_path=other)
    assert model.inference(image=trained.cat, show=False)["pred_class"] == "cat"
    assert read_exported(model.convert(out_file=tmp_path / "m.onnx"))["CLASSES"] == ["dog", "cat"]
    model.checkpoint = tmp_path / "nowhere.pth"
    with refused(CheckpointNotFound):
        model.inference(image=trained.cat, show=False)


def test_loading_comes_first(trained, refused):
    with refused(NothingLoaded) as caught:
        cls("LeNet").fast_inference(image=trained.cat)
    assert "load_checkpoint" in caught.value.hint


def test_loading_nothing_is_an_error_and_leaves_nothing_loaded(trained, refused):
    model = cls("LeNet")
    with refused(CheckpointNotFound):
        model.load_checkpoint()
    with refused(NothingLoaded):
        model.fast_inference(image=trained.cat)


def test_after_training_again_the_old_weights_are_not_used_silently(dataset, trained, refused, quick):
    model = cls("LeNet")
    model.load_checkpoint(trained.checkpoint)
    model.load_dataset(dataset, check=False)
    model.train(epochs=1)
    with refused(NothingLoaded):
        model.fast_inference(image=trained.cat)


def test_verbose_false_says_nothing_at_all(model, album, trained, capfd):
    model.load_checkpoint()
    capfd.readouterr()
    model.fast_inference(image=album, verbose=False)
    model.fast_inference(image=trained.cat, verbose=False)
    assert capfd.readouterr() == ("", "")


def test_verbose_tells_how_far_it_is(model, album, capsys):
    model.load_checkpoint()
    model.fast_inference(image=album)
    assert "4/4" in capsys.readouterr().out
