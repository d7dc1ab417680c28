"""What a person can do. Every call checks by itself what the person may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import _read
from ._native import (
    NEVER,
    NULL,
    Handle,
    call,
    ffi,
    lib,
    number,
    octets,
    put_text,
    read,
    record,
    room,
    seconds_of,
    take_secret,
    text,
    text_or_null,
    when,
)
from .identity import take_identity
from .model import (
    Action,
    Ahead,
    Filter,
    Identity,
    Key,
    KeyLimits,
    Login,
    NewKey,
    NewToken,
    Node,
    NodeList,
    Registration,
    Scope,
    Sort,
    Token,
    User,
    Which,
)

if TYPE_CHECKING:
    from .portal import Portal

__all__ = ["Person", "parse_registration"]


def parse_registration(pasted: str | bytes) -> Registration:
    """Read a key out of what a person pasted, which is not trusted: a key or a whole link. Invalid if it is neither."""
    made, raw = record("ouro_registration"), octets(pasted)
    call("ouro_registration_parse", raw, len(raw), made)
    return Registration(made.form, read(made.key))


def registration_record(registration: Registration) -> Any:
    made = record("ouro_registration", form=registration.form)
    put_text(made.key, registration.key, "a registration key")
    return made


def ahead(until: int, never: bool = False) -> Ahead | None:
    """A furthest end; 0 = the rule is off."""
    return Ahead(when(until), never) if until else None


def write_options(seen: Node | int | None = None, address: str | None = None, user: str | None = None) -> Any:
    fingerprint = seen.fingerprint if isinstance(seen, Node) else seen or 0
    return record("ouro_write_options", seen=number(fingerprint, "fingerprint"), address=address, user=user)


class Person(Handle):
    """Somebody with the rights of the moment; get one a request, from a Portal. Any thread may use it.

    seen is the node, or its fingerprint, that a decision was based on: Changed if it is another now. address is where the
    person came from, for the audit record. A write gives the node as it is afterwards, None if it is done and could not be
    read back. Another's node and a missing one are the same NotFound."""

    _free = "ouro_person_free"
    _portal: Portal

    @classmethod
    def _made(cls, pointer: Any, portal: Portal) -> Person:
        self = cls.__new__(cls)
        self._portal = portal
        self._adopt(pointer, portal)
        return self

    # ---- who

    @property
    def identity(self) -> Identity | None:
        """None for the holder."""
        with self._use() as person:
            identity = lib.ouro_person_identity(person)
            return take_identity(identity) if identity.id else None

    @property
    def users(self) -> tuple[str, ...]:
        """Headscale users of this person; new devices join as the first."""
        with self._use() as person:
            return _read.texts(lib.ouro_person_user_count, lib.ouro_person_user, person)

    def server_users(self) -> tuple[User, ...]:
        """The person's own users that the server has now; the holder gets all that the server shows."""
        out = ffi.new("ouro_user_list **")
        with self._use() as person:
            call("ouro_users_list", person, out)
        return _read.take_user_list(out[0])

    @property
    def scopes(self) -> Scope:
        """All, unless a personal token is used."""
        with self._use() as person:
            return Scope(lib.ouro_person_scopes(person))

    @property
    def token(self) -> str | None:
        """Id of the personal token that this person came by."""
        with self._use() as person:
            return read(lib.ouro_person_token(person)) or None

    def may(self, action: Action) -> bool:
        """For showing: whether the rules let this person do it with own nodes."""
        with self._use() as person:
            return bool(lib.ouro_person_may(person, int(action)))

    # ---- nodes

    def nodes(
        self,
        which: Which = Which.MINE,
        *,
        filter: Filter = Filter.ALL,
        sort: Sort = Sort.NAME,
        search: str | None = None,
        offset: int = 0,
        limit: int = 0,
    ) -> NodeList:
        """Nodes that the person may see. search: part of a name, address, tag, user or route; limit: 0 = all."""
        query = record(
            "ouro_nodes_query",
            scope=int(which),
            filter=int(filter),
            sort=int(sort),
            search=search,
            offset=number(offset, "offset"),
            limit=number(limit, "limit"),
        )
        out = ffi.new("ouro_node_list **")
        with self._use() as person:
            call("ouro_nodes_list", person, query, out)
            return _read.take_node_list(out[0], person, self._portal._now())

    def node(self, node_id: int) -> Node:
        """One node that the person may see, own or not."""
        out = ffi.new("ouro_node **")
        with self._use() as person:
            call("ouro_node_get", person, number(node_id), out)
            node = _read.take_node(out[0], person, self._portal._now())
        assert node is not None
        return node

    def check_name(self, node_id: int, name: str) -> None:
        """Whether a node may be called so, without asking the server: Invalid, Conflict."""
        with self._use() as person:
            call("ouro_node_name_check", person, number(node_id), text(name))

    def _write(self, name: str, node_id: int, *inputs: Any) -> Node | None:
        out = ffi.new("ouro_node **")
        with self._use() as person:
            call(name, person, number(node_id), *inputs, out)
            return _read.take_node(out[0], person, self._portal._now())

    def rename(
        self, node_id: int, name: str, *, seen: Node | int | None = None, address: str | None = None
    ) -> Node | None:
        """Rename an own node; its present name is a success."""
        return self._write("ouro_node_rename", node_id, text(name), write_options(seen, address))

    def expire(self, node_id: int, *, seen: Node | int | None = None, address: str | None = None) -> Node | None:
        """Log an own node out: it stays in the list and must log in again."""
        return self._write("ouro_node_expire", node_id, write_options(seen, address))

    def extend(
        self, node_id: int, expiry: datetime | None, *, seen: Node | int | None = None, address: str | None = None
    ) -> Node | None:
        """Give the key of an own node another end; None = no end at all."""
        end = NEVER if expiry is None else seconds_of(expiry)
        return self._write("ouro_node_extend", node_id, end, write_options(seen, address))

    def extend_limit(self) -> Ahead | None:
        """How far the rules let this person put off the end of a node's key; None = not at all."""
        never = ffi.new("int *")
        with self._use() as person:
            until = lib.ouro_person_extend_until(person, never)
        return ahead(until, bool(never[0]))

    def delete(self, node_id: int, *, seen: Node | int | None = None, address: str | None = None) -> None:
        """Remove an own node for good."""
        with self._use() as person:
            call("ouro_node_delete", person, number(node_id), write_options(seen, address))

    def exit_node(
        self, node_id: int, on: bool, *, seen: Node | int | None = None, address: str | None = None
    ) -> Node | None:
        """Switch exit-node traffic of an own node, IPv4 and IPv6 as one."""
        return self._write("ouro_node_exit_node_set", node_id, int(on), write_options(seen, address))

    def approve(
        self, node_id: int, prefix: str, *, seen: Node | int | None = None, address: str | None = None
    ) -> Node | None:
        """Approve a prefix that an own node advertises, exactly as announced."""
        return self._write("ouro_route_approve", node_id, text(prefix), write_options(seen, address))

    def withdraw(
        self, node_id: int, prefix: str, *, seen: Node | int | None = None, address: str | None = None
    ) -> Node | None:
        """Withdraw the approval of a prefix of an own node."""
        return self._write("ouro_route_withdraw", node_id, text(prefix), write_options(seen, address))

    def forget(
        self, node_id: int, prefix: str, *, seen: Node | int | None = None, address: str | None = None
    ) -> Node | None:
        """Forget a prefix that an own node no longer offers (Headscale up to 0.25)."""
        return self._write("ouro_route_forget", node_id, text(prefix), write_options(seen, address))

    def set_routes(
        self,
        node_id: int,
        prefixes: Iterable[str],
        *,
        seen: Node | int | None = None,
        address: str | None = None,
    ) -> Node | None:
        """Make the approved prefixes of an own node exactly these."""
        if isinstance(prefixes, str):
            raise TypeError("prefixes are several texts, not one")
        texts = [text(prefix) for prefix in prefixes]
        listed = ffi.new("char *[]", texts) if texts else NULL
        return self._write("ouro_routes_set", node_id, listed, len(texts), write_options(seen, address))

    def register(
        self, registration: Registration | str, *, user: str | None = None, address: str | None = None
    ) -> Node | None:
        """Register a waiting device by its key or link, as one of the person's users (the first). A success means that a
        node exists, not that the device is online."""
        if isinstance(registration, str):
            registration = parse_registration(registration)
        out = ffi.new("ouro_node **")
        with self._use() as person:
            wanted, options = registration_record(registration), write_options(None, address, user)
            call("ouro_node_register", person, wanted, options, out)
            return _read.take_node(out[0], person, self._portal._now())

    # ---- pre-auth keys

    def keys(self) -> tuple[Key, ...]:
        """Own pre-auth keys, newest first; the holder gets everybody's."""
        out = ffi.new("ouro_key_list **")
        with self._use() as person:
            call("ouro_keys_list", person, out)
        return _read.take_key_list(out[0], self._portal._now())

    def key_limits(self) -> KeyLimits | None:
        """What the rule keys allows; None = it is off."""
        limits = record("ouro_key_limits")
        with self._use() as person:
            lib.ouro_person_key_limits(person, limits)
        if not limits.on:
            return None
        return KeyLimits(bool(limits.reusable), bool(limits.ephemeral), when(limits.until), limits.alive or None)

    def create_key(
        self,
        *,
        reusable: bool = False,
        ephemeral: bool = False,
        expires: datetime | None = None,
        user: str | None = None,
        address: str | None = None,
    ) -> NewKey:
        """Make a key for own devices; without expires it ends in an hour."""
        wish = record(
            "ouro_key_wish",
            reusable=int(reusable),
            ephemeral=int(ephemeral),
            expires=0 if expires is None else seconds_of(expires),
            user=user,
        )
        buffer, out = room("OURO_KEY_TEXT_MAX"), ffi.new("ouro_key **")
        with self._use() as person:
            call("ouro_key_create", person, wish, write_options(None, address), buffer, out)
        return NewKey(take_secret(buffer), _read.take_key(out[0], self._portal._now()))

    def revoke_key(self, key_id: int, *, address: str | None = None) -> None:
        """End an own key: nobody joins with it any more."""
        with self._use() as person:
            call("ouro_key_revoke", person, number(key_id), write_options(None, address))

    # ---- personal tokens

    def tokens(self) -> tuple[Token, ...]:
        """Own personal tokens that are not over, newest first."""
        out = ffi.new("ouro_token_list **")
        with self._use() as person:
            call("ouro_tokens_list", person, out)
        return _read.take_token_list(out[0])

    def token_limit(self) -> Ahead | None:
        """The furthest end of a token by the rules; None = tokens are off."""
        with self._use() as person:
            return ahead(lib.ouro_person_tokens_until(person))

    def create_token(
        self,
        name: str,
        scopes: Scope = Scope.READ,
        *,
        expires: datetime | None = None,
        address: str | None = None,
    ) -> NewToken:
        """Make a token; without expires it ends in 90 days, or as late as the rules allow."""
        wish = record(
            "ouro_token_wish",
            name=name,
            scopes=int(scopes),
            expires=0 if expires is None else seconds_of(expires),
        )
        buffer, made = room("OURO_TOKEN_TEXT_MAX"), record("ouro_token")
        with self._use() as person:
            call("ouro_token_create", person, wish, text_or_null(address), buffer, made)
        return _read.new_token(buffer, made)

    def revoke_token(self, token_id: str, *, address: str | None = None) -> None:
        """Revoke an own token, at once."""
        with self._use() as person:
            call("ouro_token_revoke", person, text(token_id), text_or_null(address))

    # ---- sign-ins of programs

    def find_login(self, link_or_code: str | bytes) -> Login:
        """What waits for approval, by the id of a link or a code that was typed, neither trusted."""
        made, raw = record("ouro_login"), octets(link_or_code)
        with self._use() as person:
            call("ouro_login_find", person, raw, len(raw), made)
        return _read.login(made)

    def answer_login(self, login_id: str, approve: bool, *, address: str | None = None) -> str:
        """Approve or refuse, once. What the browser takes to the program: "" if it listens on no port, or was refused."""
        grant = room("OURO_LOGIN_GRANT_MAX")
        with self._use() as person:
            call("ouro_login_answer", person, text(login_id), int(approve), text_or_null(address), grant)
        return take_secret(grant)
