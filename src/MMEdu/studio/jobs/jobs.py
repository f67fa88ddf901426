"""``Jobs``: the room of what runs. Two at once, the rest wait; all of them outlive the server.

A server that starts anew finds the jobs in their folders: it follows those that still live, and says of those that died
that they were interrupted. Of two servers with one work folder the second only reads, until the first has ended.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from BaseDT.errors import LogNotFound, ParameterInvalid, PathNotWritable, XEduError
from BaseDT.file_lock import FileLock
from BaseDT.files import not_written, patiently, write_whole
from BaseDT.language import Language, current_language, say, use_language
from MMEdu.actions.job_files import EVENTS, PROGRAM, add_event
from MMEdu.studio.boxes.boxes import BoxesRoom
from MMEdu.studio.boxes.prepared import prepare
from MMEdu.studio.jobs import job as jobs_files
from MMEdu.studio.jobs import process
from MMEdu.studio.jobs.events import last_state
from MMEdu.studio.jobs.job import ACTIVE, Job, State
from MMEdu.studio.programs.kind import Kind, Place, Result
from MMEdu.studio.programs.kinds import kind_of, kinds
from MMEdu.studio.projects.project import Project
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio

AT_ONCE = 2
_LOOK = 0.1
_GRACE = 3.0
"""Seconds that a process which nobody holds any more may need to take its lock."""
_END = 12.0
"""Seconds after which a job that was asked to stop is ended; it ends itself two seconds earlier."""
_CLOSING = 6.0
_ENDED = ("stopped", "done", "failed")
_MOST_LETTERS = 40
_FULL = 1 << 20
"""Bytes that are free on a full disk."""
_LOCK = ".jobs.lock"


@dataclass
class _Run:
    """A job that runs: its process, where this server started it; when it began and was asked to stop."""

    process: subprocess.Popen[bytes] | None
    since: float
    stop_at: float | None = None


class Jobs:
    """Starts jobs, follows them, ends them."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._jobs: dict[str, Job] = {}
        self._runs: dict[str, _Run] = {}
        self._written: set[str] = set()  # whose programs this server wrote
        self._lock = threading.RLock()
        self._only = FileLock(studio.folder / _LOCK)
        self._leads = False
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        with self._lock:
            self._find()
            self._watch()

    # --- what is asked of it -------------------------------------------------------------------------------------

    def code(self, kind: object, settings: Mapping[str, Any]) -> str:
        """Return the program that a job would run; its run's folder is the one that is free now.

        Raises:
            XEduError: A setting cannot be used; the message names it.
        """
        made = kind_of(kind)
        checked = made.checked(settings, self.place)
        folder = self._free_folder(made, checked)
        return made.write(checked, self._called(folder), False)

    def start(self, kind: object, settings: Mapping[str, Any]) -> Job:
        """Write a program down and start it, or let it wait.

        Args:
            kind: ``train``, ``convert`` …
            settings: As that kind takes them; with ``project`` it runs in that project's folder.

        Raises:
            XEduError: A setting cannot be used; the message names it. Nothing is written.
            DiskFull, PathNotWritable: The folder cannot be written, or another studio has it (-803, -104).
        """
        made = kind_of(kind)
        checked = made.checked(settings, self.place)
        with self._lock:
            self._check_leads()
            folder = self._free_folder(made, checked)
            job = Job(folder, secrets.token_hex(6), made.name, made.label(checked), checked, current_language())
            try:
                folder.mkdir(parents=True)
                self._write_program(job, resume=False)
                job.save()
                add_event(folder / EVENTS, _state("waiting"))
            except BaseException as error:
                shutil.rmtree(folder, ignore_errors=True)
                if isinstance(error, OSError) and not isinstance(error, XEduError):
                    raise not_written(folder, error) from error
                raise
            self._jobs[job.id] = job
            self._look()
            self._watch()
        return job

    def find(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            LogNotFound: There is none, or its folder is gone (-106).
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or not job.folder.is_dir() or not self._leads:
                self._find()
                job = self._jobs.get(job_id)
            if job is not None and job.id in self._runs:
                self._look_at(job, self._runs[job.id])
                job = self._jobs.get(job_id)
        if job is None:
            raise LogNotFound(
                say("This run is not there any more.", "这次运行已不存在。"),
                hint=say(
                    "Its folder was deleted or moved: choose another run.", "它的文件夹已被删除或移动：请选择其他运行。"
                ),
            )
        return job

    def all(self) -> list[Job]:
        """List the jobs, the newest first."""
        with self._lock:
            self._find()
            self._look(start=False)
            return sorted(self._jobs.values(), key=lambda job: (-job.created, job.id))

    def is_over(self, job: Job) -> bool:
        """Whether a job has ended; asked again and again while somebody follows it."""
        if not self._leads:
            with self._lock:
                _read_anew(job)
        return job.state not in ACTIVE

    def results(self, job: Job) -> list[Result]:
        """List the files that a job left within the work folder."""
        made = kinds().get(job.kind)
        if made is None:
            return []
        listed = made.results(job.folder, job.settings)
        return [one for one in listed if one.path.resolve().is_relative_to(self._studio.folder)]

    def seconds(self, job: Job) -> float:
        """Return how long a job has run."""
        run = self._runs.get(job.id)
        return job.seconds + (time.monotonic() - run.since if run is not None else 0.0)

    def program(self, job: Job) -> str:
        """Return the program that a job runs, as it lies there.

        Raises:
            LogNotFound: It is gone (-106).
        """
        try:
            return (job.folder / PROGRAM).read_bytes().decode("utf-8")
        except (OSError, ValueError) as error:
            raise LogNotFound(say("The program of this run is gone.", "这次运行的程序文件已不存在。")) from error

    def called(self, job: Job) -> str:
        """Return a job's folder as its program names it: relative to the work folder."""
        return self._called(job.folder)

    def goes_on(self, job: Job) -> bool:
        """Whether ``resume`` would go on where the job was, and not begin anew."""
        can_go_on = _can_go_on(job)
        return can_go_on is not None and can_go_on(job.folder)

    def stop(self, job_id: str) -> Job:
        """Ask a job to stop; one that waits has stopped at once. One that ended stays as it is.

        Raises:
            LogNotFound: There is no such job (-106).
            DiskFull, PathNotWritable: Its folder cannot be written (-803, -104).
        """
        with self._lock:
            job = self.find(job_id)
            if not self._leads and job.state in ACTIVE:
                process.ask_to_stop(job.folder)
            elif job.state == "waiting":
                self._end(job, "stopped", {})
            elif job.state == "running":
                self._ask_to_stop(job)
        return job

    def resume(self, job_id: str) -> Job:
        """Let a job that did not come to its end go on: from its last checkpoint, where it has one, else anew.

        Raises:
            LogNotFound: There is no such job (-106).
            ParameterInvalid: It runs, it is done, or it is none that goes on (-305).
            XEduError: What it was told to do cannot be done any more: its data set is gone, its file was edited.
            DiskFull, PathNotWritable: Its folder cannot be written (-803, -104).
        """
        with self._lock:
            self._check_leads()
            job = self.find(job_id)
            can_go_on = _can_go_on(job)
            if can_go_on is None:
                raise ParameterInvalid(
                    say("This run cannot go on: it still runs, or it has come to its end.",
                        "这次运行无法继续：它正在运行或已经结束。"),
                    hint=say("Start a new one.", "请开始新的运行。"),
                )  # fmt: skip
            job.settings = kinds()[job.kind].checked(job.settings, self.place)
            with use_language(_language(job)):
                self._write_program(job, resume=can_go_on(job.folder))
            job.state, job.message, job.hint, job.code = "waiting", "", "", 0
            job.resumed += 1
            job.save()
            self._tell(job, _state("waiting"))
            self._look()
            self._watch()
        return job

    def delete(self, job_id: str) -> None:
        """Remove a job's folder with everything in it.

        Raises:
            LogNotFound: There is no such job (-106).
            ParameterInvalid: It runs (-305).
            PathNotWritable: Something in it is held by another program (-104).
        """
        with self._lock:
            job = self.find(job_id)
            if job.state in ("running", "stopping"):
                raise ParameterInvalid(
                    say("This run is not over.", "这次运行还没有结束。"),
                    hint=say("Stop it first.", "请先停止它。"),
                )
            if job.folder.is_symlink():  # what it leads to is not ours
                job.folder.unlink()
            else:
                try:
                    patiently(lambda: shutil.rmtree(job.folder))
                except FileNotFoundError:
                    pass
                except OSError as error:
                    raise not_written(job.folder, error) from error
            self._forget(job)

    def close(self) -> None:
        """End in order: what runs is asked to stop, saves, and can go on later; what waits, waits on."""
        with self._lock:
            for job in self._jobs.values():
                if job.state == "running" and self._leads:
                    with contextlib.suppress(XEduError):
                        self._ask_to_stop(job)
        until = time.monotonic() + _CLOSING
        while self._runs and time.monotonic() < until:
            with self._lock:
                self._look(start=False)
            time.sleep(_LOOK)
        self._closed.set()
        if (thread := self._thread) is not None:
            thread.join()
        for run in self._runs.values():
            if run.process is not None:
                run.process.returncode = 0  # it lives on: nobody here waits for it
        self._only.release()

    # --- where things lie ----------------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """Where programs run."""
        return Place(self._studio.folder, not self._studio.shared, self._pictures_of)

    def _pictures_of(self, project_id: str) -> Path:
        project = self._project(project_id)
        if project.kind == "find":
            return prepare(self._studio.room(BoxesRoom).of(project))
        return project.training_set().path

    def _project(self, project_id: str) -> Project:
        return self._studio.room(Projects).find(project_id)

    def _free_folder(self, kind: Kind, checked: Mapping[str, Any]) -> Path:
        root = self._studio.folder / "runs"
        if "project" in checked:
            root = self._project(checked["project"]).runs
        label = re.sub(r"[^A-Za-z0-9_-]+", "_", kind.label(checked)).strip("_")[:_MOST_LETTERS].strip("_")
        stem = f"{kind.name}_{label}" if label else kind.name
        taken = {job.folder.name.lower() for job in self._jobs.values() if job.folder.parent == root}
        with contextlib.suppress(OSError):
            taken |= {path.name.lower() for path in root.iterdir()}
        number = 1
        while f"{stem}_{number}".lower() in taken:
            number += 1
        return root / f"{stem}_{number}"

    def _called(self, folder: Path) -> str:
        return folder.relative_to(self._studio.folder).as_posix()

    def _folders(self) -> Iterator[Path]:
        """Give the folders of jobs, of the work folder and of its projects."""
        projects = _below(self._studio.folder / "projects")
        for root in [self._studio.folder / "runs", *(project / "runs" for project in projects)]:
            for folder in _below(root):
                if (folder / jobs_files.FILE).is_file() and not folder.is_symlink():
                    yield folder

    def _find(self) -> None:
        """Take up jobs whose folders came, moved or went; and where another server leads, what it says of them."""
        if not self._leads:
            self._lead_if_nobody_does()
            for job in self._jobs.values():
                _read_anew(job)
                if self._leads:
                    self._follow(job)
        known = {job.folder: job for job in self._jobs.values()}
        there = list(self._folders())
        for folder in [folder for folder in known if folder not in there and not folder.is_dir()]:
            self._forget(known[folder])
        for folder in there:
            if folder not in known:
                self._take_up(jobs_files.read(folder))

    def _take_up(self, job: Job) -> None:
        if not job.id or job.id in self._jobs:  # a copy of a folder
            job.id = hashlib.sha256(str(job.folder).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        self._jobs[job.id] = job
        if self._leads:
            self._follow(job)

    def _lead_if_nobody_does(self) -> None:
        try:
            self._leads = self._only.take()
        except OSError:  # a folder that cannot be written: nothing runs there
            self._leads = False

    def _check_leads(self) -> None:
        """Make sure that nobody else starts what waits here.

        Raises:
            PathNotWritable: Another studio has this work folder (-104).
        """
        if not self._leads:
            self._find()
        if not self._leads:
            raise PathNotWritable(
                say("Another studio is open in this work folder, and runs what is trained in it.",
                    "另一个 studio 已打开此工作文件夹，训练由它运行。"),
                hint=say("Use its page, or end it with Ctrl-C in its window.",
                         "请使用它的页面，或在它的窗口中按 Ctrl-C 结束它。"),
            )  # fmt: skip

    def _follow(self, job: Job) -> None:
        """Follow a job that another server started, and that is gone."""
        if job.state in ("running", "stopping") and job.id not in self._runs:
            self._runs[job.id] = _Run(None, time.monotonic())
            passed = time.time() - job.started
            if 0 < passed < 30 * 24 * 3600:  # a clock may jump
                self._runs[job.id].since -= passed

    def _forget(self, job: Job) -> None:
        """A job whose folder is gone: its process notices that itself."""
        self._jobs.pop(job.id, None)
        self._written.discard(job.id)
        if job.state in ACTIVE:
            job.state = "interrupted"  # for those who follow it
        run = self._runs.pop(job.id, None)
        if run is not None and run.process is not None:
            _wait_apart(run.process)

    def _write_program(self, job: Job, *, resume: bool) -> None:
        text = kinds()[job.kind].write(job.settings, self._called(job.folder), resume)
        write_whole(job.folder / PROGRAM, text.encode("utf-8", "backslashreplace"))
        self._written.add(job.id)

    def _write_anew(self, job: Job) -> None:
        """Write the program of a job that this server finds waiting: of its settings alone, whatever lies there.

        Raises:
            XEduError: They cannot be used any more.
        """
        made = kind_of(job.kind)
        job.settings = made.checked(job.settings, self.place)
        self._write_program(job, resume=made.can_go_on is not None and made.can_go_on(job.folder))

    # --- what goes on --------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Look after jobs in a thread of its own, as long as there are some to look after."""
        if self._closed.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        if any(job.state in ACTIVE for job in self._jobs.values()):
            self._thread = threading.Thread(target=self._looking, name="jobs", daemon=True)
            self._thread.start()

    def _looking(self) -> None:
        while not self._closed.wait(_LOOK):
            with self._lock:
                self._look()
                if not any(job.state in ACTIVE for job in self._jobs.values()):
                    self._thread = None
                    return

    def _look(self, *, start: bool = True) -> None:
        """See which jobs have ended, and start what waits."""
        if not self._leads:
            return
        for job in list(self._jobs.values()):
            if job.id in self._runs:
                self._look_at(job, self._runs[job.id])
        if start and not self._closed.is_set():
            waiting = sorted(
                (job for job in self._jobs.values() if job.state == "waiting"), key=lambda job: job.created
            )
            for job in waiting[: max(0, AT_ONCE - len(self._runs))]:
                self._launch(job)

    def _launch(self, job: Job) -> None:
        if not job.folder.is_dir():
            self._forget(job)
            return
        try:
            with use_language(_language(job)):
                if job.id not in self._written:  # it waits in a folder that somebody may have brought
                    self._write_anew(job)
                started = process.start(job.folder, self._studio.folder, job.language)
        except (OSError, XEduError) as error:
            message = error.message if isinstance(error, XEduError) else str(error)
            self._end(job, "failed", {"message": message, "hint": getattr(error, "hint", "")})
            return
        self._runs[job.id] = _Run(started, time.monotonic())
        job.state, job.started = "running", time.time()
        self._save(job)

    def _look_at(self, job: Job, run: _Run) -> None:
        if not job.folder.is_dir():
            self._forget(job)
            return
        if _has_ended(job):  # its process may still be going
            alive = False
        elif run.process is not None:
            alive = run.process.poll() is None
        else:
            alive = process.lives(job.folder) or time.monotonic() - run.since < _GRACE
        if alive:
            if run.stop_at is not None and time.monotonic() - run.stop_at > _END:
                self._end_at_once(job, run)
            return
        self._note_end(job, run)

    def _end_at_once(self, job: Job, run: _Run) -> None:
        if run.process is not None:
            process.end(run.process)
        else:
            pid = last_state(job.folder / EVENTS, "running").get("pid")
            process.end_by_number(job.folder, pid)

    def _note_end(self, job: Job, run: _Run) -> None:
        told = last_state(job.folder / EVENTS)
        job.seconds += max(0.0, time.monotonic() - run.since)
        del self._runs[job.id]
        if run.process is not None:
            _wait_apart(run.process)
        if told.get("state") in _ENDED:
            self._end(job, told["state"], told, tell=False)
        elif job.state == "stopping":
            self._end(job, "stopped", {})
        elif _is_disk_full(job.folder):
            with use_language(_language(job)):
                self._end(job, "interrupted", _disk_full())
        else:
            with use_language(_language(job)):
                self._end(job, "interrupted", _broken_off(job.kind))

    def _end(self, job: Job, state: State, told: Mapping[str, Any], *, tell: bool = True) -> None:
        job.state = state
        job.message, job.hint = str(told.get("message", "")), str(told.get("hint", ""))
        job.code = told["code"] if isinstance(told.get("code"), int) else 0
        if tell:
            self._tell(job, {**_state(state), "message": job.message, "hint": job.hint})
        self._save(job)

    def _ask_to_stop(self, job: Job) -> None:
        process.ask_to_stop(job.folder)
        job.state = "stopping"
        self._runs[job.id].stop_at = time.monotonic()
        self._save(job)

    def _save(self, job: Job) -> None:
        """Write a job down. On a full disk the events still tell how it stands; a folder that is gone stays gone."""
        if job.folder.is_dir():
            with contextlib.suppress(XEduError):
                job.save()

    def _tell(self, job: Job, event: Mapping[str, Any]) -> None:
        """Tell those who follow a job; only where no process of its own does."""
        with contextlib.suppress(OSError):
            add_event(job.folder / EVENTS, event)


def _can_go_on(job: Job) -> Callable[[Path], bool] | None:
    """Return what tells whether a job goes on from where it was; None where it does not begin again at all."""
    made = kinds().get(job.kind)
    return None if made is None or job.state in (*ACTIVE, "done") else made.can_go_on


def _state(state: State) -> dict[str, Any]:
    return {"event": "state", "state": state, "time": time.time()}


def _language(job: Job) -> Language:
    return "zh" if job.language == "zh" else "en"


def _has_ended(job: Job) -> bool:
    return last_state(job.folder / EVENTS).get("state") in _ENDED


def _read_anew(job: Job) -> None:
    """Take over what its file says of a job."""
    vars(job).update({**vars(jobs_files.read(job.folder)), "id": job.id})


def _is_disk_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _FULL
    except OSError:
        return False


def _disk_full() -> dict[str, str]:
    return {
        "message": say("The disk is full: the run could write nothing more.", "磁盘已满：无法继续写入。"),
        "hint": say("Free some disk space, then let it go on.", "请清理磁盘空间，然后继续。"),
    }


def _broken_off(kind: str) -> dict[str, str]:
    if kind != "train":
        return {"message": say("It was broken off before its end.", "运行在结束前被中断。")}
    return {
        "message": say("It was broken off: the process was ended, or the computer switched off.",
                       "运行被中断：进程被结束，或电脑关机了。"),
        "hint": say("If it happens again, the memory may not be enough: take fewer pictures per step.",
                    "如果再次发生，可能是内存不够：请减少每步图片数（批大小）。"),
    }  # fmt: skip


def _below(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _wait_apart(started: subprocess.Popen[bytes]) -> None:
    """Wait, in a thread of its own, for a process that is about to end."""
    if started.poll() is None:
        threading.Thread(target=_wait, args=(started,), daemon=True).start()


def _wait(started: subprocess.Popen[bytes]) -> None:
    try:
        started.wait(_END)
    except subprocess.TimeoutExpired:
        process.end(started)
        started.wait()
