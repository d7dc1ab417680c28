"""The calls of the API on a World: decoded request in, response message out, Refused for every refusal.

A handler is a method named like the RPC; which of them a server has is in wire.py. They are grouped by what they are about
(service_*.py), and each says itself how it differs between bands.
"""
import collections
import time

from .names import Refused
from .records import now
from .service_keys import Keys
from .service_nodes import Nodes
from .service_policy import Policy
from .service_routes import Routes
from .service_users import Users
from .wire import Wire

READS = frozenset(("GetUser", "ListUsers", "ListPreAuthKeys", "GetNode", "ListNodes", "GetRoutes", "GetNodeRoutes",
                   "ListApiKeys", "GetPolicy", "CheckPolicy", "Health"))
# what servers since 0.27 apply in batches of up to half a second
BATCHED = frozenset(("RegisterNode", "AuthRegister", "SetTags", "SetApprovedRoutes", "DeleteNode", "ExpireNode",
                     "RenameNode", "MoveNode"))
MAX_REQUEST = 4 * 1024 * 1024
KEEP = 10000


def plain(value):
    """a field of a request for the log"""
    if isinstance(value, (str, int)):
        return value
    return [plain(x) for x in value] if hasattr(value, "__len__") else str(value)


class Service(Users, Keys, Nodes, Routes, Policy):
    """changes: what was done and when, whether or not anybody was told"""

    def __init__(self, world):
        self.world = world
        self.changes = collections.deque(maxlen=KEEP)
        self.renew()

    def renew(self):
        """begin, or go on as the server that the world is now"""
        self.band = self.world.band
        self.wire = Wire(self.band)
        self._cache = {}

    def answer(self, method, request):
        """the encoded response; lists of a world that did not change are kept encoded (big worlds are slow to encode)"""
        if method not in READS:
            try:
                response = getattr(self, method)(request).SerializeToString()
                self.changes.append({"method": method, "at": time.time(),
                                     "request": {f.name: plain(value) for f, value in request.ListFields()}})
                return response
            finally:
                self.world.touch()
        key = (self.world.version, method, request.SerializeToString(deterministic=True))
        if key not in self._cache:
            if self._cache and next(iter(self._cache))[0] != self.world.version:
                self._cache.clear()
            while len(self._cache) > 200:
                self._cache.pop(next(iter(self._cache)))
            self._cache[key] = getattr(self, method)(request).SerializeToString()
        return self._cache[key]

    def response(self, method, **fields):
        return self.wire[method + "Response"](**fields)

    def check_key(self, header):
        """Refused unless the value of the authorization header is good"""
        early, bad = (("Authorization token is not supplied", "failed to validate token") if self.band < "H" else
                      ("authorization token not supplied", "validating token"))
        if header is None:
            raise Refused(16, early)
        header = header.strip()
        if not header.startswith("Bearer "):
            raise Refused(16, 'missing "Bearer " prefix in "Authorization" header')
        key = next((k for k in self.world.apikeys.values() if k.full == header[7:]), None)
        if key is None:
            raise Refused(13, bad)
        if key.expiration < now():
            raise Refused(16, "invalid token")
