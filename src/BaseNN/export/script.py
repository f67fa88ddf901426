"""The sample script beside an exported network: a few lines that a pupil reads, runs and changes."""

from __future__ import annotations

from BaseDT.own_network_info import OwnNetworkInfo
from MMEdu.export.sample import in_docstring, script_path
from MMEdu.export.target import Target

_START = '''\
"""用转换好的模型推理 (run the network): python {script}{argument}"""

import sys
from pathlib import Path
{numpy}
from XEdu.hub import Workflow as wf

# 模型声明：模型与本程序在同一文件夹 (the network lies beside this script)
basenn = wf(task="basenn", checkpoint=str(Path(__file__).with_name({model})))

'''
_END = """
# 模型推理 (predict)
res = basenn.inference(data=data)

# 输出结果 (print)
result = basenn.format_output(lang="zh")
"""
_NUMPY = "\nimport numpy as np"
_DATA = {
    "img": """\
# 待推理的图片；未给出时使用随机数组 (a picture; without one random numbers)
data = sys.argv[1] if len(sys.argv) > 1 else np.random.default_rng(0).random({shape}).astype("float32")
""",
    "tab": """\
# 待推理的数据，每行 {width} 个特征；未给出时使用随机数组 (numbers; without any random ones)
data = [[float(value) for value in sys.argv[1:]]] if len(sys.argv) > 1 else np.random.default_rng(0).random({shape})
""",
    "npz": """\
# 待推理的 npz 文件，其中的键 data 存放数组；未给出时使用随机数组 (a .npz with the array "data"; else random numbers)
data = sys.argv[1] if len(sys.argv) > 1 else np.random.default_rng(0).random({shape}).astype("float32")
""",
}
_ARGUMENTS = {"img": " my_picture.jpg", "tab": " 1.0 2.0 …", "npz": " my_data.npz"}
_WORDS = """
# 从这些词开始，逐词续写 (start with these words, and write on)
words = list(sys.argv[1]) if len(sys.argv) > 1 else [{first}]
for _ in range(20):
    basenn.inference(data={data})
    result = basenn.format_output(lang="zh", isprint=False)
    words.append(result[len(words) - 1]["预测值"])
print("".join(words))
"""


def text_of(target: Target, info: OwnNetworkInfo) -> str:
    """Return the script of a network.

    Args:
        target: Its file.
        info: What it says of itself.
    """
    model, script = repr(target.files[0].name), in_docstring(script_path(target).name, "script.py")
    if info.word2idx:
        start = _START.format(script=script, argument=" 一句话", model=model, numpy="")
        return (
            start.rstrip("\n")
            + "\n"
            + _WORDS.format(
                first=repr(next(iter(info.word2idx))),
                # The original client takes a text, and parts it into characters.
                data='"".join(words)' if all(len(word) == 1 for word in info.word2idx) else "words",
            )
        )
    start = _START.format(script=script, argument=_ARGUMENTS[info.dataset_type], model=model, numpy=_NUMPY)
    return start + _DATA[info.dataset_type].format(shape=info.input_size, width=info.input_size[-1]) + _END
