"""What the operating system knows: peak memory, allocator thresholds, who else was busy, the machine in words.

Used by parent and children; torch is imported inside the functions of the children only.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from bench._cases import Job

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3


def peak_memory() -> float:
    """Peak resident memory of this process so far, in MB (10⁶ bytes); children not included."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss: Linux hands the parent's peak on to a child.
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    if sys.platform == "win32":
        return importlib.import_module("psutil").Process().memory_info().peak_wset / 1e6
    resource = importlib.import_module("resource")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def keep_buffers() -> bool:
    """Tells glibc to keep large buffers instead of mapping and unmapping them; False where that cannot be done."""
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    # Older glibc refuses more than 32 MB, and setting only the other threshold would make matters worse.
    if not (mallopt(_M_MMAP_THRESHOLD, 1 << 30) or mallopt(_M_MMAP_THRESHOLD, 1 << 25)):
        return False
    return bool(mallopt(_M_TRIM_THRESHOLD, 1 << 30))


class Others:
    """How much of the machine other processes took since this object was made: the enemy of every figure here."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = _busy_seconds()

    def share(self) -> float | None:
        """0 … 1 of all cores; None where that is not known (psutil missing, or not Linux or macOS).

        Right only when the measured process and all its children have ended and been waited for.
        """
        after = _busy_seconds()
        if self._before is None or after is None:
            return None
        seconds = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        return min(max((after - self._before) / seconds, 0.0), 1.0)


def _busy_seconds() -> float | None:
    """CPU seconds that the machine spent on everything but this process and its ended children."""
    if sys.platform == "win32":
        return None  # there os.times() knows nothing of children
    try:
        machine = importlib.import_module("psutil").cpu_times()
    except ModuleNotFoundError:
        return None
    idle = machine.idle + getattr(machine, "iowait", 0.0)
    # Guests are counted within user and nice already.
    guests = getattr(machine, "guest", 0.0) + getattr(machine, "guest_nice", 0.0)
    mine = os.times()
    return sum(machine) - idle - guests - (mine.user + mine.system + mine.children_user + mine.children_system)


def bf16_native() -> bool:
    """Whether this CPU computes in bfloat16 with instructions of its own."""
    import torch

    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):
        return False


def machine(_: Job) -> dict[str, Any]:
    """The machine in words, for the head of a report."""
    import torch

    model, flags = _cpu()
    return {
        "system": platform.platform(),
        "cpu": model,
        "cpu_flags": flags,
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "bf16_native": bf16_native(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _cpu() -> tuple[str, list[str]]:
    """The CPU's name and those of its flags that decide about speed."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine(), []
    fields: dict[str, str] = {}
    for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip().lower(), value.strip())
    flags = (fields.get("flags") or fields.get("features") or "").split()
    wanted = ("avx", "amx", "neon", "asimd", "bf16", "sve")
    return fields.get("model name", platform.machine()), sorted(f for f in flags if f.startswith(wanted))
