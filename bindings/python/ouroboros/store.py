"""What must outlive a restart and is nothing of Headscale's: personal tokens, sign-ins that wait, the audit record."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Any

from ._callbacks import Log, log_callback
from ._native import Handle, call, ffi, milliseconds, record

__all__ = ["Store"]


class Store(Handle):
    """A SQLite file in a directory, or PostgreSQL at a URL. Any thread may use it."""

    _free = "ouro_store_free"

    def __init__(
        self,
        directory: str | os.PathLike[str] | None = None,
        *,
        url: str | None = None,
        timeout: float | timedelta | None = None,
        log: Log | logging.Logger | None = None,
    ) -> None:
        options = record(
            "ouro_store_options",
            directory=None if directory is None else os.fspath(directory),
            url=url,
            timeout_ms=milliseconds(timeout),
        )
        self._make(options, log)

    def _make(self, options: Any, log: Log | logging.Logger | None) -> None:
        self._log = log_callback(log)
        if self._log is not None:
            options.log = self._log
        out = ffi.new("ouro_store **")
        call("ouro_store_open", options, out)
        self._adopt(out[0])

    def check(self) -> None:
        """Write a little; an Error says what is wrong."""
        with self._use() as store:
            call("ouro_store_check", store)
