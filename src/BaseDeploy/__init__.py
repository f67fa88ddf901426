"""BaseDeploy: runs an exported model by calling the module itself.

    import BaseDeploy as bd
    model = bd('cats_dogs.onnx')
    result = model.inference('cat.jpg')
    model.print_result(result)

``BaseDeploy.load`` is the same for type checkers. It stays a real module: it can be reloaded and imported from.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from BaseDT.arguments import documented
from BaseDT.errors import show_named_errors_plainly
from BaseDT.missing_names import no_such_name

if TYPE_CHECKING:
    from BaseDeploy.deployed import DeployedModel

__all__ = ["load"]

# A pupil's script that ends with a mistake we can name shows the mistake and the line, not our insides.
show_named_errors_plainly()


@documented
def load(
    path: str | os.PathLike[str], backend: str = "ort", *, providers: Sequence[str] | None = None
) -> DeployedModel:
    """Open an exported model (打开转换后的模型).

    Args:
        path: ``x.onnx``, ``x.ncnn.param``, ``x.xml`` or ``x.engine``.
        backend: ``ort`` lets the suffix decide; ``onnxruntime``, ``ncnn``, ``openvino`` and ``tensorrt`` insist.
        providers: Of onnxruntime, the best one first, e.g. ``["TensorrtExecutionProvider"]``; None is the CPU.

    Raises:
        CheckpointNotFound: There is no such file (-102).
        CheckpointInvalid: It is no whole model (-202).
        ModelUnsupported: It is too new for the runtime, or for the mmedu, that is installed (-206).
        TaskMismatch: It was made for a task that is neither classification nor detection (-311).
        ParameterInvalid: There is no such backend, or it does not run this format (-305).
        ParameterUnknown: There is no such parameter (-501).
        DependencyMissing: Its runtime is not installed (-502).
    """
    from BaseDeploy.deployed import DeployedModel

    return DeployedModel(path, backend, providers)


def __getattr__(name: str) -> NoReturn:
    raise no_such_name(__name__, name)


class _CallableModule(types.ModuleType):
    """This module, which the documents call like a function."""

    __call__ = staticmethod(load)


sys.modules[__name__].__class__ = _CallableModule
