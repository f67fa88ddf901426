"""Measures ``mmedu studio``: start, teaching, live answers, a job's events and its stop, thirty clients, memory.

    python -m bench.studio [--quick] [--rounds 3] [--json PATH]

Prints a Markdown table; writes every single figure as JSON. README.md here says how to read it. Pictures are drawn and
sent as the page sends them; what a browser with a fake camera takes is in the table, too, where Chromium is installed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import _serve
from bench._report import MISSING, describe, markdown, save
from bench._run import child, end_tidily, say
from bench._studio import CLASSES, Client, Lines, Server, frames, in_threads, percentile

_HEAD = ("what", "median", "range", "goal")
_PAUSE = 0.2  # a burst of the page: 20 pictures in 4 s
_GOALS: Mapping[str, tuple[str, str, str]] = {
    "start_s": ("start to an answered page", "s", "≤ 2 s"),
    "page_s": ("start to a usable page in Chromium", "s", "≤ 2 s"),
    "first_s": ("last of 3 × 30 pictures to an answer that knows them all", "s", "≤ 1 s"),
    "frame_ms": ("a recorded picture, sent and kept", "ms", MISSING),
    "rate": ("live answers a second", "/s", "≥ 10 /s"),
    "p95_ms": ("frame to answer, 95 of 100", "ms", "≤ 150 ms"),
    "rate_recording": ("live answers a second while pictures are recorded", "/s", "≥ 10 /s"),
    "p95_recording_ms": ("the same, frame to answer, 95 of 100", "ms", "≤ 150 ms"),
    "why_ms": ("answer with a heat map", "ms", MISSING),
    "clients_wrong": ("errors of 30 clients at once", "", "0"),
    "clients_page_p95_ms": ("the page meanwhile, 95 of 100", "ms", MISSING),
    "point_s": ("event of a training to the browser", "s", "≤ 1 s"),
    "stop_s": ("stop to a training that ended", "s", "≤ 3 s"),
    "service_start_s": ("a service of the taught model: start to its first answer", "s", MISSING),
    "service_ratio": ("processor time of its answer / the bare model's", "×", MISSING),
    "service_mb": ("its memory", "MB", MISSING),
    "service_bare_mb": ("memory of the bare model", "MB", MISSING),
    "service_wrong": ("errors of thirty clients at once", "", "0"),
    "idle_mb": ("memory, no project", "MB", MISSING),
    "taught_mb": ("memory, 90 pictures taught", "MB", MISSING),
    "full_mb": ("memory, project of many pictures taught", "MB", MISSING),
    "full_open_s": ("such a project opened again after a restart, to an answer", "s", MISSING),
}


def one_round(work: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Everything once."""
    found: dict[str, float] = {}
    folder, home = work / "工作 区", work / "home"
    shutil.rmtree(folder, ignore_errors=True)
    server = Server(folder, home)
    try:
        found["start_s"] = server.started
        client = server.client()
        client.get("/api/projects")
        found["idle_mb"] = server.memory()
        found |= teaching(server, client, 30)
        found["taught_mb"] = server.memory()
        found |= crowd(server, arguments.clients)
        found |= job(server, client)
        if server.has_torch():
            say("torch is loaded in the server")
        client.post(f"/api/projects/{client.get('/api/projects')['projects'][0]['id']}/take", {"what": "onnx"})
    finally:
        server.close()
    return found | service(folder) | full(work, home, arguments.full)


def teaching(server: Server, client: Client, count: int) -> dict[str, float]:
    """Record three classes, and ask."""
    project = client.post("/api/projects", {"kind": "classify", "name": "bench"})["id"]
    places = _places(client, project)
    client.get(f"/api/projects/{project}/teaching")  # as the page does when it opens
    recorded: list[float] = []
    for label, place in enumerate(places):
        for picture in frames(label, count):
            began = time.perf_counter()
            client.send(place, picture)
            recorded.append(1000 * (time.perf_counter() - began))
            time.sleep(max(0.0, _PAUSE - (time.perf_counter() - began)))
    last = time.perf_counter()
    question = frames(1, 1, seed=7)[0]
    while not _knows(client.send(f"/api/predict?project={project}", question), client, project):
        if time.perf_counter() - last > 60:
            raise RuntimeError("nothing was learnt within a minute")
    found = {"first_s": time.perf_counter() - last, "frame_ms": median(recorded)}
    found |= dict(zip(("rate", "p95_ms"), live(client, project, 8.0), strict=True))
    stop = threading.Event()

    def record(_: int) -> None:
        other = server.client()
        pictures = [(place, picture) for label, place in enumerate(places) for picture in frames(label, 30, seed=2)]
        for place, picture in pictures:
            if stop.is_set():
                return
            other.send(place, picture)
            time.sleep(_PAUSE)

    thread = threading.Thread(target=in_threads, args=(1, record))
    thread.start()
    found |= dict(zip(("rate_recording", "p95_recording_ms"), live(client, project, 8.0), strict=True))
    stop.set()
    thread.join()
    began = time.perf_counter()
    for _ in range(10):
        client.send(f"/api/predict?project={project}&why=1", question)
    return {**found, "why_ms": 100 * (time.perf_counter() - began)}


def live(client: Client, project: str, seconds: float) -> tuple[float, float]:
    """Ask one frame after the other; answers a second, and the milliseconds that 95 of 100 take at most."""
    pictures = [picture for label in range(len(CLASSES)) for picture in frames(label, 10, seed=3)]
    took: list[float] = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        client.send(f"/api/predict?project={project}", pictures[len(took) % len(pictures)])
        took.append(1000 * (time.perf_counter() - began))
    return 1000 * len(took) / sum(took), percentile(took, 0.95)


def crowd(server: Server, clients: int) -> dict[str, float]:
    """Thirty browsers at once: the page, the projects, answers."""
    project = server.client().get("/api/projects")["projects"][0]["id"]
    pages: list[float] = []

    def work(number: int) -> None:
        client = server.client()
        picture = frames(number % len(CLASSES), 1, seed=number)[0]
        for _ in range(10):
            began = time.perf_counter()
            client.get("/page/shell.js")
            client.get("/api/projects")
            pages.append(500 * (time.perf_counter() - began))
            client.send(f"/api/predict?project={project}", picture)

    wrong = in_threads(clients, work)
    for line in wrong[:3]:
        say(line)
    return {"clients_wrong": float(len(wrong)), "clients_page_p95_ms": percentile(pages, 0.95)}


def job(server: Server, client: Client) -> dict[str, float]:
    """Train a small network: how late its events come, and how soon it stops."""
    project = client.get("/api/projects")["projects"][0]["id"]
    settings = {"task": "classification", "model": "LeNet", "project": project, "arguments": {"epochs": 200}}
    try:
        made = client.post("/api/jobs", {"kind": "train", "settings": settings})
    except RuntimeError as error:
        say(str(error))
        return {}
    lines = Lines(server.folder / made["folder"] / "events.jsonl")
    late: list[float] = []
    stopped = 0.0
    for number, name, data in client.events(f"/api/jobs/{made['id']}/events"):
        if name == "validated" and not stopped:
            late += [age] if (age := lines.seconds_since(number)) is not None else []
            if data["epoch"] >= 5:
                stopped = time.perf_counter()
                client.post(f"/api/jobs/{made['id']}/stop", {})
        if name == "state" and data.get("state") in ("stopped", "done", "failed"):
            if data["state"] == "failed":
                say(f"the training failed: {data.get('message')}")
            break
    lines.close()
    if not stopped:
        return {}
    return {"stop_s": time.perf_counter() - stopped, **({"point_s": max(late)} if late else {})}


def service(folder: Path) -> dict[str, float]:
    """Serve the taught model by ``mmedu serve``, beside the bare model."""
    photo = folder / "photo.jpg"
    photo.write_bytes(frames(0, 1, seed=11)[0])
    found = _serve.measure(next(folder.rglob("*.onnx")), photo)
    return {
        "service_start_s": found["start_s"],
        "service_ratio": found["cpu_ms"] / found["bare_cpu_ms"],
        "service_mb": found["memory_mb"],
        "service_bare_mb": found["bare_memory_mb"],
        "service_wrong": found["clients_wrong"],
    }


def full(work: Path, home: Path, count: int) -> dict[str, float]:
    """A project of very many pictures: memory, and how long it takes to open again."""
    folder = work / "full"
    shutil.rmtree(folder, ignore_errors=True)
    server = Server(folder, home)
    try:
        client = server.client()
        project = client.post("/api/projects", {"kind": "classify", "name": "full"})["id"]
        for label, place in enumerate(_places(client, project)):
            for picture in frames(label, count // len(CLASSES), seed=5):
                client.send(place, picture)
        question = frames(0, 1, seed=9)[0]
        while not _knows(client.send(f"/api/predict?project={project}", question), client, project):
            time.sleep(0.2)
        memory = server.memory()
    finally:
        server.close()
    server = Server(folder, home)
    try:
        client, began = server.client(), time.perf_counter()
        while not _knows(client.send(f"/api/predict?project={project}", question), client, project):
            time.sleep(0.02)
        return {"full_mb": memory, "full_open_s": time.perf_counter() - began}
    finally:
        server.close()


def in_browser(work: Path) -> dict[str, float]:
    """What Chromium takes to a usable page; nothing where it is not installed."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        began = time.perf_counter()
        server = Server(work / "page", work / "home")
        try:
            page.goto(server.page)
            page.wait_for_selector("body[data-ready]")
            return {"page_s": time.perf_counter() - began}
        finally:
            server.close()
            browser.close()


def _places(client: Client, project: str) -> list[str]:
    classes = [client.post(f"/api/projects/{project}/classes", {"name": name}) for name in CLASSES]
    ids = [made.get("id") or made["classes"][-1]["id"] for made in classes]
    return [f"/api/projects/{project}/classes/{one}/pictures" for one in ids]


def _knows(answer: Mapping[str, Any], client: Client, project: str) -> bool:
    """Tell whether an answer knows every picture."""
    return bool(answer.get("ready")) and client.get(f"/api/projects/{project}/teaching").get("state") == "ready"


def rows(rounds: Sequence[Mapping[str, float]]) -> list[list[str]]:
    """The table's rows: medians over the rounds, with the lowest and the highest."""
    listed = []
    for key, (name, unit, goal) in _GOALS.items():
        values = [one[key] for one in rounds if key in one]
        if not values:
            listed.append([name, MISSING, MISSING, goal])
            continue
        digits = 2 if unit in ("s", "×") else 0
        listed.append(
            [
                name,
                f"{median(values):.{digits}f} {unit}".strip(),
                f"{min(values):.{digits}f}–{max(values):.{digits}f}",
                goal,
            ]
        )
    return listed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The studio: start, teaching, live answers, jobs, clients, memory.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--clients", type=int, default=30, help="how many ask at once")
    parser.add_argument("--full", type=int, help="pictures of the full project")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/studio-<date>.json)")
    arguments = parser.parse_args()
    for name, value in zip(("rounds", "full"), (1, 300) if arguments.quick else (3, 3000), strict=True):
        setattr(arguments, name, getattr(arguments, name) or value)
    return arguments


def main() -> int:
    """Runs the bench; 1 where thirty clients met an error."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        rounds = []
        for number in range(arguments.rounds):
            rounds.append(one_round(work, arguments) | in_browser(work))
            say(f"round {number + 1}: done")
    print(describe(machine), markdown(_HEAD, rows(rounds)), sep="\n\n")
    options = {name: str(value) for name, value in vars(arguments).items()}
    say(f"written: {save({'machine': machine, 'options': options, 'rounds': rounds}, 'studio', arguments.json)}")
    return int(any(found["clients_wrong"] for found in rounds))


if __name__ == "__main__":
    sys.exit(main())
