"""The cases of tests/access that another rule is for, over the API: a request by a token, against a server that has just that.

Left out is what the API has no word for (forgetting, the holder, tokens), what depends on a second (times ahead), and looking: a list
is up to two seconds old, and its cases are in the table."""
import itertools
import json

import pytest
from harness import access_folders, stack
from harness.process import wait_until
from harness.tokens import ALL

VERSION = "0.30"
ACTIONS = {
    "rename": lambda api, on, link, prefix: api.post("/node/%d/rename/another-name" % on),
    "expire": lambda api, on, link, prefix: api.post("/node/%d/expire" % on),
    "delete": lambda api, on, link, prefix: api.delete("/node/%d" % on),
    "exit-node": lambda api, on, link, prefix: api.post("/node/%d/approve_routes" % on, {"routes": access_folders.EXIT}),
    "approve": lambda api, on, link, prefix: api.post("/node/%d/approve_routes" % on, {"routes": [prefix]}),
    "withdraw": lambda api, on, link, prefix: api.post("/node/%d/approve_routes" % on, {"routes": []}),
    "keep": lambda api, on, link, prefix: api.post("/node/%d/approve_routes" % on, {"routes": []}),
    "register": lambda api, on, link, prefix: api.post("/node/register?key=" + link.rpartition("/")[2]),
    "list": lambda api, on, link, prefix: api.get("/preauthkey"),
    "revoke": lambda api, on, link, prefix: api.post("/preauthkey/expire", {"id": str(on)}),
}
OUTCOMES = {200: "ok", 400: "invalid", 403: "denied", 404: "not-found", 501: "unsupported"}


def users(folder):
    return tuple(u["name"] for u in folder.request.get("users", []))


def settings(folder):
    return folder.rules, users(folder)


def can_be_said(folder):
    if folder.unreal() or folder.request.get("holder") or not folder.fits(VERSION) or not users(folder):
        return False
    # what is no prefix, and exit prefixes, are another thing in a list of routes than in a request for one
    prefix = folder.request.get("prefix", "")
    odd = folder.action in ("approve", "withdraw") and (prefix.endswith("/0") or not access_folders.is_prefix(prefix))
    return folder.action in ACTIONS and not odd


FOLDERS = sorted(filter(can_be_said, access_folders.folders()), key=settings)
GROUPS = [(key, list(group)) for key, group in itertools.groupby(FOLDERS, settings)]


@pytest.fixture(scope="module")
def place(places, tmp_path_factory):
    path = tmp_path_factory.mktemp("settings") / "cfg.json"
    path.write_text(json.dumps({"user_map": stack.USER_MAP}))
    made = places(VERSION, world="empty", USER_MAP=None, RULES=None, arguments=["--config", str(path)])
    made.config, made.reloads = path, 0
    return made


def set_rules(place, rules, names):
    place.config.write_text(json.dumps({"user_map": {"19270622": list(names)}, "rules": json.loads(rules)}))
    before = place.web.process.log().count("reload")
    place.web.reload()
    wait_until(lambda: place.web.process.log().count("reload") > before, 5, "the settings are read again")
    assert "reload failed" not in place.web.process.log()


@pytest.mark.parametrize("group", GROUPS, ids=[g[1][0].name for g in GROUPS])
def test_folders(place, group):
    (rules, names), cases = group
    set_rules(place, rules, names)
    for folder in cases:
        staged = access_folders.Stage(place.headscale, folder).make()
        place.headscale.reset_calls()
        api = place.api("mia", folder.request.get("scopes", ALL))
        answer = ACTIONS[folder.action](api, staged.object, staged.link, folder.request.get("prefix"))
        expect = folder.expected(VERSION)
        assert OUTCOMES.get(answer.status) == expect, (folder.name, answer)
        if expect != "ok":
            assert place.headscale.writes() == [], folder.name


def test_most_can_be_said():
    assert len(FOLDERS) > 300 and len(GROUPS) > 20, (len(FOLDERS), len(GROUPS))
