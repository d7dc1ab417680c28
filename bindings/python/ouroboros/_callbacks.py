"""Functions of Python's that the library calls, from any thread.

None of them ever raises into C: an exception goes to the logger "ouroboros". Whoever gets a callback back keeps it alive for as
long as the library may call it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import _native
from ._native import ffi, read, seconds_of
from .errors import Fault
from .model import LogLevel

Log = Callable[[LogLevel, str], None]
Audit = Callable[[str], None]
Clock = Callable[[], datetime | int | float]

logger = logging.getLogger("ouroboros")
LEVELS = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
}


def guarded(what: str, function: Callable[..., Any], otherwise: Callable[[], Any]) -> Callable[..., Any]:
    """The function, or what to answer when it fails."""

    def inner(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception:
            logger.exception("the callback for the %s failed", what)
        except BaseException as e:  # of this thread: raised when the call is over
            _native.raised.error = e
        return otherwise()

    return inner


def nothing() -> None:
    return None


def into_logger(target: logging.Logger) -> Log:
    def write(level: LogLevel, line: str) -> None:
        target.log(LEVELS[level], "%s", line)

    return write


def log_callback(log: Log | logging.Logger | None) -> Any:
    """An ouro_log_fn, or None."""
    if log is None:
        return None
    write = into_logger(log) if isinstance(log, logging.Logger) else log

    def call(_user: Any, level: int, line: Any) -> None:
        write(LogLevel(level), read(line))

    return ffi.callback("ouro_log_fn", guarded("log", call, nothing))


def audit_callback(audit: Audit | None) -> Any:
    """An ouro_audit_fn, or None."""
    if audit is None:
        return None
    write = audit

    def call(_user: Any, line: Any, length: int) -> None:
        write(bytes(ffi.buffer(line, length)).decode("utf-8", "replace"))

    return ffi.callback("ouro_audit_fn", guarded("audit record", call, nothing))


def system_time() -> int:
    return int(time.time())


def clock_of(clock: Clock | None) -> Callable[[], int]:
    """Unix seconds by a clock; one that fails, or says what is no time, is the system's."""
    if clock is None:
        return system_time
    ask = clock

    def seconds() -> int:
        value = ask()
        return seconds_of(value) if isinstance(value, datetime) else int(value)

    return guarded("clock", seconds, system_time)


def clock_callback(clock: Clock | None) -> Any:
    """A clock, or None."""
    if clock is None:
        return None
    ask = clock_of(clock)

    def call(_user: Any) -> int:
        return ask()

    return ffi.callback("int64_t(void *)", call)


def fault_callback(faults: list[Fault]) -> Any:
    """An ouro_fault_fn that collects."""

    def call(_user: Any, where: Any, line: Any) -> None:
        faults.append(Fault(read(where), read(line)))

    return ffi.callback("ouro_fault_fn", guarded("faults", call, nothing))
