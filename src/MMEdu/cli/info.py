"""``mmedu info``: what a checkpoint or an exported model says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from MMEdu.cli.output import AsJson, print_json


def info(
    model: Annotated[Path, typer.Argument(help="A .pth file, or an exported model.")], as_json: AsJson = False
) -> None:
    """Show what a model's file says of itself (查看权重或模型文件的信息)."""
    from MMEdu.info import pth_info, read

    if as_json:
        print_json(read(model))
    else:
        pth_info(model)
