"""NCNN: a network becomes ``.ncnn.param`` and ``.ncnn.bin`` through pnnx, which reads what TorchScript traced."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from BaseDT.errors import DependencyMissing, ExportFailed
from BaseDT.language import english, say
from MMEdu.export.temporary_folder import TemporaryFolder, check_room

INSTALL = 'pip install "mmedu[ncnn-export]"'
_TIME_LIMIT = 1800


def to_files(network: nn.Module, example: Tensor) -> tuple[bytes, bytes]:
    """Return the contents of ``.ncnn.param`` and ``.ncnn.bin``, weights in 32 bits.

    Its blobs are called ``in0``, ``out0``, ``out1``, …; the batch is gone from their shapes.

    Args:
        network: In evaluation mode.
        example: (1, C, H, W); the model takes nothing of another shape.

    Raises:
        DependencyMissing: pnnx or ncnn is not installed (-502).
        ExportFailed: pnnx refuses the network (-806).
        DiskFull: There is no room for temporary files (-803).
    """
    if missing := [name for name in ("pnnx", "ncnn") if find_spec(name) is None]:
        hint = say(f"Install it with: {INSTALL}", f"请先安装：{INSTALL}")
        raise DependencyMissing(
            say(
                f"This Python does not have {' and '.join(missing)}.", f"当前 Python 没有安装 {' 和 '.join(missing)}。"
            ),
            hint=hint,
        )
    with TemporaryFolder() as folder:
        (folder / "model.pt").write_bytes(_traced(network, example))
        _run_pnnx(folder, tuple(example.shape))
        check_room(folder)  # it ends well with half a file
        return (folder / "model.ncnn.param").read_bytes(), (folder / "model.ncnn.bin").read_bytes()


def _traced(network: nn.Module, example: Tensor) -> bytes:
    """Record what the network does as TorchScript: deprecated upstream, and the one thing that pnnx reads."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(network, example, check_trace=False), buffer)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def _run_pnnx(folder: Path, shape: tuple[int, ...]) -> None:
    import pnnx

    size = ",".join(str(number) for number in shape)
    # Names relative to its folder: the path may hold characters that the program does not take.
    command = [pnnx.EXEC_PATH, "model.pt", f"inputshape=[{size}]", "fp16=0"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_TIME_LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _refused(str(error)) from error
    if done.returncode != 0 or not (folder / "model.ncnn.bin").exists():
        lines = (done.stdout + done.stderr).decode(sys.getdefaultencoding(), "replace").strip().splitlines()
        raise _refused(lines[-1] if lines else say(f"exit code {done.returncode}", f"退出码 {done.returncode}"))


def _refused(reason: str) -> ExportFailed:
    hint = say("Convert it to ONNX instead.", "请改用 ONNX 格式。")
    return ExportFailed(
        say(f"pnnx could not convert the model: {english(reason)}", f"pnnx 无法转换该模型：{reason}"), hint=hint
    )
