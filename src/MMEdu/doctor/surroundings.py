"""What the doctor looks at: this machine and this Python, or a made-up environment on disk in a test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, distributions
from pathlib import Path

_PATIENCE = 120.0  # seconds: a school PC needs half a minute for its first import of torch


@dataclass(frozen=True)
class Surroundings:
    """Where the checks look.

    Attributes:
        packages: Folders in which Python looks for packages, in order.
        home: The folder that holds our own packages.
        folder: The working folder, where ``checkpoints/`` will be made.
        commands: Folders in which the shell looks for commands (the format of ``PATH``).
        driver: What a loaded NVIDIA driver shows on Linux.
        device: What the user wants to train on: ``auto`` (nothing was said), ``cpu`` or ``cuda``.
        python: Version of Python.
        bits: 32 or 64.
        system: Name of the operating system, as ``sys.platform``.
    """

    packages: tuple[str, ...]
    home: Path
    folder: Path
    commands: str
    driver: Path = Path("/proc/driver/nvidia")
    device: str = "auto"
    python: tuple[int, int, int] = (sys.version_info.major, sys.version_info.minor, sys.version_info.micro)
    bits: int = 64 if sys.maxsize > 2**32 else 32
    system: str = sys.platform

    @classmethod
    def here(cls, device: str = "auto") -> Surroundings:
        """Return the surroundings of this process."""
        return cls(
            packages=tuple(part or str(Path.cwd()) for part in sys.path),
            home=Path(__file__).resolve().parents[2],
            folder=Path.cwd(),
            commands=os.environ.get("PATH", ""),
            device=device,
        )

    def installed(self) -> Iterator[Distribution]:
        """Yield what pip or another installer put here, shadowed ones too."""
        yield from distributions(path=list(self.packages))

    def distribution(self, name: str) -> Distribution | None:
        """Return an installed distribution; the first of this name counts, as for Python."""
        return next(iter(distributions(name=name, path=list(self.packages))), None)

    def package(self, name: str) -> Path | None:
        """Return the file or folder of an import package, which is not imported."""
        spec = PathFinder.find_spec(name, list(self.packages))
        if spec is None:
            return None
        if spec.submodule_search_locations:
            return Path(next(iter(spec.submodule_search_locations)))
        return Path(spec.origin) if spec.origin else None

    def has_command(self, name: str) -> bool:
        """Tell whether the shell would find a command."""
        return shutil.which(name, path=self.commands) is not None

    def ask_python(self, code: str) -> tuple[bool, str]:
        """Run a few lines in a Python of its own that sees these packages.

        Returns:
            Whether it ended well, and the last line that it wrote (of the error, where there was one).
        """
        # Without its first entry, the working folder: a pupil's own random.py must not get in the way.
        command = [sys.executable, "-X", "utf8", "-W", "ignore", "-c", f"import sys; del sys.path[0]\n{code}"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(self.packages)}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, encoding="utf-8", errors="replace",
                timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return False, str(error)
        lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
        return done.returncode == 0, lines[-1].strip() if lines else f"exit status {done.returncode}"
