"""A service under measurement, beside the bare model: ``measure`` is for ``bench.studio``; alone it prints its figures.

python -m bench._serve model.onnx photo.jpg
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CLIENTS = 30
_BARE = """
import json, sys, time
from XEdu.serve.answering import open_model
from pathlib import Path
answering, data = open_model(sys.argv[1]), Path(sys.argv[2]).read_bytes()
threshold = answering.checked_threshold("score", None)
answering.warm_up()
times, cpu = [], time.process_time()
while sum(times) < float(sys.argv[3]):
    began = time.perf_counter()
    answering.answer(data, "", threshold)
    times.append(time.perf_counter() - began)
memory = int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) * 1024 / 1e6
print(json.dumps({"times": times, "memory": memory, "cpu": time.process_time() - cpu}))
"""


def measure(model: Path, photo: Path, *, seconds: float = 5.0) -> dict[str, float]:
    """Measure a service of a model, and the model alone in a process of its own.

    Args:
        model: An exported one.
        photo: What is asked about.
        seconds: Of each measurement.

    Returns:
        ``start_s``: process to the first answer; ``rate``, ``p95_ms``: one client that asks again and again; the same
        with ``clients_`` of thirty at once, and ``clients_wrong``; ``memory_mb`` after all this; ``cpu_ms`` an answer
        of all threads together, which a busy machine hardly changes; ``bare_rate``, ``bare_p95_ms``,
        ``bare_memory_mb``, ``bare_cpu_ms``: decoding and the model without HTTP.
    """
    found = _bare(model, photo, seconds)
    data = photo.read_bytes()
    began = time.perf_counter()
    command = [sys.executable, "-m", "MMEdu", "serve", str(model), "--port", "0", "--json", "--until-stdin-ends"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as service:
        assert service.stdin is not None
        assert service.stdout is not None
        text = ""
        while not text.endswith("}\n") and (line := service.stdout.readline()):
            text += line
        port = int(json.loads(text)["port"])
        _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), data)
        found["start_s"] = time.perf_counter() - began
        before = _processor(service.pid)
        one, _ = _asked(port, data, seconds, 1)
        found["cpu_ms"] = 1000 * (_processor(service.pid) - before) / len(one)
        many, wrong = _asked(port, data, seconds, CLIENTS)
        found |= {
            "rate": len(one) / seconds,
            "p50_ms": 1000 * median(one),
            "p95_ms": 1000 * _percentile(one, 95),
            "clients_rate": len(many) / seconds,
            "clients_p95_ms": 1000 * _percentile(many, 95),
            "clients_wrong": float(wrong),
            "memory_mb": _memory(service.pid),
        }
        service.stdin.close()
    return found


def _bare(model: Path, photo: Path, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-c", _BARE, str(model), str(photo), str(seconds)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout)
    times = told["times"]
    return {
        "bare_rate": len(times) / sum(times),
        "bare_p95_ms": 1000 * _percentile(times, 95),
        "bare_memory_mb": told["memory"],
        "bare_cpu_ms": 1000 * told["cpu"] / len(times),
    }


def _asked(port: int, data: bytes, seconds: float, clients: int) -> tuple[list[float], int]:
    """Let clients ask for a time; returns how long each answer took, and how many were none."""
    times: list[float] = []
    wrong: list[object] = []
    end = time.perf_counter() + seconds

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            began = time.perf_counter()
            try:
                if _ask(connection, data) != 200:
                    wrong.append(None)
            except (OSError, http.client.HTTPException) as error:
                wrong.append(error)
                connection.close()
            times.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(wrong)


def _ask(connection: http.client.HTTPConnection, data: bytes) -> int:
    connection.request("POST", "/upload", data, {"Content-Type": "image/jpeg"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _percentile(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _memory(pid: int) -> float:
    """Resident memory in MB (10⁶ bytes); Linux."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def _processor(pid: int) -> float:
    """Seconds of the processor that a process has used, all its threads; Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    for name, value in measure(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"{name:18} {value:10.2f}")
