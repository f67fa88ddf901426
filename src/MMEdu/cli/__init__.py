"""The command line: ``mmedu …``. One thin file per command; what they do lives in the library.

Nothing heavy is imported here, so that ``mmedu --help`` answers at once and works without torch.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from BaseDT.errors import TrainingInterrupted, XEduError
from MMEdu.cli.check import check
from MMEdu.cli.demo import demo
from MMEdu.cli.doctor import doctor
from MMEdu.cli.infer import infer
from MMEdu.cli.info import info
from MMEdu.cli.models import models
from MMEdu.cli.train import train

__all__ = ["app", "main"]

app = typer.Typer(
    help="Train an image classifier, look at how it learns, predict. (图像分类：训练、观察、推理)",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (demo, train, infer, check, info, models, doctor):
    app.command()(command)


def _version(wanted: bool) -> None:
    if wanted:
        from MMEdu import __version__

        typer.echo(f"mmedu {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run a command; a mistake that has a name ends it with its text on stderr and status 1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a path that the console cannot show is no reason to fail
    try:
        app()
    except XEduError as error:
        if os.environ.get("MMEDU_TRACEBACK", "") not in ("", "0"):
            raise
        typer.echo(str(error), err=True)
        sys.exit(130 if isinstance(error, TrainingInterrupted) else 1)
