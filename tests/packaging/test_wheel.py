"""The wheel: opened, and imported from where it was unpacked."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
SHIPPED = (".py", ".typed", ".txt", ".html", ".css", ".js", ".json", ".svg")


def read(wheel: Path, suffix: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(suffix)]
        return archive.read(name).decode("utf-8")


def test_it_runs_on_every_system(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_it_holds_every_module_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (path.relative_to(SRC) for path in SRC.rglob("*") if path.suffix in SHIPPED)
    ours = (path for path in files if not path.parts[0].endswith(".egg-info"))
    assert names == {path.as_posix() for path in ours}


def test_it_brings_the_command(wheel: Path) -> None:
    assert "mmedu = MMEdu.cli:main" in read(wheel, "entry_points.txt")


def test_it_brings_the_licence(wheel: Path) -> None:
    assert "Apache License" in read(wheel, "/LICENSE")
    assert message_from_string(read(wheel, "METADATA"))["License-Expression"] == "Apache-2.0"


def test_without_an_extra_it_never_asks_for_torch(wheel: Path) -> None:
    needs = message_from_string(read(wheel, "METADATA")).get_all("Requires-Dist") or []
    always = [need for need in needs if "extra ==" not in need]
    assert always
    assert [need for need in always if need.startswith("torch")] == []


def test_there_is_an_extra_only_for_what_there_is(wheel: Path) -> None:
    assert set(message_from_string(read(wheel, "METADATA")).get_all("Provides-Extra") or []) == {
        "all",
        "audio",
        "dev",
        "heic",
        "https",
        "ml",
        "ml-export",
        "ncnn",
        "ncnn-export",
        "openvino",
        "pywebio",
        "serve",
        "studio",
        "train",
    }


def test_what_was_unpacked_is_what_runs(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "安装 到")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "安装 到"), "PYTHONIOENCODING": "utf-8"}
    code = "import BaseDT.errors, MMEdu.cli; print(BaseDT.__file__); print(MMEdu.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, check=True, capture_output=True, encoding="utf-8"
    )
    assert [Path(line).parents[1] for line in done.stdout.split("\n")[:2]] == [tmp_path / "安装 到"] * 2
