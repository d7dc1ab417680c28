"""The calls about the policy, about SSH checks, and about the server itself."""
from . import policy
from .names import Refused
from .records import now
from .times import put_time


class Policy:
    def GetPolicy(self, request):
        if self.world.policy_text is None:
            raise Refused(2, "loading ACL from database: acl policy not found")
        out = self.response("GetPolicy", policy=self.world.policy_text)
        put_time(out.updated_at, self.world.policy_time)
        return out

    def SetPolicy(self, request):
        self.world.policy = policy.check(request.policy, self.band)
        self.world.policy_text, self.world.policy_time = request.policy, now()
        out = self.response("SetPolicy", policy=request.policy)
        put_time(out.updated_at, self.world.policy_time)
        return out

    def CheckPolicy(self, request):
        try:
            policy.check(request.policy, self.band)
        except Refused as e:
            raise Refused(3, e.text.removeprefix("setting policy: ")) from None
        return self.response("CheckPolicy")

    def Health(self, request):
        return self.response("Health", database_connectivity=True)

    def BackfillNodeIPs(self, request):
        if not request.confirmed:
            raise Refused(2, "not confirmed, aborting")
        return self.response("BackfillNodeIPs")

    # ---- what waits for a verdict

    def _verdict(self, request, verdict):
        try:
            self.world.check_key(request.auth_id)
        except Refused as e:
            raise Refused(3, "invalid auth_id: " + e.text) from None
        pending = self.world.pending.get(request.auth_id)
        if pending is None:
            raise Refused(5, "no pending auth session for auth_id " + request.auth_id)
        if pending.ssh:
            pending.verdict = pending.verdict or verdict
        else:
            # a registration stays where it is, its client is only handed a new link
            self.world.on_verdict(pending)

    def AuthApprove(self, request):
        self._verdict(request, "approved")
        return self.response("AuthApprove")

    def AuthReject(self, request):
        self._verdict(request, "rejected")
        return self.response("AuthReject")
