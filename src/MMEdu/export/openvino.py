"""OpenVINO: an ONNX file becomes ``.xml`` and ``.bin``. What the model knows of itself goes into the ``.xml``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.errors import DependencyMissing, ExportFailed
from BaseDT.escaping import first_line
from BaseDT.language import say
from MMEdu.export.temporary_folder import TemporaryFolder, check_room
from XEdu.runtime import no_telemetry, weights_hash

INSTALL = 'pip install "mmedu[openvino]"'
RT_INFO = "mmedu_metadata"
"""Where the runtime looks for the properties."""


def to_files(onnx_file: bytes, metadata: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Return the contents of ``.xml`` and ``.bin``, weights in 32 bits.

    Raises:
        DependencyMissing: OpenVINO is not installed (-502).
        ExportFailed: OpenVINO refuses the model (-806).
        DiskFull: There is no room for temporary files (-803).
    """
    if find_spec("openvino") is None:
        hint = say(f"Install it with: {INSTALL}", f"请先安装：{INSTALL}")
        raise DependencyMissing(
            say("This Python does not have OpenVINO.", "当前 Python 没有安装 OpenVINO。"), hint=hint
        )
    no_telemetry.forbid()
    import openvino

    # Not openvino.convert_model: it reports its use over the network.
    with TemporaryFolder() as folder:
        xml = folder / "model.xml"
        try:
            model: Any = openvino.Core().read_model(onnx_file, b"")
            for key, value in metadata.items():
                model.set_rt_info(value, [RT_INFO, key])
            openvino.save_model(model, xml, compress_to_fp16=False)
            _name_weights(openvino, model, xml)
        except RuntimeError as error:
            check_room(folder, len(onnx_file))
            hint = say("Try another opset_version.", "请尝试其他 opset_version。")
            raise ExportFailed(
                say(
                    f"OpenVINO refuses the model: {first_line(error)}",
                    f"OpenVINO 不接受该模型：{first_line(error)}",
                ),
                hint=hint,
            ) from error
        return xml.read_bytes(), xml.with_suffix(".bin").read_bytes()


def _name_weights(openvino: Any, model: Any, xml: Path) -> None:
    """Write the ``.xml`` again with the hash of its ``.bin``, known only now; the weights stay as they are."""
    model.set_rt_info(weights_hash.of(xml.with_suffix(".bin").read_bytes()), [RT_INFO, weights_hash.KEY])
    openvino.save_model(model, xml, compress_to_fp16=False)
