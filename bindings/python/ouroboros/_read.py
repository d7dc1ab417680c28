"""From the library's objects to plain values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ._native import instant, lib, read, take_secret, when
from .model import (
    Action,
    ExitState,
    Key,
    KeyState,
    Login,
    NewToken,
    Node,
    NodeList,
    NodeState,
    RegisterMethod,
    Route,
    RouteFlag,
    Scope,
    Token,
    User,
)

# What can be done with a node that is there.
OF_NODES = (Action.RENAME, Action.EXPIRE, Action.EXTEND, Action.DELETE, Action.EXIT_NODE, Action.ROUTES)
NOTHING: frozenset[Action] = frozenset()


def texts(count: Any, at: Any, of: Any) -> tuple[str, ...]:
    """The texts of a counted list."""
    return tuple(read(at(of, i)) for i in range(count(of)))


def route(pointer: Any) -> Route:
    return Route(read(lib.ouro_route_prefix(pointer)), RouteFlag(lib.ouro_route_flags(pointer)))


def node(pointer: Any, person: Any, now: int) -> Node:
    mine = bool(lib.ouro_node_mine(pointer))
    return Node(
        id=lib.ouro_node_id(pointer),
        name=read(lib.ouro_node_name(pointer)),
        host_name=read(lib.ouro_node_host_name(pointer)),
        user_id=lib.ouro_node_user_id(pointer),
        user_name=read(lib.ouro_node_user_name(pointer)),
        addresses=texts(lib.ouro_node_address_count, lib.ouro_node_address, pointer),
        tags=texts(lib.ouro_node_tag_count, lib.ouro_node_tag, pointer),
        routes=tuple(route(lib.ouro_node_route(pointer, i)) for i in range(lib.ouro_node_route_count(pointer))),
        state=NodeState(lib.ouro_node_state(pointer, now)),
        online=bool(lib.ouro_node_online(pointer)),
        ephemeral=bool(lib.ouro_node_ephemeral(pointer)),
        expiry=when(lib.ouro_node_expiry(pointer)),
        last_seen=when(lib.ouro_node_last_seen(pointer)),
        created=when(lib.ouro_node_created(pointer)),
        register_method=RegisterMethod(lib.ouro_node_register_method(pointer)),
        exit_state=ExitState(lib.ouro_node_exit_state(pointer)),
        mine=mine,
        kept=bool(lib.ouro_node_kept(pointer)),
        as_of=when(lib.ouro_node_as_of(pointer)),
        stale=bool(lib.ouro_node_stale(pointer)),
        fingerprint=lib.ouro_node_fingerprint(pointer),
        may=frozenset(a for a in OF_NODES if lib.ouro_node_may(person, pointer, int(a))) if mine else NOTHING,
    )


def take_node(pointer: Any, person: Any, now: int) -> Node | None:
    """A node that is owned, and released here; None for NULL."""
    if not pointer:
        return None
    try:
        return node(pointer, person, now)
    finally:
        lib.ouro_node_free(pointer)


def take_node_list(pointer: Any, person: Any, now: int) -> NodeList:
    try:
        count = lib.ouro_node_list_count(pointer)
        return NodeList(
            nodes=tuple(node(lib.ouro_node_list_at(pointer, i), person, now) for i in range(count)),
            total=lib.ouro_node_list_total(pointer),
            mine_total=lib.ouro_node_list_mine_total(pointer),
            others_total=lib.ouro_node_list_others_total(pointer),
            as_of=instant(lib.ouro_node_list_as_of(pointer)),
            stale=bool(lib.ouro_node_list_stale(pointer)),
            generation=lib.ouro_node_list_generation(pointer),
        )
    finally:
        lib.ouro_node_list_free(pointer)


def take_user_list(pointer: Any) -> tuple[User, ...]:
    try:
        return tuple(
            User(lib.ouro_user_list_id(pointer, i), read(lib.ouro_user_list_name(pointer, i)))
            for i in range(lib.ouro_user_list_count(pointer))
        )
    finally:
        lib.ouro_user_list_free(pointer)


def key(pointer: Any, now: int) -> Key:
    return Key(
        id=lib.ouro_key_id(pointer),
        hint=read(lib.ouro_key_hint(pointer)),
        user_id=lib.ouro_key_user_id(pointer),
        user_name=read(lib.ouro_key_user_name(pointer)),
        tags=texts(lib.ouro_key_tag_count, lib.ouro_key_tag, pointer),
        state=KeyState(lib.ouro_key_state(pointer, now)),
        reusable=bool(lib.ouro_key_reusable(pointer)),
        ephemeral=bool(lib.ouro_key_ephemeral(pointer)),
        used=bool(lib.ouro_key_used(pointer)),
        expiration=when(lib.ouro_key_expiration(pointer)),
        created=when(lib.ouro_key_created(pointer)),
    )


def take_key(pointer: Any, now: int) -> Key | None:
    if not pointer:
        return None
    try:
        return key(pointer, now)
    finally:
        lib.ouro_key_free(pointer)


def take_key_list(pointer: Any, now: int) -> tuple[Key, ...]:
    try:
        count = lib.ouro_key_list_count(pointer)
        return tuple(key(lib.ouro_key_list_at(pointer, i), now) for i in range(count))
    finally:
        lib.ouro_key_list_free(pointer)


def token(made: Any) -> Token:
    return Token(
        id=read(made.id),
        name=read(made.name),
        scopes=Scope(made.scopes),
        created=when(made.created),
        expires=when(made.expires),
        used=when(made.used),
    )


def take_token_list(pointer: Any) -> tuple[Token, ...]:
    try:
        count = lib.ouro_token_list_count(pointer)
        return tuple(token(lib.ouro_token_list_at(pointer, i)) for i in range(count))
    finally:
        lib.ouro_token_list_free(pointer)


def new_token(buffer: Any, made: Any) -> NewToken:
    """A token that was made, with its text out of the buffer."""
    return NewToken(take_secret(buffer), token(made))


def login(made: Any) -> Login:
    return Login(
        id=read(made.id),
        machine=read(made.machine),
        address=read(made.address),
        scopes=Scope(made.scopes),
        lifetime=timedelta(seconds=made.lifetime),
        asked=when(made.asked),
        ends=when(made.ends),
        port=made.port,
    )
