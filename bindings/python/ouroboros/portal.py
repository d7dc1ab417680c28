"""The door: accounts become persons here, and only persons can do anything."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

from . import _read
from ._callbacks import Audit, Clock, audit_callback, clock_callback, clock_of
from ._native import Handle, call, ffi, octets, record, room, take_secret, text, text_or_null
from .directory import Directory
from .identity import identity_record
from .model import Identity, NewLogin, NewToken, Scope
from .person import Person
from .store import Store
from .tailnet import Tailnet

__all__ = ["Portal"]


class Portal(Handle):
    """A tailnet, a directory, maybe a store, and a place for the audit record. Any thread may use it.

    audit gets one JSON object on one line, in order, one at a time; clock gives the time instead of the system's."""

    _free = "ouro_portal_free"

    def __init__(
        self,
        tailnet: Tailnet,
        directory: Directory,
        *,
        store: Store | None = None,
        audit: Audit | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._audit, self._clock = audit_callback(audit), clock_callback(clock)
        self._now = clock_of(clock)
        options = record("ouro_portal_options", audit=self._audit, clock=self._clock)
        out = ffi.new("ouro_portal **")
        with contextlib.ExitStack() as used:
            parts = [used.enter_context(part._use()) for part in (tailnet, directory)]
            if store is not None:
                options.store = used.enter_context(store._use())
            call("ouro_portal_new", *parts, options, out)
            self._adopt(out[0], tailnet, directory, *([store] if store is not None else []))

    def _person(self, name: str, *arguments: Any) -> Person:
        out = ffi.new("ouro_person **")
        with self._use() as portal:
            call(name, portal, *arguments, out)
            return Person._made(out[0], self)

    def person(self, identity: Identity) -> Person:
        """The person behind an account, with the map and the rules of this moment; Unmapped if nobody gave it a user."""
        return self._person("ouro_portal_person", identity_record(identity))

    def person_by_token(self, token: str | bytes) -> Person:
        """The person behind a personal token, which is not trusted, limited to its scopes; BadToken."""
        raw = octets(token)
        return self._person("ouro_portal_person_by_token", raw, len(raw))

    def holder(self) -> Person:
        """The holder of the tailnet's own credentials: every node is its own, no rules hold."""
        return self._person("ouro_person_holder")

    def person_as(self, user: str) -> Person:
        """The holder in the shoes of one Headscale user: what that user owns, by the rules; NotFound if there is none."""
        return self._person("ouro_person_as", text(user))

    def begin_login(
        self,
        machine: str,
        challenge: str,
        *,
        scopes: Scope = Scope.READ,
        lifetime: timedelta | None = None,
        port: int = 0,
        address: str | None = None,
    ) -> NewLogin:
        """A program begins to sign in, and nothing is granted by it. challenge: base64url of the SHA-256 of a verifier;
        port: where it listens on 127.0.0.1, 0 = a person types the code; address: where it was asked from."""
        wish = record(
            "ouro_login_wish",
            machine=machine,
            challenge=challenge,
            scopes=int(scopes),
            lifetime=0 if lifetime is None else lifetime // timedelta(seconds=1),
            port=port,
        )
        made, code = record("ouro_login"), room("OURO_LOGIN_CODE_MAX")
        with self._use() as portal:
            call("ouro_login_begin", portal, wish, text_or_null(address), made, code)
        return NewLogin(_read.login(made), take_secret(code))

    def redeem_login(self, login_id: str, verifier: str, grant: str = "") -> NewToken:
        """The program fetches its token, once. Pending: nobody answered yet; Refused; BadToken: anything else."""
        buffer, made = room("OURO_TOKEN_TEXT_MAX"), record("ouro_token")
        with self._use() as portal:
            call("ouro_login_redeem", portal, text(login_id), text(verifier), text(grant), buffer, made)
        return _read.new_token(buffer, made)
