"""Classification: probabilities into the class of a picture; its words, its drawing, its line, its accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import metrics
from BaseDT.arguments import resolved_rejection
from BaseDT.errors import CheckpointInvalid, DatasetInvalid
from BaseDT.escaping import one_line
from BaseDT.image import Pixels, is_image_file
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.readable import read_all
from BaseDT.results import ClassificationResult
from BaseDT.results.classification import shown_score
from BaseDT.results.multi_label import in_a_line
from XEdu.outputs.key_names import COMMON, LANGUAGES, translated
from XEdu.outputs.kind import LabelledFolder, OutputBatch, OutputKind, Score, ScoredModel, labels_by_name
from XEdu.runtime.backend import Array

Scores = npt.NDArray[np.floating[Any]]
# With the Chinese keys, which every language's users see, the name is in the user's own.
NONE_IN = {"en": "none of these", "ru": "ничего из этого", "de": "nichts davon", "fr": "aucun de ceux-ci"}
_ROUNDING = 1e-3  # a softmax in float16 or INT8 ends a little beside 0 and 1


def probabilities(arrays: Sequence[Array], pictures: int, classes: int) -> Scores:
    """Return the probabilities of each picture.

    Args:
        arrays: The outputs of a classifier; the first one is read. One row for one picture may lack the batch axis.
        pictures: Size of the batch.
        classes: How many names the model has.

    Returns:
        Shape (pictures, classes).

    Raises:
        CheckpointInvalid: These are no probabilities of so many classes (-202).
    """
    output = np.asarray(arrays[0]) if len(arrays) else np.empty(0)
    if output.size != pictures * classes or output.shape[-1:] != (classes,):
        raise CheckpointInvalid(
            say(
                f"The model gives {' × '.join(map(str, output.shape))} values for {pictures} × {classes} classes.",
                f"模型给出了 {' × '.join(map(str, output.shape))} 个值，而图片 × 类别为 {pictures} × {classes}。",
            ),
            hint=say(
                "Its names of classes belong to another model: convert it again.",
                "模型中的类别名称属于另一个模型：请重新转换。",
            ),
        )
    scores: Scores = output.reshape(pictures, classes)
    low, high = float(scores.min()), float(scores.max())
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # written so that NaN fails too
        raise CheckpointInvalid(
            say(
                f"The model gives values from {low:.4g} to {high:.4g}, and probabilities are from 0 to 1.",
                f"模型给出的值从 {low:.4g} 到 {high:.4g}，而概率应在 0 到 1 之间。",
            ),
            hint=say(
                "A classifier of this family ends with softmax. For another one use task='custom' with your "
                "postprocess.",
                "这类分类模型以 softmax 结尾。其他模型请用 task='custom' 并自己写后处理函数。",
            ),
        )
    return scores


def scores_of(batches: Iterable[OutputBatch], classes: int) -> Scores:
    """Return the probabilities of all pictures of some batches, shape (N, classes)."""
    rows = [probabilities(batch.arrays, len(batch.placements), classes) for batch in batches]
    return np.concatenate(rows) if rows else np.empty((0, classes), np.float32)


def accuracies(scores: Scores, labels: npt.NDArray[np.integer[Any]], topk: Sequence[int] = (1, 5)) -> dict[int, float]:
    """Return the top-k accuracies in percent: the one measure of training, INT8 and benchmark.

    Args:
        scores: Shape (N, C), N ≥ 1; probabilities or logits.
        labels: True class numbers, shape (N,).
        topk: Each k from 1.

    Raises:
        ParameterInvalid: Shapes or values do not fit (-305).
    """
    return {k: metrics.top_k_accuracy(scores, labels, k) for k in topk}


def _decode(batch: OutputBatch, info: ModelInfo, threshold: float) -> list[ClassificationResult]:
    scores = probabilities(batch.arrays, len(batch.placements), len(info.classes))
    return [ClassificationResult.from_scores(row, info.classes, threshold=threshold) for row in scores]


def _checked_threshold(name: str, value: object, info: ModelInfo | None) -> float:
    return resolved_rejection(name, value, None if info is None else info.threshold)


def _holds(result: object) -> bool:
    return isinstance(result, ClassificationResult)


def _with_file(result: ClassificationResult, file: str) -> ClassificationResult:
    return replace(result, file=file)


def _in_words(result: ClassificationResult, lang: str) -> dict[str, Any]:
    words = translated(result.to_chinese(), lang)
    if result.is_none and lang in NONE_IN:
        words[COMMON["预测结果"][LANGUAGES.index(lang) - 1]] = NONE_IN[lang]
    return words


def _documented(result: ClassificationResult) -> dict[str, Any]:
    return dict(result.to_prediction())


def _names(result: ClassificationResult) -> list[str]:
    return [] if result.is_none else [result.name]  # that one is drawn in English where the font lacks characters


def _draw(picture: Pixels, result: ClassificationResult, *, enlarge: bool = True) -> Pixels:
    from BaseDT import draw  # late: who draws nothing loads no fonts

    return draw.classification(picture, result, enlarge=enlarge)


def _line(result: ClassificationResult) -> str:
    return one_line(result.name) + shown_score(result.label, f"{result.score:.2f}")


def split(arrays: Sequence[Array]) -> list[list[Array]]:
    """Take the raw outputs of a batch apart, one list for each picture."""
    if arrays[0].ndim != 2:  # one row without the batch axis, as the original's LeNet gives it
        return [list(arrays)]
    return [[array[row : row + 1] for array in arrays] for row in range(len(arrays[0]))]


# --- on labelled pictures ---------------------------------------------------------------------------------------------


def _labelled(folder: Path) -> LabelledFolder | None:
    """Read an ImageNet-style set, or a folder of class folders; the labels are the names of the classes."""
    files, source = _class_folders(folder)
    if not files:
        return None
    return LabelledFolder(
        files=tuple(file for file, _ in files),
        source=source,
        form=("class folders", "按类别分好的文件夹"),
        content=("classes", "类别"),
        labels=tuple(name for _, name in files),
    )


def _class_folders(folder: Path) -> tuple[list[tuple[Path, str]], str]:
    from BaseDT.dataset import imagenet  # late: only a benchmark reads data sets

    if _has_training_set(folder):
        dataset = imagenet.load(folder)
        return [(sample.path, dataset.classes[sample.label]) for sample in dataset.val], f"{folder} (val)"
    files: list[tuple[Path, str]] = []
    for sub in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        files += [(file, sub.name) for file in sorted(sub.rglob("*")) if is_image_file(file) and file.is_file()]
    return files, str(folder)


def _has_training_set(folder: Path) -> bool:
    """Whether it is a data set; one without a training set is a folder of class folders, or of pictures."""
    from BaseDT.dataset.layout import locate

    try:
        return bool(locate(folder).train)
    except DatasetInvalid:
        return False


def _score(model: ScoredModel, folder: LabelledFolder) -> Score:
    """Judge a classifier: top-1 and, where there are more than five classes, top-5, in percent."""
    classes = model.info.classes if model.info is not None else ()
    label_of = labels_by_name(classes)
    # Labels are matched by name: folders and model may count the classes in another order.
    pairs = [(file, label_of[name]) for file, name in zip(folder.files, folder.labels, strict=True) if name in label_of]
    rows: list[Scores] = []
    labels: list[int] = []
    for (_, label), pixels in read_all(pairs, lambda pair: model.reading.of(pair[0]), lambda *_: None):
        rows.append(scores_of(model.output_batches([pixels]), len(classes))[0])
        labels.append(label)
    counts = {"damaged": len(pairs) - len(rows), "foreign": len(folder.files) - len(pairs)}
    if not rows:
        return Score(judged=0, counts=counts)
    # Among five classes the right one is always one of five: that says nothing.
    topk = (1, 5) if len(classes) > 5 else (1,)
    values = accuracies(np.stack(rows), np.asarray(labels), topk)
    return Score({f"top{k}": value for k, value in values.items()}, len(rows), counts)


def _notes(name: str, counts: Mapping[str, int]) -> list[str]:
    count = counts.get("foreign", 0)
    if not count:
        return []
    pictures = "1 picture" if count == 1 else f"{count} pictures"
    return [
        say(
            f"{name}: not judged, because their folders are none of its classes: {pictures}.",
            f"{name}：{count} 张图片所在的文件夹不是它的类别，未参与评估。",
        )
    ]


def _other_labels(name: str, folder: LabelledFolder) -> str:
    en, zh = folder.content
    return say(
        f"{name} classifies whole pictures, and this set tells of {en}: no accuracy. Give class folders.",
        f"{name} 是分类模型，而该数据集标注的是{zh}，因此没有准确率。请给出按类别分好的文件夹。",
    )


def row(documented: Mapping[str, Any]) -> dict[str, Any]:
    """Return a documented result as plain JSON data; the file is named elsewhere."""
    return {name: value for name, value in documented.items() if name != "file_name"}


def summary(documented: Mapping[str, Any]) -> str:
    """Return a documented result in a few words; this task's models may also give several labels."""
    if isinstance(documented["pred_label"], list):
        return in_a_line(documented["pred_class"], documented["pred_score"], 4)
    score = shown_score(documented["pred_label"], f"{documented['pred_score']:.4f}")
    return one_line(documented["pred_class"]) + score


KIND = OutputKind(
    row=row,
    summary=summary,
    name="classification",
    decode=_decode,
    holds=_holds,
    in_words=_in_words,
    tasks=("classification",),
    batched=True,
    needs_classes=True,
    threshold=0.0,  # a class is always reported, unless the caller wants otherwise
    deploy_threshold=0.0,
    checked_threshold=_checked_threshold,
    with_file=_with_file,
    documented=_documented,
    names=_names,
    draw=_draw,
    line=_line,
    split=split,
    metrics={"top1": "top-1", "top5": "top-5"},
    labelled=_labelled,
    score=_score,
    notes=_notes,
    other_labels=_other_labels,
    evaluation="XEdu.evaluation.classification:EVALUATION",
)
