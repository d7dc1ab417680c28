"""One table of who may do what, for every way in: library, page, API and command line are held to the same rows.

A way in is a class with one method:

    class MyWay:
        def attempt(self, action, target, scopes):
            '''try it as Mia with credentials of these scopes; "ok", "denied", "not-found" or "unsupported"'''

Its test runs it over the table, against a simulated server that has USER_MAP and RULES in front:

    world = access.World(headscale)

    @pytest.mark.parametrize("case", access.TABLE, ids=str)
    def test_access(case):
        access.check(world, case, way)

check() makes a fresh object for the case, tries, and looks at the server: what was allowed has happened, and what was not has
changed nothing and called nothing that changes. A way without scopes (a page: whoever is signed in may do all) takes
access.of(credentials="all"), one without some actions access.of(actions={…}). What a way says in another shape (a page that offers
no button, an exit status) it translates by itself.

extend asks for 30 days from now, set-routes for PREFIX and both of EXIT, create-key for one with nothing said about it."""
import dataclasses

from . import stack
from .process import wait_until

# Mia is "sink", Jim somebody else, as in stack.USER_MAP. She keeps what carries tag:backup, and tag:printer so that she
# may remove it too; tag:web is nobody's.
USER_MAP = stack.USER_MAP
RULES = {
    "keys": {"longest": "7d", "reusable": True, "ephemeral": True, "alive": 1000},
    "extend_expiry": {"longest": "90d", "never": True},
    "keepers": {"tag:backup": ["sink"], "tag:printer": {"users": ["sink"], "remove": True}},
}
PREFIX = "10.81.0.0/24"
EXIT = ["0.0.0.0/0", "::/0"]
TAGS = {"tagged": "tag:web", "kept": "tag:backup", "kept-removable": "tag:printer"}
SCOPES = ("read", "nodes", "routes", "keys")

# action, the scope it needs, and whose object it is
WHOSE = ("own", "kept", "kept-removable", "tagged", "others", "missing")
ROWS = """
see           read    ok  ok      ok  ok         ok         not-found
rename        nodes   ok  ok      ok  not-found  not-found  not-found
expire        nodes   ok  ok      ok  not-found  not-found  not-found
extend        nodes   ok  ok      ok  not-found  not-found  not-found
delete        nodes   ok  denied  ok  not-found  not-found  not-found
register      nodes   ok  -       -   -          -          -
exit-on       routes  ok  ok      ok  not-found  not-found  not-found
exit-off      routes  ok  ok      ok  not-found  not-found  not-found
approve       routes  ok  ok      ok  not-found  not-found  not-found
withdraw      routes  ok  ok      ok  not-found  not-found  not-found
forget        routes  ok  ok      ok  not-found  not-found  not-found
set-routes    routes  ok  ok      ok  not-found  not-found  not-found
list-keys     read    ok  -       -   -          -          -
create-key    keys    ok  -       -   -          -          -
revoke-key    keys    ok  -       -   -          not-found  not-found
"""


@dataclasses.dataclass(frozen=True)
class Case:
    """One row: an action on somebody's object, with credentials of these scopes"""

    action: str
    whose: str
    credentials: str
    """all, only (what it needs, and read), lacking (everything but that)"""
    scopes: tuple
    expect: str

    def __str__(self):
        return "%s-%s-%s" % (self.action, self.whose, self.credentials)


def _cases():
    for row in ROWS.split("\n"):
        if not row:
            continue
        action, needs, *outcomes = row.split()
        credentials = {"all": SCOPES, "only": tuple(s for s in SCOPES if s in ("read", needs))}
        if needs != "read":  # every token has that
            credentials["lacking"] = tuple(s for s in SCOPES if s != needs)
        for whose, expect in zip(WHOSE, outcomes, strict=True):
            for name, scopes in credentials.items():
                if expect != "-":
                    refused = name == "lacking" and expect == "ok"
                    yield Case(action, whose, name, scopes, "denied" if refused else expect)


TABLE = tuple(_cases())


def of(actions=None, credentials=None):
    """the part of the table that a way in has"""
    return tuple(c for c in TABLE if (actions is None or c.action in actions)
                 and (credentials is None or c.credentials == credentials))


@dataclasses.dataclass(frozen=True)
class Target:
    """What an action is tried on; 0 and "" where there is none"""

    id: int = 0
    """of the node, or of the key"""
    name: str = ""
    """of the node; for rename the new one is new_name"""
    new_name: str = ""
    prefix: str = ""
    link: str = ""
    """the path that the waiting device shows, /register/…"""
    key: str = ""
    """its registration key"""


class World:
    """A simulated server, and fresh objects on it."""

    def __init__(self, headscale):
        self.headscale, self._count = headscale, 0

    def has(self, action):
        """whether this generation can do it at all"""
        version = self.headscale.generation
        if action == "forget":
            return version <= "0.25"
        return action != "extend" or version >= "0.27"

    def expected(self, case):
        return case.expect if case.expect != "ok" or self.has(case.action) else "unsupported"

    def make(self, case):
        self._count += 1
        name = "%s-%d" % (case.action, self._count)
        if case.action == "register":
            device = self.headscale.announce(name, online_after=0)
            return Target(id=int(device["id"]), name=name, link=device["path"], key=device["key"])
        if case.action in ("list-keys", "create-key", "revoke-key"):
            return self._key(case)
        target = Target(name=name, new_name="renamed-%d" % self._count, prefix=PREFIX)
        return dataclasses.replace(target, id=self._node(name, case))

    def _key(self, case):
        if case.action != "revoke-key":
            return Target()
        if case.whose == "missing":
            return Target(id=2**40)
        return Target(id=self.headscale.add_key("jim" if case.whose == "others" else "sink")["id"])

    def _node(self, name, case):
        if case.whose == "missing":
            return 2**40
        routes = {"exit-on": EXIT, "exit-off": EXIT, "approve": [PREFIX], "withdraw": [PREFIX], "forget": [PREFIX],
                  "set-routes": [PREFIX, *EXIT]}.get(case.action, [])
        approved = routes if case.action in ("exit-off", "withdraw", "forget") else []
        user = "jim" if case.whose == "others" else "sink"
        if case.whose in TAGS:
            user = "ops"
        node = self.headscale.add_node(name, user=user, online=True, routes=routes, approved=approved)
        if case.whose in TAGS:
            self.headscale.change(node["id"], tags=[TAGS[case.whose]])
        if case.action == "forget":
            self.headscale.change(node["id"], routes=[])
        return node["id"]

    def look(self, case, target):
        """what the server has of it"""
        state = stack.ask(self.headscale.control + "/state")
        if case.action in ("list-keys", "create-key", "revoke-key"):
            return {k["id"]: k for k in state["pre_auth_keys"]}
        if case.action == "register":
            return {"state": self.headscale.device({"id": target.id})["state"]}
        node = next((n for n in state["nodes"] if n["id"] == target.id), None)
        return node and {**node, "remembered": [r["prefix"] for r in state["routes"] if r["node_id"] == target.id]}

    def has_happened(self, case, target, before):
        """whether the server has what was asked for"""
        now = self.look(case, target)
        if case.action == "delete":
            return now is None
        if case.action == "create-key":
            made = [k for i, k in now.items() if i not in before]
            return len(made) == 1 and made[0]["user"] == "sink"
        if case.action == "revoke-key":
            return target.id not in now or now[target.id]["expiration"] != before[target.id]["expiration"]
        if case.action == "register":
            return now["state"] == "in"
        approved = sorted(now["routes"]["approved"])
        return {
            "rename": now["given_name"] == target.new_name, "expire": now["expired"],
            "extend": now["expiry"] is not None and not now["expired"], "exit-on": approved == sorted(EXIT),
            "exit-off": approved == [], "approve": approved == [PREFIX], "withdraw": approved == [],
            "forget": now["remembered"] == [], "set-routes": approved == sorted([PREFIX, *EXIT]),
        }[case.action]


def check(world, case, way):
    """try it by a way in, and look at the server"""
    target = world.make(case)
    before = world.look(case, target)
    changes = case.action not in ("see", "list-keys")
    if changes and world.expected(case) == "ok":
        assert not world.has_happened(case, target, before), "%s: there is nothing to do" % case
    world.headscale.reset_calls()
    got, expect = way.attempt(case.action, target, case.scopes), world.expected(case)
    assert got == expect, "%s: expected %s, got %s" % (case, expect, got)
    if expect != "ok":
        assert world.headscale.writes() == [], case
        assert world.look(case, target) == before, case
    elif changes:
        wait_until(lambda: world.has_happened(case, target, before), 3, "%s has happened" % case)
