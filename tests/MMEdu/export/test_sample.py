"""The scripts beside a model run as they are; on a board with nothing of ours, too; an edited one stays."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification
from MMEdu.export import sample
from MMEdu.export.target import target_of
from MMEdu.models import registry
from MMEdu.tasks.classification.standalone import SCRIPT
from XEdu.runtime.model import Model

NO_LIBRARY = """
import sys
class No:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("MMEdu", "XEdu", "BaseDT", "BaseDeploy", "torch", "PIL", "onnx"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, No())
sys.argv = sys.argv[1:]
import runpy
sys.path.insert(0, __import__("os").path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(*command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUTF8": "1", **more}
    return subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, encoding="utf-8", env=environment, check=False
    )


@pytest.mark.parametrize("picture", [True, False])
def test_the_sample_script_runs_as_it_is(converted, trained, workplace, picture):
    done = run(converted.file.with_suffix(".py"), *([trained.cat] if picture else []))
    assert done.returncode == 0, done.stderr
    assert "预测结果" in done.stdout
    if picture:
        assert "猫" in done.stdout


def test_the_standalone_script_needs_nothing_of_ours(converted, trained, workplace):
    script = converted.file.with_name("猫 狗_standalone.py")
    done = run("-c", NO_LIBRARY, script, trained.dog)
    assert done.returncode == 0, done.stderr
    told = ast.literal_eval(done.stdout)
    expected = MMClassification("LeNet").inference(image=trained.dog, checkpoint=trained.checkpoint, show=False)
    assert told["预测结果"] == "狗"
    assert told["置信度"] == pytest.approx(expected["pred_score"], abs=1e-4)


def test_int8_files_have_a_standalone_script_too(trained, workplace):
    file = MMClassification("LeNet").quantize(trained.checkpoint, "八 位", trained.dataset, standalone=True)
    done = run("-c", NO_LIBRARY, file.with_name("八 位_standalone.py"), trained.dog)
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout)["预测结果"] == "狗"


def test_what_goes_to_a_board_is_python_3_7(converted):
    for name in ("BaseData.py", "猫 狗_standalone.py"):
        ast.parse(converted.file.with_name(name).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not have")
@pytest.mark.parametrize("name", ['猫 "狗"', 'it\'s """猫"""', "a\\b \\N{猫}", "{猫}", '行\n"""尾', "nothing"])
def test_scripts_of_models_with_odd_names_run(converted, trained, workplace, name):
    file = workplace / f"{name}.onnx"
    file.write_bytes(converted.file.read_bytes())
    info = Model.load(file).info
    assert info is not None
    scripts = sample.write(target_of(file, "ONNX"), replace(info, backbone='Le"""Net\\'), standalone=SCRIPT)
    for script in scripts.written[:2]:
        compile(script.read_text(encoding="utf-8"), str(script), "exec")
        done = run("-W", "error", script, trained.cat)
        assert done.returncode == 0, done.stderr
        assert "猫" in done.stdout


def test_the_standalone_script_runs_isolated_beside_another_package_of_that_name(converted, trained, tmp_path):
    (tmp_path / "BaseData.py").write_text("raise SystemExit('the other one')", encoding="utf-8")
    script = converted.file.with_name("猫 狗_standalone.py")
    for command in ((["-I", "-X", "utf8"], {}), ([], {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"})):
        done = run(*command[0], script, trained.dog, **command[1])
        assert done.returncode == 0, done.stderr
        assert "狗" in done.stdout


def test_a_console_without_chinese_gets_an_answer(converted, trained):
    script = converted.file.with_name("猫 狗_standalone.py")
    done = run(script, trained.dog, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "0" in done.stdout


def test_an_edited_script_is_never_overwritten(trained, workplace):
    model = MMClassification("LeNet")
    model.convert(trained.checkpoint, out_file="x")
    written = Path("x.py").read_bytes()
    model.convert(trained.checkpoint, out_file="x")
    assert Path("x.py").read_bytes() == written
    Path("x.py").write_text("print('my own')\n", encoding="utf-8")
    model.convert(trained.checkpoint, out_file="x")
    assert Path("x.py").read_text(encoding="utf-8") == "print('my own')\n"


INFO = ModelInfo("classification", "LeNet", ("a", "b"), Preprocess(size=(8, 8)), "classification")


def test_scripts_of_another_model_of_that_name_are_replaced(tmp_path):
    target = target_of(tmp_path / "猫 狗", "ONNX")
    sample.write(target, replace(INFO, backbone="MobileNet"), standalone=SCRIPT)
    scripts = sample.write(target, INFO, standalone=SCRIPT)
    assert [path.name for path in scripts.written] == ["猫 狗.py", "猫 狗_standalone.py", "BaseData.py"]
    assert "LeNet" in scripts.written[0].read_text(encoding="utf-8")


def test_scripts_of_an_older_version_of_ours_are_replaced_whatever_their_line_ends(tmp_path):
    target = target_of(tmp_path / "猫 狗", "ONNX")
    for path in (tmp_path / "猫 狗.py", tmp_path / "BaseData.py", tmp_path / "猫 狗_standalone.py"):
        path.write_bytes(sample._signed("print('as it was in 3.0')\n").replace(b"\n", b"\r\n"))
    assert len(sample.write(target, INFO, standalone=SCRIPT).written) == 3
    assert b"3.0" not in (tmp_path / "BaseData.py").read_bytes()


@pytest.mark.parametrize("name", ["猫 狗.py", "猫 狗_standalone.py", "BaseData.py"])
def test_each_edited_script_stays(tmp_path, name):
    target = target_of(tmp_path / "猫 狗", "ONNX")
    sample.write(target, INFO, standalone=SCRIPT)
    mine = (
        (tmp_path / name)
        .read_bytes()
        .replace(b"import sys", b"import sys  # mine")
        .replace(b"import os", b"import os  # mine")
    )
    (tmp_path / name).write_bytes(mine)
    scripts = sample.write(target, replace(INFO, backbone="MobileNet"), standalone=SCRIPT)
    assert [path.name for path in scripts.edited] == [name]
    assert (tmp_path / name).read_bytes() == mine


def test_lines_below_the_last_one_are_an_edit(tmp_path):
    target = target_of(tmp_path / "猫 狗", "ONNX")
    (script,) = sample.write(target, INFO, standalone=None).written
    with script.open("a", encoding="utf-8") as file:
        file.write("print('mine')\n")
    assert sample.write(target, INFO, standalone=None).edited == (script,)


def test_a_script_that_cannot_be_written_does_not_fail_the_export(trained, workplace, capsys):
    Path("猫.py").mkdir()
    assert MMClassification("LeNet").convert(trained.checkpoint, out_file="猫").exists()
    said = capsys.readouterr().out
    assert "The model is whole, a script beside it is missing. Cannot write 猫.py: Is a directory." in said
    assert "edited" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="limits of other disks")
def test_a_script_whose_name_is_too_long_for_the_disk_is_no_edited_one(tmp_path):
    stem = "猫" * 80 + "y" * 6  # 246 bytes of 255: enough for .onnx
    scripts = sample.write(target_of(tmp_path / stem, "ONNX"), INFO, standalone=SCRIPT)
    assert [path.name for path in scripts.written] == [f"{stem}.py", "BaseData.py"]
    assert len(scripts.failed) == 1
    assert "File name too long" in scripts.failed[0]


# --- BaseData.py -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def board():
    namespace: dict[str, object] = {"__name__": "BaseData"}
    exec(compile(sample.board_data(), "BaseData.py", "exec"), namespace)
    return type("BaseData", (), namespace)


def pictures(folder: Path) -> dict[str, Path]:
    rng = np.random.default_rng(2)
    colours = rng.integers(0, 256, (230, 317, 4), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    places = {name: folder / f"图 片-{name}" for name in ("a.jpg", "turned.jpg", "gray.png", "alpha.png", "big.png")}
    Image.fromarray(colours[..., :3]).save(places["a.jpg"])
    Image.fromarray(colours[..., :3]).save(places["turned.jpg"], exif=exif)
    Image.fromarray(colours[..., 0]).save(places["gray.png"])
    Image.fromarray(colours).save(places["alpha.png"])
    Image.fromarray(np.kron(colours[..., :3], np.ones((4, 4, 1), np.uint8))).save(places["big.png"])
    return places


RECIPES = [
    *(registry.find(name, "classification").preprocess for name in ("LeNet", "MobileNet")),
    Preprocess(size=(64, 96), resize="letterbox", pad_value=114, color="bgr"),
    Preprocess(size=(48, 48), resize="stretch", resize_to=(60, 60), interpolation="linear"),
]


@pytest.mark.parametrize("preprocess", RECIPES, ids=lambda p: f"{p.resize}-{p.color}")
def test_a_board_feeds_the_same_bits(board, tmp_path, preprocess):
    for name, path in pictures(tmp_path).items():
        ours = preprocess(image.read(path, gray=preprocess.color == "gray"))
        theirs = board.ImageData(str(path), preprocess=preprocess.to_dict()).to_tensor()
        assert theirs.dtype == np.float32
        assert theirs.flags.c_contiguous
        assert np.array_equal(ours, theirs), name


def test_a_board_names_what_is_wrong(board, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.jpg"):
        board.ImageData(str(tmp_path / "nothing.jpg"), backbone="LeNet")
    with pytest.raises(ValueError, match="MobileNet"):
        board.ImageData(np.zeros((4, 4, 3), np.uint8), backbone="Mobilnet")
    (tmp_path / "图.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="Not a picture"):
        board.ImageData(str(tmp_path / "图.jpg"), backbone="LeNet")


def test_cv2_is_the_only_other_thing_it_imports():
    names = {
        n.name for node in ast.walk(ast.parse(sample.board_data())) if isinstance(node, ast.Import) for n in node.names
    }
    assert names == {"math", "os", "numpy", cv2.__name__}


@pytest.mark.parametrize("name", ["numbers", "BaseData", "Types"])
def test_a_script_hides_no_module_that_it_needs(tmp_path, name):
    written = sample.write(target_of(tmp_path / name, "ONNX"), INFO, standalone=SCRIPT).written
    assert [path.name for path in written] == [f"{name}_run.py", f"{name}_standalone.py", "BaseData.py"]
    assert (tmp_path / "BaseData.py").read_text(encoding="utf-8").startswith(sample.board_data())
