"""The sample script beside an exported model, and what a board needs that has no library of ours.

A script that somebody edited is never overwritten: its last line holds a hash of what we wrote above it.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from BaseDT.errors import DiskFull, ParameterInvalid, PathNotWritable
from BaseDT.files import not_written, write_whole
from BaseDT.language import english, say
from BaseDT.model_info import ModelInfo
from MMEdu.engine.events import Listener, Notice
from MMEdu.export.target import Format, Target

_WORKFLOW = '''\
"""Run {name} on a picture (用模型识别一张图片): python {script} my_picture.jpg"""

import sys
from pathlib import Path

import numpy as np
from XEdu.hub import Workflow as wf

# The model lies beside this script (模型声明).
mm = wf(task="mmedu", checkpoint=str(Path(__file__).with_name({model})))

# Without a picture a random one shows that everything works (未给出图片时使用随机图片).
image = sys.argv[1] if len(sys.argv) > 1 else np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)

# Predict, print, show (推理、输出、显示).
res, img = mm.inference(data=image, img_type="cv2")
result = mm.format_output(lang="zh")
mm.show(img)
'''

_MODULES = frozenset(
    name.lower()
    for name in (*sys.stdlib_module_names, *("cv2", "numpy", "onnxruntime", "PIL"), *("BaseData", "BaseDT", "XEdu"))
)
"""What the scripts import, and what that imports: ``numbers.py`` beside a script would break numpy."""
_SCRIPT: dict[Format, str] = {"ONNX": ".py", "NCNN": "_ncnn.py", "OpenVINO": "_openvino.py", "TensorRT": "_tensorrt.py"}

_SIGNED = re.compile(rb"(?P<text>.*\n)# mmedu:(?P<hash>[0-9a-f]{16})[^\n]*\s*", re.DOTALL)
"""A script of ours: the last line holds the hash of the text above it."""
_MARK = b"# mmedu:"
"""In every script of ours, also where it was edited."""


@dataclass(frozen=True)
class Scripts:
    """What became of the scripts of a model.

    Attributes:
        written: They are as we write them.
        edited: Changed by the user, left as they are.
        others: Programs of the user's own that have these names, left as they are.
        failed: Why others could not be written.
    """

    written: tuple[Path, ...] = ()
    edited: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    failed: tuple[str, ...] = ()


def check_standalone(script: str, target_format: Format) -> None:
    """Make sure that there is a script without our libraries for such a model.

    Args:
        script: The task's, empty where it has none.
        target_format: Of the model.

    Raises:
        ParameterInvalid: There is none (-305).
    """
    if not script:
        hint = say("Leave out standalone=True: the sample script runs it.", "请去掉 standalone=True。")
        raise ParameterInvalid(
            say("standalone=True is for classifiers.", "standalone=True 只适用于图像分类模型。"), hint=hint
        )
    if target_format != "ONNX":
        hint = say(
            "Leave out standalone=True: the sample script runs it; or choose backend='ONNX'.",
            "请去掉 standalone=True，或选择 backend='ONNX'。",
        )
        raise ParameterInvalid(
            say(
                f"standalone=True is for ONNX files, not for {target_format}.",
                f"standalone=True 适用于 ONNX 文件，不适用于 {target_format}。",
            ),
            hint=hint,
        )


def write(target: Target, info: ModelInfo, *, standalone: str | None) -> Scripts:
    """Write the scripts that go with a model.

    Args:
        target: The model's files.
        info: The model's metadata.
        standalone: The task's script that needs no library of ours, to be written, too; None writes none.

    Returns:
        Which were written; the model is whole without them.
    """
    script = script_path(target)
    texts = {script: _filled(_WORKFLOW, target, info, script)}
    if standalone is not None:
        script = target.beside("_standalone.py")
        texts[script] = _filled(standalone, target, info, script)
        texts[target.stem.with_name("BaseData.py")] = board_data()
    return write_texts(texts)


def write_texts(texts: Mapping[Path, str]) -> Scripts:
    """Write scripts, but over none that somebody edited, nor over a program that has nothing to do with us.

    Returns:
        Which were written; the model is whole without them.
    """
    written: list[Path] = []
    kept: list[Path] = []
    failed: list[str] = []
    for path, text in texts.items():
        try:
            (written if _written(path, text) else kept).append(path)
        except (DiskFull, PathNotWritable) as error:
            failed.append(error.message)
    edited = tuple(path for path in kept if _MARK in path.read_bytes())
    others = tuple(path for path in kept if path not in edited)
    return Scripts(tuple(written), edited, others, tuple(failed))


def report(scripts: Scripts, emit: Listener) -> None:
    """Report what became of them."""
    for path in scripts.written:
        emit(Notice(say(f"Beside it: {path}", f"同时生成：{path}")))
    for path in scripts.edited:
        emit(Notice(say(f"Left as it is, because it was edited: {path}", f"已被修改过，保持不变：{path}")))
    for path in scripts.others:
        emit(Notice(in_the_way(path)))
    for reason in scripts.failed:
        emit(
            Notice(
                say(
                    f"The model is whole, a script beside it is missing. {english(reason)}",
                    f"模型已完整写入，但缺少脚本。{reason}",
                )
            )
        )


def in_the_way(path: Path) -> str:
    """Say that a program of the user's own has the name of the script."""
    return say(
        f"There is another program of this name, so no sample script was written: {path}",
        f"已有同名的程序，因此没有生成示例代码：{path}",
    )


def script_path(target: Target) -> Path:
    """Name the script after the model, unless Python would then import it in place of a module of that name."""
    suffix = _SCRIPT[target.format]
    if suffix == ".py" and target.stem.name.lower() in _MODULES:
        suffix = "_run.py"
    return target.beside(suffix)


def board_data() -> str:
    """Return the ``BaseData.py`` of a board: numpy and OpenCV only, Python 3.7."""
    return (files("MMEdu.export.board") / "BaseData.py").read_text(encoding="utf-8")


def _filled(template: str, target: Target, info: ModelInfo, script: Path) -> str:
    name = in_docstring(info.backbone, "the model")
    return template.format(name=name, model=repr(target.files[0].name), script=in_docstring(script.name, "script.py"))


def in_docstring(name: str, otherwise: str) -> str:
    """Return a name that means in a docstring what it says, or another."""
    return name if name and name.isprintable() and not {'"', "\\"} & set(name) else otherwise


def _written(path: Path, text: str) -> bool:
    """Write a script unless somebody edited the existing one; return whether it was written.

    Raises:
        DiskFull, PathNotWritable: It cannot be (-803, -104).
    """
    try:
        if path.exists() and path.is_file() and not _is_unedited(path.read_bytes()):
            return False
    except OSError as error:
        raise not_written(path, error) from error
    write_whole(path, _signed(text))
    return True


def _signed(text: str) -> bytes:
    """Append the line by which a script of ours is known again, by later versions, too."""
    data = text.encode("utf-8")
    note = "edited scripts are never overwritten (修改过的脚本不会被覆盖)"
    return data + f"# mmedu:{_hash(data)} {note}\n".encode()


def _is_unedited(data: bytes) -> bool:
    """Return whether a script is as we wrote it; editors and version control may have changed its line ends."""
    signed = _SIGNED.fullmatch(data.replace(b"\r\n", b"\n"))
    return signed is not None and signed["hash"] == _hash(signed["text"]).encode()


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]
