"""Layers that read step by step. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass, replace

from BaseDT.argument_schema import argument
from BaseDT.language import say
from BaseNN.layers.kind import Laid, LayerKind, Surroundings, laid
from BaseNN.layers.sizes import (
    SIZE_FORM,
    Shape,
    Size,
    agreed,
    check_weights,
    checked_size,
    misfit,
    missing,
)
from BaseNN.layers.windows import sequence


@dataclass(frozen=True)
class Lstm:
    """What ``lstm`` and ``action_model`` take."""

    size: Size | None = argument(
        None,
        "Features of a step, and what is remembered, e.g. (132, 128); 128 alone takes what comes in.",
        "每一步的特征数与记忆的大小，例如 (132, 128)；只写 128 时输入取自上一层。",
        check=checked_size,
        label=("in, out", "输入, 输出"),
        form=SIZE_FORM,
    )


@dataclass(frozen=True)
class EmLstm:
    """What ``em_lstm`` takes."""

    size: Size | None = argument(
        None,
        "Numbers that stand for a word, and what is remembered, e.g. (128, 256).",
        "表示一个词的数的个数与记忆的大小，例如 (128, 256)。",
        check=checked_size,
        label=("word, memory", "词向量, 记忆"),
        form=SIZE_FORM,
    )
    num_layers: int = argument(1, "LSTMs on top of each other.", "LSTM 的层数。", most=16)
    vocabulary: int | None = argument(
        None, "Number of words; told by the data.", "词的个数；由数据决定。", most=2**20, python_only=True
    )


def lay_lstm(arguments: Lstm, incoming: Shape | None, _: Surroundings) -> Laid:
    """(steps, features) -> (steps, what is remembered)."""
    if arguments.size is None:
        raise missing("size", "add('lstm', size=(132, 128))")
    steps, features = (None, None) if incoming is None else sequence(incoming, say("steps × features", "步数 × 特征数"))
    size = agreed(features, arguments.size, say("{} features a step", "每步 {} 个特征"))
    check_weights(_weights(size))
    return laid(replace(arguments, size=size), (steps, size[1]))


def lay_action_model(arguments: Lstm, incoming: Shape | None, around: Surroundings) -> Laid:
    """(steps, features) -> what is remembered after the last step."""
    if arguments.size is None:
        raise missing("size", "add('action_model', size=(132, 128))")
    return replace(lay_lstm(arguments, incoming, around), outgoing=(arguments.size[1],))


def lay_em_lstm(arguments: EmLstm, incoming: Shape | None, around: Surroundings) -> Laid:
    """(steps,) words -> (steps, a number for each word)."""
    if arguments.size is None:
        raise missing("size", "add('em_lstm', size=(128, 256), num_layers=2)")
    if incoming is not None and not around.vocabulary:
        raise misfit(
            incoming,
            say("wants words: the data have no word2idx", "需要文本：数据中没有词表 word2idx"),
            say(
                "load_npz_data() reads it from the file, load_dataset(x, y, word2idx=...) takes it.",
                "load_npz_data() 会从文件读取，load_dataset(x, y, word2idx=...) 可直接传入。",
            ),
        )
    vector, memory = arguments.size
    size = (memory if vector is None else vector, memory)
    vocabulary = around.vocabulary or arguments.vocabulary
    check_weights(_weights(size) * arguments.num_layers + (vocabulary or 1) * (size[0] + size[1]))
    steps = incoming[0] if incoming is not None and len(incoming) == 1 else None
    return laid(replace(arguments, size=size, vocabulary=vocabulary), (steps, vocabulary))


def _weights(size: Size) -> int:
    """Count the weights of an LSTM: four gates over what comes in and what is remembered, with two biases."""
    return 4 * size[1] * ((size[0] or 1) + size[1] + 2)


_MODULES = "BaseNN.layers.modules.sequences"

KINDS: tuple[LayerKind, ...] = (
    LayerKind(
        name="lstm",
        arguments=Lstm,
        lay=lay_lstm,
        build=f"{_MODULES}:lstm",
        shows=("reads step by step and remembers what matters", "逐步读取，并记住重要的内容"),
        example="add('lstm', size=(132, 128))",
        completes=("size",),
    ),
    LayerKind(
        name="action_model",
        arguments=Lstm,
        lay=lay_action_model,
        build=f"{_MODULES}:action_model",
        shows=("reads a whole movement and gives what it remembers at its end", "读完整段动作，输出最后的记忆"),
        example="add('action_model', size=(132, 128))",
        completes=("size",),
    ),
    LayerKind(
        name="em_lstm",
        arguments=EmLstm,
        lay=lay_em_lstm,
        build=f"{_MODULES}:em_lstm",
        shows=("reads words and tells the next one", "逐词读取，预测下一个词"),
        example="add('em_lstm', size=(128, 256), num_layers=2)",
        completes=("vocabulary",),
        whole=True,
    ),
)
