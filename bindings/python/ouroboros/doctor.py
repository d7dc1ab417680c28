"""What works of an installation and what to change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ._callbacks import guarded, nothing
from ._native import call, ffi, milliseconds, read, record, seconds_of
from .model import Finding, Level
from .settings import environment_of

__all__ = ["examine"]


def examine(
    file: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    server: str | None = None,
    token: str | None = None,
    ca_file: str | None = None,
    token_until: datetime | None = None,
    timeout: float | timedelta | None = None,
) -> tuple[Finding, ...]:
    """Reach everything that the settings name and tell how each fares; nothing is changed.

    file and environment as for Settings. With a server ("https://vpn.example.org/ouroboros") a person's way there is looked at
    instead, with the token."""
    found: list[Finding] = []

    def add(_user: Any, seen: Any) -> None:
        found.append(Finding(Level(seen.level), read(seen.topic), read(seen.text), read(seen.advice)))

    callback = ffi.callback("ouro_finding_fn", guarded("findings", add, nothing))
    listed = environment_of(environment)
    options = record(
        "ouro_doctor_options",
        file=None if file is None else os.fspath(file),
        server=server,
        token=token,
        ca_file=ca_file,
        token_until=None if token_until is None else seconds_of(token_until),
        timeout_ms=milliseconds(timeout),
    )
    options.environment = listed.array
    call("ouro_doctor_run", options, callback, ffi.NULL, ffi.NULL)
    return tuple(found)
