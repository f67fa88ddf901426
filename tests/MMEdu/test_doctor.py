"""The doctor: each fault is built as real folders on disk, with the metadata that pip leaves, and must be named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from MMEdu.cli.doctor import doctor
from MMEdu.doctor import Finding, Surroundings, examine
from MMEdu.doctor.machine import disk_finding, memory_finding
from MMEdu.export.sample import board_data
from MMEdu.requirements import INSTALL_TRAIN, TRAIN_PACKAGES

GB = 1 << 30
TORCH = """
__version__ = "2.13.0{build}"
class version:
    cuda = {cuda!r}
class cuda:
    is_available = staticmethod(lambda: {has_gpu})
class ops:
    @staticmethod
    def load_library(path):
        if {refuses}:
            raise OSError("libtorch_cuda.so: cannot open shared object file")
"""


def write_torch(
    site: Path, build: str = "+cpu", cuda: str | None = None, has_gpu: bool = False, refuses: bool = False
) -> None:
    text = TORCH.format(build=build, cuda=cuda, has_gpu=has_gpu, refuses=refuses)
    (site / "torch" / "__init__.py").write_text(text, encoding="utf-8")


def install(site: Path, name: str, version: str, *, owns: str, requires: str = "") -> Path:
    """Leave in ``site`` what pip leaves there: a package, and its metadata beside it."""
    package = site / owns
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(f'__version__ = "{version}"\n', encoding="utf-8")
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}", "utf-8")
    (info / "RECORD").write_text(f"{owns}/__init__.py,,\n{info.name}/METADATA,,\n", "utf-8")
    return package


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site-packages folder in which all is well."""
    site = tmp_path / "数据 集" / "site-packages"
    for name, owns in (("mmedu", "MMEdu"), ("opencv-python-headless", "cv2")):
        install(site, name, "3.0.0", owns=owns)
    (site / "BaseDT").mkdir()
    install(site, "torch", "2.13.0", owns="torch")
    install(site, "torchvision", "0.28.0", owns="torchvision", requires="torch (==2.13.0)")
    (site / "torchvision" / "_C.so").touch()
    for name in set(TRAIN_PACKAGES) - {"torch", "torchvision"}:
        install(site, name, "1.0", owns=name)
    write_torch(site)
    return site


@pytest.fixture
def place(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """A whole environment without a GPU."""
    folder = tmp_path / "我的 作业"
    folder.mkdir()
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "home"))
    nothing = str(tmp_path / "nothing")
    return Surroundings(
        packages=(str(site),), home=site, folder=folder, commands=nothing, driver=Path(nothing),
        device="auto", python=(3, 12, 1), bits=64, system="linux",
    )  # fmt: skip


def of(findings: list[Finding], name: str) -> Finding:
    """The worst finding of this name."""
    order = ("error", "warning", "ok")
    return min((f for f in findings if f.name == name), key=lambda f: order.index(f.status))


# --- all is well -------------------------------------------------------------------------------------------------


def test_a_whole_environment_has_no_fault(place: Surroundings) -> None:
    findings = [f for f in examine(place) if f.name not in ("font", "disk", "memory")]  # these depend on the machine
    assert [f for f in findings if f.status != "ok" or f.remedy] == []
    assert [f.name for f in findings] == [
        "python", "packages", "opencv", "torch", "torchvision", "working folder", "cache",
    ]  # fmt: skip


def test_every_fault_comes_with_a_remedy(place: Surroundings, site: Path) -> None:
    install(site, "BaseDT", "0.1.3", owns="BaseDT")
    install(site, "opencv-python", "5.0.0", owns="cv2")
    write_torch(site, build="+cu130", cuda="13.0")
    findings = examine(replace(place, device="cuda", python=(3, 9, 0), folder=place.folder / "missing"))
    faults = [f for f in findings if f.status != "ok"]
    assert {"python", "packages", "opencv", "cuda", "working folder"} <= {f.name for f in faults}
    assert [f for f in faults if not f.remedy] == []


def test_scripts_in_the_working_folder_do_not_disturb_the_doctor(
    place: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.folder / "random.py").write_text("raise SystemExit(3)", encoding="utf-8")
    (place.folder / "json.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(place.folder)
    assert of(examine(place), "torch").status == "ok"


# --- torch and torchvision ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", TRAIN_PACKAGES)
def test_a_missing_training_part_is_named_with_the_command(place: Surroundings, site: Path, missing: str) -> None:
    (site / missing / "__init__.py").unlink()
    (site / missing).rename(site / "gone")
    finding = of(examine(place), "torch")
    assert finding.status == "error"
    assert missing in finding.detail
    assert finding.remedy == INSTALL_TRAIN


@pytest.mark.parametrize(("device", "status"), [("auto", "ok"), ("cpu", "error"), ("cuda", "error")])
def test_a_light_install_is_no_fault_unless_one_wants_to_train(
    place: Surroundings, site: Path, device: str, status: str
) -> None:
    for name in TRAIN_PACKAGES:
        (site / name).rename(site / f"no {name}")
    finding = of(examine(replace(place, device=device)), "torch")
    assert finding.status == status
    assert INSTALL_TRAIN in finding.detail + finding.remedy


def test_a_torch_that_does_not_import_is_reported_with_its_own_words(place: Surroundings, site: Path) -> None:
    (site / "torch" / "__init__.py").write_text("raise ImportError('DLL load failed: c10.dll')", encoding="utf-8")
    on_linux, on_windows = (of(examine(replace(place, system=s)), "torch") for s in ("linux", "win32"))
    assert on_linux.status == "error"
    assert "DLL load failed: c10.dll" in on_linux.detail
    assert on_linux.remedy.startswith("pip install --force-reinstall torch")
    assert "vc_redist" in on_windows.remedy


def test_a_torch_that_kills_its_process_is_reported(place: Surroundings, site: Path) -> None:
    (site / "torch" / "__init__.py").write_text("import os; os.abort()", encoding="utf-8")
    assert of(examine(place), "torch").status == "error"


@pytest.mark.parametrize("cause", ["no library", "another build"])
def test_a_torchvision_without_operators_is_a_note_and_no_fault(place: Surroundings, site: Path, cause: str) -> None:
    if cause == "no library":
        (site / "torchvision" / "_C.so").unlink()
    else:
        write_torch(site, refuses=True)
    finding = of(examine(place), "torchvision")
    assert finding.status == "ok"
    assert "works through our own" in finding.detail


def test_a_torchvision_with_its_operators_has_no_note(place: Surroundings) -> None:
    assert of(examine(place), "torchvision").detail == "torchvision 0.28.0"


def test_torchvision_itself_is_never_imported(place: Surroundings, site: Path) -> None:
    (site / "torchvision" / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    assert of(examine(place), "torchvision").status == "ok"


def test_torch_and_torchvision_of_different_releases_are_named_with_the_command(
    place: Surroundings, site: Path
) -> None:
    info = site / "torchvision-0.28.0.dist-info" / "METADATA"
    info.write_text(info.read_text("utf-8").replace("torch (==2.13.0)", "torch==2.12.1"), "utf-8")
    finding = of(examine(place), "torchvision")
    assert finding.status == "error"
    assert "2.12.1" in finding.detail
    assert "2.13.0" in finding.detail
    assert finding.remedy == 'pip install "torch==2.13.0" torchvision'


# --- CUDA --------------------------------------------------------------------------------------------------------


def test_without_a_gpu_cuda_is_not_mentioned(place: Surroundings) -> None:
    assert "cuda" not in {f.name for f in examine(place)}


def test_cuda_asked_for_without_a_driver_is_an_error(place: Surroundings) -> None:
    finding = of(examine(replace(place, device="cuda")), "cuda")
    assert finding.status == "error"
    assert "driver" in finding.detail
    assert "device='cpu'" in finding.remedy


@pytest.mark.parametrize(("device", "status"), [("auto", "warning"), ("cuda", "error")])
def test_a_gpu_beside_a_cpu_build_of_torch_gets_the_command_for_the_other_build(
    place: Surroundings, device: str, status: str
) -> None:
    place.driver.mkdir()
    finding = of(examine(replace(place, device=device)), "cuda")
    assert finding.status == status
    assert "build without CUDA" in finding.detail
    assert "download.pytorch.org/whl/cu" in finding.remedy


@pytest.mark.skipif(sys.platform == "win32", reason="builds a command of a POSIX shell")
def test_a_gpu_is_noticed_by_the_command_of_its_driver_too(place: Surroundings, tmp_path: Path) -> None:
    command = tmp_path / "bin" / "nvidia-smi"
    command.parent.mkdir()
    command.touch(mode=0o755)
    assert of(examine(replace(place, commands=str(command.parent))), "cuda").status == "warning"


def test_a_cuda_build_that_cannot_use_the_gpu_is_told_to_update_the_driver(place: Surroundings, site: Path) -> None:
    place.driver.mkdir()
    write_torch(site, build="+cu130", cuda="13.0")
    finding = of(examine(place), "cuda")
    assert "CUDA 13.0" in finding.detail
    assert "update the driver" in finding.remedy


def test_a_gpu_that_torch_can_use_is_well(place: Surroundings, site: Path) -> None:
    write_torch(site, build="+cu130", cuda="13.0", has_gpu=True)
    assert of(examine(replace(place, device="cuda")), "cuda").status == "ok"


# --- OpenCV ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("system", "wanted"), [("linux", "opencv-python-headless"), ("win32", "opencv-python")])
@pytest.mark.parametrize("second", ["opencv-python", "opencv_contrib_python", "opencv-contrib-python-headless"])
def test_builds_of_opencv_that_overwrite_each_other_are_all_taken_out(
    place: Surroundings, site: Path, system: str, wanted: str, second: str
) -> None:
    install(site, second, "4.11.0", owns="cv2")
    finding = of(examine(replace(place, system=system)), "opencv")
    uninstall, reinstall = finding.remedy.splitlines()
    assert finding.status == "warning"
    assert uninstall.startswith("pip uninstall -y ")
    assert {"opencv-python-headless", second.replace("_", "-")} == set(uninstall.split()[3:])
    assert reinstall == f"pip install {wanted}"


def test_an_opencv_that_does_not_import_is_reported_with_its_own_words(place: Surroundings, site: Path) -> None:
    (site / "cv2" / "__init__.py").write_text("raise ImportError('libGL.so.1: no such file')", encoding="utf-8")
    finding = of(examine(place), "opencv")
    assert finding.status == "error"
    assert "libGL.so.1" in finding.detail
    assert finding.remedy.endswith("pip install opencv-python-headless")


# --- packages of the same names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version", "owns"),
    [("BaseDT", "0.1.3", "BaseDT"), ("xedu-python", "2.0.0", "XEdu"), ("BaseDeploy", "0.0.4", "BaseDeploy")],
)
def test_another_owner_of_a_name_is_uninstalled(
    place: Surroundings, site: Path, tmp_path: Path, name: str, version: str, owns: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    install(elsewhere, name, version, owns=owns)
    finding = of(examine(replace(place, packages=(str(site), str(elsewhere)))), "packages")
    assert finding.status == "error"
    assert f"{name} {version}" in finding.detail
    assert owns in finding.detail
    assert finding.remedy == f"pip uninstall -y {name}"


def test_what_overwrote_our_files_is_uninstalled_and_ours_installed_again(place: Surroundings, site: Path) -> None:
    install(site, "BaseDT", "0.1.3", owns="BaseDT")
    first, second = of(examine(place), "packages").remedy.splitlines()
    assert first == "pip uninstall -y BaseDT"
    assert second.startswith("pip install --force-reinstall --no-deps")


def test_the_original_is_recognised_though_it_has_our_name(place: Surroundings, site: Path, tmp_path: Path) -> None:
    install(tmp_path / "user", "MMEdu", "2.0.0", owns="MMEdu")
    finding = of(examine(replace(place, packages=(str(site), str(tmp_path / "user")))), "packages")
    assert "MMEdu 2.0.0" in finding.detail
    assert len(finding.remedy.splitlines()) == 2


def test_an_owner_whose_only_list_is_top_level_txt_is_found(place: Surroundings, site: Path) -> None:
    (install(site, "old", "1.0", owns="XEdu").parent / "old-1.0.dist-info" / "RECORD").unlink()
    (site / "old-1.0.dist-info" / "top_level.txt").write_text("XEdu\n", "utf-8")
    assert "old 1.0" in of(examine(place), "packages").detail


def test_our_own_egg_info_beside_an_editable_installation_is_no_other_owner(place: Surroundings, site: Path) -> None:
    egg = site / "mmedu.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: mmedu\nVersion: 3.0.0\n", "utf-8")
    (egg / "top_level.txt").write_text("BaseDT\nMMEdu\n", "utf-8")
    assert of(examine(place), "packages").status == "ok"


def test_a_copy_that_no_installer_knows_of_is_found(place: Surroundings, site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "一键 安装" / "BaseDT"
    copy.mkdir(parents=True)
    (copy / "__init__.py").touch()
    finding = of(examine(replace(place, packages=(str(copy.parent), str(site)))), "packages")
    assert finding.status == "error"
    assert str(copy) in finding.detail


@pytest.mark.parametrize("script", ["MMEdu.py", "mmedu.py", "torch.py", "cv2.py"])
def test_a_script_that_hides_a_package_is_named(place: Surroundings, script: str) -> None:
    (place.folder / script).touch()
    finding = of(examine(place), "packages")
    assert finding.status == "error"
    assert script in finding.detail


@pytest.mark.parametrize("end", ["", "# edited\n"])
def test_what_convert_writes_for_a_board_hides_nothing(place: Surroundings, end: str) -> None:
    (place.folder / "BaseData.py").write_text(board_data() + end, encoding="utf-8")
    assert of(examine(place), "packages").status == "ok"
    (place.folder / "BaseData.py").write_text("import cv2", encoding="utf-8")
    assert of(examine(place), "packages").status == "error"


def test_ordinary_files_in_the_working_folder_hide_nothing(place: Surroundings) -> None:
    (place.folder / "my_MMEdu.py").touch()
    (place.folder / "torch.txt").touch()
    assert of(examine(place), "packages").status == "ok"


# --- the machine -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "bits", "status"),
    [((3, 9, 2), 64, "error"), ((3, 10, 0), 64, "ok"), ((3, 13, 9), 64, "ok"), ((3, 99, 0), 64, "warning"),
     ((3, 11, 4), 32, "error")],
)  # fmt: skip
def test_python_is_judged_by_version_and_width(
    place: Surroundings, version: tuple[int, int, int], bits: int, status: str
) -> None:
    assert of(examine(replace(place, python=version, bits=bits)), "python").status == status


def test_no_chinese_font_is_a_warning_that_says_how_to_get_one(
    place: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("MMEdu.doctor.machine.cjk_font", lambda: None)
    finding = of(examine(place), "font")
    assert finding.status == "warning"
    assert "MMEDU_FONT" in finding.remedy


def test_a_font_setting_that_names_no_font_is_an_error(
    place: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMEDU_FONT", str(tmp_path / "no.ttf"))
    assert of(examine(place), "font").status == "error"


def test_a_working_folder_that_is_gone_is_an_error(place: Surroundings) -> None:
    findings = examine(replace(place, folder=place.folder / "missing"))
    assert of(findings, "working folder").status == "error"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_read_only_working_folder_is_an_error(place: Surroundings) -> None:
    place.folder.chmod(0o500)
    assert of(examine(place), "working folder").status == "error"


def test_the_working_folder_is_left_as_it_was(place: Surroundings) -> None:
    examine(place)
    assert list(place.folder.iterdir()) == []


def test_a_cache_folder_that_cannot_be_made_is_a_warning(
    place: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "file"))
    finding = of(examine(place), "cache")
    assert finding.status == "warning"
    assert "MMEDU_HOME" in finding.remedy


@pytest.mark.parametrize("judge", [disk_finding, memory_finding])
@pytest.mark.parametrize(("free", "status"), [(GB - 1, "warning"), (GB, "ok")])
def test_little_room_is_a_warning(judge: type[Finding], free: int, status: str) -> None:
    finding = judge(free)
    assert finding.status == status
    assert bool(finding.remedy) == (status == "warning")


# --- language and command ----------------------------------------------------------------------------------------


def test_findings_are_chinese_where_the_user_is(place: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    (place.folder / "torch.py").touch()
    assert "遮住" in of(examine(place), "packages").detail


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(doctor)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_command_prints_json_for_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, output = run("--json")
    report = json.loads(output)
    assert report["ok"] == (code == 0)
    assert {"name", "status", "detail", "remedy"} == set(report["findings"][0])
    assert "torch" in {f["name"] for f in report["findings"]}


def test_the_command_fails_when_something_is_wrong_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numpy.py").touch()
    code, output = run()
    assert code == 1
    assert "[error] packages:" in output
    assert "    -> give the file another name" in output


def test_the_command_refuses_a_device_that_does_not_exist() -> None:
    code, output = run("--device", "gpu")
    assert code == 2
    assert "gpu" in output


def test_the_doctor_imports_nothing_that_could_be_broken() -> None:
    code = "import sys, MMEdu.cli.doctor; print([m for m in ('torch', 'torchvision', 'cv2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
