"""A QR code of what a phone can use. The studio listens on this computer only, so that an address of it is none.

On a studio that others reach (``--host``) the code holds the page's address; otherwise it holds the four lines of code,
which a phone shows and copies without asking anybody.
"""

from __future__ import annotations

import io
import ipaddress
from urllib.parse import urlsplit

from BaseDT.language import say


def content(address: str, project: str, code: str) -> tuple[str, str]:
    """Return what the code holds, and the sentence that says so.

    Args:
        address: Of the studio.
        project: The project's id.
        code: Lines of a program.
    """
    if _reachable(address):
        return f"{address}/teach/{project}", say(
            "Scan it to open this project on a phone in the same network.", "扫码后，同一网络中的手机就能打开这个项目。"
        )
    return code, say(
        "Scan it to get the four lines of code as text. The model itself is not in it: this studio is on this computer "
        "only. For phones and other computers the teacher starts mmedu class.",
        "扫码得到四行代码的文字。模型本身不在里面：studio 只在本机运行。"
        "要让手机和其他电脑访问，请老师运行 mmedu class。",
    )


def svg(text: str) -> bytes:
    """Draw a QR code as a picture that grows with its place."""
    import segno

    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False, encoding="utf-8" if not text.isascii() else None).save(
        buffer, kind="svg", scale=1, border=3, omitsize=True, dark="#1d2433", light="#ffffff", xmldecl=False
    )
    return buffer.getvalue()


def _reachable(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return not (ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified)
    except ValueError:
        return bool(host) and host != "localhost"
