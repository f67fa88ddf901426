"""By which addresses this computer can be reached in the room; nothing is sent to find out."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

_TOWARDS = ("192.168.255.254", "10.255.255.254", "172.31.255.254", "198.51.100.1")
"""A datagram socket that is told where it would send knows its own address; it never sends."""


def own_addresses() -> list[str]:
    """Return IPv4 addresses of this computer in the room, the likeliest first; empty without a network."""
    found: list[str] = []
    for target in _TOWARDS[::-1]:
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect((target, 9))
            found.append(asking.getsockname()[0])
    with contextlib.suppress(OSError, UnicodeError):  # a host's name may be Chinese, or nobody's
        for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            found.append(str(entry[4][0]))
    unique = dict.fromkeys(found)
    usable = [one for one in unique if not ipaddress.ip_address(one).is_loopback and one != "0.0.0.0"]
    return sorted(usable, key=_rank)


def names_of_this_computer() -> list[str]:
    """Return the names by which others may call it."""
    name = socket.gethostname().lower()
    return [name, f"{name}.local"] if name else []


def _rank(address: str) -> int:
    """Homes and schools have 192.168 or 10; 172.16 and above are often containers', 169.254 is nobody's."""
    if address.startswith("192.168."):
        return 0
    if address.startswith("10."):
        return 1
    return 3 if address.startswith("169.254.") else 2
