"""Plain values: what the library says of nodes, routes, keys, tokens and servers. Nothing here needs closing.

Times are aware datetimes in UTC; None means never (no end, not seen yet), as each field says."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import overload

__all__ = [
    "NodeState", "RegisterMethod", "ExitState", "RouteFlag", "KeyState", "Which", "Filter", "Sort", "Action", "Scope",
    "Capability", "Transport", "LogLevel", "Route", "Node", "NodeList", "User", "Registration", "Key", "NewKey", "KeyLimits",
    "Ahead", "Token", "NewToken", "Login", "NewLogin", "Identity", "Session", "SignIn", "Level", "Finding",
    "TailnetStatus",
]


class NodeState(enum.IntEnum):
    """State of a node in the order of truth: expired wins over online."""

    OFFLINE = 0
    ONLINE = 1
    EXPIRED = 2


class RegisterMethod(enum.IntEnum):
    """How a node joined."""

    UNKNOWN = 0
    AUTH_KEY = 1
    CLI = 2
    OIDC = 3


class ExitState(enum.IntEnum):
    """What exit-node traffic through a node looks like; both address families are one switch."""

    NONE = 0
    OFFERED = 1
    ON = 2
    IDLE = 3


class RouteFlag(enum.IntFlag):
    """What holds of a route now."""

    ADVERTISED = 1
    APPROVED = 2
    SERVING = 4
    EXIT = 8


class KeyState(enum.IntEnum):
    """State of a pre-auth key."""

    ALIVE = 0
    USED = 1
    EXPIRED = 2


class Which(enum.IntEnum):
    """Whose nodes."""

    MINE = 0
    OTHERS = 1
    ALL = 2


class Filter(enum.IntEnum):
    """Which nodes."""

    ALL = 0
    ONLINE = 1
    OFFLINE = 2
    EXPIRED = 3
    WAITING = 4
    ROUTES = 5


class Sort(enum.IntEnum):
    """In which order."""

    NAME = 0
    LAST_SEEN = 1
    EXPIRY = 2
    OWNER = 3


class Action(enum.IntEnum):
    """What a person may be allowed to do."""

    SEE_OTHERS = 0
    RENAME = 1
    EXPIRE = 2
    DELETE = 3
    REGISTER = 4
    EXIT_NODE = 5
    ROUTES = 6
    EXTEND = 7
    KEYS = 8
    TOKENS = 9


class Scope(enum.IntFlag):
    """What a personal token is good for."""

    READ = 1
    NODES = 2
    ROUTES = 4
    KEYS = 8
    ALL = 15


class Capability(enum.IntFlag):
    """What a Headscale can do, or is known for; see tailnet.h."""

    FORGET_ROUTES = 0x1
    TAG_IDENTITY = 0x2
    SECOND_OWNER = 0x4
    DNS_LABEL_NAMES = 0x8
    SHORT_NAMES = 0x10
    STALL_ON_EMPTY_NAME = 0x20
    USERS_BY_ID = 0x40
    SET_EXPIRY = 0x80
    KEEP_EXPIRY = 0x100
    NEVER_EXPIRE = 0x200
    KEYS_BY_ID = 0x400
    LOSE_LAST_WITHDRAWAL = 0x800
    ONLY_READ = 0x80000000


class Transport(enum.IntEnum):
    """How to talk with a Headscale."""

    AUTO = 0
    GRPC = 1
    HTTP = 2


class LogLevel(enum.IntEnum):
    """Severity of a log line."""

    ERROR = 0
    WARNING = 1
    INFO = 2
    DEBUG = 3


@dataclass(frozen=True)
class Route:
    """A prefix that a node offers or may carry."""

    prefix: str
    flags: RouteFlag

    @property
    def advertised(self) -> bool:
        return bool(self.flags & RouteFlag.ADVERTISED)

    @property
    def approved(self) -> bool:
        return bool(self.flags & RouteFlag.APPROVED)

    @property
    def serving(self) -> bool:
        return bool(self.flags & RouteFlag.SERVING)

    @property
    def exit(self) -> bool:
        """0.0.0.0/0 or ::/0"""
        return bool(self.flags & RouteFlag.EXIT)


@dataclass(frozen=True)
class Node:
    """A device as it was when it was read. Names come from the network: escape them for where they go.

    Two are equal if the same was said of the same device; when that was does not count."""

    id: int
    name: str
    host_name: str
    user_id: int
    """0: it belongs to nobody"""
    user_name: str
    addresses: tuple[str, ...]
    tags: tuple[str, ...]
    routes: tuple[Route, ...]
    state: NodeState
    """when it was read"""
    online: bool
    ephemeral: bool
    expiry: datetime | None
    """None: never"""
    last_seen: datetime | None
    """None: not yet, or the server does not say"""
    created: datetime | None
    register_method: RegisterMethod
    exit_state: ExitState
    mine: bool
    kept: bool
    """by a tag that the rule keepers gives to the person; mine is true too"""
    as_of: datetime | None = field(compare=False)
    """when Headscale said all this"""
    stale: bool = field(compare=False)
    """older than was asked for, because Headscale does not answer, or not yet"""
    fingerprint: int
    """for the argument seen of a write"""
    may: frozenset[Action]
    """what scopes and rules let the person do with this very node; for showing, every call checks by itself"""


@dataclass(frozen=True)
class NodeList:
    """A selection of nodes; also a sequence of them."""

    nodes: tuple[Node, ...]
    total: int
    """matches before offset and limit"""
    mine_total: int
    others_total: int
    as_of: datetime
    """when Headscale said so"""
    stale: bool
    """older than asked for, because Headscale does not answer"""
    generation: int
    """the same while nothing has changed"""

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    @overload
    def __getitem__(self, index: int) -> Node: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Node, ...]: ...

    def __getitem__(self, index: int | slice) -> Node | tuple[Node, ...]:
        return self.nodes[index]


@dataclass(frozen=True)
class User:
    """A Headscale user."""

    id: int
    name: str
    """may be empty on some servers"""


@dataclass(frozen=True)
class Registration:
    """What a waiting device shows, as parse_registration() read it."""

    form: int
    """1 mkey:…, 2 24 characters, 3 hskey-authreq-…"""
    key: str


@dataclass(frozen=True)
class Key:
    """A pre-auth key; never its whole text."""

    id: int
    hint: str
    """its beginning, to tell keys apart"""
    user_id: int
    """0: for tagged devices"""
    user_name: str
    tags: tuple[str, ...]
    state: KeyState
    """when it was read"""
    reusable: bool
    ephemeral: bool
    used: bool
    expiration: datetime | None
    created: datetime | None


@dataclass(frozen=True)
class NewKey:
    """A pre-auth key that was made just now. The text is a secret and cannot be had again."""

    text: str = field(repr=False)
    key: Key | None
    """None: it is made, but could not be read back"""


@dataclass(frozen=True)
class KeyLimits:
    """What the rule keys allows at this moment."""

    reusable: bool
    ephemeral: bool
    until: datetime | None
    """furthest end; None: no bound"""
    alive: int | None
    """most keys alive at a time; None: no bound"""


@dataclass(frozen=True)
class Ahead:
    """How far ahead an end may lie."""

    until: datetime | None
    """None: no bound"""
    never: bool = False
    """no end at all is allowed too"""


@dataclass(frozen=True)
class Token:
    """What is known of a personal token; never its text."""

    id: str
    name: str
    scopes: Scope
    created: datetime | None
    expires: datetime | None
    used: datetime | None
    """last use, to the minute; None: not yet"""


@dataclass(frozen=True)
class NewToken:
    """A personal token that was made just now. The text is a secret and cannot be had again."""

    text: str = field(repr=False)
    token: Token


@dataclass(frozen=True)
class Login:
    """A program's sign-in that waits for somebody to approve it."""

    id: str
    machine: str
    """what the program says of itself: not trusted"""
    address: str
    scopes: Scope
    lifetime: timedelta
    """of the token"""
    asked: datetime | None
    ends: datetime | None
    """when it stops waiting"""
    port: int
    """where the program listens on 127.0.0.1; 0: a person types the code"""


@dataclass(frozen=True)
class NewLogin:
    """A sign-in that a program has just begun."""

    login: Login
    code: str
    """what a person types; "" if the program listens on a port"""


@dataclass(frozen=True)
class Identity:
    """An account at a sign-in provider."""

    id: int
    """the provider's own and immutable"""
    login: str = ""
    """for display only: it can change hands"""
    provider: str = "github"


@dataclass(frozen=True)
class Session:
    """An open session; it has no rights: ask the portal for the person on every request."""

    identity: Identity
    authenticated: datetime
    issued: datetime
    sid: bytes


@dataclass(frozen=True)
class SignIn:
    """A sign-in that has begun: where to send the browser, and the cookie to set there."""

    url: str
    sealed: str = field(repr=False)
    tag: str
    """to name the cookie by, so that tabs can sign in side by side"""


class Level(enum.IntEnum):
    """How bad a finding of the doctor is."""

    OK = 0
    NOTE = 1
    WRONG = 2


@dataclass(frozen=True)
class Finding:
    """Something the doctor has seen, good or bad."""

    level: Level
    topic: str
    """a word or two of a fixed list: "settings", "headscale" …"""
    text: str
    advice: str
    """what to do; "": nothing"""


@dataclass(frozen=True)
class TailnetStatus:
    """How a Headscale fares, as known without asking."""

    reachable: bool
    last_error: int
    """status of the last failed attempt, 0 if none since an answer"""
    since: datetime | None
    """since when reachable has its value; None: before any attempt"""
    answered: datetime | None
    capabilities: Capability
    version: str
    """"0.23", "0.29" …; "" until known"""
    endpoint: str
    text: str
    """last failure in words, or what limits this server"""
    transport: Transport
