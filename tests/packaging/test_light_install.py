"""The light install is light: the wheel without extras in an empty environment, and all that a board does with it.

The environment holds what the wheel's own requirements lead to, and nothing else of this machine. No network.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_string
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.slow

# Hard limits: a board of 512 MB, and what the import of the hub may take.
WHOLE_PROCESS, IMPORT_OF_THE_HUB = 512, 70
ABSENT = ("torch", "torchvision", "onnx", "matplotlib", "sklearn", "scipy", "psutil", "openvino", "ncnn")
PEAK = """
def peak():
    lines = open("/proc/self/status", encoding="ascii", errors="replace").read().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))
"""
on_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's own figures")


# --- the environment -----------------------------------------------------------------------------------------------


def requirements_of(wheel: Path) -> list[Requirement]:
    """What the wheel asks for where no extra was asked for, on this machine."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        listed = message_from_string(archive.read(name).decode("utf-8")).get_all("Requires-Dist") or []
    return [need for need in map(Requirement, listed) if applies(need, set())]


def applies(need: Requirement, extras: set[str]) -> bool:
    return need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def closure(needs: list[Requirement]) -> dict[str, Distribution]:
    """Every distribution that requirements lead to, by its canonical name."""
    found: dict[str, Distribution] = {}
    while needs:
        need = needs.pop()
        name = canonicalize_name(need.name)
        if name not in found:
            found[name] = distribution(need.name)
            listed = map(Requirement, found[name].requires or [])
            needs += [further for further in listed if applies(further, need.extras)]
    return found


def link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source)
    except OSError:  # Windows without the right to
        shutil.copy(source, target)


def expose(found: Distribution, site: Path) -> None:
    """Put a distribution's files, and no others, into an environment."""
    for file in found.files or []:
        source = Path(str(found.locate_file(file)))
        if ".." not in file.parts and "__pycache__" not in file.parts and source.is_file():
            link(source, site / file)


@dataclass(frozen=True)
class Light:
    """The environment of a board.

    Attributes:
        python: Its interpreter.
        command: Its ``mmedu``.
        holds: The distributions in it, beside ours.
        model: An exported model that lies outside.
        picture: A picture of one of its classes.
    """

    python: Path
    command: Path
    holds: frozenset[str]
    model: Path
    picture: Path

    def run(self, *command: str | Path) -> str:
        """Run a command in an empty folder; what it printed."""
        place = self.model.parent / "我的 作品"
        place.mkdir(exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=place,
            env={**clean, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def program(self, code: str) -> str:
        """Run a program that knows ``MODEL`` and ``PICTURE``."""
        head = f"MODEL, PICTURE = {str(self.model)!r}, {str(self.picture)!r}\n{PEAK}\n"
        return self.run(self.python, "-I", "-c", head + code)


@pytest.fixture(scope="session")
def exported(make_imagenet: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A classifier that was trained and converted here, and one of its pictures."""
    from MMEdu import MMClassification

    place = tmp_path_factory.mktemp("训练 机")
    data = make_imagenet(place / "数据 集", train=12, val=4)
    model = MMClassification("LeNet")
    model.load_dataset(data)
    model.train(epochs=6, batch_size=6, lr=0.01, optimizer="Adam", random_seed=1, save_fold=place / "模 型")
    model.convert(checkpoint=place / "模 型" / "latest.pth", out_file=place / "小 板" / "猫狗.onnx")
    picture = next(iter(sorted((data / "val_set" / "猫").iterdir())))
    return place / "小 板" / "猫狗.onnx", picture


@pytest.fixture(scope="session")
def light(wheel: Path, exported: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Light]:
    """The wheel, installed by pip where its requirements are the only thing there."""
    place = tmp_path_factory.mktemp("小 板") / "环境"
    venv.create(place, symlinks=sys.platform != "win32", with_pip=False)
    scripts = place / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / ("python.exe" if sys.platform == "win32" else "python")
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip())
    found = closure(requirements_of(wheel))
    for each in found.values():
        expose(each, site)
    # Not --no-deps: pip itself finds that nothing is missing.
    install = ["pip", "--python", str(python), "install", "--no-index", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", *install, str(wheel)], capture_output=True, check=True)
    yield Light(python, scripts / "mmedu", frozenset(found), *exported)
    shutil.rmtree(place, ignore_errors=True)


# --- what is in it -------------------------------------------------------------------------------------------------


def test_it_holds_what_the_wheel_asks_for_and_nothing_else(light: Light) -> None:
    code = "from importlib.metadata import distributions; print(*(each.metadata['Name'] for each in distributions()))"
    there = {canonicalize_name(name) for name in light.program(code).split()}
    assert there == light.holds | {"mmedu"}


def test_what_training_needs_is_absent(light: Light) -> None:
    code = f"import importlib.util as u; print([name for name in {ABSENT!r} if u.find_spec(name)])"
    assert light.program(code).strip() == "[]"


def test_every_light_requirement_has_a_lower_bound_and_no_upper_one(wheel: Path) -> None:
    """A board of today and a board of next year install the same wheel."""
    for need in requirements_of(wheel):
        assert {part.operator for part in need.specifier} == {">="}, str(need)


def test_the_tried_versions_are_above_the_lower_bounds(wheel: Path) -> None:
    for need in requirements_of(wheel):
        assert need.specifier.contains(distribution(need.name).version, prereleases=True), str(need)


# --- what a board does with it -------------------------------------------------------------------------------------


def test_the_hub_recognises_a_picture(light: Light) -> None:
    told = light.program("""
import json, sys
from XEdu.hub import Workflow as wf
model = wf(task="mmedu", checkpoint=MODEL)
result = model.inference(data=PICTURE)
print(json.dumps([result, "torch" in sys.modules]))
""")
    result, torch_was_imported = json.loads(told.splitlines()[-1])
    assert result["预测结果"] == "猫"
    assert not torch_was_imported


def test_basedeploy_recognises_a_picture(light: Light) -> None:
    told = light.program("""
import json
import BaseDeploy as bd
model = bd(MODEL)
result = model.print_result(model.inference(PICTURE))
print(json.dumps(result))
""")
    assert json.loads(told.splitlines()[-1])["预测结果"] == "猫"


def test_the_sample_script_beside_the_model_runs_as_it_is(light: Light) -> None:
    script = light.model.with_suffix(".py")
    assert "猫" in light.run(light.python, script, light.picture)


@pytest.mark.parametrize("command", [["--version"], ["models"], ["benchmark", "--help"], ["camera", "--help"]])
def test_the_commands_answer(light: Light, command: list[str]) -> None:
    assert light.run(light.command, *command)


def test_the_benchmark_needs_nothing_more(light: Light) -> None:
    told = json.loads(
        light.run(light.command, "benchmark", light.model, "--seconds", "0.1", "--threads", "1", "--json")
    )
    (row,) = told["rows"]
    assert row["error"] == ""
    assert row["images_per_s"] > 0


def test_the_camera_needs_nothing_more(light: Light) -> None:
    light.run(light.command, "camera", light.model, "--source", light.picture.parent, "--out", "画.avi")
    assert (light.model.parent / "我的 作品" / "画.avi").stat().st_size > 0


def test_a_picture_is_recognised_by_the_command(light: Light) -> None:
    told = json.loads(light.run(light.command, "infer", light.model, light.picture, "--json"))
    assert [row["pred_class"] for row in told["results"]] == ["猫"]
    assert (light.model.parent / "我的 作品" / "cls_result" / light.picture.name).stat().st_size > 0


def test_it_is_evaluated_by_the_command_and_by_the_hub(light: Light) -> None:
    pictures = light.picture.parents[1]
    told = json.loads(light.run(light.command, "eval", light.model, pictures, "--json"))
    assert (told["part"], told["pictures"], told["accuracy"]) == ("val", 8, 1.0)
    assert {"per_class.csv", "evaluation.json"} <= set(told["files"])
    code = f"from XEdu.hub import Workflow; r = Workflow('mmedu', MODEL).evaluate({str(pictures)!r}, isprint=False)"
    assert light.program(f"{code}; print(r['right'])").strip() == "8"


def test_the_command_tells_what_the_model_knows_of_itself(light: Light) -> None:
    told = json.loads(light.run(light.command, "info", light.model, "--json"))
    assert (told["task"], told["backbone"], told["CLASSES"]) == ("classification", "LeNet", ["狗", "猫"])
    assert (told["opset"], told["ir_version"], told["preprocess"]["size"]) == (11, 6, [32, 32])


def test_training_is_refused_with_the_line_that_installs_it(light: Light) -> None:
    told = light.program("""
from BaseDT.errors import DependencyMissing
from pathlib import Path
from MMEdu import MMClassification
model = MMClassification("LeNet")
try:
    model.load_dataset(Path(PICTURE).parents[2])
    model.train()
except DependencyMissing as error:
    print(error)
""")
    assert re.search(r"pip install .*mmedu\[train\]", told), told


# --- memory --------------------------------------------------------------------------------------------------------


@on_linux
def test_the_import_of_the_hub_is_small(light: Light) -> None:
    assert float(light.program("import XEdu.hub; print(peak())")) < IMPORT_OF_THE_HUB


@on_linux
def test_the_whole_process_fits_a_board_of_512_mb(light: Light) -> None:
    told = light.program("""
from XEdu.hub import Workflow as wf
model = wf(task="mmedu", checkpoint=MODEL)
for _ in range(20):
    result, drawn = model.inference(data=PICTURE, img_type="cv2")
print(peak())
""")
    assert float(told.splitlines()[-1]) < WHOLE_PROCESS
