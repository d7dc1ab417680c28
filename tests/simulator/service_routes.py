"""The calls about route objects (0.23-0.25) and approved routes (since 0.26)."""
from . import names
from .names import Refused
from .records import EXIT, now
from .times import put_time


class Routes:
    # ---- route objects

    def route(self, r):
        m = self.wire.Route(id=r.id, node=self.node(r.node, online=False), prefix=r.prefix, advertised=r.advertised,
                            enabled=r.enabled, is_primary=r.primary)
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
        rows = self.world.node_routes(self.find_node(request.node_id))
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

    # ---- approved lists

    def SetApprovedRoutes(self, request):
        wanted = []
        for text in request.routes:
            try:
                prefix = names.parse_prefix(text)
            except Refused as e:
                raise Refused(2, "parsing route: " + e.text) from None
            wanted.extend(EXIT if prefix in EXIT else (prefix,))
        n = self.find_node(request.node_id, code=3, stored=True)
        if not request.node_id:
            return self.response("SetApprovedRoutes", node=self.node(n))
        if not wanted:
            self.world.keep_unstored(n, "approved", n.approved)
        else:
            n.unstored.pop("approved", None)
        self.world.approve(n, wanted)
        if not self.world.approved_now(n):
            n.unhealthy = False
        m = self.node(n)
        m.subnet_routes.extend(self.world.served_by(n))
        return self.response("SetApprovedRoutes", node=m)
