"""The main job of classification, by the documented calls: train, predict a picture and a folder, measure, explain.

``mmedu demo`` calls ``show``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.language import say
from MMEdu.demo import digits
from MMEdu.demo.ending import Ending, NamedFile, below, files_of_training
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu import MMClassification
    from MMEdu.actions.training_result import TrainingResult
    from MMEdu.classification import Prediction

GOAL = 97.0
"""What the demo must reach on the test set, percent."""

EPOCHS = 10
# The documented 0.01 is slow for so short a training; 0.1 was chosen by validation.
LEARNING_RATE = 0.1
RANDOM_SEED = 1

_FOLDER_OF = "3"  # the class whose folder is predicted as a whole
_FIVE_LINES = """\
    model = cls('LeNet')
    model.num_classes = 10
    model.load_dataset(path='{dataset}')
    model.save_fold = '{save_fold}'
    model.train(epochs={epochs}, validate=True, lr={lr}, topk=(1,), random_seed={seed})"""


@dataclass(frozen=True)
class Outcome:
    """What the demo made.

    Attributes:
        dataset: The folder of the digits.
        training: What the training left.
        pictures: The folder of result pictures.
        explained: The heat map of one picture.
        tested: How many test pictures there are.
        right: How many of them were recognised.
    """

    dataset: Path
    training: TrainingResult
    pictures: Path
    explained: Path | None
    tested: int
    right: int

    @property
    def accuracy(self) -> float:
        """Top-1 accuracy on the test set, percent."""
        return 100 * self.right / self.tested


def show(out: Path, notify: Callable[[str], None], epochs: int | None) -> Ending:
    """Run the demo, and tell what it reached; see ``MMEdu.demo.registry.Show``."""
    outcome = run(out, notify, epochs or EPOCHS)
    accuracy, tested = outcome.accuracy, outcome.tested
    notify(
        say(
            f"\nTest set: {accuracy:.2f} % of {tested} pictures that it never saw are recognised.",
            f"\n测试集：{tested} 张从未见过的图片，准确率 {accuracy:.2f} %。",
        )
    )
    return Ending(tuple(_files(outcome)), () if accuracy >= GOAL else (below(GOAL, fewer=epochs is not None),))


def _files(outcome: Outcome) -> Iterator[NamedFile]:
    yield say("the digits", "手写数字数据集"), outcome.dataset
    yield from files_of_training(outcome.training, "classification")
    yield say("result pictures", "推理结果图片"), outcome.pictures
    if outcome.explained is not None:
        yield say("where the model looks", "模型关注的区域"), outcome.explained


def run(out: Path, notify: Callable[[str], None], epochs: int = EPOCHS) -> Outcome:
    """Make the digits, train LeNet on them, and look at the result.

    Args:
        out: Where everything is written; made when missing. Only files of the demo's own names are replaced.
        notify: Takes a line for the person who watches.
        epochs: How long to train.

    Raises:
        XEduError: Something cannot be read or written, or a part is not installed.
    """
    require_train()
    notify(
        say(
            "[1/4] 1,797 real handwritten digits, from scikit-learn",
            "[1/4] 准备 1797 张真实的手写数字图片（scikit-learn）",
        )
    )
    dataset = digits.write(out / "digits")
    notify(say("[2/4] Training LeNet, in five lines:", "[2/4] 用五行代码训练 LeNet："))
    model = train(dataset, out / "model", epochs, notify)
    pictures = out / "cls_result"
    notify(say("[3/4] Predicting", "[3/4] 推理"))
    _predict(model, dataset, pictures, notify)
    right, tested = _score(model, dataset)
    notify(say("[4/4] Where the model looks", "[4/4] 模型关注的区域"))
    explained = model.explain(_example(dataset), save_fold=pictures).file
    assert model.trained is not None
    return Outcome(dataset, model.trained, pictures, explained, tested, right)


def train(dataset: Path, save_fold: Path, epochs: int, notify: Callable[[str], None]) -> MMClassification:
    """Train by the documented five lines."""
    from MMEdu import MMClassification as cls  # noqa: N813 (as the documents write it)

    values = {"epochs": epochs, "lr": LEARNING_RATE, "seed": RANDOM_SEED}
    notify(_FIVE_LINES.format(dataset=dataset.as_posix(), save_fold=save_fold.as_posix(), **values))
    model = cls("LeNet")
    model.num_classes = 10
    model.load_dataset(path=dataset)
    model.save_fold = save_fold
    model.train(epochs=epochs, validate=True, lr=LEARNING_RATE, topk=(1,), random_seed=RANDOM_SEED)
    return model


def _predict(model: MMClassification, dataset: Path, pictures: Path, notify: Callable[[str], None]) -> None:
    """Predict one picture, then a folder; both are drawn into ``pictures``."""
    picture_file = _example(dataset)
    notify(say(f"One picture: {picture_file}", f"一张图片：{picture_file}"))
    model.inference(image=picture_file, show=True, save_fold=pictures)
    model.print_result()
    folder = dataset / "test_set" / _FOLDER_OF
    names = _classes_of(model.inference(image=folder, show=True, save_fold=pictures))
    right = names.count(folder.name)
    notify(
        say(
            f"A folder: {folder}: {right} of {len(names)} were recognised as {folder.name}.",
            f"一个文件夹：{folder}：{len(names)} 张中有 {right} 张识别为 {folder.name}。",
        )
    )


def _score(model: MMClassification, dataset: Path) -> tuple[int, int]:
    """Count the test pictures that are recognised, and all of them."""
    files = sorted((dataset / "test_set").glob("*/*.png"))
    model.load_checkpoint()
    names = _classes_of(model.fast_inference(image=files, show=False, verbose=False))
    return sum(name == file.parent.name for name, file in zip(names, files, strict=True)), len(files)


def _classes_of(results: Prediction | list[Prediction]) -> list[str]:
    """The predicted classes of several pictures."""
    return [str(result["pred_class"]) for result in ([results] if isinstance(results, dict) else results)]


def _example(dataset: Path) -> Path:
    """A test picture: the network has not seen it."""
    return next(iter(sorted((dataset / "test_set" / "7").glob("*.png"))))
