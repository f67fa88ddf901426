"""What the operating system knows: peak memory of this process, the processor, the runtimes that are installed.

Standard library only: a board has no psutil.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from XEdu.runtime import threads

_RUNTIMES = ("onnxruntime", "openvino", "ncnn", "tensorrt", "numpy", "opencv-python-headless", "opencv-python")


def peak_memory() -> float | None:
    """Peak resident memory of this process so far, in MB (10⁶ bytes); None where the system does not tell."""
    if sys.platform == "win32":
        return _peak_on_windows()
    try:
        # Not ru_maxrss: Linux hands the parent's peak on to a child.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _peak_of_rusage()
    kilobytes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
    return kilobytes[0] * 1024 / 1e6 if kilobytes else _peak_of_rusage()


def _peak_of_rusage() -> float | None:
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


class _Counters(ctypes.Structure):
    """``PROCESS_MEMORY_COUNTERS`` of psapi.h."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        *(
            (name, ctypes.c_size_t)
            for name in (
                "PeakWorkingSetSize",
                "WorkingSetSize",
                "QuotaPeakPagedPoolUsage",
                "QuotaPagedPoolUsage",
                "QuotaPeakNonPagedPoolUsage",
                "QuotaNonPagedPoolUsage",
                "PagefileUsage",
                "PeakPagefileUsage",
            )
        ),
    )


def _peak_on_windows() -> float | None:
    counters = _Counters(cb=ctypes.sizeof(_Counters))
    kernel = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009  (unknown to other systems)
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    read = kernel.K32GetProcessMemoryInfo
    read.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Counters), ctypes.c_uint32)
    succeeded = read(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
    return counters.PeakWorkingSetSize / 1e6 if succeeded else None


def describe() -> dict[str, str | int]:
    """The machine and its runtimes, for the head of a report."""
    facts: dict[str, str | int] = {
        "cpu": processor_name(),
        "cores": threads.available(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    for name in _RUNTIMES:
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            continue
    return facts


def processor_name() -> str:
    """The processor's name, or the board's where Arm Linux tells only that."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip().lower(), value.strip())
    return fields.get("model name") or fields.get("model") or fields.get("hardware") or platform.machine()
