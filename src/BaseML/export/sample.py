"""The sample script beside an exported model. One that somebody edited is never overwritten: it is signed."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from BaseDT.classic_model_info import ClassicModelInfo
from BaseDT.escaping import short_name
from BaseDT.language import say

_SCRIPT = '''\
"""Run the exported model on a row of numbers (用转换后的模型推理一行数据)."""

from pathlib import Path

from XEdu.hub import Workflow as wf

# The model lies beside this script (模型声明).
ml = wf(task="baseml", checkpoint=str(Path(__file__).with_name({model!r})))

# A row of the data that it was trained on{columns}.
data = [{row!r}]

# Predict, print (推理、输出).
result = ml.inference(data=data)
ml.format_output(lang="zh")
'''
_SIGNED = re.compile(r"(?P<text>.*\n)# mmedu:(?P<hash>[0-9a-f]{16})[^\n]*\s*", re.DOTALL)


def path_for(model: Path) -> Path:
    """Return where the script of a model lies."""
    script = model.with_suffix(".py")
    # A file of such a name would hide the package from the script itself.
    hides = script.stem.lower() in {"xedu", "basedt", "baseml", "numpy", "onnxruntime", "numbers", "pathlib"}
    return script.with_stem(f"{script.stem}_run") if hides else script


def text(model: Path, info: ClassicModelInfo) -> str:
    """Return the script of a model, signed."""
    named = ", ".join(short_name(name) for name in info.features if name.isprintable())
    script = _SCRIPT.format(model=model.name, columns=f": {named}" if named else " (一行训练数据)", row=[*info.example])
    return f"{script}# mmedu:{_hash(script)} edited scripts are never overwritten (修改过的脚本不会被覆盖)\n"


def may_be_written(script: Path) -> bool:
    """Whether there is no script, or one as we wrote it."""
    try:
        found = script.read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False
    signed = _SIGNED.fullmatch(found.replace("\r\n", "\n"))
    return signed is not None and signed["hash"] == _hash(signed["text"])


def in_the_way(script: Path) -> str:
    """Say that a script that was edited, or another program, has the name of the one that would be written."""
    return say(
        f"There is a program of this name, so no sample script was written: {script}",
        f"已有同名的程序，因此没有生成示例代码：{script}",
    )


def _hash(script: str) -> str:
    return hashlib.sha256(script.encode("utf-8")).hexdigest()[:16]
