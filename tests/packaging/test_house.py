"""The house as a whole: paths, arrows between the rooms, what an import costs, names that are public, versions."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

import pytest

import BaseDT
import MMEdu
from MMEdu.requirements import TRAIN_PACKAGES

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
MODULES = sorted(SRC.rglob("*.py"))
HEAVY = ("torch", "torchvision", "matplotlib", "sklearn", "scipy", "onnx", "onnxruntime")


def python(code: str) -> str:
    """Run code in a fresh Python and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def tracked() -> list[str]:
    """The paths that git would hand to another machine; in an unpacked archive, all that there are."""
    if not (ROOT / ".git").exists():
        return [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if ".venv" not in path.parts]
    done = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, encoding="utf-8", check=True)
    return done.stdout.split("\0")[:-1]


# --- paths -------------------------------------------------------------------------------------------------------


def collisions(paths: Iterable[str]) -> list[set[str]]:
    """Files or folders that are one and the same where letter case is ignored."""
    spellings: dict[str, set[str]] = {}
    for path in map(PurePosixPath, paths):
        for part in (path, *path.parents):
            spellings.setdefault(str(part).lower(), set()).add(str(part))
    return [found for found in spellings.values() if len(found) > 1]


def test_no_two_paths_collide_on_windows() -> None:
    assert collisions(tracked()) == []


@pytest.mark.parametrize("pair", [("a/B.py", "a/b.py"), ("src/MMEdu/x.py", "src/mmedu/y.py")])
def test_a_collision_of_files_or_of_folders_is_found(pair: tuple[str, str]) -> None:
    assert len(collisions(pair)) == 1


def test_every_path_can_be_checked_out_on_windows() -> None:
    assert [path for path in tracked() if len(path) > 120 or re.search(r'[<>:"|?*\\]|[. ](/|$)', path)] == []


# --- arrows ------------------------------------------------------------------------------------------------------


def test_the_import_contracts_hold() -> None:
    config = str(ROOT / "pyproject.toml")
    code = f"from importlinter.cli import lint_imports; raise SystemExit(lint_imports({config!r}, no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def imported_by_name(path: Path) -> set[str]:
    """The constant names that a module hands to ``import_module``; the contracts cannot see these."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call) and node.args)
    names = (call.args[0] for call in calls if "import_module" in ast.unparse(call.func))
    return {str(name.value) for name in names if isinstance(name, ast.Constant)}


def test_only_the_bridge_imports_torchvision_by_name() -> None:
    importers = {path.name for path in MODULES if any(n.split(".")[0] == "torchvision" for n in imported_by_name(path))}
    assert importers == {"torchvision_bridge.py"}


def test_every_module_says_what_lives_in_it() -> None:
    assert [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


# --- what an import brings along -----------------------------------------------------------------------------------


def test_no_module_of_the_foundation_brings_the_training_part_along() -> None:
    names = ["BaseDT", *(m.name for m in pkgutil.walk_packages(BaseDT.__path__, "BaseDT."))]
    code = f"""
import importlib, json, sys
brought = {{}}
for name in {names!r}:
    importlib.import_module(name)
    for heavy in {HEAVY!r}:
        if heavy in sys.modules:
            brought.setdefault(heavy, name)
print(json.dumps(brought))
"""
    assert json.loads(python(code)) == {}


@pytest.mark.parametrize("package", ["BaseDT", "BaseML", "BaseNN", "MMBase", "MMEdu"])
def test_importing_a_package_costs_nothing(package: str) -> None:
    light = ("numpy", "cv2", "PIL", "rich", "typer")
    assert python(f"import sys, {package}; print([m for m in {HEAVY + light!r} if m in sys.modules])") == "[]"


@pytest.mark.parametrize("statement", ["import MMEdu.cli", "from MMEdu import MMClassification, pth_info"])
def test_the_documented_names_exist_without_the_training_part(statement: str) -> None:
    code = f"""
import sys
sys.modules.update(dict.fromkeys({TRAIN_PACKAGES!r}))  # None: every import of these fails
{statement}
"""
    python(code)


# --- public names --------------------------------------------------------------------------------------------------


def test_the_packages_are_the_documented_ones() -> None:
    documented = {"BaseDT", "XEdu", "BaseDeploy", "BaseML", "BaseNN", "MMEdu"}
    found = {path.name for path in SRC.iterdir() if path.is_dir() and not path.name.endswith(".egg-info")}
    assert {"BaseDT", "MMEdu"} <= found - {"__pycache__"} <= documented


def test_the_front_door_of_mmedu_shows_the_documented_names() -> None:
    classes = {"MMBase", "MMClassification", "MMDetection", "MMPose", "MMSegmentation"}
    assert set(MMEdu.__all__) == {*classes, "pth_info", "__version__"}
    assert dir(MMEdu) == sorted(MMEdu.__all__)


def exporting_modules() -> list[str]:
    names = [
        ".".join(path.relative_to(SRC).with_suffix("").parts)
        for path in MODULES
        if re.search("^__all__", path.read_text("utf-8"), re.MULTILINE)
    ]
    return [name.removesuffix(".__init__") for name in names]


@pytest.mark.parametrize("name", exporting_modules())
def test_every_name_in_all_exists_and_is_listed_once(name: str) -> None:
    module = importlib.import_module(name)
    assert len(module.__all__) == len(set(module.__all__))
    assert [item for item in module.__all__ if not hasattr(module, item)] == []


def test_an_unknown_name_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'MMClasification'"):
        _ = MMEdu.MMClasification


@pytest.mark.parametrize("package", [BaseDT, MMEdu], ids=lambda package: package.__name__)
def test_type_checkers_are_told_that_the_package_is_typed(package: object) -> None:
    assert Path(str(getattr(package, "__file__", ""))).with_name("py.typed").is_file()


# --- versions ------------------------------------------------------------------------------------------------------


def project() -> str:
    return (ROOT / "pyproject.toml").read_text("utf-8")


def requirements(section: str) -> set[str]:
    """The names of the distributions in a list of pyproject.toml, ours left out."""
    listed = re.search(rf"^{section} = \[(.*?)^\]", project(), re.DOTALL | re.MULTILINE)
    assert listed is not None
    names = re.findall(r'^\s+"([A-Za-z0-9._-]+)', listed[1], re.MULTILINE)
    return {name.lower() for name in names} - {"mmedu"}


def pins() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_the_version_is_the_same_everywhere() -> None:
    assert f'\nversion = "{MMEdu.__version__}"\n' in project()
    assert f"## [{MMEdu.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_light_part_does_not_need_what_training_needs() -> None:
    assert requirements("dependencies") & requirements("train") == set()
    assert not {"torch", "torchvision"} & requirements("dependencies")


def test_what_training_asks_for_is_what_its_extra_installs() -> None:
    owners = packages_distributions()
    assert {owners[name][0].lower() for name in TRAIN_PACKAGES} <= requirements("train")


def test_every_dependency_has_a_pin() -> None:
    pinned = {re.split("==|;", pin)[0] for pin in pins()}
    assert requirements("dependencies") | requirements("train") | requirements("dev") <= pinned


def test_the_pins_are_exact_sorted_and_bring_no_cuda() -> None:
    assert pins() == sorted(pins(), key=lambda pin: (re.split("==", pin)[0], pin))
    assert [pin for pin in pins() if not re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*(; .+)?", pin)] == []
    assert [pin for pin in pins() if re.match("nvidia|cuda|triton", pin)] == []
