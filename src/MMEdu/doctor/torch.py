"""Torch, torchvision and CUDA: installed, of one pair, working, and able to do what the user asked for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from BaseDT.language import say
from MMEdu.doctor.finding import Finding
from MMEdu.doctor.surroundings import Surroundings
from MMEdu.requirements import INSTALL_TRAIN

# torchvision's operators are loaded as torchvision itself does it, but without importing the rest of torchvision.
_QUESTION = """
import json, torch
library = {library!r}
loads = False
try:
    if library:
        torch.ops.load_library(library)
        loads = True
except (OSError, RuntimeError):
    pass
has_cuda = bool(torch.cuda.is_available())
print(json.dumps({{"version": str(torch.__version__), "built": torch.version.cuda, "cuda": has_cuda, "loads": loads}}))
"""
_CUDA_BUILD = "pip install --force-reinstall torch torchvision --index-url https://download.pytorch.org/whl/cu130"
_VC_RUNTIME = "https://aka.ms/vs/17/release/vc_redist.x64.exe"


@dataclass(frozen=True)
class _Torch:
    """What torch said of itself in a process of its own."""

    version: str
    cuda_build: str | None
    has_cuda: bool
    has_operators: bool


def examine_torch(at: Surroundings) -> list[Finding]:
    """Look at the training part. Without torch there is one finding, and nothing else to look at."""
    if at.package("torch") is None:
        return [
            Finding(
                "torch",
                "error",
                say("torch is not installed: nothing can be trained", "没有安装 torch，无法训练"),
                INSTALL_TRAIN,
            )
        ]
    works, answer = at.ask_python(_QUESTION.format(library=_operator_library(at.package("torchvision"))))
    if not works:
        return [_broken(answer, at)]
    said = json.loads(answer)
    torch = _Torch(said["version"], said["built"], said["cuda"], said["loads"])
    cuda = _cuda(torch, at)
    return [Finding("torch", "ok", f"torch {torch.version}"), _torchvision(torch, at), *([cuda] if cuda else [])]


def _operator_library(torchvision: Path | None) -> str | None:
    found = sorted(p for p in torchvision.glob("_C*") if p.suffix in (".so", ".pyd")) if torchvision else []
    return str(found[0]) if found else None


def _broken(answer: str, at: Surroundings) -> Finding:
    again = "pip install --force-reinstall torch torchvision"
    remedy = f"{say('install', '安装')} {_VC_RUNTIME}\n{again}" if at.system == "win32" else again
    return Finding("torch", "error", say(f"import torch fails: {answer}", f"import torch 失败：{answer}"), remedy)


def _torchvision(torch: _Torch, at: Surroundings) -> Finding:
    version = at.version("torchvision")
    if at.package("torchvision") is None:
        return Finding(
            "torchvision", "error", say("torchvision is not installed", "没有安装 torchvision"), INSTALL_TRAIN
        )
    title = f"torchvision {version}" if version else "torchvision"
    wanted = _torch_wanted(at)
    base = torch.version.partition("+")[0]
    if wanted is not None and wanted != base:
        return Finding(
            "torchvision",
            "error",
            say(
                f"{title} belongs to torch {wanted}, but torch is {base}",
                f"{title} 需要 torch {wanted}，而现有 torch {base}",
            ),
            f'pip install "torch=={base}" torchvision',
        )
    if torch.has_operators:
        return Finding("torchvision", "ok", title)
    return Finding(
        "torchvision",
        "ok",
        say(
            f"{title}; its compiled operators are missing or belong to another build of torch, ours take their place",
            f"{title}；其编译算子缺失或与 torch 不匹配，将使用 MMEdu 自带的实现",
        ),
    )


def _torch_wanted(at: Surroundings) -> str | None:
    """Return the one version of torch that the installed torchvision says it was built for."""
    found = next((d for d in at.installed() if d.name.lower() == "torchvision"), None)
    for line in (found.requires or []) if found else ():
        if match := re.match(r"torch\s*\(?\s*==\s*([\w.]+)", line):
            return match[1]
    return None


def _cuda(torch: _Torch, at: Surroundings) -> Finding | None:
    """Judge CUDA where the user asked for it, or where there is a GPU that could be used."""
    asked = at.device.startswith("cuda")
    has_gpu = at.driver.exists() or at.has_command("nvidia-smi")
    if torch.has_cuda:
        return Finding("cuda", "ok", say("torch can use the GPU", "torch 可以使用显卡"))
    if not asked and not has_gpu:
        return None
    status = "error" if asked else "warning"
    if not has_gpu:
        return Finding(
            "cuda",
            status,
            say("device='cuda' was asked for, but no NVIDIA driver is here", "要求使用 CUDA，但没有找到 NVIDIA 驱动"),
            say(
                "device='cpu', or install the driver: https://www.nvidia.com/drivers",
                "使用 device='cpu'，或安装驱动：https://www.nvidia.com/drivers",
            ),
        )
    if torch.cuda_build is None:
        return Finding(
            "cuda",
            status,
            say(
                f"there is an NVIDIA GPU, but torch {torch.version} is a build without CUDA",
                f"有 NVIDIA 显卡，但 torch {torch.version} 不支持 CUDA",
            ),
            f"{_CUDA_BUILD}\n{say('other versions of CUDA', '其他 CUDA 版本')}: https://pytorch.org/get-started/locally/",
        )
    return Finding(
        "cuda",
        status,
        say(
            f"torch is built for CUDA {torch.cuda_build}, but cannot use the GPU: the driver is too old or not loaded",
            f"torch 支持 CUDA {torch.cuda_build}，但无法使用显卡：驱动过旧或未加载",
        ),
        say("update the driver: https://www.nvidia.com/drivers", "更新驱动：https://www.nvidia.com/drivers"),
    )
