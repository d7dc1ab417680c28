"""Who may route and who does: the route objects of 0.23-0.25, the approved lists since 0.26. A part of World."""
from . import names
from .names import Refused
from .records import EXIT, Route, now


class Routing:
    """wants of World: band, nodes, routes, serving, _ids"""

    @property
    def has_rows(self):
        return self.band < "E"

    def announce(self, node, prefixes):
        node.announced = list(prefixes)
        if self.band.startswith("E"):
            node.announced = names.sorted_prefixes(prefixes, self.band)
        self.sync_routes(node)
        self.elect()

    # ---- rows

    def sync_routes(self, node, connected=None):
        """the rows follow what a connected node announces; primaries move when their node is gone"""
        if not self.has_rows:
            return
        rows = {r.prefix: r for r in self.node_routes(node)}
        if node.online if connected is None else connected:
            for prefix, r in rows.items():
                if r.advertised and prefix not in node.announced:
                    r.advertised = r.enabled = False
                    r.updated_at = now()
                elif not r.advertised and prefix in node.announced:
                    r.advertised = True
                    r.updated_at = now()
            for prefix in node.announced:
                if prefix not in rows:
                    self.add_route(node, prefix)
        for prefix in rows:
            holder = next((r for r in self.routes.values() if r.prefix == prefix and r.primary), None)
            if holder and not holder.node.online:
                self.fail_over(holder)

    def add_route(self, node, prefix):
        r = Route(id=next(self._ids["route"]), node=node, prefix=prefix)
        self.routes[r.id] = r
        return r

    def node_routes(self, node):
        return [r for r in self.routes.values() if r.node is node]

    def fail_over(self, route):
        """hand a primary route to another connected node, if there is one"""
        if not route.primary or route.prefix in EXIT:
            return
        for r in self.routes.values():
            if r is not route and r.prefix == route.prefix and r.enabled and r.node.online:
                route.primary, r.primary = False, True
                route.updated_at = r.updated_at = now()
                return

    def enable(self, node, prefixes):
        """enable rows of a node; all of them must be announced"""
        rows = {r.prefix: r for r in self.node_routes(node) if r.advertised}
        for prefix in prefixes:
            if prefix not in rows:
                raise Refused(2, "route (%s) is not available on node %s: route is not available on node"
                              % (node.name, prefix))
        for prefix in prefixes:
            r = rows[prefix]
            r.enabled, r.updated_at = True, now()
            if prefix not in EXIT and not any(o.prefix == prefix and o.node is not node and o.advertised and o.enabled
                                              for o in self.routes.values()):
                r.primary = True

    # ---- lists

    def approve(self, node, prefixes):
        """make exactly these approved, in any band (for building worlds and for the control interface, too)"""
        if self.has_rows:
            for r in self.node_routes(node):
                if r.enabled and r.prefix not in prefixes:
                    r.enabled = False
                    self.fail_over(r)
            rows = {r.prefix: r for r in self.node_routes(node)}
            for prefix in prefixes:
                if prefix not in rows:
                    rows[prefix] = self.add_route(node, prefix)
            self.enable(node, [p for p in prefixes if not rows[p].enabled])
        else:
            node.approved = names.sorted_prefixes(prefixes, self.band)
            self.elect()

    def approved_now(self, node):
        return [p for p in node.announced if p in node.approved]

    def exits_of(self, node):
        """the exit prefixes it serves; up to 0.27.0 one of them stands for both"""
        exits = [p for p in self.approved_now(node) if p in EXIT]
        return list(EXIT) if exits and self.band < "F1" else exits

    def elect(self):
        """who serves each subnet route: the one that did, if it still can, else the lowest healthy id"""
        if self.has_rows:
            return
        able = {}
        for n in self.nodes.values():
            if n.online and n.announced and n.approved:
                for prefix in self.approved_now(n):
                    if prefix not in EXIT:
                        able.setdefault(prefix, []).append(n)
        serving = {}
        for prefix, candidates in able.items():
            before = self.nodes.get(self.serving.get(prefix))
            healthy = [n for n in candidates if not n.unhealthy]
            if before in candidates and (before in healthy or not healthy):
                serving[prefix] = before.id
            elif healthy:
                serving[prefix] = min(n.id for n in healthy)
        self.serving = serving

    def served_by(self, node):
        return names.sorted_prefixes((p for p, i in self.serving.items() if i == node.id), self.band)

    def routes_of(self, node):
        """{available, approved, serving}, the same in every band"""
        if self.has_rows:
            rows = self.node_routes(node)
            return {"available": [r.prefix for r in rows if r.advertised], "approved": [r.prefix for r in rows if r.enabled],
                    "serving": [r.prefix for r in rows if r.advertised and r.enabled and (r.primary or r.prefix in EXIT)]}
        return {"available": node.announced, "approved": node.approved,
                "serving": self.served_by(node) + self.exits_of(node)}
