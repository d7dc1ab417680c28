"""Every call goes through here, whatever it came by: the log of calls, the faults that tests order, the server's crashes."""
import asyncio
import collections
import time

from .names import Crash, Refused
from .service import BATCHED

MODES = ("none", "delay", "hang", "hang_after", "drop", "drop_after", "unauthenticated", "unavailable", "garbage", "html",
         "goaway", "goaway_after")
GARBAGE = b"\xff\xff\xff\xff\x07 this is no message"
HTML = b"<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>\n"
KEEP = 10000
EVERYTHING = "*"


class Fault:
    def __init__(self, body):
        known = {"mode", "delay_ms", "method", "count", "status"}
        if not isinstance(body, dict) or set(body) - known:
            raise ValueError("a fault has only " + ", ".join(sorted(known)))
        self.mode = body.get("mode", "delay" if body.get("delay_ms") else "none")
        if self.mode not in MODES:
            raise ValueError("mode is one of " + ", ".join(MODES))
        self.delay = float(body.get("delay_ms") or 0) / 1000
        self.method, self.count, self.status = body.get("method"), body.get("count"), int(body.get("status", 502))

    def as_json(self):
        return {"mode": self.mode, "delay_ms": self.delay * 1000, "method": self.method, "count": self.count}


class Calls:
    """latency: seconds that a change of a node takes on servers that apply them in batches (since 0.27)"""

    def __init__(self, service, latency=0.0):
        self.service, self._latency = service, latency
        self.on_crash = None
        self.begin()

    def begin(self):
        """as at the start: no faults, nothing logged"""
        self.faults, self.latency, self.crashes, self.clock = [], self._latency, 0, 0.0
        self.reset()

    def reset(self):
        self.log = collections.deque(maxlen=KEEP)
        self.counts, self.pages = collections.Counter(), collections.Counter()
        self.service.changes.clear()

    def note(self, method, status, via):
        self.log.append({"method": method, "at": time.time(), "status": status, "via": via})
        self.counts[method] += 1

    def set_faults(self, body):
        faults = [Fault(x) for x in (body if isinstance(body, list) else [body])]
        self.faults = [f for f in faults if f.mode != "none"]

    def _fault(self, method, wide=(None, "", EVERYTHING)):
        for f in self.faults:
            if f.method == method or f.method in wide:
                if f.count is not None:
                    f.count -= 1
                    if f.count <= 0:
                        self.faults.remove(f)
                return f
        return None

    async def run(self, method, act, via, hooks, begun=True):
        """do act() -> bytes under the fault that is ordered, if any; Refused passes through

        hooks: what the way in can do about the connection (see GrpcHooks, HttpHooks and ProxyHooks). begun: the request could be
        read; one that could not never comes to the method, nor to its faults
        """
        fault = self._fault(method if begun else None)
        mode = fault.mode if fault else "none"
        try:
            if fault and fault.delay:
                await asyncio.sleep(fault.delay)
            if mode == "unauthenticated":
                raise Refused(16, "invalid token")
            if mode == "unavailable":
                raise Refused(14, "simulated: unavailable")
            if mode in ("hang", "drop", "html", "goaway"):
                self.note(method, mode, via)
                await getattr(hooks, mode)(fault)
            answer = await self._act(method, act)
            if mode in ("hang_after", "drop_after", "goaway_after"):
                self.note(method, mode, via)
                await getattr(hooks, mode)(fault)
                if mode == "goaway_after":
                    return answer
            if mode == "garbage":
                self.note(method, mode, via)
                return GARBAGE
        except Refused as e:
            self.note(method, e.code, via)
            raise
        except Crash:
            self.note(method, "crash", via)
            if self.service.band < "I":
                self.crashes += 1
                self.on_crash()
            await hooks.drop(None)
        self.note(method, 0, via)
        return answer

    async def _act(self, method, act):
        answer = act()
        if self.latency and method in BATCHED and self.service.band >= "F":
            await asyncio.sleep(self.latency)
        return answer

    async def page(self, name, act, hooks):
        """what is no call of the API, such as "GET /version": it has its own log, and only faults that name it or "*" """
        self.pages[name] += 1
        fault = self._fault(name, wide=(EVERYTHING,))
        if fault is None:
            return act()
        await asyncio.sleep(fault.delay)
        mode = fault.mode.removesuffix("_after")
        if mode in ("hang", "drop", "html", "goaway"):
            await getattr(hooks, mode)(fault)
        if mode in ("unauthenticated", "unavailable"):
            raise Refused(16 if mode == "unauthenticated" else 14, "simulated: " + mode)
        return GARBAGE if mode == "garbage" else act()


async def for_ever():
    await asyncio.Event().wait()
