"""The calls as 0.29 answers them."""
from . import names, policy
from .names import Refused
from .service import Service, get_time, put_time
from .state import EXIT, ZERO, ApiKey, now


class ServiceH(Service):
    """0.29: numeric users, approved routes, tags as identity, AuthRegister"""

    def __init__(self, world):
        super().__init__(world)
        tagged = self.wire.User(id=2147455555, name="tagged-devices", display_name="Tagged Devices")
        put_time(tagged.created_at, ZERO)
        self._tagged_devices = tagged

    def user(self, u):
        m = self.wire.User(id=u.id, name=u.name or u.email or u.provider_id or str(u.id), display_name=u.display_name,
                           email=u.email, provider_id=u.provider_id, provider=u.provider, profile_pic_url=u.picture)
        put_time(m.created_at, u.created_at)
        return m

    def preauthkey(self, k, masked=True):
        m = self.wire.PreAuthKey(id=k.id, key=k.key[:23] + "-***" if masked else k.key, reusable=k.reusable,
                                 ephemeral=k.ephemeral, used=k.used, acl_tags=k.tags)
        if k.user is not None:
            m.user.CopyFrom(self.user(k.user))
        put_time(m.expiration, k.expiration)
        put_time(m.created_at, k.created_at)
        return m

    def node(self, n):
        m = self._basic_node(n, n.user, n.online)
        m.tags.extend(n.tags)
        m.approved_routes.extend(n.approved)
        m.available_routes.extend(n.announced)
        if n.pak:
            m.pre_auth_key.CopyFrom(self.preauthkey(n.pak))
        return m

    def _listed(self, n):
        m = self.node(n)
        if n.tags:
            m.user.CopyFrom(self._tagged_devices)
        m.subnet_routes.extend(self.world.served_by(n))
        m.subnet_routes.extend(p for p in self.world.approved_now(n) if p in EXIT)
        return m

    def _stored(self, node_id, code):
        try:
            return self.world.nodes[node_id]
        except KeyError:
            raise Refused(code, "node no longer exists in NodeStore: %d" % node_id) from None

    def _found(self, node_id):
        try:
            return self.world.nodes[node_id]
        except KeyError:
            raise Refused(5, "node not found") from None

    # ---- users

    def ListUsers(self, request):
        users = list(self.world.users.values())
        for field in ("name", "email", "id"):
            if getattr(request, field):
                users = [u for u in users if getattr(u, field) == getattr(request, field)]
                break
        return self.response("ListUsers", users=[self.user(u) for u in users])

    def _check_unique(self, name, user=None):
        if any(u.name == name and u is not user and not u.provider for u in self.world.users.values()):
            return "constraint failed: UNIQUE constraint failed: users.name (2067)"
        return None

    def CreateUser(self, request):
        fault = self._check_unique(request.name)
        if fault:
            raise Refused(13, "creating user: creating user: " + fault)
        u = self.world.add_user(request.name, display_name=request.display_name, email=request.email,
                                picture=request.picture_url)
        return self.response("CreateUser", user=self.user(u))

    def _user(self, user_id):
        try:
            return self.world.users[user_id]
        except KeyError:
            raise Refused(2, "user not found") from None

    def RenameUser(self, request):
        u = self._user(request.old_id)
        fault = self._check_unique(request.new_name, u)
        if fault:
            raise Refused(2, "updating user: " + fault)
        if request.new_name:
            u.name = request.new_name
        return self.response("RenameUser", user=self.user(self.world.user_by_name(request.new_name)))

    def DeleteUser(self, request):
        u = self._user(request.id)
        if self.world.owned(u):
            raise Refused(2, "user not empty: node(s) found")
        for k in [k for k in self.world.preauthkeys.values() if k.user is u]:
            del self.world.preauthkeys[k.id]
        del self.world.users[u.id]
        return self.response("DeleteUser")

    # ---- pre-auth and API keys

    def CreatePreAuthKey(self, request):
        tags = self._tags_of_key(request)
        user = self._user(request.user) if request.user else None
        if user is None and not tags:
            raise Refused(2, "auth-key must be either tagged or owned by user")
        k = self._new_preauthkey(request, user)
        return self.response("CreatePreAuthKey", pre_auth_key=self.preauthkey(k, masked=False))

    def ListPreAuthKeys(self, request):
        return self.response("ListPreAuthKeys",
                             pre_auth_keys=[self.preauthkey(k) for k in self.world.preauthkeys.values()])

    def ExpirePreAuthKey(self, request):
        if request.id in self.world.preauthkeys:
            self.world.preauthkeys[request.id].expiration = now()
        return self.response("ExpirePreAuthKey")

    def DeletePreAuthKey(self, request):
        self.world.preauthkeys.pop(request.id, None)
        return self.response("DeletePreAuthKey")

    def _accepted_prefix(self, key):
        listed = self.world.listed_prefix(key)
        return listed if listed.startswith("hskey-api-") else key.prefix

    def _apikey(self, request) -> ApiKey:
        if request.id and request.prefix:
            raise Refused(3, "provide either id or prefix, not both")
        if request.id:
            if request.id not in self.world.apikeys:
                raise Refused(2, "record not found")
            return self.world.apikeys[request.id]
        if not request.prefix:
            raise Refused(3, "must provide id or prefix")
        return super()._apikey(request)

    # ---- nodes

    def GetNode(self, request):
        return self.response("GetNode", node=self.node(self._found(request.node_id)))

    def ListNodes(self, request):
        nodes = self.world.nodes.values()
        if request.user:
            nodes = self.world.owned(self.world.user_by_name(request.user))
        return self.response("ListNodes", nodes=[self._listed(n) for n in nodes])

    def SetTags(self, request):
        if not request.tags:
            raise Refused(3, "cannot remove all tags from a node - tagged nodes must have at least one tag")
        for tag in request.tags:
            fault = names.tag_fault(tag, "H")
            if fault:
                raise Refused(2, fault)
        n = self._found(request.node_id)
        unknown = [t for t in request.tags if t not in (self.world.policy.get("tagOwners") or {})]
        if unknown:
            raise Refused(3, "requested tags [%s] are invalid or not permitted" % " ".join(unknown))
        n.tags, n.user = sorted(set(request.tags)), None
        return self.response("SetTags", node=self.node(n))

    def SetApprovedRoutes(self, request):
        wanted = []
        for text in request.routes:
            try:
                prefix = names.parse_prefix(text)
            except Refused as e:
                raise Refused(2, "parsing route: " + e.text) from None
            wanted.extend(EXIT if prefix in EXIT else (prefix,))
        n = self._stored(request.node_id, 3)
        self.world.approve(n, wanted)
        if not self.world.approved_now(n):
            n.unhealthy = False
        m = self.node(n)
        m.subnet_routes.extend(self.world.served_by(n))
        return self.response("SetApprovedRoutes", node=m)

    def DeleteNode(self, request):
        self.world.delete_node(self._found(request.node_id))
        return self.response("DeleteNode")

    def ExpireNode(self, request):
        if request.disable_expiry and request.HasField("expiry"):
            raise Refused(3, "cannot set both disable_expiry and expiry")
        n = self._stored(request.node_id, 2)
        n.expiry = None if request.disable_expiry else get_time(request, "expiry", now())
        return self.response("ExpireNode", node=self.node(n))

    def RenameNode(self, request):
        fault = names.dns_label_fault(request.new_name)
        if fault:
            raise Refused(2, "renaming node: " + fault)
        n = self._stored(request.node_id, 2)
        if any(o.given_name == request.new_name and o is not n for o in self.world.nodes.values()):
            raise Refused(2, "node name is not unique: " + request.new_name)
        n.given_name = request.new_name
        return self.response("RenameNode", node=self.node(n))

    # ---- registrations, policy, health

    def AuthRegister(self, request):
        return self.response("AuthRegister", node=self.node(self.world.register(request.auth_id, request.user)))

    def _auth_verdict(self, request):
        try:
            self.world.check_key(request.auth_id)
        except Refused as e:
            raise Refused(3, "invalid auth_id: " + e.text) from None
        if request.auth_id not in self.world.pending:
            raise Refused(5, "no pending auth session for auth_id " + request.auth_id)
        self.world.on_verdict(self.world.pending[request.auth_id])

    def AuthApprove(self, request):
        self._auth_verdict(request)
        return self.response("AuthApprove")

    def AuthReject(self, request):
        self._auth_verdict(request)
        return self.response("AuthReject")

    def CheckPolicy(self, request):
        policy.check_h(request.policy, 3, "")
        return self.response("CheckPolicy")

    def Health(self, request):
        return self.response("Health", database_connectivity=True)
