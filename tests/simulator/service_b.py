"""The calls as 0.23 answers them."""
from . import names
from .names import Refused
from .service import Service, put_time
from .state import EXIT, now


class ServiceB(Service):
    """0.23: users by name, string ids, route objects, nothing about `online` in answers to changes"""

    def user(self, u):
        m = self.wire.User(id=str(u.id), name=u.name)
        put_time(m.created_at, u.created_at)
        return m

    def preauthkey(self, k, tags=()):
        m = self.wire.PreAuthKey(user=k.user.name, id=str(k.id), key=k.key, reusable=k.reusable, ephemeral=k.ephemeral,
                                 used=k.used, acl_tags=tags)
        put_time(m.expiration, k.expiration)
        put_time(m.created_at, k.created_at)
        return m

    def node(self, n, online=False, listed=False):
        m = self._basic_node(n, n.user, online)
        m.forced_tags.extend(n.tags)
        if listed:
            m.valid_tags.extend(n.valid_tags)
            m.invalid_tags.extend(n.invalid_tags)
        if n.pak:
            m.pre_auth_key.CopyFrom(self.preauthkey(n.pak))
        return m

    def _find(self, node_id, code=2):
        """id 0 leaves the condition out of the server's query: it finds the node with the lowest id"""
        if node_id == 0 and self.world.nodes:
            return self.world.nodes[min(self.world.nodes)]
        try:
            return self.world.nodes[node_id]
        except KeyError:
            raise Refused(code, "record not found") from None

    # ---- users

    def GetUser(self, request):
        return self.response("GetUser", user=self.user(self.world.user_by_name(request.name)))

    def ListUsers(self, request):
        users = sorted(self.world.users.values(), key=lambda u: str(u.id))
        return self.response("ListUsers", users=[self.user(u) for u in users])

    def _check_new_name(self, name):
        fault = names.dns_segment_fault(name)
        if fault:
            raise Refused(2, fault)
        if any(u.name == name for u in self.world.users.values()):
            raise Refused(2, "user already exists")

    def CreateUser(self, request):
        self._check_new_name(request.name)
        return self.response("CreateUser", user=self.user(self.world.add_user(request.name)))

    def RenameUser(self, request):
        u = self.world.user_by_name(request.old_name)
        self._check_new_name(request.new_name)
        u.name = request.new_name
        return self.response("RenameUser", user=self.user(u))

    def DeleteUser(self, request):
        u = self.world.user_by_name(request.name)
        if self.world.owned(u):
            raise Refused(2, "user not empty: node(s) found")
        for k in [k for k in self.world.preauthkeys.values() if k.user is u]:
            del self.world.preauthkeys[k.id]
        del self.world.users[u.id]
        return self.response("DeleteUser")

    # ---- pre-auth keys

    def CreatePreAuthKey(self, request):
        self._tags_of_key(request)
        k = self._new_preauthkey(request, self.world.user_by_name(request.user))
        return self.response("CreatePreAuthKey", pre_auth_key=self.preauthkey(k))

    def ListPreAuthKeys(self, request):
        u = self.world.user_by_name(request.user)
        keys = sorted((k for k in self.world.preauthkeys.values() if k.user is u), key=lambda k: str(k.id))
        return self.response("ListPreAuthKeys", pre_auth_keys=[self.preauthkey(k, k.tags) for k in keys])

    def ExpirePreAuthKey(self, request):
        k = next((k for k in self.world.preauthkeys.values() if k.key == request.key), None)
        if k is None:
            raise Refused(2, "AuthKey not found")
        if k.user.name != request.user:
            raise Refused(2, "user mismatch")
        if k.expiration < now():
            raise Refused(2, "AuthKey expired")
        if k.used and not k.reusable:
            raise Refused(2, "AuthKey has already been used")
        k.expiration = now()
        return self.response("ExpirePreAuthKey")

    # ---- nodes

    def GetNode(self, request):
        n = self._find(request.node_id)
        return self.response("GetNode", node=self.node(n, online=n.online))

    def ListNodes(self, request):
        nodes, listed = self.world.nodes.values(), not request.user
        if request.user:
            fault = names.dns_segment_fault(request.user)
            if fault:
                raise Refused(2, fault)
            nodes = self.world.owned(self.world.user_by_name(request.user))
        return self.response("ListNodes", nodes=[self.node(n, online=n.online, listed=listed) for n in nodes])

    def SetTags(self, request):
        for tag in request.tags:
            fault = names.tag_fault(tag, "B")
            if fault:
                raise Refused(2, fault)
        n = self._find(request.node_id, code=3)
        if request.node_id:
            n.tags = list(dict.fromkeys(request.tags))
        return self.response("SetTags", node=self.node(n))

    def DeleteNode(self, request):
        self.world.delete_node(self._find(request.node_id))
        return self.response("DeleteNode")

    def ExpireNode(self, request):
        n = self._find(request.node_id)
        if request.node_id:
            n.expiry = now()
        return self.response("ExpireNode", node=self.node(n))

    def RenameNode(self, request):
        fault = names.dns_segment_fault(request.new_name)
        if fault:
            raise Refused(2, "renaming node: " + fault)
        if any(n.given_name == request.new_name for n in self.world.nodes.values()):
            raise Refused(2, "name is not unique: " + request.new_name)
        n = self._find(request.node_id)
        if request.node_id:
            n.given_name = request.new_name
        return self.response("RenameNode", node=self.node(n))

    def MoveNode(self, request):
        n = self._find(request.node_id)
        n.user = self.world.user_by_name(request.user)
        return self.response("MoveNode", node=self.node(n))

    # ---- routes

    def route(self, r):
        m = self.wire.Route(id=r.id, node=self.node(r.node), prefix=r.prefix, advertised=r.advertised, enabled=r.enabled,
                            is_primary=r.primary)
        m.node.ClearField("pre_auth_key")
        put_time(m.created_at, r.created_at)
        put_time(m.updated_at, r.updated_at)
        return m

    def _route(self, route_id):
        if route_id == 0 and self.world.routes:
            return self.world.routes[min(self.world.routes)]
        try:
            return self.world.routes[route_id]
        except KeyError:
            raise Refused(2, "record not found") from None

    def _exit_rows(self, node):
        return [r for r in self.world.node_routes(node) if r.prefix in EXIT]

    def GetRoutes(self, request):
        return self.response("GetRoutes", routes=[self.route(r) for r in self.world.routes.values()])

    def GetNodeRoutes(self, request):
        rows = self.world.node_routes(self._find(request.node_id))
        return self.response("GetNodeRoutes", routes=[self.route(r) for r in rows])

    def EnableRoute(self, request):
        r = self._route(request.route_id)
        self.world.enable(r.node, EXIT if r.prefix in EXIT else (r.prefix,))
        return self.response("EnableRoute")

    def DisableRoute(self, request):
        r = self._route(request.route_id)
        if r.prefix in EXIT:
            for row in self._exit_rows(r.node):
                row.enabled, row.primary, row.updated_at = False, False, now()
        else:
            r.enabled, r.updated_at = False, now()
            self.world.fail_over(r)
        return self.response("DisableRoute")

    def DeleteRoute(self, request):
        r = self._route(request.route_id)
        if r.prefix not in EXIT:
            self.world.fail_over(r)
        for row in self._exit_rows(r.node) if r.prefix in EXIT else [r]:
            del self.world.routes[row.id]
        return self.response("DeleteRoute")
