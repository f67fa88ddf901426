"""``mmedu doctor``: shows what ``MMEdu.doctor`` finds. Nothing is judged here."""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.options import option
from MMEdu.cli.output import echo, print_json
from MMEdu.doctor import Finding, Surroundings, examine

_NAMES_ZH = {
    "packages": "软件包",
    "font": "字体",
    "working folder": "工作文件夹",
    "cache": "缓存",
    "disk": "磁盘",
    "memory": "内存",
}
_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


class Device(str, Enum):
    """What ``--device`` accepts."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def doctor(
    as_json: Annotated[
        bool, option("One JSON object, for programs.", "给出一个 JSON 对象，供程序使用。", "--json")
    ] = False,
    device: Annotated[Device, option("What you want to train on.", "打算用来训练的设备。")] = Device.AUTO,
) -> None:
    """Name what is wrong here, and what mends it (检查环境)."""
    findings = examine(Surroundings.here(device.value))
    healthy = all(finding.status != "error" for finding in findings)
    if as_json:
        print_json({"ok": healthy, "findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    if not healthy:
        raise typer.Exit(1)


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        status = typer.style(f"[{finding.status}]", fg=_COLOURS[finding.status])
        name = say(finding.name, _NAMES_ZH.get(finding.name, finding.name))
        echo(f" {name}: {finding.detail}", coloured=status)
        for line in finding.remedy.splitlines():
            echo(f"    -> {line}")
    wrong = sum(finding.status != "ok" for finding in findings)
    summary = say(f"{wrong} of {len(findings)} need a look.", f"共检查 {len(findings)} 项，{wrong} 项需要处理。")
    echo(summary if wrong else say("All is well.", "一切正常。"))
