"""The help of the commands in Chinese; in English it is the commands' docstrings. Only the command line reads this."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand, TyperGroup

from BaseDT.language import is_chinese

HELP = {
    "": "图像分类、目标检测、分割、关键点：训练、转换、部署。",
    "demo": "用自带的真实数据训练模型，看看结果（演示）。",
    "train": "训练图像分类、目标检测、分割或关键点模型。",
    "infer": "用训练好的模型推理图片。",
    "convert": "把训练好的模型转换为其他设备可用的格式。",
    "quantize": "把模型量化为 INT8，大小约为原来的四分之一。\n\n它的精度会用数据集测量；降低过多的模型不会写入。",
    "camera": "对摄像头画面实时推理；按 Ctrl-C 结束。",
    "serve": "把转换后的模型作为 HTTP 服务提供；按 Ctrl-C 结束。",
    "benchmark": "测量转换后模型的准确率、速度和内存占用。",
    "check": "检查数据集：文件夹结构、标注、图片。",
    "info": "查看权重文件或模型文件的信息。",
    "models": "列出可用的模型。",
    "doctor": "检查运行环境：指出问题和解决办法。",
    "eval": "评估模型：在已标注的图片上看它到底有多好。",
    "map": "画出模型眼中的图片（特征图）。\n\n模型认为相像的图片彼此靠近。",
    "weights": "预训练权重：列出、获取、查看位置、校验。",
    "studio": "在浏览器里完成一切：教、训练、试用、转换、服务；数据不离开这台电脑。",
    "class": "课堂服务器：分发、收集、用隐藏测试集评分，只在局域网内。",
    "nn": "自己搭建神经网络：训练、推理、转换。",
    "nn train": "逐层搭建网络并训练。",
    "nn infer": "用训练好的网络推理。",
    "nn convert": "把网络转换成不需要 torch 就能运行的文件。",
    "nn info": "查看网络文件的信息。",
    "nn list": "列出可用的层。",
    "ml": "经典机器学习：用表格训练、推理、转换。",
    "ml train": "用表格训练模型，并检验效果。",
    "ml infer": "用训练好的模型推理。",
    "ml convert": "把模型转换成不需要 scikit-learn 就能运行的文件。",
    "ml info": "查看模型文件的信息。",
    "ml list": "列出可用的算法。",
    "easytrain": "打开浏览器工具的训练页面。",
    "easyinference": "打开浏览器工具的推理页面。",
    "easyconvert": "打开浏览器工具的转换页面。",
    "easyapi": "打开浏览器工具的服务页面。",
    "list": "列出 pretrained= 可用的权重，以及哪些已在本机。",
    "get": "在上课前下载权重；已有的文件不会重新下载。",
    "path": "显示某个模型的权重文件的位置；尚未下载时退出码为 1。",
    "verify": "用 SHA-256 校验本机的权重文件；有损坏时退出码为 1。",
}
"""By the name of a command, behind its group's where two groups share it; that of the program itself is empty."""

_WORDS = (
    (r"(?m)^Usage: ", "用法："),
    (r"(?m)^Options:$", "选项："),
    (r"(?m)^Arguments:$", "参数："),
    (r"(?m)^Commands:$", "命令："),
    (r"Show this message and exit\.", "显示此帮助并退出。"),
    (r"\[required\]", "[必填]"),
    (r"\[default:\s*", "[默认："),
)
_USAGE = (
    (r"^Missing (?:argument|option|parameter) (.*)\.$", r"缺少参数 \1。"),
    (
        r"^No such option:? (\S+?)\.?(?: \(Possible options: (.*)\)| Did you mean (.*)\?)$",
        r"没有选项 \1。你是不是想写 \2\3？",
    ),
    (r"^No such option:? (\S+?)\.?$", r"没有选项 \1。"),
    (r"^No such command (.*?)\. Did you mean (.*)\?$", r"没有命令 \1。你是不是想写 \2？"),
    (r"^No such command (.*?)\.?$", r"没有命令 \1。"),
    (r"^Got unexpected extra argument(?:s|\(s\))? \((.*)\)\.?$", r"多余的参数：\1。"),
    (r"^Option (.*) requires an argument\.$", r"选项 \1 需要一个值。"),
    (r"^Invalid value for (.*?): (.*) is not a valid (\w+)\.$", r"\1 的值无效：\2 不是有效的 \3。"),
    (r"^Invalid value for (.*?): (.*) is not in the range (.*)\.$", r"\1 的值无效：\2 不在 \3 范围内。"),
    (r"^Invalid value for (.*?): (.*) is not one of (.*)\.$", r"\1 的值无效：\2 不是 \3 之一。"),
    (r"^Invalid value for (.*?): Input should be a valid integer.*$", r"\1 的值无效：应为整数。"),
    (r"^Invalid value for (.*?): Input should be a valid number.*$", r"\1 的值无效：应为数字。"),
    (r"^Invalid value for (.*?): (.*)$", r"\1 的值无效：\2"),
    (r"^Invalid value: (.*)$", r"\1"),
)


def usage_error(text: str) -> str:
    """Return in Chinese what the library says of a command line; its own words where the sentence is another one."""
    for pattern, chinese in _USAGE:
        if re.search(pattern, text):
            return re.sub(pattern, lambda match, chinese=chinese: match.expand(chinese), text)  # type: ignore[misc]
    return text


def help_of(name: str | None, docstring: str | None) -> str | None:
    """Return the help of a command in the user's language."""
    return HELP.get(name or "", docstring) if is_chinese() else docstring


def in_the_users_language(text: str) -> str:
    """Return a whole page of help with the headings of the library in the user's language."""
    if is_chinese():
        for pattern, chinese in _WORDS:
            text = re.sub(pattern, chinese, text)
    return text


class Command(TyperCommand):
    """A command whose help is in the user's language."""

    def __init__(self, name: str | None, *, help: str | None = None, **rest: Any) -> None:
        super().__init__(name, help=self.own_help(name, help), **rest)

    def own_help(self, name: str | None, docstring: str | None) -> str | None:
        """Return its help."""
        return help_of(name, docstring)

    def get_help(self, ctx: Any) -> str:
        """Return the page that ``--help`` shows."""
        return in_the_users_language(super().get_help(ctx))


def command_of(group: str) -> type[Command]:
    """Return the class of a group's commands, whose names other groups have, too."""

    class OfGroup(Command):
        def own_help(self, name: str | None, docstring: str | None) -> str | None:
            return help_of(f"{group} {name}", docstring)

    return OfGroup


class Group(TyperGroup):
    """Several commands whose help is in the user's language."""

    def __init__(self, *, name: str | None = None, help: str | None = None, **rest: Any) -> None:
        super().__init__(name=name, help=help_of(name, help), **rest)

    def get_help(self, ctx: Any) -> str:
        """Return the page that ``--help`` shows."""
        return in_the_users_language(super().get_help(ctx))
