"""A trained network becomes an ONNX file, compared with the network before it is written, with a sample script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from BaseDT.arguments import check_choice
from BaseDT.errors import ExportDiffers, ExportFailed, NothingLoaded
from BaseDT.files import check_writable, sweep_beside, write_together
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.own_network_info import INPUT, OUTPUT, OwnNetworkInfo
from BaseNN.data import transforms
from BaseNN.export import script
from BaseNN.export.deployed import AnyRange, NextWord, OneOutput
from MMEdu.engine.events import Listener, Notice
from MMEdu.export import onnx, sample
from MMEdu.export.onnx import Version
from MMEdu.export.target import target_of
from MMEdu.export.temporary_folder import TemporaryFolder
from XEdu import runtime

if TYPE_CHECKING:
    from BaseNN.files.trained import TrainedNetwork

Array = npt.NDArray[Any]
__all__ = ["Exported", "Version", "convert", "describe"]
TOLERANCE = 1e-4
"""Of a number, as a share of the largest one where that is above 1."""
_SAMPLES = 8


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
    deployed = _deployed(network, info).eval()
    inputs = _inputs(info, samples)
    metadata = {**info.to_metadata(), **_as_classifier(network, info)}
    data, difference = _written(deployed, inputs, version, metadata, info)
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
    kind = _dataset_type(network.dataset_type, size, is_text)
    preprocess = None
    if kind == "img":
        preprocess = transforms.preprocess(network.transform, size[1] == 1, (size[2], size[3]))
        preprocess = replace(preprocess, std=(_whole(network, samples),) * size[1])
    task: Any = "gen" if is_text else network.task
    tool = f"mmedu {installed('mmedu')}"
    return OwnNetworkInfo(kind, size, task, network.classes, network.word2idx, preprocess, tool)


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


def _dataset_type(known: str, size: tuple[int, ...], is_text: bool) -> Literal["img", "tab", "npz"]:
    """Return what a client is to do with the data; of arrays it is told by their axes."""
    if is_text:
        return "npz"
    if known in ("img", "tab", "npz"):
        return known  # type: ignore[return-value]
    if len(size) == 2:
        return "tab"
    return "img" if len(size) == 4 and size[1] in (1, 3) else "npz"


def _whole(network: TrainedNetwork, samples: Array | None) -> float:
    """Return what pictures are divided by before they go in: arrays of the user's own were learned as they were."""
    if network.dataset_type == "img" or samples is None or not len(samples):
        return 255.0
    return 1.0 if float(samples.max()) > 1 else 255.0


def _deployed(network: TrainedNetwork, info: OwnNetworkInfo) -> OneOutput:
    if info.word2idx:
        return NextWord(network.model)
    from_one = info.preprocess is not None and info.preprocess.std[0] > 1
    return AnyRange(network.model) if from_one else OneOutput(network.model)


def _inputs(info: OwnNetworkInfo, samples: Array | None) -> list[Array]:
    """Return inputs to compare with, (1, …) each, as the network takes them: of the data, and made up."""
    rng = np.random.default_rng(0)
    if info.word2idx:
        words = rng.integers(0, len(info.word2idx), (_SAMPLES, *info.input_size[1:]))
        return [row[None] for row in words.astype(np.int64)]
    shape = (_SAMPLES, *info.input_size[1:])
    made = rng.random(shape) if info.dataset_type == "img" else rng.normal(size=shape)
    rows = list(made.astype(np.float32))
    if samples is not None and len(samples):
        chosen = samples[np.linspace(0, len(samples) - 1, _SAMPLES).astype(int)]
        rows += list(chosen.astype(np.float32) / np.float32(255 if samples.dtype == np.uint8 else 1))
    return [row[None] for row in rows]


def _written(
    network: OneOutput,
    inputs: Sequence[Array],
    version: Version,
    metadata: Mapping[str, str],
    info: OwnNetworkInfo,
) -> tuple[bytes, float]:
    """Return the file's bytes and how far it is from the network; sizes stay fixed where they cannot be free."""
    larger = _larger(network, inputs[0], info)
    many = [*inputs, np.concatenate(inputs[:2])]
    if larger is not None:
        try:
            data = _bytes(network, inputs[0], version, metadata, _free(info, sizes=True))
            return data, _difference(network, data, [*many, larger])
        except (ExportDiffers, ExportFailed):
            pass  # this network says its sizes in numbers
    data = _bytes(network, inputs[0], version, metadata, _free(info, sizes=False))
    return data, _difference(network, data, many)


def _larger(network: OneOutput, one: Array, info: OwnNetworkInfo) -> Array | None:
    """Return an input of other lengths, where the network takes any: a larger picture, a longer text."""
    if info.dataset_type == "img":
        other = np.random.default_rng(0).random((1, one.shape[1], one.shape[2] + 16, one.shape[3] + 24))
        other = other.astype(np.float32)
    elif info.word2idx:
        other = np.concatenate([one, one[:, :1]], axis=1)
    else:
        return None
    try:
        with torch.inference_mode():
            network(torch.from_numpy(other))
    except (RuntimeError, ValueError, IndexError):
        return None
    return other


def _free(info: OwnNetworkInfo, *, sizes: bool) -> onnx.Axes:
    """Return which axes may be any number: the batch, and the sizes of pictures or texts where they can."""
    axes = {0: "batch_size"}
    if sizes:
        axes |= {1: "words"} if info.word2idx else {2: "height", 3: "width"}
    return {INPUT: axes, OUTPUT: {0: "rows" if info.word2idx else "batch_size"}}


def _bytes(network: nn.Module, one: Array, version: Version, metadata: Mapping[str, str], free: onnx.Axes) -> bytes:
    example = torch.from_numpy(np.concatenate([one, one]))  # of two: what is said of one alone would be taken as fixed
    return onnx.to_bytes(network, example, (OUTPUT,), version, metadata, dynamic=True, free=free)


def _difference(network: OneOutput, data: bytes, inputs: Sequence[Array]) -> float:
    """Compare a file with its network, in a temporary folder: a wrong file never reaches the target.

    Raises:
        ExportDiffers: It says something else (-807).
    """
    worst = 0.0
    with TemporaryFolder() as folder:
        file = folder / "network.onnx"
        file.write_bytes(data)
        backend = runtime.open(file)
        for array in inputs:
            with torch.inference_mode():
                expected = network(torch.from_numpy(array)).numpy()
            worst = max(worst, _apart(expected, backend.run({INPUT: array})[0]))
    if worst <= TOLERANCE:
        return worst
    raise ExportDiffers(
        say(
            f"The exported network differs from the trained one by {worst:.1e}, more than {TOLERANCE:.0e}.",
            f"导出的网络与训练得到的网络相差 {worst:.1e}，超过了 {TOLERANCE:.0e}。",
        ),
        hint=say("Nothing was written. Try another opset_version.", "没有写入任何文件。请尝试其他 opset_version。"),
    )


def _apart(expected: Array, actual: Array) -> float:
    """Return the largest difference, as a share of the largest number where that is above 1."""
    if expected.shape != actual.shape or not np.isfinite(actual).all():
        return float("inf")
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    return float(np.abs(expected.astype(np.float64) - actual).max(initial=0.0)) / scale


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
