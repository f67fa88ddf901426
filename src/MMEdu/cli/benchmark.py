"""``mmedu benchmark``: what exported models cost on this machine. What it does lives in ``XEdu.benchmark``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.cli.output import AsJson


def benchmark(
    models: Annotated[list[Path], typer.Argument(help="Exported models.")],
    images: Annotated[
        Path | None, typer.Option(help="Pictures; class folders or an ImageNet-style or COCO set give the accuracy.")
    ] = None,
    threads: Annotated[str, typer.Option(help="E.g. 1,2; one and all cores by default.")] = "",
    seconds: Annotated[float, typer.Option(help="How long each timing lasts.")] = 3.0,
    out: Annotated[
        list[Path] | None, typer.Option(help="Also write the report to this file, .md or .json; may come twice.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure accuracy, speed, memory of exported models (模型测速)."""
    from XEdu.benchmark import as_json as json_of
    from XEdu.benchmark import as_markdown, run, writing

    def told(line: str) -> None:
        typer.echo(line, err=True)

    places = out or []
    writing.check(places, models)
    report = run(models, images=images, threads=_counts(threads), seconds=seconds, tell=told)
    typer.echo(json_of(report) if as_json else as_markdown(report), nl=False)
    writing.write(report, places)
    if any(row.error for row in report.rows):
        raise typer.Exit(1)


def _counts(text: str) -> list[int]:
    """Read ``1,2``."""
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        hint = say("Expected whole numbers, such as 1,2.", "应为整数，例如 1,2。")
        raise ParameterInvalid(f"--threads is {text!r}.", hint=hint) from error
