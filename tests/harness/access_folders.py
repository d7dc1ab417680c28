"""The folders of tests/access on a simulated server: what the pure decision says of {rules, request}, the whole library has to
say too. stage() makes the world of a request; its numbers become the server's own, what counts is which are the same."""
import dataclasses
import ipaddress
import json

from . import stack
from .process import TESTS

FOLDER = TESTS / "access"
KNOWN = {"holder", "users", "action", "step", "prefix", "object", "own_count", "scopes", "ahead", "reusable", "ephemeral", "alive"}
KNOWN_OBJECT = {"user_id", "user_name", "tagged", "tags"}
EXIT = ["0.0.0.0/0", "::/0"]
LONGEST_PREFIX = 63
# So many devices are many, where no bound is set.
MANY = 20


@dataclasses.dataclass(frozen=True)
class Folder:
    name: str
    rules: str
    request: dict
    expect: str

    def __str__(self):
        return self.name

    @property
    def action(self):
        """one word: rename, approve, keep, create …"""
        return self.request.get("step") or self.request["action"]

    @property
    def about_key(self):
        return self.request["action"] == "keys"

    @property
    def object(self):
        return self.request.get("object") or {}

    def unreal(self):
        """why nobody can come to the library like this, "" if they can: the pure decision knows more than there is"""
        scopes = self.request.get("scopes")
        if scopes is None:
            return ""
        if self.request.get("holder"):
            return "the holder has no token"
        looks = self.action in ("see", "see-others", "tokens", "list")
        return "every token can read" if looks and "read" not in scopes else ""

    def fits(self, version):
        """whether a server of this version can have such an object"""
        owner, tags = self.object.get("user_id"), self.object.get("tags") or self.object.get("tagged")
        if version < "0.28":
            # tagged devices keep their user there, and every key has one
            return not (self.object.get("tagged") and owner) and not (self.about_key and self.object and not owner)
        return self.object.get("tagged") or not (tags and owner)

    def expected(self, version):
        """as the folder says, but where the whole library knows more than the decision: the version has no such operation, or
        the prefix is none, or one of the exit switch's and no route"""
        if self.expect == "denied" and len(self.request.get("prefix", "")) > LONGEST_PREFIX:
            return "invalid"
        if self.expect != "ok":
            return self.expect
        if self.action in ("approve", "forget") and self.request["prefix"] in EXIT:
            return "not-found"
        lacks = self.action == "forget" and version > "0.25" or self.action == "extend" and version < "0.27"
        return "unsupported" if lacks else "ok"


def folders():
    found = []
    for path in sorted(p for p in FOLDER.iterdir() if p.is_dir()):
        rules, request, expect = ((path / file).read_text() for file in ("rules", "request", "expect"))
        found.append(Folder(path.name, rules, json.loads(request), expect.strip()))
    return found


@dataclasses.dataclass(frozen=True)
class Staged:
    """What a request is about, on the server"""

    users: list
    """names for the user map; one that the server does not know, if the request has none"""
    object: int
    """id of the node or key, of nothing if there is none"""
    link: str
    """of a waiting device, for register"""


class Stage:
    """the world of a folder"""

    def __init__(self, headscale, folder):
        self.headscale, self.folder, self.request = headscale, folder, folder.request
        self.users = {}
        assert set(self.request) <= KNOWN, "%s: cannot stage %s" % (folder, set(self.request) - KNOWN)
        assert set(folder.object) <= KNOWN_OBJECT, "%s: cannot stage %s" % (folder, set(folder.object) - KNOWN_OBJECT)

    def make(self):
        stack.ask(self.headscale.control + "/reset", {"world": "empty"})
        names = {u["name"]: u["id"] for u in self.request.get("users", [])}
        owner_id, owner = self.folder.object.get("user_id", 0), self.folder.object.get("user_name", "")
        made = 2**40
        if owner_id and names.get(owner) not in (None, 0, owner_id):
            # somebody who was deleted and made anew: the object stays with the one who is gone
            self._user(owner, owner_id)
            made = self._object()
            stack.ask("%s/users/%d" % (self.headscale.control, self.users.pop(owner_id)), method="DELETE")
        for name, number in names.items():
            if number:
                self._user(name, number)
        if owner_id and made == 2**40:
            self._user(owner, owner_id)
        if self.folder.object and made == 2**40:
            made = self._object()
        mine = self.users.get(next(iter(names.values()), None))
        if mine is None:
            mine = self._user("somebody", -1)
        for i in range(min(self.request.get("own_count", 0), MANY)):
            self.headscale.add_node("of-mine-%d" % i, user=mine)
        for _ in range(self.request.get("alive", 0)):
            self.headscale.add_key(user=mine)
        link = self.headscale.announce("new")["path"] if self.folder.action == "register" else ""
        return Staged(list(names) or ["nobody"], made, link)

    def _user(self, name, number):
        if number not in self.users:
            self.users[number] = stack.ask(self.headscale.control + "/users", {"name": name})["id"]
        return self.users[number]

    def _object(self):
        owner = self.users.get(self.folder.object.get("user_id"))
        tags = self.folder.object.get("tags") or (["tag:web"] if self.folder.object.get("tagged") else [])
        if self.folder.about_key:
            return self.headscale.add_key(user=owner, tags=tags)["id"]
        prefix, routes = self.request.get("prefix", ""), []
        if self.folder.action == "exit-node":
            routes = EXIT
        elif is_prefix(prefix):
            routes = [prefix]
        node = self.headscale.add_node("device", user=owner, online=True, routes=routes)["id"]
        if self.folder.action in ("withdraw", "forget") and routes:
            self.headscale.change(node, approved=routes)
        if self.folder.action == "forget":
            self.headscale.change(node, routes=[])
        if tags:
            self.headscale.change(node, tags=tags)
        if self.folder.action == "extend":
            self.headscale.change(node, expiry=86400)
        return node


def is_prefix(text):
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
