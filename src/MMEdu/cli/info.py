"""``mmedu info``: what a checkpoint or an exported model says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from MMEdu.cli.options import json_option, positional
from MMEdu.cli.output import print_json


def info(
    model: Annotated[Path, positional("A .pth file, or an exported model.", "权重文件（.pth），或转换后的模型。")],
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Show what a model's file says of itself (查看权重或模型文件的信息)."""
    from MMEdu.actions import info as action

    if as_json:
        print_json(action.info(model))
    else:
        action.print_info(model)
