"""One Headscale server: how to reach it and how it fares. It offers no operation by itself: those need a person."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from ._callbacks import Log, log_callback
from ._native import Handle, call, ffi, milliseconds, read, record, when
from .model import Capability, TailnetStatus, Transport

__all__ = ["Tailnet"]

Span = float | timedelta | None


class Tailnet(Handle):
    """A Headscale server, or an Ouroboros server by its API. Any thread may use it.

    Made without asking the server, which may be down. Without an address it is the unix socket. A span of time is given in
    seconds or as timedelta; None is the library's default (tailnet.h). log gets (level, line) from any thread; a Logger does."""

    _free = "ouro_tailnet_free"

    def __init__(
        self,
        address: str | None = None,
        api_key: str | None = None,
        *,
        socket_path: str | None = None,
        ca_file: str | None = None,
        plaintext: bool = False,
        transport: Transport = Transport.AUTO,
        login_url: str | None = None,
        assume: str | None = None,
        freshness: Span = None,
        connect_timeout: Span = None,
        read_timeout: Span = None,
        write_timeout: Span = None,
        stale_after: Span = None,
        first_view: Span = None,
        log: Log | logging.Logger | None = None,
    ) -> None:
        self._make(
            record(
                "ouro_tailnet_options",
                socket_path=socket_path,
                address=address,
                api_key=api_key,
                ca_file=ca_file,
                plaintext=int(plaintext),
                transport=int(transport),
                freshness_ms=milliseconds(freshness),
                connect_timeout_ms=milliseconds(connect_timeout),
                read_timeout_ms=milliseconds(read_timeout),
                write_timeout_ms=milliseconds(write_timeout),
                stale_after_ms=milliseconds(stale_after),
                first_view_ms=milliseconds(first_view),
                login_url=login_url,
                assume=assume,
            ),
            log,
        )

    def _make(self, options: Any, log: Log | logging.Logger | None) -> None:
        self._log = log_callback(log)
        if self._log is not None:
            options.log = self._log
        out = ffi.new("ouro_tailnet **")
        call("ouro_tailnet_open", options, out)
        self._adopt(out[0])

    def status(self) -> TailnetStatus:
        """What is known without asking; never waits for the network."""
        status = record("ouro_tailnet_status")
        with self._use() as tailnet:
            call("ouro_tailnet_status_get", tailnet, status)
        return TailnetStatus(
            reachable=bool(status.reachable),
            last_error=status.last_error,
            since=when(status.since),
            answered=when(status.answered),
            capabilities=Capability(status.capabilities),
            version=read(status.version),
            endpoint=read(status.endpoint),
            text=read(status.text),
            transport=Transport(status.transport),
        )

    def check(self) -> None:
        """Ask the server now; an Error says what is wrong."""
        with self._use() as tailnet:
            call("ouro_tailnet_check", tailnet)
