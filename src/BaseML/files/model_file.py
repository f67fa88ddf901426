"""Files of trained models: written so that the original reads them, read without running what is in them.

joblib's form, ``{'model', 'input_shape', 'demo_input'}``, is what the original and its clients open. Our own key
beside these tells what they have no place for: names of classes and columns, and that the model's first step is a
scaling.
"""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, ModelUnsupported, XEduError
from BaseDT.escaping import first_line
from BaseDT.files import what_is_at, write_whole
from BaseDT.language import english, say
from BaseML.algorithms.registry import kind_of
from BaseML.files import columns, compression, inert, plain, rebuilding
from BaseML.files.names import BY_NAME
from BaseML.files.nodes import Damaged, Node, Refused
from BaseML.files.tree_models import Outdated
from BaseML.requirements import require_sklearn
from BaseML.trained import Scaling, TrainedModel

KEY = "mmedu"
"""Our own key; the original passes over it."""
_FORMAT = 1
_COMPRESSION = 3
"""As the original writes."""
_GROWN = {"Birch": ("root_", "dummy_leaf_"), "SpectralClustering": ("affinity_matrix_",)}
_NO_MODEL = (Damaged, ValueError, TypeError, LookupError, AttributeError, OverflowError)


def write(model: TrainedModel, path: Path) -> None:
    """Write a model as joblib writes it, whole or not at all.

    The original answers the same with it: it gets raw data, and the scaling is a step of the model.

    Raises:
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    import joblib

    own = {
        "format": _FORMAT,
        "family": model.kind.family,
        "algorithm": model.kind.name,
        "features": list(model.features),
        "classes": list(model.classes),
        "columns": columns.to_plain(model.columns),
    }
    content = {
        "model": _for_the_original(model),
        "input_shape": tuple(map(int, model.input_shape)),
        "demo_input": np.asarray(model.demo_input),
        KEY: own,
    }
    buffer = io.BytesIO()
    joblib.dump(content, buffer, compress=_COMPRESSION)
    write_whole(path, buffer.getbuffer())


def read(path: Path) -> TrainedModel:
    """Read a model of ours or of the original. Only known estimators, arrays and plain data are built.

    Raises:
        CheckpointNotFound: There is no such file (-102).
        CheckpointInvalid: It is no model, is damaged, or wants something that no model has (-202).
        ModelUnsupported: It is of an algorithm, or a version, that is unknown here (-206).
        DependencyMissing: scikit-learn is not installed (-502).
    """
    data = _content(path)
    require_sklearn()
    try:
        content = inert.read(io.BytesIO(compression.decompressed(data)))
        if not isinstance(content, Mapping):
            content = {"model": content}
        return _model(content, path.name)
    except XEduError:
        raise
    except Refused as error:
        raise _refused(path.name, str(error)) from None
    except Outdated as error:
        raise _outdated(path.name, str(error)) from None
    except compression.TooLarge:
        raise _damaged(path.name, "larger than a model should be", "内容过大") from None
    except _NO_MODEL as error:
        raise _damaged(path.name, str(error) or type(error).__name__, "内容不完整，或前后矛盾") from error


def _content(path: Path) -> bytes:
    kind = what_is_at(path)
    if kind == "nothing":
        raise CheckpointNotFound(
            say(f"No such model file: {path}.", f"找不到模型文件：{path}。"),
            hint=say("Train one and save it: model.save('model.pkl').", "请先训练并保存：model.save('model.pkl')。"),
        )
    if kind == "folder" or not path.is_file():
        raise CheckpointInvalid(
            say(f"{path} is no file.", f"{path} 不是文件。"),
            hint=say("Give the path of a model, e.g. 'model.pkl'.", "请给出模型文件的路径，例如 'model.pkl'。"),
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointInvalid(
            say(f"{path} cannot be read.", f"无法读取 {path}。"),
            hint=say("Check the permissions of the file.", "请检查文件的读取权限。"),
        ) from error


def _for_the_original(model: TrainedModel) -> Any:
    """Return what the original takes for a model: raw data in, the same answers out."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    steps = [step for _, step in model.estimator.steps] if hasattr(model.estimator, "steps") else [model.estimator]
    if model.scaling is not None:
        steps[0] = make_pipeline(
            MinMaxScaler().fit(np.stack([model.scaling.least, model.scaling.most])), _written(steps[0])
        )
    steps = [_written(step) for step in steps]
    return steps if len(steps) > 1 else steps[0]  # its client knows a polynomial regression by its list of two


def _written(estimator: Any) -> Any:
    """Return an estimator without what grows with its data and answers nothing.

    Birch's heaps are chained, and a pickle would follow the chain as deep as it is long.
    """
    grown = _GROWN.get(type(estimator).__name__, ())
    if not grown:
        return estimator
    slim = copy.copy(estimator)
    for name in grown:
        vars(slim).pop(name, None)
    return slim


def _model(content: Mapping[Any, Any], file: str) -> TrainedModel:
    own = _own(content.get(KEY), file)
    estimator, scaling = _unscaled(_parts(content.get("model"), file))
    names = rebuilding.renumbered(estimator)
    kind = kind_of(estimator)
    if kind is None:
        raise _unknown(file, type(estimator).__name__)
    width = int(getattr(estimator, "n_features_in_", 0) or 0)
    shape = _shape(content.get("input_shape"), width)
    demo = _demo(content.get("demo_input"), width)
    features, classes = _texts(own.get("features")), _texts(own.get("classes")) or names
    stood = columns.from_plain(own.get("columns"))
    model = TrainedModel(kind, estimator, features, classes, shape, demo, scaling, stood)
    _try(model, file)
    return model


def _parts(node: Any, file: str) -> list[Any]:
    """Return the estimators of a file, one behind the other; the original writes a polynomial regression as a list."""
    nodes = node if isinstance(node, list) else [node]
    for item in nodes:
        if not isinstance(item, Node):
            raise _damaged(file, "it holds no model", "文件中没有模型")
        if item.name not in BY_NAME:
            raise _unknown(file, item.name)
    made = [rebuilding.estimator(item) for item in nodes]
    return [step for item in made for step in ([s for _, s in item.steps] if hasattr(item, "steps") else [item])]


def _unscaled(parts: list[Any]) -> tuple[Any, Scaling | None]:
    """Return the estimator and the scaling that stands before it."""
    from sklearn.pipeline import make_pipeline

    scaling = None
    if len(parts) > 1 and type(parts[0]).__name__ == "MinMaxScaler" and tuple(parts[0].feature_range) == (0, 1):
        scaling, parts = Scaling(parts[0].data_min_, parts[0].data_max_), parts[1:]
    kinds = [type(part).__name__ for part in parts]
    if len(parts) > 1 and kinds != ["PolynomialFeatures", "LinearRegression"]:
        raise Damaged(f"the steps {', '.join(kinds)}")
    if len(parts) > 1 and parts[0].n_output_features_ != parts[1].n_features_in_:
        raise Damaged(f"weights of {parts[1].n_features_in_} terms where there are {parts[0].n_output_features_}")
    widths = {scaling.least.size} if scaling is not None else set()
    if (widths | {parts[0].n_features_in_ or 0}) - {parts[0].n_features_in_ or 0}:
        raise Damaged("a scaling of other columns")
    return (make_pipeline(*parts) if len(parts) > 1 else parts[0]), scaling


def _own(item: Any, file: str) -> dict[str, Any]:
    if item is None:
        return {}
    values = plain.value(item)
    written = values.get("format") if isinstance(values, dict) else None
    if isinstance(written, int) and written > _FORMAT:
        from BaseDT.model_info import newer

        raise newer(file, say(f"its format is {written}", f"它的格式为 {written}"))
    if written != _FORMAT:
        raise Damaged(f"its own key '{KEY}' says nothing")
    return dict(values)


def _texts(values: Any) -> tuple[str, ...]:
    if values is None:
        return ()
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise Damaged("names that are no texts")
    return tuple(values)


def _shape(item: Any, width: int) -> tuple[int, ...]:
    shape = plain.value(item)
    if not isinstance(shape, tuple | list) or not all(type(size) is int and size >= 0 for size in shape):
        return (0, width)
    return tuple(shape)


def _demo(item: Any, width: int) -> npt.NDArray[Any]:
    """Return the row that shows what data look like; zeros where the file has none."""
    demo = np.asarray(plain.value(item)) if plain.is_plain(item) and item is not None else np.zeros(0)
    if demo.dtype.kind not in "biufU" or demo.size != width:
        return np.zeros((1, width))
    try:
        numbers = demo.reshape(1, width).astype(np.float64)
    except ValueError:
        return np.zeros((1, width))
    return numbers if np.isfinite(numbers).all() else np.zeros((1, width))


def _try(model: TrainedModel, file: str) -> None:
    """Let a model answer once: what another version of scikit-learn left out shows here."""
    if not model.kind.predicts_new:
        return
    labels = getattr(getattr(model.estimator, "steps", [("", model.estimator)])[-1][1], "classes_", ())
    if model.classes and model.kind.family == "classification" and len(labels) > len(model.classes):
        raise Damaged("names of other classes than those of the model")
    answer = model.estimator.transform if model.kind.family == "reduction" else model.estimator.predict
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer(model.scaled(model.demo_input))
    except AttributeError as error:
        raise _outdated(file, f"{model.kind.name}: {error}") from error
    except Exception as error:
        raise Damaged(f"{model.kind.name} does not answer, {first_line(error)}") from error


def _refused(file: str, name: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(
            f"{file} wants '{name}', which no model of BaseML has: it was not opened.",
            f"{file} 中有 '{name}'，BaseML 的模型不需要它：文件没有被打开。",
        ),
        hint=say(
            "Nothing in it was run. Use files of BaseML only, or train the model again.",
            "文件中的内容没有被运行。请只使用 BaseML 保存的文件，或重新训练模型。",
        ),
    )


def _damaged(file: str, why: str, why_zh: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(f"{file} is no model of BaseML, or damaged: {why}.", f"{file} 不是 BaseML 的模型，或已损坏：{why_zh}。"),
        hint=say("Copy it again, or train and save the model again.", "请重新复制该文件，或重新训练并保存模型。"),
    )


def _unknown(file: str, name: str) -> ModelUnsupported:
    return ModelUnsupported(
        say(
            f"{file} holds {english(name)}, which is no algorithm of BaseML.",
            f"{file} 中是 {name}，不是 BaseML 的算法。",
        ),
        hint=say("Train one of BaseML's algorithms instead.", "请改用 BaseML 的算法训练。"),
    )


def _outdated(file: str, what: str) -> ModelUnsupported:
    return ModelUnsupported(
        say(
            f"{file} was trained with another scikit-learn, and would not answer the same here ({what}).",
            f"{file} 由其他版本的 scikit-learn 训练，在这里不能给出相同的结果。",
        ),
        hint=say("Train the model again with this version.", "请用当前版本重新训练模型。"),
    )
