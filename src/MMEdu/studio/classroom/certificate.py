"""A certificate of our own for ``--https``: a phone's browser gives its camera to no page without one."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from BaseDT.errors import DependencyMissing
from BaseDT.files import write_whole
from BaseDT.folders import data_folder
from BaseDT.language import say

INSTALL = 'pip install "mmedu[https]"'
_DAYS = 365


def kept_certificate(hosts: Iterable[str]) -> Path:
    """Return a PEM file with key and certificate; the one that is there stays, so that nobody is warned twice.

    Args:
        hosts: Names and addresses of this computer.

    Raises:
        DependencyMissing: ``trustme`` is not installed (-502).
        PathNotWritable, DiskFull: It cannot be kept (-104, -803).
    """
    file = data_folder() / "class-certificate.pem"
    if _usable(file):
        return file
    if find_spec("trustme") is None:
        raise DependencyMissing(
            say(
                "--https needs trustme, which this Python does not have.",
                "--https 需要 trustme，而当前 Python 没有安装。",
            ),
            hint=say(f"Install it with: {INSTALL}", f"请先安装：{INSTALL}"),
        )
    import trustme

    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=_DAYS)
    made = trustme.CA(organization_name="MMEdu").issue_cert(*_plain(hosts), common_name="MMEdu", not_after=until)
    write_whole(file, made.private_key_and_cert_chain_pem.bytes())
    file.chmod(0o600)
    return file


def _usable(file: Path) -> bool:
    """Tell whether the certificate that is there can be used, and will be tomorrow."""
    try:
        text = file.read_text(encoding="ascii")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return (
            datetime.datetime.now().timestamp() - file.stat().st_mtime < (_DAYS - 2) * 86400 and "CERTIFICATE" in text
        )
    except (OSError, ValueError):
        return False


def _plain(hosts: Iterable[str]) -> list[str]:
    """Leave out what no certificate can hold: a name in Chinese."""
    return [host for host in dict.fromkeys(hosts) if host.isascii() and "_" not in host and " " not in host]
