"""From a trained model to the bytes of an ONNX file: input, scaling, the algorithm, outputs, metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from BaseDT.classic_model_info import INPUT, LABEL, OUTPUT, ClassicModelInfo
from BaseDT.errors import ExportFailed, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseML.export import decimals, ensembles, numeric
from BaseML.export.answers import Answers
from BaseML.export.graph import ML_DOMAIN, ML_OPSET, Graph
from BaseML.export.numeric import Unsupported
from BaseML.trained import TrainedModel

OPSETS = range(10, 21)
"""The operators of ``Graph`` mean the same in all of these."""
_SPACE = 2**20
"""Numbers that all rows of one run may need together in between: 8 MB."""
_LEAST_IR, _MOST_IR = 3, 10
_LARGEST = 2**31 - 2**20
"""Bytes: a protocol buffer holds no more than 2 GiB."""

_WRITERS: Mapping[str, Callable[[Graph, str, Any], Answers]] = {
    "KNeighborsClassifier": numeric.neighbours,
    "SVC": numeric.support_vector_classes,
    "SVR": numeric.support_vector_numbers,
    "GaussianNB": numeric.naive_bayes,
    "MLPClassifier": numeric.layers,
    "MLPRegressor": numeric.layers,
    "LinearRegression": numeric.linear,
    "Lasso": numeric.linear,
    "Ridge": numeric.linear,
    "KMeans": numeric.centres,
    "Birch": numeric.heaps,
    "PCA": numeric.components,
    "LinearDiscriminantAnalysis": numeric.discriminants,
    "DecisionTreeClassifier": ensembles.one_tree,
    "DecisionTreeRegressor": ensembles.one_tree,
    "RandomForestClassifier": ensembles.forest,
    "RandomForestRegressor": ensembles.forest,
    "AdaBoostClassifier": ensembles.boosted_classes,
    "AdaBoostRegressor": ensembles.boosted_numbers,
}


def check_version(opset: int, ir: int) -> None:
    """Make sure that a pair of versions can be written.

    Raises:
        ParameterInvalid: It cannot (-305).
    """
    _check("opset_version", opset, OPSETS[0], OPSETS[-1])
    _check("ir_version", ir, _LEAST_IR, min(_MOST_IR, int(onnx.IR_VERSION)))
    least = helper.find_min_ir_version_for([helper.make_opsetid("", opset), helper.make_opsetid(ML_DOMAIN, ML_OPSET)])
    if ir < least:
        raise ParameterInvalid(
            say(
                f"opset_version={opset} needs ir_version {least}, not {ir}.",
                f"opset_version={opset} 需要 ir_version {least}，而不是 {ir}。",
            ),
            hint=say(f"Write ir_version={least}, or a lower opset.", f"请写 ir_version={least}，或使用更低的 opset。"),
        )


def _check(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return
    raise ParameterInvalid(
        say(f"{name}={quoted(value)} cannot be written.", f"无法写成 {name}={quoted(value)}。"),
        hint=say(f"Choose a whole number from {least} to {most}.", f"请选择 {least} 到 {most} 之间的整数。"),
    )


def to_bytes(model: TrainedModel, tool: str, *, opset: int, ir: int) -> tuple[bytes, ClassicModelInfo]:
    """Write a model; returns the file, and what it says of itself.

    Raises:
        ExportFailed: A parameter of it has no form in ONNX here, or it is too large for one (-806).
    """
    graph = Graph()
    try:
        answers = _written(graph, model)
    except Unsupported as error:
        raise _unsupported(model, str(error)) from None
    info = _info(model, answers, tool)
    proto = _model(graph, answers, model.width, opset, ir)
    helper.set_model_props(proto, info.to_metadata())
    if proto.ByteSize() > _LARGEST:
        raise ExportFailed(
            say(
                "The model would be larger than an ONNX file can be (2 GiB).",
                "模型超过了 ONNX 文件的大小上限（2 GiB）。",
            ),
            hint=say("Train with fewer rows, or with fewer and lower trees.", "请用更少的数据，或更少、更浅的树训练。"),
        )
    onnx.checker.check_model(proto)
    data: bytes = proto.SerializeToString()
    return data, info


def _written(graph: Graph, model: TrainedModel) -> Answers:
    rows = decimals.restored(graph, INPUT)
    if model.scaling is not None:
        rows = graph.subtract(rows, graph.constant(model.scaling.least))
        rows = graph.divide(rows, graph.constant(model.scaling.span))
    estimator = model.estimator
    if hasattr(estimator, "steps"):
        first, estimator = (step for _, step in estimator.steps)
        rows = numeric.powers(graph, rows, first)
    return _WRITERS[type(estimator).__name__](graph, rows, estimator)


def _model(graph: Graph, answers: Answers, width: int, opset: int, ir: int) -> onnx.ModelProto:
    outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", answers.width])]
    graph.nodes.append(helper.make_node("Cast", [answers.output], [OUTPUT], to=TensorProto.FLOAT))
    if answers.best is not None:
        labels = graph.constant(answers.labels, np.int64)
        graph.nodes.append(helper.make_node("Gather", [labels, answers.best], [LABEL], axis=0))
        outputs.append(helper.make_tensor_value_info(LABEL, TensorProto.INT64, ["batch"]))
    inputs = [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", width])]
    made = helper.make_graph(graph.nodes, "BaseML", inputs, outputs, graph.constants)
    domains = [helper.make_opsetid("", opset)]
    if any(node.domain == ML_DOMAIN for node in graph.nodes):
        domains.append(helper.make_opsetid(ML_DOMAIN, ML_OPSET))
    return helper.make_model(made, opset_imports=domains, ir_version=ir, producer_name="mmedu")


def _info(model: TrainedModel, answers: Answers, tool: str) -> ClassicModelInfo:
    example = tuple(float(value) for value in np.ravel(model.demo_input)[: model.width])
    return ClassicModelInfo(
        family=model.kind.family,
        algorithm=model.kind.name,
        width=model.width,
        features=model.features,
        classes=model.classes,
        labels=answers.labels,
        example=example,
        batch=max(1, min(1024, _SPACE // max(answers.space, 1))),
        shares=answers.shares,
        tool=tool,
    )


def _unsupported(model: TrainedModel, parameter: str) -> ExportFailed:
    return ExportFailed(
        say(
            f"{model.kind.name} with this {parameter} has no form in ONNX here.",
            f"{model.kind.name} 的参数 {parameter} 取这个值时无法转换为 ONNX。",
        ),
        hint=say(
            f"Train it without setting {parameter}, or use the .pkl file where scikit-learn is installed.",
            f"请不设置 {parameter} 重新训练，或在安装了 scikit-learn 的电脑上使用 .pkl 文件。",
        ),
    )
