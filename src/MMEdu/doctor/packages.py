"""Is every package the one that it should be? Two of a name, builds that overwrite each other, scripts in the way.

Nothing here imports what it looks at.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution
from pathlib import Path

from BaseDT.language import say
from MMEdu.doctor.finding import Finding
from MMEdu.doctor.surroundings import Surroundings

_OURS = ("MMEdu", "XEdu", "BaseDT", "BaseDeploy", "BaseData")
_REINSTALL = 'pip install --force-reinstall --no-deps "mmedu>=3"'
_OF_CONVERT = b'"""Pictures become tensors on a board'
_OPENCV = {
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
}
# Names that a pupil gives a first script, and that then hide the package of the same name.
_HIDEABLE = (*_OURS, "torch", "torchvision", "cv2", "numpy", "PIL", "onnxruntime", "matplotlib", "sklearn")


def examine_packages(at: Surroundings) -> list[Finding]:
    """Look at what is installed, torch aside."""
    return [*_same_names(at), *_hidden_by_own_files(at), _opencv(at)]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _same_names(at: Surroundings) -> list[Finding]:
    """Find other packages called MMEdu, BaseDT, …: which one is imported is then chance."""
    problems = [_other_owner(d, at) for d in at.installed() if _owns(d) and not _is_ours(d)]
    problems = problems or [f for name in ("MMEdu", "BaseDT") if (f := _imported_from_elsewhere(name, at))]
    location = say(f"MMEdu and BaseDT are those in {at.home}", f"MMEdu 与 BaseDT 位于 {at.home}")
    return problems or [Finding("packages", "ok", location)]


def _owns(distribution: Distribution) -> list[str]:
    """List those of our packages that a distribution brought along."""
    listing = distribution.read_text("RECORD") or distribution.read_text("top_level.txt") or ""
    tops = {re.split(r"[/\\,]", line, maxsplit=1)[0].strip().removesuffix(".py") for line in listing.splitlines()}
    return [name for name in _OURS if name in tops]


def _is_ours(distribution: Distribution) -> bool:
    # The registry's mmedu up to 2 is the original; ours begins with 3.
    major = distribution.version.partition(".")[0]
    return _normal(distribution.name) == "mmedu" and major.isdecimal() and int(major) >= 3


def _other_owner(other: Distribution, at: Surroundings) -> Finding:
    title, owned = f"{other.name} {other.version}", ", ".join(_owns(other))
    uninstall = f"pip uninstall -y {other.name}"
    # In the same folder its files and ours overwrote each other; of the same name, pip may take ours instead.
    mixed = Path(str(other.locate_file(""))).resolve() == at.home.resolve() or _normal(other.name) == "mmedu"
    return Finding(
        "packages",
        "error",
        say(f"{title} is installed too, and also owns {owned}", f"还安装了 {title}，它也带有 {owned}，会互相干扰"),
        f"{uninstall}\n{_REINSTALL}" if mixed else uninstall,
    )


def _imported_from_elsewhere(name: str, at: Surroundings) -> Finding | None:
    """Notice a copy that no installer knows of, e.g. one that ``PYTHONPATH`` puts first."""
    folder = at.package(name)
    if folder is None or folder.parent.resolve() == at.home.resolve():
        return None
    return Finding(
        "packages",
        "error",
        say(f"another {name} comes first: {folder}", f"优先导入的是另一个 {name}：{folder}"),
        say("remove it, or take its folder out of PYTHONPATH", "请删除它，或将其所在文件夹移出 PYTHONPATH"),
    )


def _hidden_by_own_files(at: Surroundings) -> list[Finding]:
    """Find scripts in the working folder that are imported in place of a package, e.g. one called ``MMEdu.py``."""
    if at.folder.resolve() == at.home.resolve():
        return []
    # Letter case is ignored, as the file systems of Windows and macOS do.
    by_lower = {f"{name.lower()}.py": name for name in _HIDEABLE}
    scripts = [path for path in _entries(at.folder) if path.name.lower() in by_lower and not _is_of_convert(path)]
    return [_hides(path, by_lower[path.name.lower()]) for path in scripts]


def _is_of_convert(path: Path) -> bool:
    """Tell whether it is the ``BaseData.py`` that ``convert(standalone=True)`` writes: it belongs beside the script."""
    if path.name != "BaseData.py":
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_OF_CONVERT)) == _OF_CONVERT
    except OSError:
        return False


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _hides(path: Path, package: str) -> Finding:
    return Finding(
        "packages",
        "error",
        say(f"{path} hides the package {package}", f"{path} 会遮住同名的库 {package}"),
        say("give the file another name", "请给该文件换一个名字"),
    )


def _opencv(at: Surroundings) -> Finding:
    package = "opencv-python-headless" if at.system == "linux" else "opencv-python"
    problems = sorted({_normal(d.name) for d in at.installed()} & _OPENCV)
    listed = ", ".join(problems)
    mend = f"pip uninstall -y {' '.join(problems)}\npip install {package}" if problems else f"pip install {package}"
    if len(problems) > 1:
        too_many = say(f"builds that overwrite each other: {listed}", f"安装了互相覆盖的多个版本：{listed}")
        return Finding("opencv", "warning", too_many, mend)
    imports, answer = at.ask_python("import cv2; print(cv2.__version__)")
    if imports:
        return Finding("opencv", "ok", f"OpenCV {answer} ({listed or at.package('cv2')})")
    return Finding("opencv", "error", say(f"import cv2 fails: {answer}", f"import cv2 失败：{answer}"), mend)
