"""The calls about nodes and their registration."""
from . import names
from .names import Crash, Refused
from .records import UNSPECIFIED, ZERO, Node, Pending, now
from .times import get_time, put_time

TAGGED_DEVICES = 2147455555


class Nodes:
    def node(self, n, online=None, listed=False):
        """online None: as answers to changes show it; listed: as lists show it"""
        if online is None:
            # up to 0.26 only GetNode and ListNodes know
            online = self.world.shown_online(n) if self.band >= "F" else False
        m = self.wire.Node(id=n.id, machine_key="mkey:" + n.machine_key, node_key="nodekey:" + n.node_key,
                           disco_key="discokey:" + n.disco_key, ip_addresses=[a for a in (n.ipv4, n.ipv6) if a],
                           name=n.name, given_name=n.given_name, online=online, register_method=n.method)
        if listed and n.tags and self.band >= "G":
            m.user.id, m.user.name, m.user.display_name = TAGGED_DEVICES, "tagged-devices", "Tagged Devices"
            put_time(m.user.created_at, ZERO)
        elif n.user is not None:
            m.user.CopyFrom(self.user(n.user))
        if n.last_seen is not None:
            put_time(m.last_seen, n.last_seen)
        if n.expiry is not None:
            put_time(m.expiry, n.expiry)
        put_time(m.created_at, n.created_at)
        if n.pak:
            m.pre_auth_key.CopyFrom(self.preauthkey(n.pak, tags=() if self.band < "C" else None))
        self._put_tags(m, n, listed)
        if self.band >= "E":
            m.approved_routes.extend(n.approved)
            m.available_routes.extend(n.announced)
            if listed:
                m.subnet_routes.extend(self.world.served_by(n))
                m.subnet_routes.extend(self.world.exits_of(n))
        return m

    def _put_tags(self, m, n, listed):
        if self.band >= "G":
            m.tags.extend(n.tags)
            return
        m.forced_tags.extend(n.tags)
        if not listed:
            return
        if self.band < "C":
            m.valid_tags.extend(n.valid_tags)
            m.invalid_tags.extend(n.invalid_tags)
        else:
            m.valid_tags.extend(sorted(set(n.tags) | set(n.valid_tags)))

    def find_node(self, node_id, code=2, stored=False):
        """up to 0.26 id 0 leaves the condition out of the server's query: it finds the node with the lowest id.
        stored: the words of the calls that change a node since 0.27"""
        nodes = self.world.nodes
        if self.band < "F":
            if node_id == 0 and nodes:
                return nodes[min(nodes)]
            refusal = Refused(code, "record not found")
        elif stored:
            refusal = Refused(code, ("node not found in NodeStore: %d" if self.band < "G" else
                                     "node no longer exists in NodeStore: %d") % node_id)
        else:
            refusal = Refused(5, "node not found")
        if node_id not in nodes:
            raise refusal
        return nodes[node_id]

    # ---- reading

    def GetNode(self, request):
        n = self.find_node(request.node_id)
        return self.response("GetNode", node=self.node(n, online=self.world.shown_online(n)))

    def ListNodes(self, request):
        nodes, listed = self.world.nodes.values(), True
        if request.user:
            fault = names.user_name_fault(request.user, self.band) if self.band < "C" else None
            if fault:
                raise Refused(2, fault)
            nodes = self.world.owned(self.world.user_by_name(request.user))
            # a filtered list of 0.23 has no requested tags
            listed = self.band >= "C"
        return self.response("ListNodes", nodes=[self.node(n, online=self.world.shown_online(n), listed=listed)
                                                 for n in nodes])

    # ---- changing

    def SetTags(self, request):
        if self.band >= "G" and not request.tags:
            raise Refused(3, "cannot remove all tags from a node - tagged nodes must have at least one tag")
        for tag in request.tags:
            fault = names.tag_fault(tag, self.band)
            if fault:
                raise Refused(2, fault)
        n = self.find_node(request.node_id, code=3, stored=self.band < "G")
        if self.band >= "G":
            unknown = [t for t in request.tags if t not in (self.world.policy.get("tagOwners") or {})]
            if unknown:
                raise Refused(3, "requested tags [%s] are invalid or not permitted" % " ".join(unknown))
            n.tags = sorted(set(request.tags))
            if self.band >= "H":
                n.user = None
        elif request.node_id:
            if not request.tags:
                self.world.keep_unstored(n, "tags", n.tags)
            else:
                n.unstored.pop("tags", None)
            n.tags = list(dict.fromkeys(request.tags))
        return self.response("SetTags", node=self.node(n))

    def DeleteNode(self, request):
        self.world.delete_node(self.find_node(request.node_id))
        return self.response("DeleteNode")

    def ExpireNode(self, request):
        expiry = now()
        if self.band >= "F1":
            expiry = get_time(request, "expiry", expiry)
        if self.band >= "H" and request.disable_expiry:
            if request.HasField("expiry"):
                raise Refused(3, "cannot set both disable_expiry and expiry")
            expiry = None
        n = self.find_node(request.node_id, stored=True)
        if request.node_id:
            self.world.keep_unstored(n, "expiry", n.expiry)
            n.expiry = expiry
        elif self.band >= "D":
            raise Crash("ExpireNode of id 0")
        return self.response("ExpireNode", node=self.node(n))

    def RenameNode(self, request):
        fault = names.given_name_fault(request.new_name, self.band)
        if fault:
            raise Refused(2, "renaming node: " + fault)
        others = [n for n in self.world.nodes.values() if n.given_name == request.new_name]
        if self.band >= "F":
            n = self.find_node(request.node_id, stored=True)
            others = [o for o in others if o is not n]
        if others:
            raise Refused(2, ("name is not unique: " if self.band < "G" else "node name is not unique: ") + request.new_name)
        n = self.find_node(request.node_id, stored=True)
        if request.node_id:
            n.given_name = request.new_name
        return self.response("RenameNode", node=self.node(n))

    def MoveNode(self, request):
        if self.band >= "F" and request.node_id not in self.world.nodes:
            raise Refused(2, "node not found: %d" % request.node_id)
        n = self.find_node(request.node_id)
        try:
            user = self.world.user_by_name(request.user) if self.band < "E" else self.world.user_by_id(request.user)
        except Refused as e:
            raise Refused(e.code, "user not found: " + e.text if self.band >= "F" else e.text) from None
        n.user = user
        return self.response("MoveNode", node=self.node(n))

    # ---- registration

    def DebugCreateNode(self, request):
        w = self.world
        user = w.user_by_name(request.user)
        routes = [names.parse_prefix(r) for r in request.routes]
        w.check_key(request.key)
        p = Pending(key=request.key, host=request.name, debug=True, node_key=w.hex_key(), routes=routes,
                    machine_key=request.key[5:] if self.band < "D" else w.hex_key())
        w.pending[p.key] = p
        shown = Node(machine_key=p.machine_key, node_key=p.node_key, name=p.host, user=user, last_seen=ZERO, expiry=ZERO,
                     created_at=ZERO, method=UNSPECIFIED, announced=routes)
        return self.response("DebugCreateNode", node=self.node(shown))

    def RegisterNode(self, request):
        return self.response("RegisterNode", node=self.node(self.world.register(request.key, request.user)))

    def AuthRegister(self, request):
        return self.response("AuthRegister", node=self.node(self.world.register(request.auth_id, request.user)))
