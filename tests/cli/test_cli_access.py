"""Who may do what, over the command line of a person: the table that library, pages and API are held to as well."""
import json
import urllib.request

import pytest
from harness import access

pytestmark = pytest.mark.breadth

# exit statuses; 1 is everything that has none of its own
OUTCOMES = {0: "ok", 3: "denied", 4: "not-found"}


def has(case):
    """the command line changes one route at a time; through an Ouroboros server, which is a Headscale 0.30 for it, a person sees
    no nodes of others and forgets no routes"""
    return case.action not in ("set-routes", "forget") and not (case.action == "see" and case.whose in ("others", "tagged"))


CASES = [("0.30", c) for c in access.TABLE if has(c)] + [("0.23", c) for c in access.of(credentials="all") if has(c)]


class CliWay:
    """Mia, with a token in a file"""

    def __init__(self, site):
        self.site, self.people, self._flips = site, {}, 0
        self.helper = site.headscale.add_node("helper")["id"]
        self.token = site.tokens.make("mia")

    def look_anew(self):
        """a change by her, after which the server's next list is a fresh one"""
        self._flips += 1
        request = urllib.request.Request(
            "%s/api/v1/node/%d/rename/helper-%d" % (self.site.web.base, self.helper, self._flips), method="POST",
            headers={"Authorization": "Bearer " + self.token})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert json.load(answer)["node"]["givenName"] == "helper-%d" % self._flips
        self.site.headscale.reset_calls()

    def words(self, action, target):
        node = str(target.id)
        return {
            "see": ("nodes", "show", node), "rename": ("nodes", "rename", node, target.new_name),
            "expire": ("nodes", "expire", node, "--yes"), "extend": ("nodes", "extend", node, "--for", "30d"),
            "delete": ("nodes", "delete", node, "--yes"), "register": ("register", "https://vpn.example.org" + target.link, "--no-wait"),
            "exit-on": ("exit-node", "on", node), "exit-off": ("exit-node", "off", node),
            "approve": ("routes", "approve", node, target.prefix), "withdraw": ("routes", "withdraw", node, target.prefix),
            "forget": ("routes", "forget", node, target.prefix), "list-keys": ("keys", "list"),
            "create-key": ("keys", "create"), "revoke-key": ("keys", "revoke", node, "--yes"),
        }[action]

    def attempt(self, action, target, scopes):
        if scopes not in self.people:
            self.people[scopes] = self.site.person("mia", scopes)
        self.look_anew()
        done = self.people[scopes].run(*self.words(action, target))
        if done.code == 1 and "has no way of" in done.err:
            return "unsupported"
        assert done.code in OUTCOMES, done
        return OUTCOMES[done.code]


@pytest.fixture(scope="module")
def table(site_with):
    """(world, way) of a version"""
    made = {}

    def find(version):
        if version not in made:
            site = site_with(version, rules=access.RULES)
            made[version] = access.World(site.headscale), CliWay(site)
        return made[version]
    return find


@pytest.mark.parametrize("version, case", CASES, ids=lambda part: str(part))
def test_access(table, version, case):
    world, way = table(version)
    access.check(world, case, way)
