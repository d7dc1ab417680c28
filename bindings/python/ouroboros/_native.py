"""The way into the C library: finding it, calling it, and the life of its handles.

ffi and lib are the whole C API of the headers, for whoever needs it bare. The library is opened when it is first used:
OUROBOROS_LIBRARY names the file, else the loader finds libouroboros.so.0."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar, TypeVar

import cffi

from . import errors
from ._declarations import CONSTANTS, DECLARATIONS, STATUSES

SONAME = "libouroboros.so.0"
NEVER: int = CONSTANTS["OURO_TIME_NEVER"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST, LAST = datetime.min.replace(tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc)

ffi: Any = cffi.FFI()
ffi.cdef(DECLARATIONS)
NULL: Any = ffi.NULL

errors.NAMES.update({value: token for _, value, token, _ in STATUSES})


class Library:
    """The functions of libouroboros as attributes."""

    _opened: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._opened is None:
            self._opened = self._open()
        try:
            function = getattr(self._opened, name)
        except AttributeError:
            raise AttributeError("the libouroboros that is installed has no %s: it is older than this package" % name) from None
        setattr(self, name, function)
        return function

    @staticmethod
    def _open() -> Any:
        name = os.environ.get("OUROBOROS_LIBRARY") or SONAME
        try:
            return ffi.dlopen(name)
        except OSError as e:
            raise OSError("libouroboros cannot be loaded (%s): install it, or let OUROBOROS_LIBRARY name the file" % e) from None


lib: Any = Library()

# ---- values

_kept: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()


def text(value: str | bytes) -> Any:
    """A C string. A NUL would end it early, and something else would be meant than was said."""
    raw = octets(value)
    if b"\0" in raw:
        raise errors.Invalid("a text contains a NUL character: leave it out")
    return ffi.new("char[]", raw)


def text_or_null(value: str | bytes | None) -> Any:
    return NULL if value is None else text(value)


def octets(value: str | bytes) -> bytes:
    """What goes with a length of its own."""
    if isinstance(value, bytes):
        return value
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise errors.Invalid("a text cannot be written as UTF-8") from None
    except AttributeError:
        raise TypeError("a text is wanted, not %s" % type(value).__name__) from None


def room(name: str) -> Any:
    """A buffer of a size that the headers name."""
    return ffi.new("char[]", CONSTANTS[name])


def put_text(target: Any, value: str, what: str) -> None:
    """Fill an array of a structure; what is too long is no value of ours."""
    raw = octets(value)
    if len(raw) >= len(target) or b"\0" in raw:
        raise errors.Invalid("%s is at most %d bytes long, without NUL" % (what, len(target) - 1))
    ffi.memmove(target, raw, len(raw))


def read(pointer: Any) -> str:
    """A C string, which always is UTF-8."""
    raw: bytes = ffi.string(pointer)
    return raw.decode("utf-8", "replace")


def read_or_none(pointer: Any) -> str | None:
    return read(pointer) if pointer else None


def take_secret(buffer: Any) -> str:
    """The text in a buffer, which is wiped."""
    value = read(buffer)
    ffi.buffer(buffer)[:] = bytes(len(buffer))
    return value


def number(value: int, what: str = "id") -> int:
    """An unsigned 64-bit number, such as an id."""
    if not 0 <= value < 2**64:
        raise errors.Invalid("%s is not a number that an %s can have" % (value, what))
    return value


def when(seconds: int) -> datetime | None:
    """A time of the library's; None = never."""
    return None if seconds == NEVER else instant(seconds)


def instant(seconds: int) -> datetime:
    """A time that is one; what lies beyond Python's calendar becomes its edge."""
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return LAST if seconds > 0 else FIRST


def seconds_of(value: datetime) -> int:
    """Unix seconds of an aware datetime."""
    if value.utcoffset() is None:
        raise errors.Invalid("a time without its zone: give an aware datetime")
    return (value - EPOCH) // timedelta(seconds=1)


def milliseconds(value: float | timedelta | None) -> int:
    """A span of time for the library; None = its default, which is 0 there."""
    if value is None:
        return 0
    span = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if not 0 <= span < 2**32 / 1000:
        raise errors.Invalid("%s s is not a span of time that can be waited" % span)
    return max(1, int(span * 1000))


def record(kind: str, **fields: Any) -> Any:
    """A structure with its size set. Texts among the fields live as long as it; None leaves a field as it is."""
    made = ffi.new(kind + " *")
    made.size = ffi.sizeof(kind)
    kept = []
    for name, value in fields.items():
        if value is None:
            continue
        if isinstance(value, str):
            value = text(value)
        kept.append(value)
        setattr(made, name, value)
    if kept:
        _kept[made] = kept
    return made


# ---- calls

class _Raised(threading.local):
    """What a callback raised in this thread that is not for the log: KeyboardInterrupt, SystemExit."""

    error: BaseException | None = None


raised = _Raised()


def call(name: str, *arguments: Any) -> None:
    """Call a function that returns a status and takes an error record last."""
    error = record("ouro_error", grpc_status=-1)
    status = getattr(lib, name)(*arguments, error)
    pending, raised.error = raised.error, None
    if pending is not None:
        raise pending
    if status < 0:
        raise error_of(status, error)


def error_of(status: int, error: Any) -> errors.Error:
    kind = errors.BY_STATUS.get(status, errors.Error)
    try:
        origin = errors.Origin(error.origin)
    except ValueError:
        origin = errors.Origin.LIBRARY
    return kind(
        read(error.text) or read(lib.ouro_status_text(status)),
        status=status,
        name=read(lib.ouro_status_name(status)),
        origin=origin,
        http_status=error.http_status or None,
        grpc_status=error.grpc_status if error.grpc_status >= 0 else None,
        os_errno=error.os_errno or None,
        retryable=bool(error.flags & CONSTANTS["OURO_ERROR_RETRYABLE"]),
    )


# ---- handles

Self = TypeVar("Self", bound="Handle")


class Handle:
    """Something of the library's that has to be closed: by `with`, by close(), at the latest when nobody has it any more.

    Any thread may call and close. What is in use, by a call in another thread or by an object made from it, is released when
    that is over, whatever the order of closing; new uses raise Closed at once. It holds no lock: whoever uses it is counted
    first and looks then whether it is closed, whoever closes it does that first and looks then whether it is used."""

    _free: ClassVar[str]
    _open: ClassVar[weakref.WeakSet[Handle]] = weakref.WeakSet()

    def _adopt(self, pointer: Any, *parents: Handle) -> None:
        """Take ownership of a pointer that was made with these, which are in use until it is released."""
        entered: list[tuple[Handle, object]] = []
        try:
            for parent in parents:
                entered.append((parent, parent._enter()))
        except errors.Closed:
            getattr(lib, self._free)(pointer)
            for parent, key in entered:
                parent._leave(key)
            raise
        self._pid = os.getpid()
        self._parents = entered
        self._pointer = pointer
        self._closed = False
        self._users: dict[object, None] = {}
        Handle._open.add(self)

    @property
    def closed(self) -> bool:
        return getattr(self, "_closed", True)

    def close(self) -> None:
        """Release it, once the last use is over. Closing again does nothing."""
        if not self.closed:
            self._closed = True
            self._drop()

    def __enter__(self: Self) -> Self:
        if self.closed:
            raise errors.Closed("this %s is closed" % type(self).__name__)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("a %s cannot be pickled" % type(self).__name__)

    @contextlib.contextmanager
    def _use(self) -> Iterator[Any]:
        """The pointer, for the length of a call."""
        key = self._enter()
        try:
            yield self._pointer
        finally:
            self._leave(key)

    def _enter(self) -> object:
        if not hasattr(self, "_users"):
            raise errors.Closed("this %s was not made" % type(self).__name__)
        if self._pid != os.getpid():
            raise errors.Closed("this %s was made before the process forked: make one here" % type(self).__name__)
        key = object()
        self._users[key] = None
        if self._closed:
            self._leave(key)
            raise errors.Closed("this %s is closed" % type(self).__name__)
        return key

    def _leave(self, key: object) -> None:
        del self._users[key]
        if self._closed:
            self._drop()

    def _drop(self) -> None:
        if self._users:
            return
        pointer = self.__dict__.pop("_pointer", None)  # for one of several threads only
        if pointer is None:
            return
        if self._pid == os.getpid():  # its threads are not in a forked child
            getattr(lib, self._free)(pointer)
        for parent, key in self._parents:
            parent._leave(key)


@atexit.register
def close_all() -> None:
    """Nothing of the library calls into an interpreter that is going away."""
    for handle in list(Handle._open):
        handle.close()
