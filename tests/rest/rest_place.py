"""A simulated server, ouroboros-web with a store in front of it, and people with tokens."""
import json

from harness import stack
from harness.api import Api
from harness.tokens import ALL, Tokens

VERSIONS = ("0.23", "0.27", "0.30")
RULES = {"keys": {"longest": "7d", "reusable": True, "ephemeral": True, "alive": 100},
         "extend_expiry": {"longest": "90d", "never": True},
         "keepers": {"tag:backup": ["sink"], "tag:web": {"users": ["sink"], "remove": True}}}


class Place:
    """a server, ouroboros-web in front of it, and who may come in"""

    def __init__(self, workspace, github, version="0.30", rules=None, world="demo", ways=None, **environment):
        self.version = version
        self.headscale = stack.Headscale(workspace, version, world=world, ways=ways or ("http",))
        self.state_dir = workspace.path / ("state-%s" % id(self))
        self.web = stack.Web(workspace, self.headscale.by((ways or ("http",))[0]), github, **{
            "STATE_DIR": str(self.state_dir), "RULES": json.dumps(RULES if rules is None else rules), **environment})
        self.tokens = Tokens(self.state_dir)
        self._kept = {}

    def api(self, account="mia", scopes=ALL, token=None):
        """somebody with a token of these scopes"""
        who = account, tuple(scopes)
        if token is None and who not in self._kept:
            self._kept[who] = self.tokens.make(account, scopes)
        return Api(self.web.base, token or self._kept[who])

    def stranger(self):
        return Api(self.web.base)

    def now(self, node):
        """a device as the server has it"""
        return self.headscale.node(node["id"])

    def device(self, name, user="sink", **values):
        """a device that the next look shows"""
        node = self.headscale.add_node(name, user, **values)
        stack.settle()
        return node

    def devices(self, **wanted):
        """several at once"""
        made = {name: self.headscale.add_node(name.replace("_", "-") + "-x", **values) for name, values in wanted.items()}
        stack.settle()
        return made
