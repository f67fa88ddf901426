"""The training part: installed, working, torch and torchvision a pair, and able to use the GPU that is asked for.

Nothing here imports torch; a Python of its own is asked.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from BaseDT.language import say
from MMEdu.doctor.finding import Finding
from MMEdu.doctor.surroundings import Surroundings
from MMEdu.requirements import INSTALL_TRAIN, TRAIN_PACKAGES

# torchvision's operators are loaded as torchvision itself does it, but without importing the rest of torchvision.
_QUESTION = """
import json, torch
operators = False
try:
    if {library!r}:
        torch.ops.load_library({library!r})
        operators = True
except (OSError, RuntimeError):
    pass
print(json.dumps([str(torch.__version__), torch.version.cuda, bool(torch.cuda.is_available()), operators]))
"""
_AGAIN = "pip install --force-reinstall torch torchvision"
_CUDA_BUILD = f"{_AGAIN} --index-url https://download.pytorch.org/whl/cu130"
_CUDA_BUILDS = "https://pytorch.org/get-started/locally/"
_DRIVERS = "https://www.nvidia.com/drivers"
_VC_RUNTIME = "https://aka.ms/vs/17/release/vc_redist.x64.exe"


@dataclass(frozen=True)
class _Torch:
    """What torch said of itself, in a process of its own."""

    version: str
    cuda_build: str | None
    has_cuda: bool
    has_operators: bool


def examine_torch(at: Surroundings) -> list[Finding]:
    """Look at the training part. Where some of it is missing there is nothing else to look at."""
    missing = [name for name in TRAIN_PACKAGES if at.package(name) is None]
    if missing:
        if at.device == "auto" and {"torch", "torchvision"} <= set(missing):
            return [_light()]
        listed = ", ".join(missing)
        detail = say(f"not installed: {listed}; nothing can be trained", f"没有安装 {listed}，无法训练")
        return [Finding("torch", "error", detail, INSTALL_TRAIN)]
    works, answer = at.ask_python(_QUESTION.format(library=_operator_library(at.package("torchvision"))))
    if not works:
        return [_broken(answer, at)]
    torch = _Torch(*json.loads(answer))
    return [Finding("torch", "ok", f"torch {torch.version}"), _torchvision(torch, at), *_cuda(torch, at)]


def _light() -> Finding:
    """Judge an environment without torch in which nobody asked to train: a board's, mostly."""
    detail = say(
        f"not installed: exported models run here, nothing is trained (that needs {INSTALL_TRAIN})",
        f"没有安装：可以运行转换后的模型，不能训练（训练需要 {INSTALL_TRAIN}）",
    )
    return Finding("torch", "ok", detail)


def _operator_library(torchvision: Path | None) -> str | None:
    installed = sorted(p for p in torchvision.glob("_C*") if p.suffix in (".so", ".pyd")) if torchvision else []
    return str(installed[0]) if installed else None


def _broken(answer: str, at: Surroundings) -> Finding:
    # On Windows it is nearly always Microsoft's runtime that is missing.
    remedy = f"{say('install', '安装')} {_VC_RUNTIME}\n{_AGAIN}" if at.system == "win32" else _AGAIN
    return Finding("torch", "error", say(f"import torch fails: {answer}", f"import torch 失败：{answer}"), remedy)


def _torchvision(torch: _Torch, at: Surroundings) -> Finding:
    installed = at.distribution("torchvision")
    title = f"torchvision {installed.version}" if installed else "torchvision"
    base, expected = torch.version.partition("+")[0], _torch_of(installed)
    if expected not in (None, base):
        detail = say(
            f"{title} belongs to torch {expected}, torch is {base}", f"{title} 需要 torch {expected}，现有 {base}"
        )
        return Finding("torchvision", "error", detail, f'pip install "torch=={base}" torchvision')
    if torch.has_operators:
        return Finding("torchvision", "ok", title)
    ours = say(
        "without compiled operators for this torch; works through our own",
        "没有适合当前 torch 的编译算子，将使用 MMEdu 自带的实现",
    )
    return Finding("torchvision", "ok", f"{title}, {ours}")


def _torch_of(torchvision: Distribution | None) -> str | None:
    """Return the one version of torch that a torchvision says it was built for."""
    pins = (re.match(r"torch\s*\(?\s*==\s*([\w.]+)", line) for line in (torchvision and torchvision.requires) or ())
    return next((pin[1] for pin in pins if pin), None)


def _cuda(torch: _Torch, at: Surroundings) -> list[Finding]:
    """Judge CUDA where the user asked for it, or where there is a GPU that could be used."""
    requested = at.device == "cuda"
    has_gpu = at.driver.exists() or at.has_command("nvidia-smi")
    if torch.has_cuda:
        return [Finding("cuda", "ok", say("torch can use the GPU", "torch 可以使用显卡"))]
    if not requested and not has_gpu:
        return []
    return [Finding("cuda", "error" if requested else "warning", *_why_no_cuda(torch, has_gpu=has_gpu))]


def _why_no_cuda(torch: _Torch, *, has_gpu: bool) -> tuple[str, str]:
    """Return the cause, and what to do about it."""
    if not has_gpu:
        cause = say("CUDA was asked for, but there is no NVIDIA driver", "要求使用 CUDA，但没有 NVIDIA 驱动")
        return cause, say(f"use device='cpu', or install {_DRIVERS}", f"使用 device='cpu'，或安装 {_DRIVERS}")
    if torch.cuda_build is None:
        cause = say(
            f"there is an NVIDIA GPU, but torch {torch.version} is a build without CUDA",
            f"有 NVIDIA 显卡，但 torch {torch.version} 不支持 CUDA",
        )
        return cause, f"{_CUDA_BUILD}\n{say('for other versions of CUDA:', '其他 CUDA 版本：')} {_CUDA_BUILDS}"
    cause = say(
        f"torch was built for CUDA {torch.cuda_build}, but cannot use the GPU: no driver, or one too old",
        f"torch 支持 CUDA {torch.cuda_build}，但无法使用显卡：驱动缺失或过旧",
    )
    return cause, say(f"update the driver: {_DRIVERS}", f"更新驱动：{_DRIVERS}")
