"""What people were told, held against what the server did: its own list of changes and its state."""
import collections

from crowd import DONE, NOT_DONE, UNKNOWN

ACTIONS = {"RenameNode": "rename", "ExpireNode": "expire", "RegisterNode": "register", "AuthRegister": "register",
           "EnableRoute": "exit-node", "DisableRoute": "exit-node", "SetApprovedRoutes": "exit-node"}
EXIT = "0.0.0.0/0"


class Change:
    """something that the server did. routes: {number of a route object: the node's number}, for servers that have them"""

    def __init__(self, entry, routes):
        self.method, self.at, request = entry["method"], entry["at"], entry["request"]
        self.action = ACTIONS.get(self.method, self.method)
        self.subject = request.get("node_id", routes.get(request.get("route_id")))
        self.wanted = True
        if self.action == "rename":
            self.wanted = request["new_name"]
        elif self.action == "register":
            self.subject = request.get("key") or request.get("auth_id")
        elif self.action == "exit-node":
            self.wanted = EXIT in request["routes"] if "routes" in request else self.method == "EnableRoute"

    def __repr__(self):
        return "%s of %s to %s at %.3f" % (self.method, self.subject, self.wanted, self.at)


def pair(attempts, changes):
    """[(attempt, its changes)] and the changes that nobody asked for; a change belongs to the last attempt before it"""
    by_subject = collections.defaultdict(list)
    for a in sorted(attempts, key=lambda a: a.began):
        by_subject[a.action, a.subject].append((a, []))
    strangers = []
    for c in changes:
        found = None
        for a, made in by_subject[c.action, c.subject]:
            same = a.wanted == c.wanted or c.action == "register"
            if a.began <= c.at and same:
                found = made
        if found is None:
            strangers.append(c)
        else:
            found.append(c)
    return [x for xs in by_subject.values() for x in xs], strangers


def faults(attempts, changes):
    """what is wrong, in words"""
    pairs, strangers = pair(attempts, changes)
    wrong = ["nobody asked for: %r" % c for c in strangers]
    allowed = {DONE: (1,), NOT_DONE: (0,), UNKNOWN: (0, 1)}
    for a, made in pairs:
        if len(made) not in allowed[a.told]:
            wrong.append("%r, but the server did: %r" % (a, made))
        elif a.told == DONE and not a.began <= made[0].at <= a.ended:
            wrong.append("%r, but at another time: %r" % (a, made))
    return wrong


def last_words(attempts):
    """{(action, subject): what must be so now}: the last attempt that was told done, unless an unknown one came later"""
    said = {}
    for a in sorted(attempts, key=lambda a: a.began):
        if a.told == DONE:
            said[a.action, a.subject] = a
        elif a.told == UNKNOWN:
            said.pop((a.action, a.subject), None)
    return said


def holds(attempt, nodes):
    """whether what it was about is so, in {number: device} as the server has them"""
    if attempt.action == "register":
        return attempt.wanted in [n["name"] for n in nodes.values()]
    node = nodes[attempt.subject]
    now = {"rename": node["given_name"], "expire": node["expired"], "exit-node": EXIT in node["routes"]["approved"]}
    return now[attempt.action] == attempt.wanted
