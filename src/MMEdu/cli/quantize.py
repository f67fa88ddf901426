"""``mmedu quantize``: an INT8 model of a checkpoint or of an ONNX file, measured before and after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from MMEdu.cli.checkpoints import examples_for, predictor_of
from MMEdu.cli.output import AsJson, lines_on_stderr, print_json

if TYPE_CHECKING:
    from MMEdu.export.measure import Measured


def quantize(
    model: Annotated[Path, typer.Argument(help="A .pth file, or an .onnx file that convert wrote.")],
    data: Annotated[Path, typer.Option(help="The data set to find ranges with and to measure with.")],
    out_file: Annotated[Path | None, typer.Option(help="The file to write; <name>_int8.onnx by default.")] = None,
    max_drop: Annotated[float, typer.Option(help="Points of top-1 that it may cost.")] = 1.0,
    full_range: Annotated[
        bool, typer.Option("--full-range", help="Weights of 8 bits: for Arm, and for PCs with VNNI.")
    ] = False,
    calibration: Annotated[str, typer.Option(help="minmax, entropy or percentile.")] = "minmax",
    images: Annotated[int, typer.Option(help="Training pictures that find the ranges.")] = 100,
    classes: Annotated[
        Path | None, typer.Option(help="What the classes of a .pth are called: a classes.txt, or a data set's folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a model of a quarter of the size (模型量化)."""
    from MMEdu.engine.listeners.console import console
    from MMEdu.requirements import require_train

    with lines_on_stderr(as_json):
        require_train()
        from MMEdu.export import int8
        from MMEdu.export.quantize import QuantizeOptions

        options = QuantizeOptions(max_drop, not full_range, calibration, images)  # type: ignore[arg-type]
        target = int8.place(model, out_file)
        int8.check_names(model, classes)
        result = int8.quantize(
            model, lambda: predictor_of(model, classes), target, examples_for(model, data), options, console()
        )
    if as_json:
        print_json(
            {
                "model": str(target.files[0]),
                "fp32": _figures(result.before),
                "int8": _figures(result.after),
                "left_in_float": list(result.in_float),
            }
        )


def _figures(measured: Measured) -> dict[str, object]:
    return {
        "size": measured.size,
        **dict(measured.quality),
        "images_per_second": measured.speed,
        "images": measured.count,
    }
