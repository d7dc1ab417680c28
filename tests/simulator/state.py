"""What one simulated Headscale server holds, and how it changes.

One World belongs to one event loop and is changed only there. `band` is B (0.23) or H (0.29). Times are nanoseconds since
1970 (None = absent, ZERO = the year-1 time that means "not set"). Whoever changes anything calls touch().
"""
import base64
import copy
import hashlib
import itertools
import os
import time

from . import names
from .names import Refused

ZERO = -62135596800 * 10**9
SECOND = 10**9
EXIT = ("0.0.0.0/0", "::/0")
NO_KEY = "0" * 64
UNSPECIFIED, AUTH_KEY, CLI, OIDC = range(4)
AUTHREQ = "hskey-authreq-"


def now():
    return time.time_ns()


class Record:
    """a bag of named values; every kind of thing in a World is a subclass with its defaults"""
    defaults = {}

    def __init__(self, **values):
        for name, value in self.defaults.items():
            setattr(self, name, value() if callable(value) else value)
        for name, value in values.items():
            if name not in self.defaults:
                raise TypeError("%s has no %s" % (type(self).__name__, name))
            setattr(self, name, value)


class User(Record):
    defaults = dict(id=0, name="", created_at=now, display_name="", email="", provider_id="", provider="", picture="")


class PreAuthKey(Record):
    defaults = dict(id=0, user=None, key="", reusable=False, ephemeral=False, used=False, expiration=ZERO, created_at=now,
                    tags=list)


class ApiKey(Record):
    defaults = dict(id=0, prefix="", full="", expiration=ZERO, created_at=now)


class Route(Record):
    defaults = dict(id=0, node=None, prefix="", advertised=True, enabled=False, primary=False, created_at=now,
                    updated_at=now)


class Node(Record):
    """`tags` are the forced tags of 0.23; `unhealthy` is what the HA prober of 0.29 thinks of a router."""
    defaults = dict(id=0, machine_key="", node_key="", disco_key=NO_KEY, ipv4="", ipv6="", name="", given_name="", user=None,
                    last_seen=None, expiry=None, pak=None, created_at=now, method=UNSPECIFIED, tags=list,
                    valid_tags=list, invalid_tags=list, online=False, announced=list, approved=list, unhealthy=False)


class Pending(Record):
    """a registration that waits for an owner; `device` is the announced device behind it, if any"""
    defaults = dict(key="", host="", machine_key="", node_key="", routes=list, tags=list, debug=False, device=None,
                    node=None)


class World:
    def __init__(self, band):
        self.band = band
        self.users, self.nodes, self.routes, self.pending = {}, {}, {}, {}
        self.preauthkeys, self.apikeys = {}, {}
        self.policy, self.policy_text, self.policy_time = {}, None, None
        self.serving = {}
        self.on_registered = lambda pending, node: None
        self.on_verdict = lambda pending: None
        self.version = 0
        self._ids = {kind: itertools.count(1) for kind in ("user", "node", "route", "pak", "apikey")}
        self._next_ip = 1
        self._seed, self._secrets = os.urandom(16), itertools.count()

    def touch(self):
        self.version += 1

    def hex_key(self):
        return hashlib.sha256(self._seed + b"%d" % next(self._secrets)).hexdigest()

    def text_key(self, length):
        raw = hashlib.sha512(self._seed + b"%d" % next(self._secrets)).digest()
        return base64.urlsafe_b64encode(raw).decode()[:length]

    # ---- users

    def add_user(self, name, **values):
        u = User(id=next(self._ids["user"]), name=name, **values)
        self.users[u.id] = u
        self.touch()
        return u

    def user_by_name(self, name):
        """by stored name; 0.29 takes the empty name as 'no condition'"""
        if self.band != "B" and name == "":
            found = list(self.users.values())
        else:
            found = [u for u in self.users.values() if u.name == name]
        if not found:
            raise Refused(2, "user not found")
        if len(found) > 1:
            raise Refused(2, "expected exactly one user, found %d" % len(found))
        return found[0]

    def owned(self, user):
        return [n for n in self.nodes.values() if n.user is user]

    # ---- keys

    def add_apikey(self, expiration, full=None):
        if full is None:
            full = (self.text_key(10) + "." + self.text_key(43) if self.band == "B" else
                    "hskey-api-%s-%s" % (self.text_key(12), self.text_key(64)))
        if self.band == "B":
            prefix = full.partition(".")[0]
        else:
            prefix = full[10:22] if full.startswith("hskey-api-") else full[:7]
        k = ApiKey(id=next(self._ids["apikey"]), prefix=prefix, full=full, expiration=expiration)
        self.apikeys[k.id] = k
        return k

    def listed_prefix(self, key):
        if self.band == "B":
            return key.prefix
        return ("hskey-api-%s-***" if key.full.startswith("hskey-api-") else "%s***") % key.prefix

    def add_preauthkey(self, user, **values):
        key = (self.hex_key()[:48] if self.band == "B" else
               "hskey-auth-%s-%s" % (self.text_key(12), self.text_key(64)))
        k = PreAuthKey(id=next(self._ids["pak"]), user=user, key=key, **values)
        self.preauthkeys[k.id] = k
        self.touch()
        return k

    # ---- nodes

    def take_addresses(self):
        i, self._next_ip = self._next_ip, self._next_ip + 1
        return "100.%d.%d.%d" % (64 + (i >> 16), i >> 8 & 255, i & 255), "fd7a:115c:a1e0::%s" % _groups(i)

    def given_name(self, host, node_id=None):
        taken = {n.given_name for n in self.nodes.values() if n.id != node_id}
        return (names.given_name_b if self.band == "B" else names.given_name_h)(host, taken)

    def add_node(self, host, user, addresses=None, given_name=None, **values):
        if given_name is None:
            given_name = self.given_name(host)
        v4, v6 = addresses or self.take_addresses()
        values.setdefault("last_seen", now())
        values.setdefault("expiry", ZERO if self.band == "B" else None)
        values.setdefault("machine_key", self.hex_key())
        values.setdefault("node_key", self.hex_key())
        values.setdefault("method", CLI)
        if self.band != "B" and values.get("tags"):
            user = None
        if self.band != "B" and values.get("pak"):
            # 0.29 shows the key as it was when the node came, whatever happens to it later
            values["pak"] = copy.copy(values["pak"])
        n = Node(id=next(self._ids["node"]), name=host, user=user, ipv4=v4, ipv6=v6, given_name=given_name, **values)
        self.nodes[n.id] = n
        self.touch()
        return n

    def delete_node(self, node):
        del self.nodes[node.id]
        for r in [r for r in self.routes.values() if r.node is node]:
            del self.routes[r.id]
            self.fail_over(r)
        self.elect()

    def set_online(self, node, online):
        """a device comes or goes, as the server sees it"""
        node.online = online
        node.last_seen = now()
        if online and node.disco_key == NO_KEY:
            node.disco_key = self.hex_key()
        self.sync_routes(node)
        self.elect()

    # ---- routes

    def announce(self, node, prefixes):
        node.announced = list(prefixes)
        self.sync_routes(node)
        self.elect()

    def sync_routes(self, node):
        """0.23: the rows follow what a connected node announces; primaries move when their node is gone"""
        if self.band != "B":
            return
        rows = {r.prefix: r for r in self.node_routes(node)}
        if node.online:
            for prefix, r in rows.items():
                if r.advertised and prefix not in node.announced:
                    r.advertised = r.enabled = False
                    r.updated_at = now()
                elif not r.advertised and prefix in node.announced:
                    r.advertised = True
                    r.updated_at = now()
            for prefix in node.announced:
                if prefix not in rows:
                    self.add_route(node, prefix)
        for prefix in rows:
            holder = next((r for r in self.routes.values() if r.prefix == prefix and r.primary), None)
            if holder and not holder.node.online:
                self.fail_over(holder)

    def add_route(self, node, prefix):
        r = Route(id=next(self._ids["route"]), node=node, prefix=prefix)
        self.routes[r.id] = r
        return r

    def node_routes(self, node):
        return [r for r in self.routes.values() if r.node is node]

    def fail_over(self, route):
        """0.23: hand a primary route to another connected node, if there is one"""
        if not route.primary or route.prefix in EXIT:
            return
        for r in self.routes.values():
            if r is not route and r.prefix == route.prefix and r.enabled and r.node.online:
                route.primary, r.primary = False, True
                route.updated_at = r.updated_at = now()
                return

    def enable(self, node, prefixes):
        """0.23: enable rows of a node; all of them must be announced"""
        rows = {r.prefix: r for r in self.node_routes(node) if r.advertised}
        for prefix in prefixes:
            if prefix not in rows:
                raise Refused(2, "route (%s) is not available on node %s: route is not available on node"
                              % (node.name, prefix))
        for prefix in prefixes:
            r = rows[prefix]
            r.enabled, r.updated_at = True, now()
            if prefix not in EXIT and not any(o.prefix == prefix and o.node is not node and o.advertised and o.enabled
                                              for o in self.routes.values()):
                r.primary = True

    def approve(self, node, prefixes):
        """make exactly these approved, in either band (for building worlds and for the control interface)"""
        if self.band == "B":
            for r in self.node_routes(node):
                if r.enabled and r.prefix not in prefixes:
                    r.enabled = False
                    self.fail_over(r)
            rows = {r.prefix: r for r in self.node_routes(node)}
            for prefix in prefixes:
                if prefix not in rows:
                    rows[prefix] = self.add_route(node, prefix)
            self.enable(node, [p for p in prefixes if not rows[p].enabled])
        else:
            node.approved = sorted(set(prefixes), key=names.prefix_order)
            self.elect()

    def approved_now(self, node):
        return [p for p in node.announced if p in node.approved]

    def elect(self):
        """0.29: who serves each subnet route: the one that did, if it still can, else the lowest healthy id"""
        if self.band == "B":
            return
        able = {}
        for n in self.nodes.values():
            if n.online and n.announced and n.approved:
                for prefix in self.approved_now(n):
                    if prefix not in EXIT:
                        able.setdefault(prefix, []).append(n)
        serving = {}
        for prefix, candidates in able.items():
            before = self.nodes.get(self.serving.get(prefix))
            healthy = [n for n in candidates if not n.unhealthy]
            if before in candidates and (before in healthy or not healthy):
                serving[prefix] = before.id
            elif healthy:
                serving[prefix] = min(n.id for n in healthy)
        self.serving = serving

    def served_by(self, node):
        return sorted((p for p, i in self.serving.items() if i == node.id), key=names.prefix_order)

    # ---- registrations

    def new_key(self, machine_key):
        """what the URL of a new registration ends with"""
        return "mkey:" + machine_key if self.band == "B" else AUTHREQ + self.text_key(24)

    def check_key(self, key):
        if self.band == "B":
            if not key.startswith("mkey:"):
                raise Refused(2, "key hex string doesn't have expected type prefix mkey:")
            if len(key) != 69:
                raise Refused(2, "key hex has the wrong size, got %d want 64" % (len(key) - 5))
            if not all(c in "0123456789abcdefABCDEF" for c in key[5:]):
                raise Refused(2, "key hex string contains an invalid character")
        else:
            if not key.startswith(AUTHREQ):
                raise Refused(2, 'auth ID has invalid prefix: expected prefix "%s"' % AUTHREQ)
            if len(key) != 38:
                raise Refused(2, "auth ID has invalid length: expected 38, got %d" % len(key))

    def register(self, key, user_name):
        self.check_key(key)
        if self.band == "B":
            addresses = self.take_addresses()
            pending = self._pending(key)
            try:
                user = self.user_by_name(user_name)
            except Refused as e:
                raise Refused(2, "failed to find user in register node from auth callback, " + e.text) from None
        else:
            addresses = None
            try:
                user = self.user_by_name(user_name)
            except Refused as e:
                raise Refused(2, "looking up user: " + e.text) from None
            pending = self._pending(key)
        known = [n for n in self.nodes.values() if n.machine_key == pending.machine_key]
        mine = next((n for n in known if n.user is user or (self.band != "B" and n.tags)), None)
        if self.band == "B" and known and not mine:
            raise Refused(2, "node was previously registered with a different user")
        if mine:
            self._log_in_again(mine, pending, user)
            node = mine
        else:
            node = self.add_node(pending.host, user, addresses, machine_key=pending.machine_key,
                                 node_key=pending.node_key, **self._first_values(pending))
        del self.pending[key]
        pending.node = node
        self.touch()
        self.on_registered(pending, node)
        return node

    def _pending(self, key):
        try:
            return self.pending[key]
        except KeyError:
            raise Refused(2, "node not found in registration cache") from None

    def _log_in_again(self, node, pending, user):
        node.node_key = pending.node_key
        node.expiry = ZERO if self.band == "B" else None
        node.last_seen = now()
        if self.band == "B":
            node.method = CLI
            return
        node.user, node.tags = user, []
        if node.given_name == self.given_name(node.name, node.id) and node.name != pending.host:
            node.given_name = self.given_name(pending.host, node.id)
        node.name = pending.host
        node.announced = list(pending.routes)

    def _first_values(self, pending):
        if self.band == "B":
            return {"last_seen": ZERO} if pending.debug else {}
        if pending.debug:
            return {"expiry": ZERO}
        values = {"announced": list(pending.routes)}
        if pending.tags:
            for tag in pending.tags:
                if tag not in (self.policy.get("tagOwners") or {}):
                    raise Refused(2, "requested tags [%s] are invalid or not permitted" % tag)
            values["tags"] = sorted(pending.tags)
        return values


def _groups(i):
    return "%x:%x" % (i >> 16, i & 0xffff) if i >> 16 else "%x" % i
