"""The calls of the API on a World: decoded request in, response message out, Refused for every refusal.

A handler is a method named like the RPC. Service has what both versions share; service_b.py is 0.23, service_h.py 0.29.
"""
from . import names, policy
from .names import Refused
from .state import UNSPECIFIED, ZERO, Node, Pending, now
from .wire import Wire

READS = frozenset(("GetUser", "ListUsers", "ListPreAuthKeys", "GetNode", "ListNodes", "GetRoutes", "GetNodeRoutes",
                   "ListApiKeys", "GetPolicy", "CheckPolicy", "Health"))
MAX_REQUEST = 4 * 1024 * 1024


def put_time(field, ns):
    field.seconds, field.nanos = ns // 10**9, ns % 10**9


def get_time(message, field, absent=ZERO):
    if not message.HasField(field):
        return absent
    t = getattr(message, field)
    return t.seconds * 10**9 + t.nanos


class Service:
    def __init__(self, world):
        self.world = world
        self.wire = Wire(world.band)
        self._cache = {}

    def answer(self, method, request):
        """the encoded response; lists of a world that did not change are kept encoded (big worlds are slow to encode)"""
        if method not in READS:
            try:
                return getattr(self, method)(request).SerializeToString()
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

    # ---- authentication

    def check_key(self, header):
        """Refused unless the value of the authorization header is good"""
        early, bad = (("Authorization token is not supplied", "failed to validate token") if self.world.band == "B" else
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

    # ---- API keys

    def _apikey(self, request):
        for k in self.world.apikeys.values():
            if request.prefix and request.prefix in (k.prefix, self._accepted_prefix(k)):
                return k
        raise Refused(2, "record not found")

    def _accepted_prefix(self, key):
        return key.prefix

    def CreateApiKey(self, request):
        key = self.world.add_apikey(get_time(request, "expiration"))
        return self.response("CreateApiKey", api_key=key.full)

    def ExpireApiKey(self, request):
        self._apikey(request).expiration = now()
        return self.response("ExpireApiKey")

    def DeleteApiKey(self, request):
        del self.world.apikeys[self._apikey(request).id]
        return self.response("DeleteApiKey")

    def ListApiKeys(self, request):
        out = self.response("ListApiKeys")
        for k in self.world.apikeys.values():
            m = out.api_keys.add(id=k.id, prefix=self.world.listed_prefix(k))
            put_time(m.expiration, k.expiration)
            put_time(m.created_at, k.created_at)
        return out

    # ---- policy

    def GetPolicy(self, request):
        if self.world.policy_text is None:
            raise Refused(2, "loading ACL from database: acl policy not found")
        out = self.response("GetPolicy", policy=self.world.policy_text)
        put_time(out.updated_at, self.world.policy_time)
        return out

    def SetPolicy(self, request):
        check = policy.check_b if self.world.band == "B" else policy.check_h
        self.world.policy = check(request.policy)
        self.world.policy_text, self.world.policy_time = request.policy, now()
        out = self.response("SetPolicy", policy=request.policy)
        put_time(out.updated_at, self.world.policy_time)
        return out

    # ---- pre-auth keys

    def _tags_of_key(self, request):
        for tag in request.acl_tags:
            fault = names.tag_fault(tag, self.world.band)
            if fault:
                raise Refused(3, fault)
        return sorted(set(request.acl_tags))

    def _new_preauthkey(self, request, user):
        return self.world.add_preauthkey(user, reusable=request.reusable, ephemeral=request.ephemeral,
                                         expiration=get_time(request, "expiration"), tags=self._tags_of_key(request))

    # ---- nodes, what both versions share

    def DebugCreateNode(self, request):
        w = self.world
        user = w.user_by_name(request.user)
        routes = [names.parse_prefix(r) for r in request.routes]
        w.check_key(request.key)
        p = Pending(key=request.key, host=request.name, debug=True, node_key=w.hex_key(), routes=routes,
                    machine_key=request.key[5:] if w.band == "B" else w.hex_key())
        w.pending[p.key] = p
        shown = Node(machine_key=p.machine_key, node_key=p.node_key, name=p.host, user=user, last_seen=ZERO, expiry=ZERO,
                     created_at=ZERO, method=UNSPECIFIED, announced=routes)
        return self.response("DebugCreateNode", node=self.node(shown))

    def RegisterNode(self, request):
        return self.response("RegisterNode", node=self.node(self.world.register(request.key, request.user)))

    def BackfillNodeIPs(self, request):
        if not request.confirmed:
            raise Refused(2, "not confirmed, aborting")
        return self.response("BackfillNodeIPs")

    def _basic_node(self, n, user, online):
        m = self.wire.Node(id=n.id, machine_key="mkey:" + n.machine_key, node_key="nodekey:" + n.node_key,
                           disco_key="discokey:" + n.disco_key, ip_addresses=[a for a in (n.ipv4, n.ipv6) if a],
                           name=n.name, given_name=n.given_name, online=online, register_method=n.method)
        if user is not None:
            m.user.CopyFrom(self.user(user))
        if n.last_seen is not None:
            put_time(m.last_seen, n.last_seen)
        if n.expiry is not None:
            put_time(m.expiry, n.expiry)
        put_time(m.created_at, n.created_at)
        return m


def make_service(world):
    from .service_b import ServiceB
    from .service_h import ServiceH
    return (ServiceB if world.band == "B" else ServiceH)(world)
