"""The command line: ``mmedu …``. One thin file per command; what they do lives in the library.

Nothing heavy is imported here, so that ``mmedu --help`` answers at once and works without torch.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.benchmark import benchmark
from MMEdu.cli.camera import camera
from MMEdu.cli.check import check
from MMEdu.cli.chinese import Command
from MMEdu.cli.class_ import class_
from MMEdu.cli.convert import convert
from MMEdu.cli.demo import demo
from MMEdu.cli.doctor import doctor
from MMEdu.cli.errors import INTERRUPTED, Commands, at_exit_no_more_ctrl_c
from MMEdu.cli.evaluate import evaluate
from MMEdu.cli.infer import infer
from MMEdu.cli.info import info
from MMEdu.cli.map import map_
from MMEdu.cli.ml import ml
from MMEdu.cli.models import models
from MMEdu.cli.nn import nn
from MMEdu.cli.options import option
from MMEdu.cli.output import echo
from MMEdu.cli.quantize import quantize
from MMEdu.cli.serve import serve
from MMEdu.cli.studio import PAGES, page_command, studio
from MMEdu.cli.train import train
from MMEdu.cli.weights import weights

__all__ = ["app", "main"]

app = typer.Typer(
    cls=Commands,
    help="Train models for pictures, convert them, run them anywhere (图像模型：训练、转换、部署).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # brackets in a path are no markup
)
for command in (demo, train, infer, convert, quantize, camera, serve, benchmark, check, info, models, doctor, studio):
    app.command(cls=Command)(command)
app.command("map", cls=Command)(map_)
app.command("eval", cls=Command)(evaluate)
app.command("class", cls=Command)(class_)
app.add_typer(weights, name="weights")
app.add_typer(nn, name="nn")
app.add_typer(ml, name="ml")
for name, page in PAGES.items():
    app.command(name, cls=Command)(page_command(page))


def _version(requested: bool) -> None:
    if requested:
        from MMEdu import __version__

        echo(f"mmedu {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, option("Show the version.", "显示版本号。", "--version", callback=_version, is_eager=True)
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run a command of the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a path that the console cannot show is no reason to fail
    try:
        app(prog_name="mmedu")
    except KeyboardInterrupt:  # one too many, while the first was being answered
        echo(say("Stopped.", "已停止。"), err=True)
        raise SystemExit(INTERRUPTED) from None
    finally:
        at_exit_no_more_ctrl_c()
