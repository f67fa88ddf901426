"""What a pupil reads is in one language, the user's: every error's first line, and the help of the commands.

Found in the source for all errors, and looked at for typical mistakes: read in Chinese, and known in English.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from BaseDT import errors
from BaseDT.errors import XEduError
from BaseDT.language import Language, english, system_reason, use_language

SRC = Path(__file__).resolve().parents[2] / "src"
NAMES = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, XEduError)}
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CHINESE = re.compile("[\u4e00-\u9fff]")


def literal_messages(text: str) -> Iterator[int]:
    """The lines of a source where an error of ours is made with a message of one language.

    The message may stand there, may have been given a name in the same function, or may be what a helper of the same
    file is called with.
    """
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    makers = set(NAMES)
    for function in functions:
        first = [argument.arg for argument in function.args.args if argument.arg != "self"][:1]
        if any(_named(call) in first for call in _calls(function, NAMES)):
            makers.add(function.name)
    lines = {call.lineno for call in _calls(tree, makers) if not call.args or _is_literal(call.args[0])}
    for function in functions:
        used = {_named(call) for call in _calls(function, makers)}
        lines |= {
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and _is_literal(node.value)
            if any(isinstance(target, ast.Name) and target.id in used for target in node.targets)
        }
    yield from sorted(lines)


def _calls(tree: ast.AST, names: Container[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in names:
            yield node


def _named(call: ast.Call) -> str | None:
    return call.args[0].id if call.args and isinstance(call.args[0], ast.Name) else None


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_literal(node.body) or _is_literal(node.orelse)
    return isinstance(node, (ast.JoinedStr, ast.BinOp)) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_every_message_is_written_in_both_languages() -> None:
    found = [
        f"{path.relative_to(SRC)}:{line}"
        for path in sorted(SRC.rglob("*.py"))
        for line in literal_messages(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (
            "raise DatasetInvalid(f'{x} is wrong')\nraise errors.DiskFull('No room')\nraise DiskFull(say('a', 'b'))",
            [1, 2],
        ),
        ("def f():\n    text = f'{x}'\n    raise DiskFull(text)", [2]),
        ("def f():\n    text = say('a', 'b')\n    raise DiskFull(text)", []),
        ("def bad(words):\n    return DiskFull(words)\nraise bad('No room')\nraise bad(say('a', 'b'))", [3]),
    ],
)
def test_a_message_of_one_language_would_be_found(source: str, lines: list[int]) -> None:
    assert list(literal_messages(source)) == lines


# --- typical mistakes --------------------------------------------------------------------------------------------

Mistake = Callable[[Path], object]


def _written(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8)).save(path)
    return path


def _read(data: bytes, name: str = "a.jpg") -> Mistake:
    def act(folder: Path) -> None:
        from BaseDT import image

        image.read(_written(folder / name, data))

    return act


def _cut_off(folder: Path) -> None:
    from BaseDT import image

    file = _picture(folder / "a.jpg")
    image.read(_written(file, file.read_bytes()[:-40]))


def _array(value: object) -> Mistake:
    def act(folder: Path) -> None:
        from BaseDT import image

        image.read(value)  # type: ignore[arg-type]

    return act


def _dataset(*files: tuple[str, str]) -> Mistake:
    def act(folder: Path) -> None:
        from MMEdu import MMClassification

        root = folder / "set"
        for name in ("training_set/cat/1.png", "training_set/dog/1.png", "val_set/cat/2.png", "val_set/dog/2.png"):
            _picture(root / name)
        for name, text in files:
            _written(root / name, text)
        MMClassification("LeNet").load_dataset(str(root))

    return act


def _coco(text: str) -> Mistake:
    def act(folder: Path) -> None:
        from MMEdu import MMDetection

        _picture(folder / "images" / "train" / "1.png")
        _written(folder / "annotations" / "train.json", text)
        MMDetection("SSD_Lite").load_dataset(str(folder))

    return act


def _model(suffix: str, data: bytes) -> Mistake:
    def act(folder: Path) -> None:
        from XEdu import runtime

        runtime.open(_written(folder / f"m{suffix}", data))

    return act


def _classifier(act: Callable[[Any, Path], object]) -> Mistake:
    def run(folder: Path) -> None:
        from MMEdu import MMClassification

        act(MMClassification("LeNet"), folder)

    return run


def _workflow(**arguments: Any) -> Mistake:
    def act(folder: Path) -> None:
        from XEdu.hub import Workflow

        Workflow(**arguments)

    return act


def _unpickled(content: object) -> Mistake:
    def act(folder: Path) -> None:
        from MMEdu.engine import checkpoint

        torch.save(content, folder / "m.pth")
        checkpoint.read(folder / "m.pth")

    return act


def _plot(log: object) -> Mistake:
    def act(folder: Path) -> None:
        from BaseDT.plot import plot_log

        plot_log(log)  # type: ignore[arg-type]

    return act


MISTAKES: dict[str, Mistake] = {
    "picture cut off": _cut_off,
    "empty file": _read(b""),
    "zero bytes": _read(b"\0" * 90),
    "a web page": _read(b"<html><body>login</body></html>"),
    "a GIF": _read(b"GIF89a" + b"\0" * 40),
    "no picture there": lambda folder: _array(folder / "nothing.jpg")(folder),
    "None": _array(None),
    "an array of text": _array(np.array([["a"]])),
    "NaN": _array(np.full((4, 4), np.nan)),
    "no data set": _classifier(lambda model, folder: model.load_dataset(str(folder / "none"))),
    "a class without pictures": _dataset(("classes.txt", "cat\nbird\n")),
    "label out of range": _dataset(("classes.txt", "cat\ndog\n"), ("val.txt", "cat/2.png 7\ndog/2.png 1\n")),
    "JSON cut off": _coco('{"images": ['),
    "no boxes at all": _coco('{"images": []}'),
    "a box of three": _coco(
        '{"images": [{"id": 1, "file_name": "1.png"}], "categories": [{"id": 1, "name": "cat"}],'
        ' "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3]}]}'
    ),
    "no model file": lambda folder: _workflow(task="mmedu", checkpoint=str(folder / "m.onnx"))(folder),
    "a web page as a model": _model(".onnx", b"<html></html>"),
    "half a model": _model(".param", b"7767517\n"),
    "no task": _workflow(task="nothing"),
    "no such model": lambda folder: __import__("MMEdu").MMClassification("LeNett").train(),
    "no such parameter": _classifier(lambda model, folder: model.train(epoch=1)),
    "no data loaded": _classifier(lambda model, folder: model.train(epochs=1)),
    "learning rate": _classifier(lambda model, folder: model.train(lr="fast")),
    "no such device": lambda folder: __import__("MMEdu.engine.device").engine.device.resolve("gpu"),
    "no such weights": _classifier(lambda model, folder: model.load_checkpoint(str(folder / "best.pth"))),
    "a text as weights": _classifier(
        lambda model, folder: model.load_checkpoint(str(_written(folder / "b.pth", "hi")))
    ),
    "foreign weights": _unpickled([1, 2]),
    "a recipe": lambda folder: __import__("MMEdu").MMClassification(str(_written(folder / "r.toml", "x = 1"))).train(),
    "no log": lambda folder: _plot(folder / "none")(folder),
    "a log that is none": _plot(3),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_read_in_chinese_and_known_in_english(mistake: Mistake, tmp_path: Path) -> None:
    said: dict[Language, XEduError] = {}
    for language in LANGUAGES:
        folder = tmp_path / "same"  # of the same name, so that the sentences are the same
        folder.mkdir()
        with use_language(language), pytest.raises(XEduError) as caught:
            mistake(folder)
        said[language] = caught.value
        folder.rename(tmp_path / language)
    error = said["zh"]
    assert CHINESE.search(error.message)
    assert error.message_en == said["en"].message
    assert not CHINESE.search(error.message_en)
    leftover = re.sub(r"'[^']*'|\S*[/\\.=_]\S*", "", error.message)  # but for names, paths and code
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", leftover), error.message


def test_what_the_system_says_is_translated_where_the_cause_is_a_common_one() -> None:
    denied, odd = PermissionError(13, "Permission denied"), OSError(9999, "Odd thing")
    with use_language("zh"):
        assert (system_reason(denied), english(system_reason(denied))) == ("没有权限", "Permission denied")
        assert system_reason(odd) == "Odd thing"
        assert system_reason(ValueError("other")) == "other"
    with use_language("en"):
        assert system_reason(denied) == "Permission denied"


# --- the command line --------------------------------------------------------------------------------------------


def _commands() -> list[tuple[str, ...]]:
    from MMEdu.cli import app, weights

    own = [item.name or item.callback.__name__ for item in app.registered_commands if item.callback]
    inner = [item.name or "" for item in weights.registered_commands]
    return [(), ("weights",), *((name,) for name in own), *(("weights", name) for name in inner)]


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_the_help_of_a_command_is_in_one_language(command: tuple[str, ...]) -> None:
    from MMEdu.cli import app

    for language in LANGUAGES:
        with use_language(language):
            shown = CliRunner().invoke(app, [*command, "--help"], prog_name="mmedu").output
        sentence = shown.split("\n\n")[1]
        assert bool(CHINESE.search(sentence)) or language == "en"
        if language == "zh":
            assert not re.search(r"Usage:|Options:|Show this|[a-z]+ [a-z]+ [a-z]+ [a-z]+", shown), shown


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        ("train", "缺少参数 'data'。"),
        ("train --epoch 3 x", "没有选项 --epoch。"),
        ("trian", "没有命令 'trian'。"),
        ("train --epochs x y", "'--epochs' 的值无效："),
        ("train a b", "多余的参数：b。"),
        ("train --lr", "选项 '--lr' 需要一个值。"),
        ("weights get", "请写出要获取哪些模型的权重，或 hand"),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_answered_in_chinese(line: str, chinese: str) -> None:
    from MMEdu.cli import app

    with use_language("zh"):
        ended = CliRunner().invoke(app, line.split(), prog_name="mmedu")
    assert ended.exit_code == 2
    assert chinese in ended.output
    assert not re.search(r"Usage|[a-z]+ [a-z]+ [a-z]+ [a-z]+", ended.output)
