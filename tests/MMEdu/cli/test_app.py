"""The command line as a whole: how it starts, how it ends, what it says when something is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import MMEdu
from BaseDT.errors import DatasetNotFound, TrainingInterrupted
from MMEdu.cli import app
from MMEdu.cli.errors import in_options

COMMANDS = ("demo", "train", "infer", "check", "info", "models", "doctor")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "MMEdu", *arguments]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, **environment}, timeout=120, check=False
    )


def test_python_m_mmedu_is_the_command():
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"mmedu {MMEdu.__version__}\n", "")


def test_help_lists_the_commands_on_a_console_that_knows_no_chinese():
    done = run("--help", PYTHONIOENCODING="cp1252")
    assert done.returncode == 0
    assert all(f"\n  {command} " in done.stdout for command in COMMANDS)
    assert "\x1b" not in done.stdout
    assert "Train models for pictures" in done.stdout


def test_no_line_of_the_help_is_cut_off_and_each_command_has_a_chinese_word(mmedu):
    listed = mmedu("--help").out.partition("Commands:")[2].strip().splitlines()
    assert len(listed) == len(app.registered_commands) + len(app.registered_groups)
    for line in listed:
        assert line.endswith((").", "）。")), line


def _parameters(command):
    """All parameters of a command, and of those below it."""
    return [
        *command.params,
        *(one for inner in getattr(command, "commands", {}).values() for one in _parameters(inner)),
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_of_every_option_is_in_the_language_of_the_user(monkeypatch, language):
    monkeypatch.setenv("MMEDU_LANG", language)
    parameters = _parameters(typer.main.get_command(app))
    assert len(parameters) > 80
    for parameter in parameters:
        chinese = re.search(r"[\u4e00-\u9fff]", parameter.help)
        assert bool(chinese) == (language == "zh"), (parameter.name, parameter.help)


def test_the_help_is_printed_in_the_language_of_the_environment():
    assert "基础学习率" in run("train", "--help", MMEDU_LANG="zh", PYTHONUTF8="1").stdout
    assert "Base learning rate" in run("train", "--help", MMEDU_LANG="en").stdout


def test_the_options_are_built_without_what_is_slow_to_load():
    script = """
import sys
import typer
from MMEdu.cli import app
typer.main.get_command(app)
sys.exit(" ".join({"torch", "numpy", "cv2"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120, check=False)
    assert done.stderr.strip() == b""


@pytest.mark.parametrize("command", ["models", "--help", "check"])
def test_what_needs_no_torch_does_not_import_it(command, dataset):
    script = """
import sys
sys.modules["torch"] = None  # an import of it fails
from MMEdu.cli import main
main()
"""
    arguments = [command, str(dataset)] if command == "check" else [command]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(mmedu, command):
    ended = mmedu(command, "--help")
    assert ended.code == 0
    assert ended.out.startswith("Usage: ")


def test_without_a_command_the_help_is_shown(mmedu):
    ended = mmedu()
    assert "models" in ended.out + ended.err


@pytest.mark.parametrize("arguments", [["trian"], ["models", "LeNet"], ["train"], ["infer", "x.pth"], ["--nonsense"]])
def test_a_mistake_in_the_usage_ends_with_code_2(mmedu, arguments):
    ended = mmedu(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "Usage: " in ended.err


def test_an_error_ends_with_its_text_on_stderr_and_code_1(mmedu):
    ended = mmedu("train", "no such [red] 文件夹")
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("Error Code: -101. ")
    assert "no such [red] 文件夹" in ended.err
    assert "Traceback" not in ended.err


def test_hints_are_chinese_where_the_user_is(mmedu, monkeypatch):
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert "可选的模型" in mmedu("train", "anything", "--backbone", "LeNte").err


def test_a_traceback_is_shown_to_who_asks_for_it(mmedu, monkeypatch):
    monkeypatch.setenv("MMEDU_TRACEBACK", "1")
    ended = mmedu("check", "nowhere")
    assert ended.code == 1
    assert "Traceback" in ended.err
    assert DatasetNotFound.__name__ in ended.err


@pytest.mark.parametrize("trace", ["", "1"])
def test_ctrl_c_ends_with_code_130(mmedu, monkeypatch, dataset, trace):
    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("MMEDU_TRACEBACK", trace)
    monkeypatch.setattr("MMEdu.tasks.decoding.check_images", interrupted)
    ended = mmedu("check", dataset)
    assert (ended.code, ended.out) == (130, "")
    assert ("Traceback" in ended.err) == bool(trace)
    assert trace or ended.err == "Stopped.\n"


def test_an_interrupted_training_says_how_it_goes_on(mmedu, monkeypatch, dataset):
    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise TrainingInterrupted("The training was stopped.", hint="a/latest.pth; resume=True goes on from it.")

    monkeypatch.setattr("MMEdu.classification.MMClassification.train", interrupted)
    ended = mmedu("train", dataset)
    assert ended.code == 130
    assert ended.err.endswith("Error Code: -801. The training was stopped.\na/latest.pth; --resume goes on from it.\n")


HINTS = [
    ("train", 'load_dataset(path, check="skip") leaves them out.', "--skip-damaged leaves them out."),
    ("train", "Use batch_size=16 as before.", "Use --batch-size 16 as before."),
    ("train", "Use checkpoint= to start from its weights.", "Use --checkpoint to start from its weights."),
    ("train", "The last checkpoint is a/latest.pth; resume=True", "The last checkpoint is a/latest.pth; --resume"),
    ("train", "Write MMClassification('ResNet18').", "Write --backbone ResNet18."),
    ("train", "请换一个 save_fold。", "请换一个 --save-fold。"),
    ("train", "Write pretrained=True, or leave pretrained out.", "Write --pretrained, or leave --pretrained out."),
    ("train", "Set validate=False.", "Set --no-validate."),
    ("train", "It is in my/save_fold/latest.pth.", "It is in my/save_fold/latest.pth."),
    ("convert", "Leave out dynamic=True.", "Leave out --dynamic."),
    ("convert", "请去掉 dynamic=True。", "请去掉 --dynamic。"),
    ("convert", "Write ir_version=8, or a lower opset.", "Write --ir-version 8, or a lower opset."),
    ("convert", "Choose backend='ONNX' or 'OpenVINO'.", "Choose --backend ONNX or OpenVINO."),
    ("convert", "请选择 backend='ONNX' 或 'OpenVINO'。", "请选择 --backend ONNX 或 OpenVINO。"),
    ("convert", "one name a line: class_path='classes.txt', or --classes classes.txt of a command.", None),
    (
        "quantize",
        "Try calibration='average', more images, reduce_range=False on a processor with VNNI, or a larger max_drop.",
        "Try --calibration average, more images, --full-range on a processor with VNNI, or a larger --max-drop.",
    ),
    (
        "quantize",
        "可以尝试 calibration='average'、增加 images、使用 reduce_range=False，或放宽 max_drop。",
        "可以尝试 --calibration average、增加 --images、使用 --full-range，或放宽 --max-drop。",
    ),
    ("quantize", "Use a file that convert() wrote.", "Use a file that mmedu convert wrote."),
    ("camera", "Convert it first: model.convert(checkpoint='…', out_file='model.onnx').", None),
    ("camera", "Leave providers out.", "Leave --provider out."),
    ("models", "Leave out dynamic=True.", "Leave out dynamic=True."),
]


@pytest.mark.parametrize(("command", "hint", "said"), HINTS)
def test_a_hint_names_the_options_of_its_command_instead_of_arguments(command, hint, said):
    found = in_options(hint, typer.main.get_command(app).commands[command])
    if said is not None:
        assert found == said
    assert "=" not in found or found == hint == said


def test_the_hint_of_an_error_is_in_options_whatever_the_command(mmedu, tmp_path):
    import models_on_disk

    models_on_disk.classifier(tmp_path / "m.onnx")
    (tmp_path / "m.pth").write_bytes(b"x")
    ended = mmedu("camera", tmp_path / "m.pth")
    assert ended.err.endswith("Convert it first: mmedu convert model.pth model.onnx.\n")


def test_a_path_beside_the_working_directory_is_shown_whole(monkeypatch, tmp_path):
    from MMEdu.cli.output import display_path

    monkeypatch.chdir(tmp_path)
    assert display_path(tmp_path / "a" / "b") == str(Path("a", "b"))
    assert display_path(Path("a", "b")) == str(Path("a", "b"))
    assert display_path(tmp_path.parent) == str(tmp_path.parent)


def test_columns_stand_under_each_other_with_chinese_in_them():
    from BaseDT.terminal import table

    assert table([("name", "n"), ("小猫", 7), ("x", 12)]) == ["name  n", "小猫   7", "x     12"]
