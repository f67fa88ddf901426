"""``Serving``: models that others may ask over HTTP, each a process of its own that ends with the studio.

A page that is loaded anew finds them here. Each is ``mmedu serve``; what it tells of itself is asked of it.
"""

from __future__ import annotations

import collections
import contextlib
import json
import re
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from BaseDT.errors import CheckpointNotFound, ParameterInvalid, TaskUnknown
from BaseDT.language import say
from MMEdu.actions import own_process
from MMEdu.studio.lessons.lessons import Lessons
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio
from MMEdu.studio.trying import Trying
from XEdu.serve import network
from XEdu.serve.clients import programs

State: TypeAlias = Literal["starting", "running", "failed", "ended"]
FIRST_PORT, _PORTS = 1956, 40
MOST = 4
"""Services at once: each holds its model in memory."""
_CODE = re.compile(r"Error Code: (-?\d+)\. (.*)")
_NAME = re.compile(r"[a-z0-9_]{1,40}")
_LAST_LINES, _ENDING, _ASKING = 40, 6.0, 1.0


@dataclass
class ServedModel:
    """A service that was started here.

    Attributes:
        id: The studio's name of it.
        name: What the user calls what answers.
        port: It listens on.
        lan: Whether others in the network are let in.
        pin: What they must send; empty for none.
        process: It.
        state: How it stands.
        addresses: For others in the network.
        told: What it said last of its work.
        message: What went wrong.
        hint: What to do.
        code: The error's documented number.
    """

    id: str
    name: str
    port: int
    lan: bool
    pin: str
    process: subprocess.Popen[bytes]
    state: State = "starting"
    addresses: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    hint: str = ""
    code: int = 0

    @property
    def address(self) -> str:
        """Of its page, on this computer."""
        return f"http://127.0.0.1:{self.port}"

    def to_json(self) -> dict[str, Any]:
        """Return what a page is told of it."""
        where = self.addresses[0] if self.addresses else self.address
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "port": self.port,
            "lan": self.lan,
            "pin": self.pin,
            "address": self.address,
            "addresses": self.addresses,
            "answers": self.told.get("answers", 0),
            "refused": self.told.get("refused", 0),
            "waiting": self.told.get("waiting", 0),
            "seconds": self.told.get("seconds", 0),
            "programs": [vars(program) for program in programs(where, pin=self.pin)],
            "message": self.message,
            "hint": self.hint,
            "code": self.code,
        }


class Serving:
    """The room of services; made once by ``studio.room(Serving)``."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._services: dict[str, ServedModel] = {}
        self._lock = threading.Lock()

    def start(
        self, *, model: str = "", project: str = "", task: str = "", lan: bool = False, pin: str = ""
    ) -> ServedModel:
        """Start a service; it answers soon, or says why it does not.

        Args:
            model: An identifier of ``/api/models``.
            project: Or one of Teach's; its model is written down as it is now.
            task: Or the name of a ready-made task.
            lan: Whether others in the network may ask.
            pin: What they must send; empty for none.

        Raises:
            CheckpointNotFound, DatasetNotFound, TaskUnknown: There is no such thing (-102, -101, -312).
            DatasetNotLoaded: The project has not learnt anything yet (-603).
            ParameterInvalid: Too many run, or no port is free (-305).
        """
        name, arguments = self._what(model, project, task)
        with self._lock:
            active = [one for one in self._services.values() if one.state in ("starting", "running")]
            if len(active) >= MOST:
                raise ParameterInvalid(
                    say(f"{MOST} services run already.", f"已有 {MOST} 个服务在运行。"),
                    hint=say("Stop one of them first.", "请先停止其中一个。"),
                )
            port = _free_port({one.port for one in active}, "0.0.0.0" if lan else "127.0.0.1")
            command = own_process.command("MMEdu", "serve", *arguments, "--port", str(port), "--json")
            command += ["--until-stdin-ends", *(["--lan"] if lan else []), *(["--pin", "-"] if pin else [])]
            service = ServedModel(secrets.token_hex(6), name, port, lan, pin, _started(command))
            self._services[service.id] = service
        if pin:
            _send(service.process, pin)
        threading.Thread(target=_follow, args=(service,), daemon=True, name=f"service-{service.id}").start()
        return service

    def all(self) -> list[ServedModel]:
        """List the services, the newest first, each with what it says of itself now."""
        with self._lock:
            services = list(self._services.values())
        for service in services:
            if service.state == "running" and (told := _asked(service.port)) is not None:
                service.told = told
        return services[::-1]

    def find(self, service_id: str) -> ServedModel:
        """Return a service.

        Raises:
            CheckpointNotFound: There is none (-102).
        """
        with self._lock:
            service = self._services.get(service_id)
        if service is None:
            raise CheckpointNotFound(
                say("This service is not there any more.", "这个服务已不存在。"),
                hint=say("Reload the page.", "请刷新页面。"),
            )
        return service

    def stop(self, service_id: str) -> None:
        """End a service, and forget it; raises as ``find``."""
        service = self.find(service_id)
        _end(service)
        with self._lock:
            self._services.pop(service_id, None)

    def close(self) -> None:
        """End all services."""
        with self._lock:
            services, self._services = list(self._services.values()), {}
        for service in services:
            _ask_to_end(service)
        for service in services:
            _end(service)

    def _what(self, model: str, project: str, task: str) -> tuple[str, list[str]]:
        """Return what a service is called, and the arguments of the command that name it."""
        if sum(map(bool, (model, project, task))) != 1:
            raise ParameterInvalid(
                say("Choose one thing that answers.", "请选择一个要提供服务的模型。"),
                hint=say("Reload the page.", "请刷新页面。"),
            )
        if task:
            if not _NAME.fullmatch(task):
                raise TaskUnknown(say("There is no such task.", "没有这个任务。"))
            return task, ["--task", task]
        if project:
            found = self._studio.room(Projects).find(project)
            taken = self._studio.room(Lessons).take(found, "onnx")
            file = next(part for part in taken.parts if part.suffix == ".onnx")
            return found.name, [str(file), f"--title={found.name}"]
        path: Path = self._studio.room(Trying).file(model)
        project_name = self._project_of(path)
        if not project_name:
            return path.name, [str(path)]
        return f"{project_name} · {path.name}", [str(path), f"--title={project_name}"]

    def _project_of(self, path: Path) -> str:
        """Return the name of the project in whose folder a file lies; empty where it lies in none."""
        projects = self._studio.room(Projects)
        if not path.is_relative_to(projects.folder):
            return ""
        folder = path.relative_to(projects.folder).parts[0]
        return next((one.project.name for one in projects.list() if one.project and one.folder == folder), folder)


def _free_port(taken: set[int], host: str) -> int:
    for port in range(FIRST_PORT, FIRST_PORT + _PORTS):
        if port not in taken and network.is_free(port, host):
            return port
    raise ParameterInvalid(
        say(
            f"No port from {FIRST_PORT} to {FIRST_PORT + _PORTS - 1} is free.",
            f"{FIRST_PORT} 到 {FIRST_PORT + _PORTS - 1} 之间没有空闲的端口。",
        ),
        hint=say("End other programs that listen there.", "请结束占用这些端口的程序。"),
    )


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=own_process.environment(),
        start_new_session=sys.platform != "win32",  # Ctrl-C is the studio's, which then ends it
        creationflags=flags,
    )


def _send(process: subprocess.Popen[bytes], pin: str) -> None:
    """Tell the PIN: an argument could be read by every user of this computer."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.write(pin.encode("utf-8") + b"\n")
        process.stdin.flush()


def _follow(service: ServedModel) -> None:
    """Read what a service tells until it ends."""
    process = service.process
    assert process.stdout is not None
    assert process.stderr is not None
    lines: collections.deque[bytes] = collections.deque(maxlen=_LAST_LINES)
    reading = threading.Thread(target=lines.extend, args=(process.stderr,), daemon=True)
    reading.start()
    told = _object_of(process.stdout)
    if told is not None:
        service.addresses = [str(one) for one in told.get("addresses", ())]
        service.state = "running"
    process.wait()
    reading.join(2)
    for stream in (process.stdout, process.stderr, process.stdin):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    if service.state == "starting" or process.returncode not in (0, None):
        _note_failure(service, b"".join(lines).decode("utf-8", "replace"))
    else:
        service.state = "ended"


def _object_of(stream: IO[bytes]) -> dict[str, Any] | None:
    """Read one JSON object, of several lines; None where the stream ends before."""
    lines: list[bytes] = []
    for line in stream:
        lines.append(line)
        if line.rstrip() == b"}":
            break
    try:
        value = json.loads(b"".join(lines))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _note_failure(service: ServedModel, text: str) -> None:
    service.state = "failed"
    found = _CODE.search(text)
    if found is None:
        last = text.strip().rsplit("\n", 1)[-1]
        service.message = last or say("The service ended without a word.", "服务意外结束。")
        return
    service.code, service.message = int(found[1]), found[2].strip()
    service.hint = text[found.end() :].strip()


def _asked(port: int) -> dict[str, Any] | None:
    """Ask a service how it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_ASKING)
    try:
        connection.request("GET", "/health")
        value = json.loads(connection.getresponse().read(4096))
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return value if isinstance(value, dict) else None


def _ask_to_end(service: ServedModel) -> None:
    if service.process.stdin is not None:
        with contextlib.suppress(OSError, ValueError):
            service.process.stdin.close()


def _end(service: ServedModel) -> None:
    _ask_to_end(service)
    try:
        service.process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        service.process.kill()
        service.process.wait()
