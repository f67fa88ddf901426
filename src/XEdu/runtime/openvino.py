"""OpenVINO models (``x.xml``, ``x.bin``) through the ``openvino`` package, an extra of this distribution.

Only its runtime is used: never its converter, which would tell its maker about the use.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.errors import CheckpointInvalid, XEduError
from BaseDT.language import say
from XEdu.runtime import no_telemetry, refusals, signal_stack, weights_hash
from XEdu.runtime.backend import Array, TensorSpec
from XEdu.runtime.input_check import InputCheck

INSTALL = 'pip install "mmedu[openvino]"'
METADATA = "mmedu_metadata"
"""The key of our properties in the model's ``rt_info``."""


class OpenVINO:
    """A model of OpenVINO on the CPU.

    Args:
        file: The ``.xml`` file; the ``.bin`` file of the same name lies beside it.
        threads: Of one inference.
        precision: ``"f32"``, or ``"bf16"`` and ``"f16"`` where the processor is faster so.

    Raises:
        DependencyMissing: The package is not installed (-502).
        CheckpointInvalid: A file of the pair is missing or damaged (-202).
        ModelUnsupported: An operation is unknown to this OpenVINO (-206).
    """

    name = "openvino"

    def __init__(self, file: Path, *, threads: int, precision: str = "f32") -> None:
        _check_pair(file)
        core = _package().Core()
        settings = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            model = core.read_model(str(file))
            with signal_stack.kept():
                self._request = core.compile_model(model, "CPU", settings).create_infer_request()
            self.inputs = tuple(_spec(port, f"input_{i}") for i, port in enumerate(model.inputs))
            self.outputs = tuple(_spec(port, f"output_{i}") for i, port in enumerate(model.outputs))
            self.metadata = _metadata(model)
            weights_hash.check(self.metadata, file, file.with_suffix(".bin"))
        except UnicodeDecodeError as error:  # of the text of one of its own errors, too
            raise refusals.broken(
                file, say("its names or properties are not UTF-8", "其中的名称或属性不是 UTF-8 编码")
            ) from error
        except RuntimeError as error:
            raise _refused(file, error) from error
        self._check = InputCheck(self.inputs)
        self._one_at_a_time = threading.Lock()  # it uses all cores as it is, and a request that is busy refuses

    def run(self, feeds: Mapping[str, Array]) -> list[Array]:
        """Run the model once; see ``Backend.run``.

        Raises:
            ParameterInvalid: A tensor does not fit (-305).
            ModelUnsupported: An operation of the model fails on this input (-206).
            MemoryExhausted: There is no room for its outputs (-804).
        """
        self._check(feeds)
        # By number: a model of another converter may have inputs without names.
        tensors = {number: feeds[spec.name] for number, spec in enumerate(self.inputs)}
        try:
            with self._one_at_a_time:
                outputs = self._request.infer(tensors, share_inputs=True)
        except MemoryError as error:
            raise refusals.no_memory() from error
        except RuntimeError as error:
            raise refusals.unsupported(
                say(
                    f"OpenVINO cannot run this model on this input: {refusals.first_line(error)}.",
                    f"OpenVINO 无法用此输入运行该模型：{refusals.first_line(error)}。",
                ),
                "Check the model's input, or convert it again.",
                "请检查模型的输入，或重新转换模型。",
            ) from error
        return [outputs[number] for number in range(len(self.outputs))]


def _package() -> Any:
    no_telemetry.forbid()
    try:
        import openvino
    except ImportError as error:
        raise refusals.not_installed("openvino", INSTALL) from error
    return openvino


def _check_pair(file: Path) -> None:
    """Look at the files first: what is no XML is handed by OpenVINO to readers that write to the terminal."""
    weights = file.with_suffix(".bin")
    if not weights.is_file():
        raise CheckpointInvalid(
            say(
                f"{file.name} is one half of a model: {weights.name} does not lie beside it.",
                f"{file.name} 只是模型的一半：旁边没有 {weights.name}。",
            ),
            hint=say("Copy both files of the model into one folder.", "请把模型的两个文件放在同一文件夹中。"),
        )
    data = file.read_bytes()
    if b"<net" not in data[:4096]:
        kind = refusals.what_is(file)
        raise refusals.broken(
            file, kind if "XML" not in kind else say("it is an XML file of another kind", "它是其他用途的 XML 文件")
        )
    if not data.rstrip().endswith(b"</net>"):
        raise refusals.broken(file, say("its end is missing", "文件不完整，缺少结尾"))


def _spec(port: Any, otherwise: str) -> TensorSpec:
    shape = tuple(None if size.is_dynamic else int(size.get_length()) for size in port.partial_shape)
    names = sorted(port.get_names())
    return TensorSpec(port.any_name if names else otherwise, shape, np.dtype(port.element_type.to_dtype()))


def _metadata(model: Any) -> dict[str, str]:
    if not model.has_rt_info([METADATA]):
        return {}
    values = model.get_rt_info([METADATA]).value
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def _refused(file: Path, error: RuntimeError) -> XEduError:
    words = str(error)
    if "weights" in words:
        return refusals.broken(
            file.with_suffix(".bin"),
            say("its weights are cut off, or belong to another .xml file", "权重不完整，或属于另一个 .xml 文件"),
        )
    if "opset" in words or "nsupported" in words or "Cannot create" in words:
        return refusals.unsupported(
            say(
                f"{file.name} holds an operation that this OpenVINO does not have: {refusals.first_line(error)}.",
                f"{file.name} 含有当前 OpenVINO 没有的运算：{refusals.first_line(error)}。",
            ),
            f"Install a newer one: {INSTALL} -U; or use the .onnx file.",
            f"请安装更新的版本：{INSTALL} -U；或改用 .onnx 文件。",
        )
    return refusals.broken(
        file, say(f"OpenVINO says: {refusals.first_line(error)}", f"OpenVINO 的报告：{refusals.first_line(error)}")
    )
