"""The folders of tests/access on a simulated server: what the pure decision says of {rules, request}, the whole library has to
say too. stage() makes the world of a request; its numbers become the server's own, what counts is which are the same."""
import dataclasses
import ipaddress
import json

from . import stack
from .process import TESTS

FOLDER = TESTS / "access"
KNOWN = {"holder", "users", "action", "step", "prefix", "object", "own_count", "scopes"}
KNOWN_OBJECT = {"user_id", "user_name", "tagged", "tags"}


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
        return self.request.get("step") or self.request["action"]


def folders():
    found = []
    for path in sorted(p for p in FOLDER.iterdir() if p.is_dir()):
        rules, request, expect = ((path / file).read_text() for file in ("rules", "request", "expect"))
        found.append(Folder(path.name, rules, json.loads(request), expect.strip()))
    return found


def is_prefix(text):
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


@dataclasses.dataclass(frozen=True)
class Staged:
    """What a request is about, on the server"""

    users: list
    """names for the user map"""
    node: int
    """the object; 0 if there is none"""
    link: str
    """of a waiting device, for register"""


def stage(headscale, folder):
    """a world of its own for a folder"""
    request, control = folder.request, headscale.control
    assert set(request) <= KNOWN, "%s: cannot stage %s" % (folder, set(request) - KNOWN)
    stack.ask(control + "/reset", {"world": "empty"})
    wanted = request.get("object") or {}
    assert set(wanted) <= KNOWN_OBJECT, "%s: cannot stage %s" % (folder, set(wanted) - KNOWN_OBJECT)
    names = {u["name"]: u["id"] for u in request["users"]}
    owner_id, owner = wanted.get("user_id", 0), wanted.get("user_name", "")
    made, node = {}, 0
    if owner_id and names.get(owner) not in (None, 0, owner_id):
        # somebody who was deleted and made anew: the node stays with the one who is gone
        made[owner_id] = stack.ask(control + "/users", {"name": owner})["id"]
        node = _node(headscale, folder, made[owner_id])
        stack.ask("%s/users/%d" % (control, made[owner_id]), method="DELETE")
    for name, number in names.items():
        if number:
            made[number] = stack.ask(control + "/users", {"name": name})["id"]
    if owner_id and owner_id not in made:
        made[owner_id] = stack.ask(control + "/users", {"name": owner})["id"]
    if request.get("object") is not None and not node:
        node = _node(headscale, folder, made.get(owner_id))
    for i in range(request.get("own_count", 0)):
        headscale.add_node("of-mine-%d" % i, user=made[request["users"][0]["id"]])
    link = headscale.announce("new")["path"] if request["action"] == "register" else ""
    return Staged(list(names), node, link)


def _node(headscale, folder, user_id):
    request, step = folder.request, folder.request.get("step")
    prefix, routes = request.get("prefix", ""), []
    if request["action"] == "exit-node":
        routes = ["0.0.0.0/0", "::/0"]
    elif prefix and is_prefix(prefix):
        routes = [prefix]
    node = headscale.add_node("device", user=user_id, online=True, routes=routes)
    if step in ("withdraw", "forget") and routes:
        headscale.change(node["id"], approved=routes)
    if step == "forget":
        headscale.change(node["id"], routes=[])
    tags = request["object"].get("tags") or (["tag:web"] if request["object"].get("tagged") else [])
    if tags:
        headscale.change(node["id"], tags=tags)
    return node["id"]
