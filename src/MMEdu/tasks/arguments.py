"""What ``train`` of every task takes. A task's own dataclass inherits the fields and adds its own; no behaviour.

The documented classes repeat these as explicit signatures, for a pupil's editor; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from BaseDT.argument_schema import argument
from BaseDT.arguments import PathLike, check_choice, check_integer, invalid
from BaseDT.errors import ValidateNotBoolean
from BaseDT.escaping import quoted
from BaseDT.language import say

OPTIMIZERS = ("SGD", "Adam", "Adagrad", "AdamW")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")


def _check_validate(name: str, value: object) -> bool:
    """Return ``validate``, whose mistake has a documented code of its own (-303)."""
    if isinstance(value, bool):
        return value
    hint = say("Write validate=True or validate=False.", "请写 validate=True 或 validate=False。")
    raise ValidateNotBoolean(
        say(f"{name}={quoted(value)} is not a boolean.", f"{name}={quoted(value)} 不是布尔值（True 或 False）。"),
        hint=hint,
    )


def unchecked(_: str, value: Any) -> Any:
    """Leave a value to whoever knows how to check it: a device, a path, what depends on model or data."""
    return value


@dataclass(frozen=True, kw_only=True)
class TrainArguments:
    """The arguments that every training has."""

    random_seed: int = argument(
        0,
        "0 fixes none: one is drawn and logged.",
        "随机种子；0 表示不固定（自动抽取并记录）。",
        least=0,
        resume="unrecorded",
        label=("Random seed", "随机种子"),
    )
    save_fold: PathLike | None = argument(
        None,
        "Where everything is written.",
        "保存训练结果的文件夹。",
        check=unchecked,
        resume="unrecorded",
    )
    distributed: bool = argument(
        False,
        "Train in several processes of this machine.",
        "在本机用多个进程训练。",
        resume="unrecorded",
        label=("Several processes", "多进程训练"),
    )
    validate: bool = argument(
        True,
        "Validate after every epoch.",
        "每轮训练后进行验证。",
        check=_check_validate,
        label=("Validate", "验证"),
        form={"type": "boolean"},
    )
    device: str = argument(
        "cpu",
        "cpu, cuda, cuda:N, mps or auto.",
        "计算设备：cpu、cuda、cuda:N、mps 或 auto。",
        check=unchecked,
        resume="free",
        label=("Computes on", "计算设备"),
        form={"type": "string", "examples": ["cpu", "auto", "cuda"]},
    )
    optimizer: str = argument(
        "SGD",
        "SGD, Adam, Adagrad or AdamW.",
        "优化器：SGD、Adam、Adagrad 或 AdamW。",
        choices=OPTIMIZERS,
        label=("Optimiser", "优化器"),
    )
    epochs: int = argument(
        100,
        "How many, in total when a run is resumed.",
        "训练轮数（继续训练时为总轮数）。",
        resume="free",
        label=("Rounds (epochs)", "训练轮数"),
        first=True,
    )
    lr: float = argument(
        0.01, "Base learning rate.", "基础学习率。", above=0, label=("Learning rate", "学习率"), first=True
    )
    weight_decay: float = argument(
        0.001, "L2 penalty.", "权重衰减（L2 惩罚）。", least=0, label=("Weight decay", "权重衰减")
    )
    checkpoint: PathLike | None = argument(
        None,
        "A file of weights to start from.",
        "从哪个权重文件开始训练。",
        check=unchecked,
        resume="unrecorded",
        label=("Start from a model", "从已有模型开始"),
    )
    batch_size: int | None = argument(
        None,
        "Pictures per step; what suits the model by default.",
        "每步的图片数；默认用适合该模型的值。",
        label=("Pictures per step", "每步图片数（批大小）"),
        first=True,
    )
    resume: bool = argument(
        False, "Go on with the interrupted run in --save-fold.", "继续 --save-fold 中被中断的训练。", resume="free"
    )
    precision: str = argument(
        "auto",
        "auto, float32, bfloat16 or float16.",
        "计算精度：auto、float32、bfloat16 或 float16。",
        choices=PRECISIONS,
        label=("Precision", "计算精度"),
    )
    image_size: int | None = argument(
        None, "Side of the square input.", "输入图片（正方形）的边长。", least=8, label=("Picture size", "图片边长")
    )
    early_stop: int | None = argument(
        None,
        "Stop after so many epochs without a better result.",
        "连续若干轮没有提高就提前结束。",
        resume="free",
        label=("Stop when no better", "没有提高时提前结束"),
    )
    max_keep_ckpts: int | None = argument(
        None,
        "Keep so many epoch_N.pth.",
        "最多保留多少个 epoch_N.pth。",
        resume="free",
        label=("Checkpoints to keep", "保留的检查点数"),
    )
    pretrained: bool | str | None = argument(
        None,
        "Start from weights for ImageNet, fetched once.",
        "从 ImageNet 预训练权重开始（只获取一次）。",
        check=unchecked,
        resume="unrecorded",
        label=("Start from pretrained weights", "使用预训练权重"),
        first=True,
        form={"type": ["boolean", "string", "null"]},
    )
    devices: int | None = argument(
        None,
        "How many processes, with --distributed.",
        "进程数，与 --distributed 一起使用。",
        resume="unrecorded",
        label=("Processes", "进程数"),
    )

    def check_together(self) -> None:
        """Raise where arguments that are each in order contradict one another (-305); a task has its own."""


def flip_argument() -> bool | None:
    """Describe ``flip``, which several tasks have."""
    return argument(
        None,
        "Show training pictures mirrored (left-right), too; what suits the model by default.",
        "训练时是否也使用左右翻转的图片；默认用适合该模型的值。",
        label=("Mirror pictures", "左右翻转"),
    )


def check_freeze(name: str, value: object) -> object:
    """Return what of a backbone is kept: ``"backbone"``, ``"auto"``, or a number of stages.

    Raises:
        ParameterInvalid: It is neither (-305).
    """
    if isinstance(value, str):
        try:
            return check_choice(name, value, ("backbone", "auto"))
        except ValueError:
            pass
    elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return check_integer(name, value, least=0)
    raise invalid(name, value, "None, 'backbone', 'auto' or a number of stages", " None、'backbone'、'auto' 或阶段数")
