"""The devices behind pending registrations: stand-ins for real clients that wait with a link and come online.

Only the newest link of a machine brings it in, as with real clients. 0.23 and 0.24 give one machine the same key every
time and renew it when it ran out; later ones give a waiting client a new link instead.
"""
import asyncio
import hashlib

from .names import Refused
from .records import Pending, now

RENEW_AFTER = 5
# how long a server since 0.27 takes a device for online that has gone
LINGER = 10


class Device:
    def __init__(self, number, machine, body):
        self.id = str(number)
        self.machine = machine
        self.host = str(body.get("hostname", "laptop"))
        self.routes = [str(r) for r in body.get("routes", [])]
        self.tags = [str(t) for t in body.get("tags", [])]
        self.lifetime = float(body.get("lifetime", 900))
        self.online_after = body.get("online_after", 0.5)
        # real clients make a new node key for each link; a test may order a client that does not
        self.node_key = body.get("node_key")
        self.state, self.node_id, self.key = "waiting", None, None


class Devices:
    def __init__(self, world, login_url):
        self.world, self.login_url = world, login_url
        self.forget()
        world.on_registered = self._registered
        world.on_verdict = self._verdict

    def forget(self):
        """no device was ever announced"""
        self.devices, self.newest = {}, {}
        self.linger = LINGER

    def announce(self, body):
        machine = str(body.get("machine") or self.world.hex_key())
        if len(machine) != 64 or machine.strip("0123456789abcdef"):
            machine = hashlib.sha256(machine.encode()).hexdigest()
        d = Device(len(self.devices) + 1, machine, body)
        self.devices[d.id] = d
        for n in self.world.nodes.values():
            if n.machine_key == machine and n.online and n.expiry and 0 < n.expiry < now():
                self.world.set_online(n, False)
        self._new_link(d, body.get("key"))
        return self.describe(d)

    def describe(self, d):
        path = "/register/" + d.key
        return {"id": d.id, "machine": d.machine, "key": d.key, "path": path, "url": self.login_url + path,
                "state": d.state, "node_id": d.node_id}

    def _new_link(self, d, key=None):
        d.key = key or self.world.new_key(d.machine)
        self.newest[d.machine] = d.key
        p = Pending(key=d.key, host=d.host, machine_key=d.machine, node_key=d.node_key or self.world.hex_key(),
                    routes=d.routes, tags=d.tags, device=d)
        self.world.pending[d.key] = p
        self.world.touch()
        asyncio.get_running_loop().call_later(d.lifetime, self._ran_out, p)

    def _ran_out(self, p):
        if self.world.pending.get(p.key) is not p:
            return
        del self.world.pending[p.key]
        self._lost(p.device, RENEW_AFTER if self.world.band < "D" else 0)

    def _lost(self, d, after):
        """the server forgot the link of a waiting device: it gets one again"""
        if d.state == "waiting" and self.newest.get(d.machine) == d.key:
            asyncio.get_running_loop().call_later(
                after, lambda: d.state == "waiting" and self.newest.get(d.machine) == d.key
                and d.key not in self.world.pending and self._new_link(d))

    def _verdict(self, p):
        """AuthApprove or AuthReject of a registration: the client is handed a new link, the old one stays good"""
        if p.device and self.newest.get(p.device.machine) == p.key:
            self._new_link(p.device)

    def _registered(self, p, node):
        d = p.device
        if d is None:
            return
        d.node_id = node.id
        if self.newest.get(d.machine) != p.key or d.online_after in (None, "never"):
            d.state = "out"
            return
        asyncio.get_running_loop().call_later(float(d.online_after), self._come_in, d, node)

    def _come_in(self, d, node):
        if self.world.nodes.get(node.id) is not node:
            d.state = "out"
            return
        self.world.set_online(node, True)
        self.world.announce(node, d.routes)
        self.world.touch()
        for other in self.devices.values():
            if other.machine == d.machine and other.key == d.key:
                other.state, other.node_id = "in", node.id

    def ssh_check(self):
        """a session that waits for AuthApprove or AuthReject: {key, path, url, verdict}"""
        if self.world.band < "H":
            raise Refused(12, "there are no SSH checks before 0.29")
        p = Pending(key=self.world.new_key(""), ssh=True)
        self.world.pending[p.key] = p
        return self.describe_check(p.key)

    def describe_check(self, key):
        path = "/auth/" + key
        return {"key": key, "path": path, "url": self.login_url + path, "verdict": self.world.pending[key].verdict}

    def connect(self, node, connected):
        """a device connects or disconnects, and the server notices when it does"""
        if connected or self.world.band < "F":
            self.world.set_online(node, connected)
        else:
            asyncio.get_running_loop().call_later(self.linger, self._gone, node)

    def _gone(self, node):
        if self.world.nodes.get(node.id) is node:
            self.world.set_online(node, False)
            self.world.touch()

    def server_ends(self):
        """what a restart takes from the devices: their links and their connections; (links, nodes) for server_is_back()"""
        return list(self.world.pending.values()), [n for n in self.world.nodes.values() if n.online]

    def server_is_back(self, lost, online, after):
        """waiting devices get links again, connected ones come back"""
        for p in lost:
            if p.device:
                self._lost(p.device, after)
        asyncio.get_running_loop().call_later(after, self._back, online)

    def _back(self, nodes):
        for n in nodes:
            if self.world.nodes.get(n.id) is n:
                self.world.set_online(n, True)
        self.world.touch()
