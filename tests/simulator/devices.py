"""The devices behind pending registrations: stand-ins for real clients that wait with a link and come online.

Only the newest link of a machine brings it in, as with real clients. 0.23 gives one machine the same key every time and
renews it when it ran out; 0.29 gives a waiting client a new link instead.
"""
import asyncio
import hashlib

from .state import Pending, now

RENEW_AFTER = 5


class Device:
    def __init__(self, number, machine, body):
        self.id = str(number)
        self.machine = machine
        self.host = str(body.get("hostname", "laptop"))
        self.routes = [str(r) for r in body.get("routes", [])]
        self.tags = [str(t) for t in body.get("tags", [])]
        self.lifetime = float(body.get("lifetime", 900))
        self.online_after = body.get("online_after", 0.5)
        self.state, self.node_id, self.key = "waiting", None, None


class Devices:
    def __init__(self, world, login_url):
        self.world, self.login_url = world, login_url
        self.devices = {}
        self.newest = {}
        world.on_registered = self._registered
        world.on_verdict = self._verdict

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
        p = Pending(key=d.key, host=d.host, machine_key=d.machine, node_key=self.world.hex_key(), routes=d.routes,
                    tags=d.tags, device=d)
        self.world.pending[d.key] = p
        self.world.touch()
        asyncio.get_running_loop().call_later(d.lifetime, self._ran_out, p)

    def _ran_out(self, p):
        if self.world.pending.get(p.key) is not p:
            return
        del self.world.pending[p.key]
        self._lost(p.device, RENEW_AFTER if self.world.band == "B" else 0)

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
        node.announced = list(d.routes)
        self.world.set_online(node, True)
        self.world.touch()
        for other in self.devices.values():
            if other.machine == d.machine and other.key == d.key:
                other.state, other.node_id = "in", node.id

    async def restart(self, front, down, back):
        """the server ends and starts again: pending links are lost, devices are back a moment later"""
        loop = asyncio.get_running_loop()
        await front.stop()
        lost = list(self.world.pending.values())
        self.world.pending.clear()
        online = [n for n in self.world.nodes.values() if n.online]
        for n in online:
            n.online = False
        self.world.serving = {}
        self.world.touch()
        await asyncio.sleep(down)
        await front.start()
        for p in lost:
            if p.device:
                self._lost(p.device, back)
        loop.call_later(back, self._back, online)

    def _back(self, nodes):
        for n in nodes:
            if n.id in self.world.nodes:
                self.world.set_online(n, True)
        self.world.touch()
