"""How a command ends when something is wrong: the error's own text on stderr and an exit code, no traceback."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from BaseDT.errors import XEduError
from BaseDT.language import say

FAILED = 1
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

_NAMES = (
    "epochs|lr|weight_decay|batch_size|optimizer|save_fold|checkpoint|device|devices|precision|image_size|random_seed"
    "|early_stop|max_keep_ckpts"
)
# Hints speak Python; ``mmedu train`` names the option that does the same.
_OPTIONS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r'load_dataset\(path, check="skip"\)', "--skip-damaged"),
    (r"MMClassification\('([^']+)'\)", r"--backbone \1"),
    (r"\b(resume|distributed|pretrained)=True\b", r"--\1"),
    (rf"\b({_NAMES})=(?=\S)", lambda found: f"--{found[1].replace('_', '-')} "),
    (rf"\b({_NAMES})=", lambda found: f"--{found[1].replace('_', '-')}"),
    (r"\bsave_fold\b", "--save-fold"),
    (r"(?<!-)\bpretrained\b", "--pretrained"),
)


class Commands(TyperGroup):
    """The group of all commands. A mistake that has a name ends a command with its text."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except XEduError as error:
            _show(error, _text(error, in_python=ctx.invoked_subcommand != "train"))
            raise typer.Exit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED) from error
        except KeyboardInterrupt as error:
            _show(error, say("Stopped.", "已停止。"))
            raise typer.Exit(INTERRUPTED) from error


def _show(error: BaseException, text: str) -> None:
    if os.environ.get("MMEDU_TRACEBACK", "") not in ("", "0"):
        text = "".join(traceback.format_exception(error)).rstrip()
    typer.echo(text, err=True)


def _text(error: XEduError, *, in_python: bool) -> str:
    if in_python or not error.hint:
        return str(error)
    return f"Error Code: {error.code}. {error.message}\n{in_options(error.hint)}"


def in_options(text: str) -> str:
    """Say a sentence with the command line's options instead of Python's arguments."""
    for pattern, option in _OPTIONS:
        text = re.sub(pattern, option, text)
    return text
