"""``mmedu ml``: classic machine learning on a table: train, answer, convert, tell of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from BaseDT.language import say
from BaseDT.terminal import table
from MMEdu.cli.chinese import Command, Group, command_of
from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import display_path, echo, lines_on_stderr, print_json

_Command = command_of("ml")


class TableGroup(Group):
    """Commands on tables and models: who forgets the command is told which one takes the file."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first word names."""
        suffix = Path(args[0]).suffix.lower()
        if suffix and args[0] not in self.commands:
            name = "infer" if suffix in (".pkl", ".pth", ".onnx") else "train"
            command = f"{ctx.command_path} {name} {args[0]}"
            ctx.fail(say(f"a command is missing: {command}", f"缺少命令：{command}"))
        return super().resolve_command(ctx, args)


class _TakesLabels(command_of("ml")):  # type: ignore[misc]  # a class that is made
    """A command that has a column of labels, whatever it is called elsewhere."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read the arguments."""
        for word in args:
            if word.partition("=")[0] in ("--label", "--labels", "--target", "--y", "--column"):
                known = "--y-column"
                ctx.fail(
                    say(f"No such option: {word} Did you mean {known}?", f"没有选项 {word}。你是不是想写 {known}？")
                )
        return super().parse_args(ctx, args)


def takes_rows(base: type[Command]) -> type[Command]:
    """Return a class of commands that show how a row is written down where numbers stand in its place."""

    class TakesRows(base):  # type: ignore[valid-type,misc]  # a class that depends on another
        def parse_args(self, ctx: Any, args: list[str]) -> Any:
            """Read the arguments."""
            row = _numbers_at_the_end(args)
            if row:
                ctx.fail(say(f"write the numbers as one row: --row {row}", f"请把数字写成一行：--row {row}"))
            return super().parse_args(ctx, args)

    return TakesRows


def _numbers_at_the_end(args: list[str]) -> str:
    """Return the numbers behind a file, parted by commas; empty where there are none."""
    if any(word.startswith("--") for word in args):
        return ""
    numbers = [word.strip(",") for word in args[1:]]
    are = [part.lstrip("-").replace(".", "", 1).isdigit() for word in numbers for part in word.split(",")]
    return ",".join(numbers) if are and all(are) and not Path(numbers[0]).exists() else ""


ml = typer.Typer(
    cls=TableGroup,
    help="Classic machine learning on tables (经典机器学习).",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@ml.command("train", cls=_TakesLabels)
def train(
    data: Annotated[Path, positional("A table: CSV, with names of columns or without.", "表格（CSV），可带列名。")],
    algorithm: Annotated[
        str | None,
        option(
            "Its name (mmedu ml list); by default one that suits the last column.",
            "算法名称（见 mmedu ml list）；默认根据最后一列选择。",
        ),
    ] = None,
    family: Annotated[
        str | None,
        option(
            "classification, regression, cluster or reduction; by default as the data have it.",
            "任务：classification、regression、cluster 或 reduction；默认根据数据判断。",
        ),
    ] = None,
    x_column: Annotated[
        str | None,
        option(
            "Columns to learn from, by number from 0 or by name: 0,1,2; all others by default.",
            "用哪些列学习：从 0 开始的编号或列名，如 0,1,2；默认为其余各列。",
        ),
    ] = None,
    y_column: Annotated[
        str | None, option("The column that is told; the last by default.", "要预测的列；默认为最后一列。")
    ] = None,
    para: Annotated[
        list[str] | None,
        option(
            "A parameter of scikit-learn, e.g. max_depth=3; may come several times.",
            "scikit-learn 参数，如 max_depth=3；可多次使用。",
        ),
    ] = None,
    scale: Annotated[bool, option("Bring columns to one scale first.", "先把各列缩放到同一范围。", "--scale")] = False,
    out: Annotated[Path, option("The model to write.", "输出的模型文件。")] = Path("checkpoint.pkl"),
    plot: Annotated[
        Path | None, option("Draw what it learned into this file.", "把学到的内容画成图片，写入该文件。")
    ] = None,
    metricplot: Annotated[
        Path | None, option("Draw how good it is into this file.", "把效果画成图片，写入该文件。")
    ] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Train on a table and see how good it is (用表格训练)."""
    from MMEdu.actions import classic_learning as action
    from MMEdu.actions.written_values import named_values

    told = next(iter(_columns(y_column) or ()), None)
    asked = action.TableTraining(
        data,
        algorithm,
        _family(family),
        _columns(x_column),
        told,
        named_values(para or ()),
        scale,
        out,
        plot,
        metricplot,
    )
    with lines_on_stderr(as_json):
        trained = action.train(asked)
    if as_json:
        print_json(trained)
        return
    echo(_sentence(trained))
    for file in (trained["model"], *trained["pictures"]):
        echo(f"  {display_path(Path(file))}")


def _columns(text: str | None) -> Any:
    from MMEdu.actions.written_values import columns_of

    return None if text is None else columns_of(text)


def _family(name: str | None) -> Any:
    from MMEdu.actions.classic_learning import FAMILIES

    if name is None or name in FAMILIES:
        return name
    text = say(f"{name!r} is not one of {', '.join(FAMILIES)}.", f"{name!r} 不是 {'、'.join(FAMILIES)} 之一。")
    raise typer.BadParameter(text, param_hint="'--family'")


def _sentence(trained: dict[str, Any]) -> str:
    name, columns, rows = trained["algorithm"], len(trained["columns"]), trained["rows"]
    en, zh = f"{name} learned from {rows} rows and {columns} columns", f"{name} 用 {rows} 行、{columns} 列数据训练完成"
    if trained["score"] is None:
        return say(f"{en}.", f"{zh}。")
    held_out = trained["held_out"]
    if trained["metric"] == "r2":
        return say(
            f"{en}. R² on {held_out} rows that it never saw: {trained['score']:.3f}.",
            f"{zh}。在没有学过的 {held_out} 行数据上 R² 为 {trained['score']:.3f}。",
        )
    share = f"{100 * trained['score']:.1f} %"
    return say(
        f"{en}. Of {held_out} rows that it never saw {share} are right.",
        f"{zh}。在没有学过的 {held_out} 行数据上正确率为 {share}。",
    )


@ml.command("infer", cls=takes_rows(_Command))
def infer(
    model: Annotated[
        Path, positional("A .pkl file, or the .onnx that was made of it.", "模型文件（.pkl），或由它转换得到的 .onnx。")
    ],
    data: Annotated[Path | None, positional("A table of rows to answer for.", "要预测的表格。")] = None,
    row: Annotated[
        list[str] | None,
        option(
            "A row of numbers in place of a table: 5.1,3.5,1.4,0.2; may come several times.",
            "直接给出一行数据：5.1,3.5,1.4,0.2；可多次使用。",
        ),
    ] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Answer for rows of numbers (用模型推理)."""
    from MMEdu.actions import classic_learning as action

    with lines_on_stderr(as_json):
        found = action.answers(model, rows_or_table(data, row))
    if as_json:
        print_json({"results": found})
        return
    for number, answer in enumerate(found, 1):
        echo(f"{number}: {answer}")


def rows_or_table(data: Path | None, row: list[str] | None) -> Any:
    """Return what a command is to answer for: a table, or rows that were written down."""
    from MMEdu.actions.written_values import rows_of

    if (data is None) == (not row):
        raise typer.BadParameter(say("give a file, or --row, not both.", "请给出文件，或使用 --row，二者选一。"))
    return rows_of(row or ()) if data is None else data


@ml.command("convert", cls=_Command)
def convert(
    model: Annotated[Path, positional("A .pkl file.", "模型文件（.pkl）。")],
    out_file: Annotated[Path, positional("The file to write.", "输出文件。")] = Path("convert_model.onnx"),
    opset_version: Annotated[int, option("Version of ONNX' operators.", "ONNX 算子版本。")] = 10,
    ir_version: Annotated[int, option("Version of ONNX' file format.", "ONNX 文件格式版本。")] = 6,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Convert a model: it then runs without scikit-learn (模型转换)."""
    from MMEdu.actions import classic_learning as action

    with lines_on_stderr(as_json):
        file = action.convert(model, out_file, opset_version, ir_version)
    if as_json:
        print_json({"model": str(file)})
    else:
        echo(say(f"Written: {display_path(file)}", f"已写入：{display_path(file)}"))


@ml.command("info", cls=_Command)
def info(
    model: Annotated[Path, positional("A .pkl file.", "模型文件（.pkl）。")],
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Show what a model's file says of itself (查看模型文件的信息)."""
    from MMEdu.actions import classic_learning as action

    known = action.info(model)
    if as_json:
        print_json(known)
        return
    for name, value in known.items():
        echo(f"{name}: {value}")


@ml.command("list", cls=_Command)
def list_(as_json: Annotated[bool, json_option()] = False) -> None:
    """List the algorithms (列出算法)."""
    from MMEdu.actions import classic_learning as action

    rows = action.listed()
    if as_json:
        print_json({"algorithms": rows})
        return
    lines: list[tuple[str | int, ...]] = [
        (say("family", "任务"), say("algorithm", "算法"), say("what it does", "做什么"))
    ]
    lines += [(say(*action.FAMILY_WORDS[row["family"]]), row["algorithm"], row["shows"]) for row in rows]
    for line in table(lines):
        echo(line)
