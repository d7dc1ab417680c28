"""What one simulated Headscale server holds, and how it changes.

One World belongs to one event loop and is changed only there. `band` says which server it is (see bands.py); upgrade.py
changes it. Whoever changes anything calls touch().
"""
import base64
import copy
import hashlib
import itertools
import os

from . import names
from .bands import VERSIONS
from .names import Crash, Refused
from .records import AUTHREQ, CLI, NO_KEY, ZERO, ApiKey, Node, PreAuthKey, User, now
from .routing import Routing


class World(Routing):
    def __init__(self, band):
        self.band = band
        self.version_text = VERSIONS.get(band)
        self.users, self.nodes, self.routes, self.pending = {}, {}, {}, {}
        self.preauthkeys, self.apikeys = {}, {}
        self.policy, self.policy_text, self.policy_time = {}, None, None
        self.serving = {}
        # instant -> minutes east of UTC, for the times that were sent with an offset (0.30 gives them back so)
        self.offsets = {}
        self.on_registered = lambda pending, node: None
        self.on_verdict = lambda pending: None
        self.version = 0
        self._ids = {kind: itertools.count(1) for kind in ("user", "node", "route", "pak", "apikey")}
        self._next_ip = 1
        self._seed, self._secrets = os.urandom(16), itertools.count()

    def touch(self):
        self.version += 1

    # ---- secrets

    def hex_key(self):
        return hashlib.sha256(self._seed + b"%d" % next(self._secrets)).hexdigest()

    def text_key(self, length):
        """random text; 0.30 uses hex digits, others the alphabet of URL-safe base64"""
        raw = hashlib.sha512(self._seed + b"%d" % next(self._secrets)).digest()
        return (raw.hex() if self.band >= "I" else base64.urlsafe_b64encode(raw).decode())[:length]

    # ---- users

    def add_user(self, name, **values):
        u = User(id=next(self._ids["user"]), name=name, **values)
        self.users[u.id] = u
        self.touch()
        return u

    def user_by_name(self, name):
        """by stored name; since 0.24 the empty name is 'no condition'"""
        if self.band >= "C" and name == "":
            found = list(self.users.values())
        else:
            found = [u for u in self.users.values() if u.name == name]
        if not found:
            raise Refused(2, "user not found")
        if len(found) > 1:
            raise Refused(2, "expected exactly one user, found %d" % len(found))
        return found[0]

    def user_by_id(self, user_id):
        try:
            return self.users[user_id]
        except KeyError:
            raise Refused(2, "user not found") from None

    def owned(self, user):
        return [n for n in self.nodes.values() if n.user is user]

    # ---- keys

    def add_apikey(self, expiration, full=None):
        if full is None:
            lengths = (10, 43) if self.band < "D" else (7, 32)
            full = (".".join(self.text_key(n) for n in lengths) if self.band < "G" else
                    "hskey-api-%s-%s" % (self.text_key(12), self.text_key(64)))
        if full.startswith("hskey-api-"):
            prefix = full[10:22]
        else:
            prefix = full.partition(".")[0] if "." in full else full[:7]
        k = ApiKey(id=next(self._ids["apikey"]), prefix=prefix, full=full, expiration=expiration)
        self.apikeys[k.id] = k
        return k

    def listed_prefix(self, key):
        if self.band < "G":
            return key.prefix
        return ("hskey-api-%s-***" if key.full.startswith("hskey-api-") else "%s***") % key.prefix

    def add_preauthkey(self, user, **values):
        key = (self.hex_key()[:48] if self.band < "G" else
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
        return names.automatic_given_name(host, taken, self.band)

    @property
    def never(self):
        """the expiry of a new node that has none"""
        return ZERO if self.band < "D" else None

    def add_node(self, host, user, addresses=None, given_name=None, **values):
        host = names.stored_host_name(host, self.band)
        if given_name is None:
            given_name = self.given_name(host)
        v4, v6 = addresses or self.take_addresses()
        values.setdefault("last_seen", now())
        values.setdefault("expiry", self.never)
        values.setdefault("machine_key", self.hex_key())
        values.setdefault("node_key", self.hex_key())
        values.setdefault("method", CLI)
        if self.band >= "H" and values.get("tags"):
            user = None
        if self.band >= "F" and values.get("pak"):
            # shown as it was when the node came, whatever happens to the key later
            values["pak"] = copy.copy(values["pak"])
        n = Node(id=next(self._ids["node"]), name=host, user=user, ipv4=v4, ipv6=v6, given_name=given_name, **values)
        self.nodes[n.id] = n
        if n.announced:
            # 0.25 makes the rows of its routes at once, 0.23 and 0.24 when the node connects
            self.sync_routes(n, connected=self.band == "D")
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
        if online and "F1" <= self.band < "H" and node.expiry is None and not node.tags:
            node.expiry = ZERO
        self.sync_routes(node)
        self.elect()

    def shown_online(self, node):
        """0.25: while a node has no given name, no client gets a map and all look offline"""
        return node.online and not (self.band == "D" and any(not n.given_name for n in self.nodes.values()))

    def host_renamed(self, node, host):
        """the device calls itself otherwise than before; an automatic given name follows"""
        if self.band < "C" or names.stored_host_name(host, self.band) == node.name:
            return
        if "F" <= self.band < "H" and names.stored_host_name(host, self.band) != host.lower():
            return
        automatic = names.automatic_given_name(node.name, set(), self.band)
        suffix = node.given_name.removeprefix(automatic)
        if not suffix or suffix[0] == "-" and (suffix[1:].isdigit() if self.band >= "H" else len(suffix) == 9):
            node.given_name = self.given_name(host, node.id)
        node.name = names.stored_host_name(host, self.band)

    def keep_unstored(self, node, field, before):
        """0.27.1 and 0.28 do not write this change to the database"""
        if "F1" <= self.band < "H":
            node.unstored.setdefault(field, before)

    def read_database(self):
        """a restart: what was never stored is gone"""
        for n in self.nodes.values():
            n.online = False
            for field, before in n.unstored.items():
                setattr(n, field, before)
            n.unstored = {}
        self.pending.clear()
        self.serving = {}
        self.touch()

    # ---- registrations

    def new_key(self, machine_key):
        """what the URL of a new registration ends with"""
        if self.band < "D":
            return "mkey:" + machine_key
        return (AUTHREQ if self.band >= "H" else "") + self.text_key(24)

    def check_key(self, key):
        if self.band < "D":
            if not key.startswith("mkey:"):
                raise Refused(2, "key hex string doesn't have expected type prefix mkey:")
            if len(key) != 69:
                raise Refused(2, "key hex has the wrong size, got %d want 64" % (len(key) - 5))
            if not all(c in "0123456789abcdefABCDEF" for c in key[5:]):
                raise Refused(2, "key hex string contains an invalid character")
        elif self.band < "H":
            if len(key.encode()) != 24:
                raise Refused(2, "registration ID must be 24 characters long")
        else:
            if not key.startswith(AUTHREQ):
                raise Refused(2, 'auth ID has invalid prefix: expected prefix "%s"' % AUTHREQ)
            if len(key) != 38:
                raise Refused(2, "auth ID has invalid length: expected 38, got %d" % len(key))

    def register(self, key, user_name):
        self.check_key(key)
        addresses = None
        if self.band < "F":
            # an address is spent even when the call fails
            addresses = self.take_addresses()
        if self.band < "C":
            self._pending(key)
        try:
            user = self.user_by_name(user_name)
        except Refused as e:
            raise Refused(2, ("failed to find user in register node from auth callback, " if self.band < "C" else
                              "looking up user: ") + e.text) from None
        pending = self._pending(key)
        if pending.ssh:
            raise Crash("registration of an SSH check")
        if "D" <= self.band < "F" and any(n.node_key == pending.node_key for n in self.nodes.values()):
            raise Crash("second registration of a node key")
        known = [n for n in self.nodes.values() if n.machine_key == pending.machine_key]
        mine = next((n for n in known if n.user is user or (self.band >= "G" and n.tags)), None)
        if self.band < "D" and known and not mine:
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
        node.expiry = self.never
        node.unstored.pop("expiry", None)
        node.last_seen = now()
        if self.band < "C":
            node.method = CLI
            return
        if self.band >= "G":
            node.user, node.tags = user, []
        self.host_renamed(node, pending.host)
        if not self.has_rows:
            node.announced = list(pending.routes)

    def _first_values(self, pending):
        values = {}
        if pending.debug:
            values["expiry"] = ZERO
            if self.band < "F":
                values["last_seen"] = ZERO
        if not pending.debug or self.band < "H":
            values["announced"] = list(pending.routes)
        if pending.tags:
            owners = self.policy.get("tagOwners") or {}
            refused = [t for t in pending.tags if t not in owners]
            if self.band < "G":
                values["valid_tags"] = [t for t in pending.tags if t in owners]
                values["invalid_tags"] = refused
            elif refused:
                raise Refused(2, "requested tags [%s] are invalid or not permitted" % " ".join(refused))
            else:
                values["tags"] = sorted(pending.tags)
        return values


def _groups(i):
    return "%x:%x" % (i >> 16, i & 0xffff) if i >> 16 else "%x" % i
