"""What goes wrong, as exceptions: one class a status of the library, all of them Error."""

from __future__ import annotations

import enum
from typing import NamedTuple

__all__ = [
    "Origin", "Error", "Invalid", "NoMemory", "NotFound", "Denied", "Unmapped", "Conflict", "Rejected", "Unreachable",
    "Timeout", "Uncertain", "Unauthenticated", "Protocol", "Unsupported", "Limit", "Expired", "WrongState", "Changed",
    "KeyUnknown", "OtherOwner", "Config", "IoError", "Internal", "Provider", "Refused", "BadToken", "Off", "Pending",
    "Fault", "Closed",
]


class Origin(enum.IntEnum):
    """Who produced an error."""

    LIBRARY = 0
    HEADSCALE = 1
    NETWORK = 2
    PROVIDER = 3


class Fault(NamedTuple):
    """One fault of settings, map or rules, or a notice about them: where it is, and what to write instead."""

    where: str
    text: str


class Closed(ValueError):
    """The object was closed, or made before this process forked."""


class Error(Exception):
    """A call of the library failed. str() of it is one line, without secrets."""

    status: int = 0
    """OURO_ERR_*, a negative number"""

    def __init__(
        self,
        text: str,
        *,
        status: int | None = None,
        name: str = "",
        origin: Origin = Origin.LIBRARY,
        http_status: int | None = None,
        grpc_status: int | None = None,
        os_errno: int | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(text)
        self.status = type(self).status if status is None else status
        self.name = name or NAMES.get(self.status, "unknown")
        """short fixed token for programs: "not-found", "denied" …"""
        self.text = text
        self.origin = origin
        self.http_status = http_status
        """None if there was no HTTP answer"""
        self.grpc_status = grpc_status
        """None if there was no gRPC answer"""
        self.os_errno = os_errno
        """None if the operating system had no part in it"""
        self.retryable = retryable
        """the same call may be repeated without harm"""


class Invalid(Error, ValueError):
    """An argument or an input is not acceptable."""

    status = -1


class NoMemory(Error):
    """Out of memory."""

    status = -2


class NotFound(Error):
    """Does not exist, or is not yours: the two are not told apart."""

    status = -3


class Denied(Error):
    """A rule of this installation, or the scope of the token, forbids it."""

    status = -4


class Unmapped(Error):
    """The account has no Headscale user in the directory."""

    status = -5


class Conflict(Error):
    """The name or object is already taken."""

    status = -6


class Rejected(Error):
    """Headscale refused the request; its words are in the text."""

    status = -7


class Unreachable(Error):
    """Headscale cannot be reached; nothing was changed."""

    status = -8


class Timeout(Error):
    """No answer in time; nothing was changed."""

    status = -9


class Uncertain(Error):
    """The call broke off: it may or may not have happened."""

    status = -10


class Unauthenticated(Error):
    """Headscale refused the API key."""

    status = -11


class Protocol(Error):
    """The answer is not what this protocol allows."""

    status = -12


class Unsupported(Error):
    """This Headscale version cannot do it."""

    status = -13


class Limit(Error):
    """Larger or more than allowed."""

    status = -14


class Expired(Error):
    """The session or sign-in attempt is over."""

    status = -15


class WrongState(Error):
    """The sign-in answer, or the form, does not belong to this browser."""

    status = -16


class Changed(Error):
    """The object changed since it was shown; nothing was done."""

    status = -17


class KeyUnknown(Error):
    """The registration key is used up, expired or unknown."""

    status = -18


class OtherOwner(Error):
    """The device is registered to somebody else."""

    status = -19


class Config(Error):
    """Settings, map or rules have faults; all of them are in faults."""

    status = -20
    faults: tuple[Fault, ...] = ()


class IoError(Error):
    """A file, the store or the operating system failed."""

    status = -21


class Internal(Error):
    """A defect in libouroboros."""

    status = -22


class Provider(Error):
    """The sign-in provider failed or answered nonsense."""

    status = -23


class Refused(Error):
    """The person refused."""

    status = -24


class BadToken(Error):
    """The personal token is unknown, over or revoked."""

    status = -25


class Off(Error):
    """This installation does not offer it."""

    status = -26


class Pending(Error):
    """Somebody still has to approve it."""

    status = -27


BY_STATUS: dict[int, type[Error]] = {kind.status: kind for kind in Error.__subclasses__()}
NAMES: dict[int, str] = {}
"""status → token; filled by _native from the headers' table"""
