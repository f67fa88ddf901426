"""How a command ends when something is wrong: the error's own text on stderr and an exit code, no traceback."""

from __future__ import annotations

import os
import re
import signal
import traceback
from typing import Any

import typer

from BaseDT.errors import XEduError
from BaseDT.language import is_chinese, say
from MMEdu.cli.chinese import Group, usage_error
from MMEdu.cli.output import echo

FAILED = 1
MISUSED = 2
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

# What Python calls otherwise than the command line does, by the command's own parameter.
_ALIASES = {
    "classes": ("class_path",),
    "data": ("dataset_path",),
    "thr": ("rcnn_threshold", "threshold"),
    "provider": ("providers",),
    "frozen_stages": ("Frozen_stages",),
    "out": ("save_fold",),
}
# What no name can tell: a call, or a value with the meaning of an option; the parameter it needs, none for all.
_PHRASES: tuple[tuple[str | None, str, str], ...] = (
    ("skip_damaged", r'load_dataset\(path, check="skip"\)', "--skip-damaged"),
    ("backbone", r"MM[A-Z]\w+\('([^']+)'\)", r"--backbone \1"),
    ("full_range", r"\breduce_range=False\b", "--full-range"),
    ("classes", r"class_path='classes\.txt'(?:, or |，命令行用 )(--classes classes\.txt)(?: of a command)?", r"\1"),
    (None, r"\bmodel\.convert\(checkpoint='…', out_file='model\.onnx'\)", "mmedu convert model.pth model.onnx"),
    (None, r"\bconvert\(\)", "mmedu convert"),
)
# In a sentence these are names of parameters and no words.
_PLAIN = ("pretrained", "providers")

# Newer typers bring click within them: the class is theirs, or click's.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]


class Commands(Group):
    """The group of all commands. A mistake that has a name ends a command with its text."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except _UsageError as error:
            if not is_chinese():
                raise
            _show_usage(error, ctx)
            raise typer.Exit(MISUSED) from error
        except XEduError as error:
            _show(error, _text(error, self.get_command(ctx, ctx.invoked_subcommand or "")))
            raise typer.Exit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED) from error
        except KeyboardInterrupt as error:
            _show(error, say("Stopped.", "已停止。"))
            raise typer.Exit(INTERRUPTED) from error


def _show_usage(error: Any, ctx: Any) -> None:
    """Say what is wrong with a command line, and where its help is; in English typer says it itself."""
    where = error.ctx or ctx
    usage = where.get_usage().replace("Usage: ", "用法：")
    _show(error, f"{usage}\n查看帮助：{where.command_path} --help\n\n{usage_error(error.format_message())}")


def at_exit_no_more_ctrl_c() -> None:
    """Let the program, which is over, take its modules down in peace: Ctrl-C would end there in a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _show(error: BaseException, text: str) -> None:
    if os.environ.get("MMEDU_TRACEBACK", "") not in ("", "0"):
        text = "".join(traceback.format_exception(error)).rstrip()
    echo(text, err=True)


def _text(error: XEduError, command: Any) -> str:
    if command is None or not error.hint:
        return str(error)
    return f"Error Code: {error.code}. {error.message}\n{in_options(error.hint, command)}"


def in_options(hint: str, command: Any) -> str:
    """Say a hint, which speaks Python, with the options of a command.

    Args:
        hint: Some sentences.
        command: Of the command line; a group of commands stands for all of them.
    """
    options = {option.name: option for option in _options(command)}
    for needed, pattern, phrase in _PHRASES:
        if needed is None or needed in options:
            hint = re.sub(pattern, phrase, hint)
    for name, option in options.items():
        for spelling in (name, *_ALIASES.get(name, ())):
            hint = _renamed(hint, spelling, option)
    return re.sub(r"(--[a-z-]+ \w+)( or | 或 )'(\w+)'", r"\1\2\3", hint)


def _options(command: Any) -> list[Any]:
    inner = getattr(command, "commands", {"": command}).values()
    options = [parameter for each in inner for parameter in each.params if parameter.param_type_name == "option"]
    return [each for each in options if each.name != "help"]


def _renamed(hint: str, name: str, option: Any) -> str:
    """Put an option where a hint names a parameter: with a value, without, or, where that is no word, alone."""
    spelling = max(option.opts, key=len)
    if option.is_flag:
        hint = re.sub(rf"\b{name}=True\b", spelling, hint)
        if option.secondary_opts:
            hint = re.sub(rf"\b{name}=False\b", max(option.secondary_opts, key=len), hint)
    else:
        hint = re.sub(rf"\b{name}=(['\"])([^'\"\s]+)\1", rf"{spelling} \2", hint)
        hint = re.sub(rf"\b{name}=(?=[^\s.。，,])", f"{spelling} ", hint)
        hint = re.sub(rf"\b{name}=", spelling, hint)
    alone = "" if "_" in name or name in _PLAIN else "(?<=[\u4e00-\u9fff，、] )"  # a Latin word in a Chinese sentence
    return re.sub(rf"{alone}(?<![-\w/\\.]){name}(?![-\w/\\=]|\.\w)", spelling, hint)
