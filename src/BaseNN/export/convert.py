"""A trained network becomes an ONNX file, compared with the network before it is written, with a sample script."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from BaseDT.arguments import check_choice
from BaseDT.errors import ExportFailed, NothingLoaded
from BaseDT.files import check_writable, sweep_beside, write_together
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.own_network_info import OwnNetworkInfo
from BaseNN.export import compared, script
from BaseNN.export.deployed import AnyRange, NextWord, OneOutput
from BaseNN.files import described
from BaseNN.prediction.printed import scores_of
from MMEdu.engine.events import Listener, Notice
from MMEdu.export import sample
from MMEdu.export.onnx import OPSETS, Version, least_ir
from MMEdu.export.target import target_of

if TYPE_CHECKING:
    from BaseNN.files.trained import TrainedNetwork

Array = npt.NDArray[Any]
__all__ = ["Exported", "Version", "convert", "describe", "version_of"]


@dataclass(frozen=True)
class Exported:
    """What a conversion left.

    Attributes:
        file: The ONNX file.
        scripts: What became of the sample script.
        difference: The largest between file and network.
        info: What the file says of itself.
    """

    file: Path
    scripts: sample.Scripts
    difference: float
    info: OwnNetworkInfo


def version_of(opset: object, ir: object, emit: Listener) -> Version:
    """Return the versions that were asked for; a format too old for the operators becomes the least that goes.

    Documented programs ask for IR 3 beside operators that need more.

    Raises:
        ParameterInvalid: One of them cannot be written (-305).
    """
    known: Any = opset if type(opset) is int and opset in OPSETS else None
    least = 0 if known is None else least_ir(known)
    if type(ir) is int and 3 <= ir < least:
        text = say(
            f"opset_version={opset} needs ir_version {least}: the file has that instead of {ir}.",
            f"opset_version={opset} 至少需要 ir_version {least}，文件按 {least} 写出（而不是 {ir}）。",
        )
        emit(Notice(text))
        ir = least
    return Version(opset, ir)  # type: ignore[arg-type]  # checked there


def convert(
    network: TrainedNetwork,
    out_file: Any,
    backend: object,
    version: Version,
    samples: Array | None,
    emit: Listener,
) -> Exported:
    """Write a network as an ONNX file.

    Args:
        network: In evaluation mode, on the processor.
        out_file: Where; its suffix is completed.
        backend: ``ONNX``.
        version: Of operators and format.
        samples: What it learned from, (N, …) as in ``TrainingData``; None where nothing is at hand.
        emit: Called with what was written.

    Raises:
        ParameterInvalid: No such backend, or opset and IR that cannot be (-305).
        ExportFailed, ExportDiffers: It cannot be written (-806), or says something else (-807).
        PathNotWritable, DiskFull: ``out_file`` cannot be written (-104, -803).
    """
    target = target_of(out_file, _checked_backend(backend))
    check_writable(target.files)
    if samples is not None and samples.shape[1:] != network.stack.surroundings.inputs:
        samples = None  # they are of another network
    info = describe(network, samples)
    deployed = _deployed(network, info, _highest(network, samples)).eval()
    inputs = compared.inputs_of(info, samples)
    metadata = {**info.to_metadata(), **_as_classifier(network, info)}
    data, difference = compared.written(deployed, inputs, version, metadata, info)
    write_together({target.files[0]: data})
    sweep_beside(target.files)
    scripts = sample.write_texts({sample.script_path(target): script.text_of(target, info)})
    exported = Exported(target.files[0], scripts, difference, info)
    _report(exported, len(data), len(inputs), version, emit)
    return exported


def describe(network: TrainedNetwork, samples: Array | None = None) -> OwnNetworkInfo:
    """Return what the file of a network will say of itself.

    Raises:
        NothingLoaded: Nobody knows what its data look like (-602).
        ExportFailed: It draws pictures, step by step (-806).
    """
    if any(layer.layer == "diffusion_model" for layer in network.stack.layers):
        raise _draws()
    shape = network.stack.surroundings.inputs
    if shape is None or None in shape:
        raise _no_shape()
    size = (1, *(length for length in shape if length is not None))
    is_text = bool(network.word2idx)
    kind = described.dataset_type(network, shape)
    preprocess = None
    if kind == "img":
        preprocess = described.preprocess_of(network, (size[1], size[2], size[3]), _highest(network, samples))
    task: Any = "gen" if is_text else network.task
    tool = f"mmedu {installed('mmedu')}"
    scores = scores_of(network.stack, network.meta.get("loss")) if task == "cls" else ""
    return OwnNetworkInfo(kind, size, task, network.classes, network.word2idx, preprocess, tool, scores)


def _as_classifier(network: TrainedNetwork, info: OwnNetworkInfo) -> dict[str, str]:
    """Return by what a classifier of pictures runs wherever those of MMEdu do: served, live, measured, evaluated.

    Empty where it is none: its numbers must be probabilities of its classes.
    """
    layers = network.stack.layers
    outgoing = network.stack.outgoing
    likely = info.task == "cls" and bool(layers) and layers[-1].activation == "softmax"
    if info.preprocess is None or not likely or outgoing is None or len(outgoing) != 1 or not outgoing[0]:
        return {}
    names = info.classes or tuple(map(str, range(outgoing[0])))
    if len(names) != outgoing[0]:
        return {}
    known = ModelInfo("classification", "BaseNN", names, info.preprocess, "classification", tool=info.tool)
    return known.to_own_metadata()


def _highest(network: TrainedNetwork, samples: Array | None) -> float | None:
    """Return the highest value of the pictures that were learned; of those at hand where the network does not say."""
    known = network.highest
    return float(samples.max()) if known is None and samples is not None and len(samples) else known


def _deployed(network: TrainedNetwork, info: OwnNetworkInfo, highest: float | None) -> OneOutput:
    if info.word2idx:
        return NextWord(network.model)
    to_one = info.dataset_type == "img" and highest is not None and highest <= 1
    return AnyRange(network.model) if to_one else OneOutput(network.model)


def _report(exported: Exported, size: int, count: int, version: Version, emit: Listener) -> None:
    told = f"{size / 1e6:.2f} MB, opset {version.opset}, IR {version.ir}"
    emit(Notice(say(f"Converted: {exported.file} ({told}).", f"转换完成：{exported.file}（{told}）。")))
    emit(
        Notice(
            say(
                f"On {count} samples it agrees with the trained network within {exported.difference:.0e}.",
                f"已用 {count} 个样本核对，与训练得到的网络相差不超过 {exported.difference:.0e}。",
            )
        )
    )
    sample.report(exported.scripts, emit)


def _checked_backend(backend: object) -> Literal["ONNX"]:
    text = backend.upper() if isinstance(backend, str) else backend
    return check_choice("backend", text, ("ONNX",))


def _draws() -> ExportFailed:
    return ExportFailed(
        say(
            "A diffusion model draws in many steps, and a file holds one.",
            "扩散模型需要多步生成图像，无法转换为一次推理的文件。",
        ),
        hint=say("Draw with model.inference(num=4).", "请用 model.inference(num=4) 生成图像。"),
    )


def _no_shape() -> NothingLoaded:
    return NothingLoaded(
        say("Nobody knows what this network's data look like.", "不知道该网络的输入数据形状。"),
        hint=say(
            "Load data first: model.load_tab_data('iris.csv'); or name a checkpoint that train() wrote.",
            "请先载入数据，如 model.load_tab_data('iris.csv')；或指定 train() 保存的权重文件。",
        ),
    )
