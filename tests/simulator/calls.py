"""Every call goes through here, whatever it came by: the log of calls and the faults that tests order."""
import asyncio
import collections
import time

from .names import Refused

MODES = ("none", "delay", "hang", "hang_after", "drop", "drop_after", "unauthenticated", "unavailable", "garbage", "html",
         "goaway", "goaway_after")
GARBAGE = b"\xff\xff\xff\xff\x07 this is no message"
HTML = b"<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>\n"
KEEP = 10000


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
    def __init__(self, service):
        self.service = service
        self.faults = []
        self.reset()

    def reset(self):
        self.log = collections.deque(maxlen=KEEP)
        self.counts = collections.Counter()

    def note(self, method, status, via):
        self.log.append({"method": method, "at": time.time(), "status": status, "via": via})
        self.counts[method] += 1

    def set_faults(self, body):
        faults = [Fault(x) for x in (body if isinstance(body, list) else [body])]
        self.faults = [f for f in faults if f.mode != "none"]

    def _fault(self, method):
        for f in self.faults:
            if f.method in (None, "", method):
                if f.count is not None:
                    f.count -= 1
                    if f.count <= 0:
                        self.faults.remove(f)
                return f
        return None

    async def run(self, method, act, via, hooks):
        """do act() -> bytes under the fault that is ordered, if any; Refused passes through

        hooks: what the way in can do about the connection (see GrpcHooks and HttpHooks)
        """
        fault = self._fault(method)
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
            answer = act()
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
        self.note(method, 0, via)
        return answer


async def for_ever():
    await asyncio.Event().wait()
