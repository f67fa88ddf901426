"""Programs that ask a service, to be copied. Built of values by ``repr`` and of quoted words, never by pasting."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from BaseDT.language import say


@dataclass(frozen=True)
class Program:
    """A program that asks a service.

    Attributes:
        id: For programs of ours.
        name: For people.
        file: What it is saved as.
        code: Its text.
    """

    id: str
    name: str
    file: str
    code: str


def programs(address: str, *, pin: str = "") -> list[Program]:
    """Return a program for each kind of client.

    Args:
        address: Of the service, e.g. ``http://192.168.1.7:1956``.
        pin: What it asks for, or what stands in its place; empty: it asks for none.
    """
    url = f"{address}/upload"
    return [
        Program("python", "Python (requests)", "ask.py", _requests(url, pin)),
        Program("urllib", say("Python, nothing to install", "Python（无需安装库）"), "ask.py", _urllib(url, pin)),
        Program("curl", "curl", "ask.sh", _curl(url, pin)),
        Program("micropython", "MicroPython", "main.py", _micropython(url, pin)),
    ]


def _requests(url: str, pin: str) -> str:
    headers = f", headers={{'X-PIN': {pin!r}}}" if pin else ""
    return f"""import requests

url = {url!r}
with open('photo.jpg', 'rb') as photo:
    answer = requests.post(url, files={{'files': photo}}{headers})
print(answer.json())
"""


def _urllib(url: str, pin: str) -> str:
    headers = {"Content-Type": "image/jpeg"} | ({"X-PIN": pin} if pin else {})
    return f"""import json
from urllib.request import Request, urlopen

url = {url!r}
with open('photo.jpg', 'rb') as photo:
    request = Request(url, photo.read(), {headers!r})
print(json.load(urlopen(request)))
"""


def _curl(url: str, pin: str) -> str:
    header = f"-H {shlex.quote(f'X-PIN: {pin}')} " if pin else ""
    return f"curl {header}-F files=@photo.jpg {shlex.quote(url)}\n"


def _micropython(url: str, pin: str) -> str:
    headers = {"Content-Type": "image/jpeg"} | ({"X-PIN": pin} if pin else {})
    return f"""import requests  # {say("older boards:", "较旧的固件：")} import urequests as requests

url = {json.dumps(url)}
with open('photo.jpg', 'rb') as photo:
    answer = requests.post(url, data=photo.read(), headers={headers!r})
print(answer.json())
answer.close()
"""
