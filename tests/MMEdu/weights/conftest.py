"""Fixtures of downloads: a home with a Chinese name, and a server on this machine that stands for the official one."""

from __future__ import annotations

from file_server import home, server

__all__ = ["home", "server"]
