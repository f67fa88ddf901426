"""An own network beside KNN, a tree and SVM, by the documented calls: train, compare, draw, convert, run elsewhere.

``mmedu demo iris`` calls ``show``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT import fonts, image
from BaseDT.language import say
from BaseDT.terminal import table
from MMEdu.demo import flowers
from MMEdu.demo.ending import Ending, NamedFile, below
from MMEdu.demo.flowers import NAMES, Flowers
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from BaseML import Classification
    from BaseNN import nn

GOAL = 90.0
"""What each of the four must reach on flowers that it never saw, percent."""

EPOCHS = 200
LEARNING_RATE = 0.03
RANDOM_SEED = 4
ALGORITHMS = ("KNN", "CART", "SVM")

_NETWORK = """\
    model = nn('cls')
    model.set_seed({seed})
    model.load_tab_data('{data}', batch_size=120)
    model.add('linear', size=(2, 10), activation='relu')
    model.add('linear', size=(10, 5), activation='relu')
    model.add('linear', size=(5, 3), activation='softmax')
    model.add(optimizer='Adam')
    model.save_fold = '{save_fold}'
    model.train(lr={lr}, epochs={epochs}, metrics=['acc'])"""
_CLASSIC = """\
    model = cls('{algorithm}')
    model.load_dataset('{data}', type='csv', x_column=[0, 1], y_column=[2], split=False)
    model.train()"""

Labels = npt.NDArray[np.int64]
Answer = Callable[[npt.NDArray[np.float64]], Labels]


@dataclass(frozen=True)
class Outcome:
    """What the demo made.

    Attributes:
        learned: The flowers that were learned from.
        tested: Those that judged.
        network: Its file.
        picture: The regions of all four.
        tree: The tree.
        converted: The network as an ONNX file.
        right: How many of the tested flowers each model knows, by its name.
        same: On how many of them the converted network says the same.
    """

    learned: Flowers
    tested: Flowers
    network: Path
    picture: Path
    tree: Path
    converted: Path
    right: Mapping[str, int]
    same: int


def show(out: Path, notify: Callable[[str], None], epochs: int | None) -> Ending:
    """Run the demo, and tell what it reached; see ``MMEdu.demo.registry.Show``."""
    outcome = run(out, notify, epochs or EPOCHS)
    total = len(outcome.tested.y)
    notify(say(f"\n{total} flowers that none of them ever saw:", f"\n{total} 朵从未见过的花："))
    head = (say("model", "模型"), say("right", "正确"), say("share", "正确率"))
    rows = [head, *((name, str(right), f"{100 * right / total:.1f} %") for name, right in outcome.right.items())]
    for line in table(rows):
        notify(f"  {line}")
    failed = [] if 100 * min(outcome.right.values()) / total >= GOAL else [below(GOAL, fewer=epochs is not None)]
    if outcome.same < total:
        failed.append(say("The converted network says something else.", "转换后的网络与原网络结果不一致。"))
    return Ending(tuple(_files(outcome)), failed)


def _files(outcome: Outcome) -> Iterator[NamedFile]:
    yield say("flowers to learn from", "用于学习的花"), outcome.learned.file
    yield say("flowers to judge by", "用于检验的花"), outcome.tested.file
    yield say("the network", "训练好的网络"), outcome.network
    yield say("where each model sees which flower", "四个模型的分类区域"), outcome.picture
    yield say("the questions of the tree", "决策树的提问"), outcome.tree
    yield say("the network for boards", "转换后的网络"), outcome.converted


def run(out: Path, notify: Callable[[str], None], epochs: int = EPOCHS) -> Outcome:
    """Write the flowers, train four models on them, compare and draw them, and run the network without torch.

    Args:
        out: Where everything is written; made when missing. Only files of the demo's own names are replaced.
        notify: Takes a line for the person who watches.
        epochs: How long the network learns.

    Raises:
        XEduError: Something cannot be read or written, or a part is not installed.
    """
    require_train()
    notify(
        say(
            "[1/4] 150 real flowers, measured in 1935, from scikit-learn",
            "[1/4] 150 朵真实的鸢尾花（1935 年测量，scikit-learn）",
        )
    )
    learned, tested = flowers.write(out / "iris")
    notify(say("[2/4] A network, laid layer by layer:", "[2/4] 逐层搭建神经网络："))
    network = train_network(learned.file, out / "iris_network", epochs, notify)
    notify(say("[3/4] Three classic algorithms, in three lines each:", "[3/4] 三种经典算法，每种三行代码："))
    classic = _classic(learned.file, notify)
    answers = _answers(network, classic)
    picture = image.write(out / "iris_regions.png", _drawn(answers, tested))
    tree = out / "iris_tree.png"
    classic["CART"].plot(save=tree, show=False)
    notify(say("[4/4] Converting, and running without torch", "[4/4] 模型转换，并脱离 torch 运行"))
    converted = out / "iris_network.onnx"
    network.convert(out_file=converted)
    same = _same(converted, tested, answers[_own()], notify)
    right = {name: int((answer(tested.x) == tested.y).sum()) for name, answer in answers.items()}
    return Outcome(learned, tested, out / "iris_network" / "basenn.pth", picture, tree, converted, right, same)


def _own() -> str:
    return say("own network", "自建网络")


def train_network(data: Path, save_fold: Path, epochs: int, notify: Callable[[str], None]) -> nn:
    """Lay and train a network by the documented calls."""
    from BaseNN import nn

    values = {"seed": RANDOM_SEED, "lr": LEARNING_RATE, "epochs": epochs}
    notify(_NETWORK.format(data=data.as_posix(), save_fold=save_fold.as_posix(), **values))
    model = nn("cls")
    model.set_seed(RANDOM_SEED)
    model.load_tab_data(data, batch_size=120)
    model.add("linear", size=(2, 10), activation="relu")
    model.add("linear", size=(10, 5), activation="relu")
    model.add("linear", size=(5, 3), activation="softmax")
    model.add(optimizer="Adam")
    model.save_fold = str(save_fold)
    model.train(lr=LEARNING_RATE, epochs=epochs, metrics=["acc"])
    return model


def _classic(data: Path, notify: Callable[[str], None]) -> dict[str, Classification]:
    from BaseML import Classification as cls  # noqa: N813 (as the documents write it)

    notify(_CLASSIC.format(algorithm=ALGORITHMS[0], data=data.as_posix()))
    models = {}
    for algorithm in ALGORITHMS:
        models[algorithm] = model = cls(algorithm)
        model.load_dataset(data, type="csv", x_column=[0, 1], y_column=[2], split=False)
        model.train()
    return models


def _answers(network: nn, classic: Mapping[str, Classification]) -> dict[str, Answer]:
    """Return what answers for each model: rows of measures to kinds, 0 to 2."""
    return {
        _own(): lambda x: np.asarray(network.inference(x.astype(np.float32)).argmax(axis=1), dtype=np.int64),
        **{name: _numbered(model) for name, model in classic.items()},
    }


def _numbered(model: Classification) -> Answer:
    number = {name: kind for kind, name in enumerate(NAMES)}
    return lambda x: np.array([number[str(name)] for name in model.inference(x, verbose=False)], dtype=np.int64)


def _drawn(answers: Mapping[str, Answer], tested: Flowers) -> Any:
    from BaseML.looking import regions
    from BaseML.looking.answering import Classes

    own = fonts.picture_text("own network", "自建网络")
    panels = [regions.Panel(own if name == _own() else name, answer) for name, answer in answers.items()]
    length = fonts.picture_text("petal length (cm)", "花瓣长度（厘米）")
    columns = (length, fonts.picture_text("petal width (cm)", "花瓣宽度（厘米）"))
    return regions.draw(panels, tested.x, tested.y, Classes(np.arange(len(NAMES)), NAMES), columns)


def _same(converted: Path, tested: Flowers, answer: Answer, notify: Callable[[str], None]) -> int:
    """Run the converted network on flowers; return on how many of them it says the same."""
    from XEdu.hub import Workflow as wf  # noqa: N813 (as the documents write it)

    notify(f"    wf(task='basenn', checkpoint='{converted.as_posix()}').inference(data={tested.x[:1].tolist()})")
    found: Any = wf(task="basenn", checkpoint=converted).inference(data=tested.x.astype(np.float32))
    said = np.asarray(found[0]).argmax(axis=1)
    same = int((said == answer(tested.x)).sum())
    notify(
        say(
            f"The converted network says the same of {same} of {len(tested.y)} flowers.",
            f"转换后的网络在 {len(tested.y)} 朵花中有 {same} 朵结果一致。",
        )
    )
    return same
