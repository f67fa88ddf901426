"""XEdu.runtime: opens an exported model of any format by its suffix. Arrays in, arrays out; no torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from BaseDT.arguments import documented

if TYPE_CHECKING:
    from XEdu.runtime.backend import Backend

__all__ = ["open"]


@documented
def open(
    path: str | os.PathLike[str], *, threads: int | None = None, providers: Sequence[str] | None = None
) -> Backend:
    """Open an exported model (打开导出的模型).

    Args:
        path: ``x.onnx``; ``x.ncnn.param`` or ``x.ncnn.bin`` (both lie beside each other); ``x.xml`` (OpenVINO, with
            its ``x.bin``); ``x.engine`` or ``x.trt`` (TensorRT).
        threads: Of the computation; None takes all cores that this process may use.
        providers: Of onnxruntime, the best one first, e.g. ``["CUDAExecutionProvider"]``; None is the CPU.

    Returns:
        The model, ready to run.

    Raises:
        CheckpointNotFound: There is no such file (-102).
        CheckpointInvalid: It is no whole model (-202).
        ModelUnsupported: It is whole, but too new for the installed runtime (-206).
        DependencyMissing: Its runtime is not installed; the hint holds the command (-502).
        DeviceUnavailable: A provider, or the GPU, is not on this machine (-301).
        ParameterInvalid: ``path``, ``threads`` or ``providers`` has a value that cannot work (-305).
    """
    from XEdu.runtime import opening

    return opening.open_model(path, threads, providers)
