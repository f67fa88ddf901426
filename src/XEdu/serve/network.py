"""Ports and addresses of this machine."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

EVERYWHERE = ("0.0.0.0", "::")
"""What one binds to for the whole network."""
_NOT_HERE = frozenset(getattr(errno, name) for name in ("EADDRNOTAVAIL", "WSAEADDRNOTAVAIL") if hasattr(errno, name))
_NOWHERE = "10.255.255.255"
"""An address to ask the system which way it would go; nothing is sent."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: An address of this machine, or one of ``EVERYWHERE``.
        port: 0 takes any that is free.

    Raises:
        ParameterInvalid: The port is taken or not ours to take, or the address is not this machine's (-305).
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError, UnicodeError) as error:
        listening.close()
        raise _refused(host, port, error) from error
    return listening


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a port could be listened on now."""
    try:
        listen(host, port).close()
    except ParameterInvalid:
        return False
    return True


def own_addresses() -> list[str]:
    """Return this machine's addresses in its networks (IPv4), the likeliest first."""
    found: list[str] = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((_NOWHERE, 1))
        found.append(asking.getsockname()[0])
    with contextlib.suppress(OSError, UnicodeError):  # a name in Chinese is none that can be looked up
        found += socket.gethostbyname_ex(socket.gethostname())[2]
    return [address for address in dict.fromkeys(found) if _is_reachable(address)]


def own_names() -> set[str]:
    """Return the names by which others in the network may call this machine."""
    name = socket.gethostname().lower().removesuffix(".local")
    return {name, f"{name}.local"} if name.isascii() and name else set()


def _is_reachable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_multicast)


def _refused(host: str, port: int, error: BaseException) -> ParameterInvalid:
    if isinstance(error, PermissionError):
        message = say(f"Port {port} may not be used.", f"没有权限使用端口 {port}。")
        hint = say("Choose a port from 1024 on: port=1956.", "请选择 1024 以上的端口：port=1956。")
    elif isinstance(error, (socket.gaierror, UnicodeError)) or getattr(error, "errno", None) in _NOT_HERE:
        message = say(f"{host} is no address of this computer.", f"{host} 不是这台电脑的地址。")
        hint = say("host='0.0.0.0' is every address that it has.", "host='0.0.0.0' 表示本机的所有地址。")
    else:
        message = say(f"Port {port} is taken by another program.", f"端口 {port} 已被其他程序占用。")
        hint = say(
            f"End the other one (perhaps a service that still runs in another window), or choose another port: "
            f"port={port + 1}.",
            f"请结束占用它的程序（可能是另一个窗口里还在运行的服务），或换一个端口：port={port + 1}。",
        )
    return ParameterInvalid(message, hint=hint)
