"""Options and arguments of commands, with help in the user's language. No command lives here.

Annotations are text until typer builds a command, which it does anew for each call: the language is read then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from BaseDT.language import say
from MMEdu.actions.arguments import task_name


def option(en: str, zh: str, *flags: str, **rules: Any) -> Any:
    """Describe an option.

    Args:
        en: What it does, in English.
        zh: The same in Chinese.
        *flags: Its spellings; by default that of the parameter.
        **rules: What ``typer.Option`` takes.
    """
    return typer.Option(*flags, help=say(en, zh), **rules)


def positional(en: str, zh: str, **rules: Any) -> Any:
    """Describe an argument that has no name on the command line; as ``option``."""
    return typer.Argument(help=say(en, zh), **rules)


def json_option() -> Any:
    """Describe ``--json``."""
    return option("One JSON object on stdout, for programs.", "在标准输出上给出一个 JSON 对象，供程序使用。", "--json")


def device_option() -> Any:
    """Describe ``--device``."""
    return option("cpu, cuda, cuda:N, mps or auto.", "计算设备：cpu、cuda、cuda:N、mps 或 auto。")


def classes_option(*flags: str) -> Any:
    """Describe ``--classes``."""
    return option(
        "What the classes are called: a classes.txt, or a data set's folder.",
        "类别名称：classes.txt 文件，或数据集文件夹。",
        *flags,
    )


def with_task_values(en: str, zh: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Add to a help, in both languages, what each task takes by default.

    Args:
        en: The help in English.
        zh: The same in Chinese.
        values: Defaults by the tasks' names.
    """
    english = ", ".join(f"{task_name(task)[0]} {value}" for task, value in values.items())
    chinese = "，".join(f"{task_name(task)[1]} {value}" for task, value in values.items())
    return f"{en.rstrip('.')}: {english}.", f"{zh.rstrip('。')}：{chinese}。"


def threshold_option() -> Any:
    """Describe ``--thr``."""
    return option(
        "Least score of a box (0.3, or 0.7 in two-stage models), or of a class: a lower one is none of these; 'auto' "
        "is what the validation suggests.",
        "检测框的最低得分（默认 0.3，两阶段模型为 0.7），或类别的最低得分：低于它则回答“都不是”；'auto' 为验证结果建议"
        "的得分。",
        metavar="FLOAT|auto",
    )


def threshold_value(text: str | None) -> float | str | None:
    """Return what ``--thr`` means: a number where it is one. What is neither is refused where it is used."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
