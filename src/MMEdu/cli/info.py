"""``mmedu info``: what a checkpoint says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from MMEdu.cli.output import AsJson, print_json


def info(checkpoint: Annotated[Path, typer.Argument(help="A .pth file.")], as_json: AsJson = False) -> None:
    """Show what a checkpoint says of itself (查看权重文件的信息)."""
    from MMEdu.info import pth_info, read_meta

    if as_json:
        print_json(read_meta(checkpoint))
    else:
        pth_info(checkpoint)
