"""A program signs in at an Ouroboros server for the person in front of it, and gets a personal token."""

from __future__ import annotations

from datetime import datetime, timedelta

from . import _read, errors
from ._native import (
    Handle,
    call,
    ffi,
    instant,
    lib,
    milliseconds,
    octets,
    read,
    record,
    room,
    text,
    text_or_null,
)
from .model import NewToken, Scope

__all__ = ["ProgramSignIn", "scopes_named", "scope_names", "sign_out"]


def scopes_named(*names: str) -> Scope:
    """Scopes by their names: "read", "nodes", "routes", "keys". Invalid for another."""
    found = Scope(0)
    for name in names:
        wanted = octets(name)
        scope = lib.ouro_token_scope(wanted, len(wanted))
        if not scope:
            raise errors.Invalid("no scope has the name %r" % name)
        found |= Scope(scope)
    return found


def scope_names(scopes: Scope) -> tuple[str, ...]:
    """The names of scopes, the smallest first."""
    return tuple(read(lib.ouro_token_scope_name(int(scope))) for scope in scopes)


class ProgramSignIn(Handle):
    """A sign-in that was begun here: show the person the url (and the code), then finish().

    server: "https://vpn.example.org/ouroboros"; machine: what to call the token; port: where the program listens on 127.0.0.1
    for the browser, 0 = the person types the code. For one thread at a time."""

    _free = "ouro_sign_in_free"

    def __init__(
        self,
        server: str,
        machine: str,
        *,
        scopes: Scope = Scope.ALL,
        lifetime: timedelta | None = None,
        port: int = 0,
        ca_file: str | None = None,
        timeout: float | timedelta | None = None,
    ) -> None:
        options = record(
            "ouro_sign_in_options",
            server=server,
            ca_file=ca_file,
            machine=machine,
            scopes=int(scopes),
            lifetime=0 if lifetime is None else lifetime // timedelta(seconds=1),
            port=port,
            timeout_ms=milliseconds(timeout),
        )
        out = ffi.new("ouro_sign_in **")
        call("ouro_sign_in_begin", options, out)
        self._adopt(out[0])

    @property
    def url(self) -> str:
        """The page that the person opens."""
        with self._use() as sign_in:
            return read(lib.ouro_sign_in_url(sign_in))

    @property
    def code(self) -> str:
        """What the person types there; "" if the program listens."""
        with self._use() as sign_in:
            return read(lib.ouro_sign_in_code(sign_in))

    @property
    def id(self) -> str:
        """What the browser brings back beside the grant."""
        with self._use() as sign_in:
            return read(lib.ouro_sign_in_id(sign_in))

    @property
    def ends(self) -> datetime:
        """When the server stops waiting."""
        with self._use() as sign_in:
            return instant(lib.ouro_sign_in_ends(sign_in))

    def finish(self, grant: str | None = None) -> NewToken:
        """Fetch the token, once. Pending: nobody answered yet, ask again in a few seconds; Refused; BadToken."""
        buffer, made = room("OURO_TOKEN_TEXT_MAX"), record("ouro_token")
        with self._use() as sign_in:
            call("ouro_sign_in_finish", sign_in, text_or_null(grant), buffer, made)
        return _read.new_token(buffer, made)


def sign_out(
    server: str, token: str, *, ca_file: str | None = None, timeout: float | timedelta | None = None
) -> None:
    """Have the server revoke a token."""
    call("ouro_sign_out", text(server), text_or_null(ca_file), text(token), milliseconds(timeout))
