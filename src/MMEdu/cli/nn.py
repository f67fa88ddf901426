"""``mmedu nn``: networks laid layer by layer: train, answer, convert, tell of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from BaseDT.language import say
from BaseDT.terminal import table
from MMEdu.cli.chinese import command_of
from MMEdu.cli.ml import TableGroup, rows_or_table, takes_rows
from MMEdu.cli.options import device_option, json_option, option, positional
from MMEdu.cli.output import display_path, echo, lines_on_stderr, print_json

nn = typer.Typer(
    cls=TableGroup,
    help="Networks of your own, layer by layer (逐层搭建神经网络).",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Command = command_of("nn")


@nn.command("train", cls=_Command)
def train(
    data: Annotated[
        Path,
        positional(
            "A table (the last column is told), a folder of class folders, or a .npz file.",
            "表格（最后一列为标签）、按类别分文件夹的图片，或 .npz 文件。",
        ),
    ],
    layer: Annotated[
        list[str] | None,
        option(
            "A layer, e.g. 'linear size=10 relu' (mmedu nn list); once for each. Without any: what suits the data.",
            "一层，如 'linear size=10 relu'（见 mmedu nn list）；按顺序逐层给出。不写则根据数据搭建。",
            "--layer",
            "-l",
        ),
    ] = None,
    task: Annotated[
        str,
        option(
            "cls (classes) or reg (numbers); by default as the last column has it.",
            "cls（分类）或 reg（数值）；默认根据最后一列判断。",
        ),
    ] = "",
    epochs: Annotated[int, option("How often it sees all of the data.", "所有数据学习多少轮。", min=1)] = 100,
    lr: Annotated[float, option("Learning rate.", "学习率。")] = 0.01,
    batch_size: Annotated[int, option("Samples of a step.", "每一步的样本数。", min=1)] = 32,
    optimizer: Annotated[str, option("Adam, SGD, Adagrad or ASGD.", "优化器：Adam、SGD、Adagrad 或 ASGD。")] = "Adam",
    loss: Annotated[
        str | None,
        option(
            "Its name in torch.nn; by default one that suits the task.", "损失函数名称（torch.nn）；默认根据任务选择。"
        ),
    ] = None,
    train_val_ratio: Annotated[
        float, option("The share that it learns from; by the rest it is judged.", "用于学习的比例，其余用于验证。")
    ] = 0.8,
    seed: Annotated[int | None, option("Makes chance the same each time.", "随机种子：相同则结果相同。")] = None,
    color: Annotated[str, option("Of pictures: RGB or grayscale.", "图片颜色：RGB 或 grayscale。")] = "",
    side: Annotated[int, option("Of pictures: the side in pixels.", "图片边长（像素）。")] = 0,
    save_fold: Annotated[Path, option("Where everything is written.", "输出文件夹。")] = Path("checkpoints"),
    checkpoint: Annotated[Path | None, option("Weights to begin with.", "从该权重开始训练。")] = None,
    resume: Annotated[bool, option("Go on with the interrupted run.", "继续中断的训练。", "--resume")] = False,
    device: Annotated[str, device_option()] = "auto",
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Lay a network and train it (搭建并训练网络)."""
    from MMEdu.actions import own_networks as action

    if task not in ("", *action.TASKS):
        text = say(f"{task!r} is neither cls nor reg.", f"{task!r} 不是 cls 或 reg。")
        raise typer.BadParameter(text, param_hint="'--task'")
    training = {"lr": lr, "epochs": epochs, "loss": loss, "checkpoint": checkpoint, "resume": resume}
    asked = action.NetworkRequest(
        data,
        layer or (),
        task,
        color,
        side,
        load={"batch_size": batch_size, "train_val_ratio": train_val_ratio},
        train={name: value for name, value in training.items() if value is not None and value is not False},
        optimizer=optimizer,
        seed=seed,
        save_fold=save_fold,
        device=device,
    )
    with lines_on_stderr(as_json):
        trained = action.train(asked)
    if as_json:
        print_json(trained)
    else:
        echo(
            say(
                f"The network: {display_path(Path(trained['model']))}",
                f"训练好的网络：{display_path(Path(trained['model']))}",
            )
        )


@nn.command("infer", cls=takes_rows(_Command))
def infer(
    model: Annotated[
        Path, positional("A .pth file, or the .onnx that was made of it.", "权重文件（.pth），或由它转换得到的 .onnx。")
    ],
    data: Annotated[Path | None, positional("A table, or a picture.", "表格，或一张图片。")] = None,
    row: Annotated[
        list[str] | None,
        option(
            "A row of numbers in place of a file: 5.1,3.5,1.4,0.2; may come several times.",
            "直接给出一行数据：5.1,3.5,1.4,0.2；可多次使用。",
        ),
    ] = None,
    device: Annotated[str, device_option()] = "auto",
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Ask a network (用网络推理)."""
    from MMEdu.actions import own_networks as action

    with lines_on_stderr(True):
        found = action.answers(model, rows_or_table(data, row), device)
    if as_json:
        print_json({"results": found})
        return
    for number, answer in enumerate(found, 1):
        echo(f"{number}: {_said(answer)}")


def _said(answer: dict[str, Any]) -> str:
    said, score = str(answer["prediction"]), answer["score"]
    return said if score is None else f"{said} ({score:.3f})"


@nn.command("convert", cls=_Command)
def convert(
    checkpoint: Annotated[Path, positional("A .pth file.", "权重文件（.pth）。")],
    out_file: Annotated[Path, positional("The file to write.", "输出文件。")] = Path("convert_model.onnx"),
    opset_version: Annotated[int, option("Version of ONNX' operators.", "ONNX 算子版本。")] = 10,
    ir_version: Annotated[int, option("Version of ONNX' file format.", "ONNX 文件格式版本。")] = 6,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Convert a network: it then runs without torch (模型转换)."""
    from MMEdu.actions import own_networks as action

    with lines_on_stderr(as_json):
        file = action.convert(checkpoint, out_file, opset_version, ir_version)
    if as_json:
        print_json({"model": str(file)})


@nn.command("info", cls=_Command)
def info(
    model: Annotated[Path, positional("A .pth file.", "权重文件（.pth）。")],
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Show what a network's file says of itself (查看网络文件的信息)."""
    from MMEdu.actions import own_networks as action

    with lines_on_stderr(as_json):
        known = action.info(model)
    if as_json:
        print_json(
            {
                name: value if isinstance(value, (int, float, str, list, dict)) else str(value)
                for name, value in known.items()
            }
        )


@nn.command("list", cls=_Command)
def list_(as_json: Annotated[bool, json_option()] = False) -> None:
    """List the layers (列出可用的层)."""
    from MMEdu.actions import network_cards

    kinds = network_cards.kinds()
    if as_json:
        print_json({"layers": kinds})
        return
    lines: list[tuple[str | int, ...]] = [(say("layer", "层"), say("arguments", "参数"), say("what it does", "做什么"))]
    lines += [(kind["name"], " ".join(kind["arguments"]["properties"]), kind["shows"]) for kind in kinds]
    for line in table(lines):
        echo(line)
