"""A service on a real port: thirty who ask at once, those who mean no good, and how it ends."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from tests.XEdu.serve.conftest import jpeg

from BaseDT.errors import DependencyMissing
from XEdu.serve import guard, network, requirements, running
from XEdu.serve.turns import Crowded, Turns

Served = Callable[..., running.Running]


def _send(
    port: int, method: str = "POST", path: str = "/upload", body: bytes | None = None, **headers: str
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, path, skip_host="Host" in named, skip_accept_encoding=True)
        if body is not None and "Content-Length" not in named:
            named["Content-Length"] = str(len(body))
        for name, value in named.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if "json" in answer.headers["content-type"] else content
    finally:
        connection.close()


def test_thirty_ask_at_once_and_each_gets_its_own_answer(served: Served) -> None:
    port = served().port
    colours = ("red", "green", "blue")
    pictures = [jpeg(colour) for colour in colours]
    wrong: list[object] = []

    def ask(number: int) -> None:
        for turn in range(4):
            label = (number + turn) % 3
            status, answer = _send(port, body=pictures[label])
            if status != 200 or answer["标签"] != label:
                wrong.append((status, answer))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    state = _send(port, "GET", "/health")[1]
    assert (state["answers"], state["refused"], state["waiting"]) == (120, 0, 0)


@pytest.mark.parametrize(
    ("request_", "status", "word"),
    [
        ({"Host": "evil.example"}, 403, "host"),
        ({"Host": "127.0.0.1.evil.example:80"}, 403, "host"),
        ({"Host": "192.168.1.7"}, 403, "host"),
        ({"Host": "[::1"}, 403, "host"),
        ({"Origin": "http://evil.example"}, 403, "origin"),
        ({"Origin": "null"}, 403, "origin"),
        ({"Origin": "http://127.0.0.1:1"}, 403, "origin"),
        ({"method": "GET"}, 405, "http"),
        ({"method": "DELETE"}, 405, "http"),
        ({"method": "PUT", "path": "/"}, 405, "http"),
        ({"method": "GET", "path": "/page/../service.py"}, 404, "http"),
        ({"method": "GET", "path": "/page/%2e%2e%2fservice.py"}, 404, "http"),
        ({"method": "GET", "path": "/page/..%5cservice.py"}, 404, "http"),
        ({"method": "GET", "path": "/etc/passwd"}, 404, "http"),
        ({"method": "GET", "path": "//evil.example/"}, 404, "http"),
        ({"Content-Length": str(30 * 1024 * 1024)}, 413, "too_large"),
        ({"Content-Length": "0x10"}, 400, None),
    ],
)  # fmt: skip
def test_who_means_no_good_gets_nothing(
    served: Served, request_: dict[str, str], status: int, word, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_PATIENCE", 0.2)
    port = served().port
    request = {name.replace("-", "_"): value for name, value in request_.items()}
    body = None if request.get("method") == "GET" else jpeg()
    answer = _send(port, body=body, **request)  # type: ignore[arg-type]
    assert answer[0] == status, answer
    if word is not None:
        assert answer[1]["error"] == word
    assert _send(port, body=jpeg())[0] == 200


def test_a_body_without_a_length_that_does_not_end_is_cut(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_PATIENCE", 0.5)
    port = served().port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall(b"POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        block = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        try:
            for _ in range(30):
                raw.sendall(block)
            answer = raw.recv(100)
        except OSError:  # it does not listen any more
            answer = b"HTTP/1.1 413"
    assert answer.startswith(b"HTTP/1.1 413")


def test_who_sends_nothing_hinders_nobody(served: Served) -> None:
    port = served().port
    idle = []
    for _ in range(10):
        raw = socket.create_connection(("127.0.0.1", port), timeout=5)
        raw.sendall(b"POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n")
        idle.append(raw)
    assert _send(port, body=jpeg())[0] == 200
    for raw in idle:
        raw.close()


def test_a_pin_is_asked_for_and_guesses_are_few(served: Served) -> None:
    port = served(pin="4821", host="0.0.0.0").port
    assert _send(port, body=jpeg())[0] == 401
    assert _send(port, "GET", "/info")[0] == 401
    assert _send(port, body=jpeg(), X_PIN="4821")[0] == 200
    tried = [_send(port, body=jpeg(), X_PIN=f"{guess:04}")[0] for guess in range(7)]
    assert tried == [401] * 5 + [429] * 2
    status, told = _send(port, body=jpeg(), X_PIN="4821")  # this address has guessed
    assert status == 429
    assert "wait" in told["message"]
    assert _send(port, "GET", "/")[0] == 200  # the page asks for it


def test_who_knows_the_pin_is_not_shut_out_by_others(served: Served) -> None:
    port = served(pin="4821", host="0.0.0.0").port
    other = next(iter(network.own_addresses()), None)
    if other is None:
        pytest.skip("this machine has one address")
    assert _send(port, body=jpeg(), X_PIN="4821")[0] == 200
    for guess in range(7):
        connection = http.client.HTTPConnection(other, port, timeout=10, source_address=(other, 0))
        connection.request("POST", "/upload", jpeg(), {"X-PIN": f"{guess:04}"})
        status = connection.getresponse().status
        connection.close()
    assert status == 429
    assert _send(port, body=jpeg(), X_PIN="4821")[0] == 200


def test_in_the_network_every_address_will_do_and_no_foreign_name(served: Served) -> None:
    lines: list[str] = []
    port = served(host="0.0.0.0", tell=lines.append).port
    assert _send(port, body=jpeg(), Host="10.1.2.3:1956")[0] == 200
    assert _send(port, body=jpeg(), Host="evil.example")[0] == 403
    if network.own_addresses():
        assert any("no password" in line for line in lines)


def test_it_ends_while_somebody_asks(served: Served) -> None:
    one = served()
    raw = socket.create_connection(("127.0.0.1", one.port), timeout=5)
    raw.sendall(b"POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n")
    began = time.monotonic()
    one.stop()
    raw.close()
    assert not one.alive
    assert time.monotonic() - began < 5
    with pytest.raises(OSError, match=r".*"):
        socket.create_connection(("127.0.0.1", one.port), timeout=2)


def test_turns_bound_how_many_wait_and_how_much_is_in_memory() -> None:
    async def scene() -> None:
        turns = Turns(3, 100)
        order: list[str] = []

        async def come(name: str, size: int, leave: anyio.Event) -> None:
            async with turns.taken(size):
                order.append(name)
                await leave.wait()

        async with anyio.create_task_group() as group:
            leave = anyio.Event()
            group.start_soon(come, "first", 80, leave)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(come, "second", 80, leave)  # waits: both do not fit
            group.start_soon(come, "third", 10, leave)
            await anyio.wait_all_tasks_blocked()
            assert order == ["first", "third"]
            with pytest.raises(Crowded):
                async with turns.taken(1):
                    pass
            leave.set()
        assert order == ["first", "third", "second"]
        assert turns.inside == 0
        async with turns.taken(100):  # all of it is free again
            pass

    with ThreadPoolExecutor(1) as alone:  # this thread may have a loop already: a browser's
        alone.submit(anyio.run, scene).result()


def test_what_is_missing_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch, refused) -> None:
    monkeypatch.setattr(requirements, "find_spec", lambda name: None if name == "uvicorn" else object())
    with refused(DependencyMissing, "uvicorn", 'pip install "mmedu[serve]"'):
        requirements.require_serve()
