"""``mmedu demo``: real handwritten digits, trained, tested, drawn."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Which(str, Enum):
    """The demos there are."""

    cls = "cls"


def demo(
    which: Annotated[Which, typer.Argument(help="cls: classify handwritten digits.")] = Which.cls,
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("mmedu_demo"),
) -> None:
    """Train LeNet on real handwritten digits and look at the result. (手写数字演示)"""
    del which  # one so far
    from MMEdu.demo import run_digits

    if not run_digits(out):
        raise typer.Exit(1)
