"""Where and how the numbers are computed: device, precision, allocator. The only place that asks torch for hardware."""

from __future__ import annotations

import ctypes
import platform
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache

import torch

from BaseDT.errors import DeviceUnavailable, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say

_KNOWN = re.compile(r"^(cpu|cuda(:\d+)?|mps|auto)$")


def resolve(name: str) -> torch.device:
    """Turn the user's ``device`` into one that is on this machine.

    Args:
        name: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto`` (the best there is).

    Raises:
        DeviceUnavailable: Not one of these, or asked for and absent (-301).
    """
    if not isinstance(name, str) or not _KNOWN.match(name):
        raise DeviceUnavailable(
            say(f"No such device: {quoted(name)}.", f"没有设备 {quoted(name)}。"),
            hint=say("Use 'cpu', 'cuda', 'cuda:0' or 'auto'.", "可以使用 'cpu'、'cuda'、'cuda:0' 或 'auto'。"),
        )
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu")
    if name.startswith("cuda"):
        _require_cuda(name)
    if name == "mps" and not _has_mps():
        raise DeviceUnavailable(say("Device 'mps' is not available here.", "这里无法使用设备 'mps'。"), hint=_use_cpu())
    return torch.device(name)


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def _use_cpu() -> str:
    return say("Use device='cpu', or device='auto' to choose.", "请使用 device='cpu'，或用 device='auto' 自动选择。")


def _require_cuda(name: str) -> None:
    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        raise DeviceUnavailable(
            say(
                f"Device {quoted(name)} was asked for, but this torch ({torch.__version__}) is a build without CUDA.",
                f"要求使用设备 {quoted(name)}，但这个 torch（{torch.__version__}）不支持 CUDA。",
            ),
            hint=f"{_use_cpu()} {say('`mmedu doctor` tells how to mend it.', '运行 `mmedu doctor` 查看解决办法。')}",
        )
    count = torch.cuda.device_count()
    if not torch.cuda.is_available() or int(name.partition(":")[2] or 0) >= count:
        raise DeviceUnavailable(
            say(
                f"Device {quoted(name)} was asked for, but CUDA sees {count} GPU(s) here.",
                f"要求使用设备 {quoted(name)}，但 CUDA 在这里找到 {count} 块显卡。",
            ),
            hint=f"{_use_cpu()} {say('Is the driver installed?', '请检查显卡驱动是否已安装。')}",
        )


PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Precision:
    """How wide the numbers of the forward pass are.

    Attributes:
        name: ``float32``, ``bfloat16`` or ``float16``; logged.
        device_type: The device type that autocast works on.
    """

    name: str
    device_type: str

    @property
    def is_mixed(self) -> bool:
        """Whether autocast is used."""
        return self.name != "float32"

    def autocast(self) -> AbstractContextManager[object]:
        """The context in which a forward pass runs."""
        if not self.is_mixed:
            return nullcontext()
        return torch.autocast(self.device_type, dtype=getattr(torch, self.name))


@lru_cache(maxsize=1)
def cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 matrices with instructions of its own (AVX-512 BF16, AMX)."""
    has_avx = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return bool(has_avx) and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def choose_precision(requested: str, device: torch.device, *, bfloat16_wins: bool) -> Precision:
    """Choose the precision of a run.

    Args:
        requested: ``auto``, ``float32``, ``bfloat16`` or ``float16`` (CUDA only).
        device: Where the run computes.
        bfloat16_wins: Whether the recipe says that bfloat16 is faster on a CPU that has it.

    Raises:
        ParameterInvalid: Not one of these, or not on this device (-305).
    """
    allowed = {"cpu": ("float32", "bfloat16"), "cuda": ("float32", "bfloat16", "float16")}.get(
        device.type, ("float32",)
    )
    if requested == "auto":
        return Precision(_best_precision(device, bfloat16_wins=bfloat16_wins), device.type)
    if requested not in allowed:
        listed = ", ".join(("auto", *allowed))
        raise ParameterInvalid(
            say(
                f"precision={quoted(requested)} cannot be used on {device.type}.",
                f"precision={quoted(requested)} 不能在 {device.type} 上使用。",
            ),
            hint=say(f"Choose one of: {listed}.", f"可选的值：{listed}。"),
        )
    return Precision(requested, device.type)


def _best_precision(device: torch.device, *, bfloat16_wins: bool) -> str:
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if device.type == "cpu" and bfloat16_wins and cpu_has_bfloat16():
        return "bfloat16"
    return "float32"


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
_KEEP_ALL = 1 << 30
_USUAL = 32 << 20  # where glibc's own moving threshold ends


@contextmanager
def large_buffers_kept() -> Iterator[None]:
    """Let glibc reuse large buffers instead of mapping and unmapping them in every step; return them at the end.

    Zeroing freshly mapped pages costs a fifth of a step of ResNet18 and more of MobileNet on a CPU. Acts on Linux with
    glibc, and for the whole process.
    """
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        yield
        return
    libc = ctypes.CDLL(None)
    _set_thresholds(libc, _KEEP_ALL)
    try:
        yield
    finally:
        _set_thresholds(libc, _USUAL)
        libc.malloc_trim(0)


def _set_thresholds(libc: ctypes.CDLL, size: int) -> None:
    """Set both, or neither: setting one alone would stop glibc from moving the other by itself."""
    if libc.mallopt(_M_MMAP_THRESHOLD, size) or libc.mallopt(_M_MMAP_THRESHOLD, _USUAL):  # some refuse more than 32 MB
        libc.mallopt(_M_TRIM_THRESHOLD, size)
