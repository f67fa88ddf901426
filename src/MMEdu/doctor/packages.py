"""Is what is installed whole, and does it fit together? Checks of packages; nothing here imports any of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

from BaseDT.language import say
from MMEdu.doctor.finding import Finding
from MMEdu.doctor.surroundings import Surroundings
from MMEdu.doctor.torch import examine_torch

_OURS = ("MMEdu", "XEdu", "BaseDT", "BaseDeploy", "BaseData")
_OPENCV = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
# Names that a pupil gives a first script, and that then hide the package of the same name.
_HIDEABLE = (*_OURS, "torch", "torchvision", "cv2", "numpy", "PIL", "onnxruntime", "matplotlib", "sklearn")


def examine_packages(at: Surroundings) -> list[Finding]:
    """Look at what is installed."""
    return [
        *_other_owners(at),
        *_hidden_by_own_files(at),
        _opencv(at),
        *examine_torch(at),
    ]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _base(version: str) -> int:
    return int(re.match(r"\d*", version)[0] or 0)  # type: ignore[index]  # matches the empty text too


def _owns(distribution: Distribution) -> list[str]:
    """List those of our packages that a distribution brought along."""
    record = distribution.read_text("RECORD") or distribution.read_text("top_level.txt") or ""
    tops = {re.split(r"[/\\,\s]", line, maxsplit=1)[0].removesuffix(".py") for line in record.splitlines()}
    return [name for name in _OURS if name in tops]


def _is_ours(distribution: Distribution) -> bool:
    # The registry's mmedu 1 and 2 are the original; ours begins with 3.
    return _normal(distribution.name) == "mmedu" and _base(distribution.version) >= 3


def _other_owners(at: Surroundings) -> Iterator[Finding]:
    """Find distributions that own a package of the same name: which one is imported is then chance."""
    others = [d for d in at.installed() if not _is_ours(d) and _owns(d)]
    if not others:
        yield Finding(
            "packages", "ok", say(f"MMEdu and BaseDT are those in {at.home}", f"MMEdu 与 BaseDT 位于 {at.home}")
        )
    for other in others:
        title = f"{other.name} {other.version}"
        tops = ", ".join(_owns(other))
        yield Finding(
            "packages",
            "error",
            say(f"{title} is installed too and also owns {tops}", f"同时安装了 {title}，它也提供 {tops}，会互相覆盖"),
            _uninstall(other, at),
        )


def _uninstall(other: Distribution, at: Surroundings) -> str:
    command = f"pip uninstall -y {other.name}"
    shares_folder = Path(str(other.locate_file(""))).resolve() == at.home.resolve()
    # Files of the same name were overwritten, and go with the other one.
    return f'{command}\npip install --force-reinstall --no-deps "mmedu>=3"' if shares_folder else command


def _hidden_by_own_files(at: Surroundings) -> Iterator[Finding]:
    """Find files in the working folder that are imported in place of a package, e.g. a script called ``MMEdu.py``."""
    if at.folder.resolve() == at.home.resolve():
        return
    by_lower = {name.lower(): name for name in _HIDEABLE}
    for path in sorted(at.folder.iterdir()) if at.folder.is_dir() else ():
        name = by_lower.get(path.stem.lower() if path.suffix == ".py" else path.name.lower())
        if name is None or not (path.suffix == ".py" or (path / "__init__.py").is_file()):
            continue
        yield Finding(
            "working folder",
            "error",
            say(
                f"{path.name} in the working folder hides the package {name}",
                f"当前文件夹中的 {path.name} 会遮住同名的库 {name}",
            ),
            say(f"give {path.name} another name", f"请给 {path.name} 换一个名字"),
        )


def _opencv(at: Surroundings) -> Finding:
    wanted = "opencv-python-headless" if at.system == "linux" else "opencv-python"
    found = sorted({_normal(d.name) for d in at.installed()} & set(_OPENCV))
    mend = f"pip uninstall -y {' '.join(found)}\npip install {wanted}" if found else f"pip install {wanted}"
    if len(found) > 1:
        names = ", ".join(found)
        return Finding(
            "opencv",
            "warning",
            say(f"several builds of OpenCV overwrite each other: {names}", f"装了多个互相覆盖的 OpenCV：{names}"),
            mend,
        )
    imports, answer = at.ask_python("import cv2; print(cv2.__version__)")
    if imports:
        return Finding("opencv", "ok", f"OpenCV {answer} ({found[0]})" if found else f"OpenCV {answer}")
    return Finding("opencv", "error", say(f"import cv2 fails: {answer}", f"import cv2 失败：{answer}"), mend)
