"""``mmedu benchmark``: what exported models cost on this machine. What it does lives in ``XEdu.benchmark``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say


def benchmark(
    models: Annotated[list[Path], typer.Argument(help="Exported models.")],
    images: Annotated[
        Path | None, typer.Option(help="Pictures; class folders or an ImageNet-style set give the accuracy, too.")
    ] = None,
    threads: Annotated[str, typer.Option(help="E.g. 1,2; one and all cores by default.")] = "",
    seconds: Annotated[float, typer.Option(help="How long each timing lasts.")] = 3.0,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the tables to this file.")] = None,
) -> None:
    """Measure size, accuracy, speed and memory of exported models (模型测速)."""
    from BaseDT.files import write_whole
    from XEdu.benchmark import as_json as json_of
    from XEdu.benchmark import as_markdown, run

    def told(line: str) -> None:
        typer.echo(line, err=True)

    report = run(models, images=images, threads=_counts(threads), seconds=seconds, tell=told)
    text = as_markdown(report)
    typer.echo(text, nl=False)
    if as_json is not None:
        write_whole(as_json, json_of(report).encode("utf-8"))
    if markdown is not None:
        write_whole(markdown, text.encode("utf-8"))
    if any(row.error for row in report.rows):
        raise typer.Exit(1)


def _counts(text: str) -> list[int]:
    """Read ``1,2``."""
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        hint = say("Expected whole numbers, such as 1,2.", "应为整数，例如 1,2。")
        raise ParameterInvalid(f"--threads is {text!r}.", hint=hint) from error
