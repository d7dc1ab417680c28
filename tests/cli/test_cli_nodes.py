"""Every command on nodes, in both ways."""
import csv
import io
import re

import pytest
from cli_place import VERSIONS
from harness.process import wait_until

FIELDS = {"id", "machineKey", "nodeKey", "discoKey", "ipAddresses", "name", "user", "lastSeen", "expiry", "preAuthKey", "createdAt",
          "registerMethod", "givenName", "online", "approvedRoutes", "availableRoutes", "subnetRoutes", "tags"}


def own(place):
    return {n["given_name"]: n for n in place.headscale.nodes() if n["user"] == "sink"}


def test_list(place):
    out = place.cli.ok("nodes", "list").out
    rows = out.splitlines()
    assert rows[0].split()[:4] == ["ID", "NAME", "STATE", "ADDRESS"]
    nodes = own(place)
    assert {row.split()[1] for row in rows[1:]} == set(nodes)
    assert "jims-iphone" not in out and "waits for approval" in out


def test_list_as_the_api_writes_it(place):
    answer = place.cli.json("nodes", "list")
    assert set(answer) == {"nodes"}
    nodes = {int(n["id"]): n for n in answer["nodes"]}
    for name, node in own(place).items():
        shown = nodes.pop(node["id"])
        assert set(shown) == FIELDS
        assert shown["givenName"] == name and shown["user"]["name"] == "sink" and shown["online"] == node["online"]
        assert sorted(shown["approvedRoutes"]) == sorted(node["routes"]["approved"])
    assert not nodes


def test_list_for_spreadsheets(place):
    rows = list(csv.DictReader(io.StringIO(place.cli.ok("nodes", "list", "-o", "csv").out)))
    assert list(rows[0]) == ["id", "name", "host_name", "state", "last_seen", "addresses", "owner", "expires", "routes", "tags"]
    assert {row["name"] for row in rows} == set(own(place))
    router = next(row for row in rows if row["name"] == "home-router")
    assert router["routes"] == "192.168.1.0/24, 192.168.2.0/24 waits for approval" and router["state"] == "online"


def test_filter_search_and_sort(place):
    waiting = place.cli.ok("nodes", "list", "--filter", "waiting", "-o", "csv").out
    assert [line.split(",")[1] for line in waiting.splitlines()[1:]] == ["home-router"]
    assert "old-thinkpad" in place.cli.ok("nodes", "list", "--filter=expired").out
    assert place.cli.ok("nodes", "list", "--search", "exit-ber").out.count("\n") == 2
    assert place.cli.ok("nodes", "list", "--search", "no such thing").out == "None of the nodes is like that.\n"
    names = [n["givenName"] for n in place.cli.json("nodes", "list", "--sort", "name")["nodes"]]
    assert names == sorted(names, key=str.lower)


def test_show_by_id_name_and_address(place):
    node = own(place)["exit-berlin"]
    for word in (str(node["id"]), "exit-berlin", "EXIT-Berlin", *node["addresses"]):
        out = place.cli.ok("nodes", "show", word).out
        assert "exit-berlin" in out and node["addresses"][0] in out and "Exit node" in out
    assert place.cli.json("nodes", "show", "exit-berlin")["node"]["id"] == str(node["id"])


def test_rename(place):
    node = place.device("old-name")
    done = place.cli.ok("nodes", "rename", "old-name", "new-name")
    assert done.out == "old-name is now called new-name.\n"
    assert place.now(node)["given_name"] == "new-name"
    taken = place.cli.run("nodes", "rename", str(node["id"]), "pixel-9")
    assert taken.code == 1 and "taken" in taken.err or "in use" in taken.err or "unique" in taken.err
    wrong = place.cli.run("nodes", "rename", str(node["id"]), "not a name")
    assert wrong.code == 1 and wrong.out == ""
    assert place.now(node)["given_name"] == "new-name"
    assert place.cli.json("nodes", "rename", str(node["id"]), "json-name")["node"]["givenName"] == "json-name"


def test_expire_and_delete_want_a_yes(place):
    made = place.devices({"ask-a": {}, "ask-b": {}})
    for verb in ("expire", "delete"):
        done = place.cli.run("nodes", verb, "ask-a", "ask-b", input="y\ny\n")
        assert done.code == 2 and "--yes" in done.err
    assert all(place.now(n) and not place.now(n)["expired"] for n in made.values())


def test_expire(place):
    node = place.device("out", online=True)
    assert "out is logged out" in place.cli.ok("nodes", "expire", "out", "--yes").out
    wait_until(lambda: place.now(node)["expired"], 3, "the server has logged it out")


def test_delete_several(place):
    made = place.devices({"gone-1": {}, "gone-2": {}, "stays": {}})
    done = place.cli.run("nodes", "delete", "-y", "gone-1", "no-such-node", "gone-2")
    assert done.code == 4 and "gone-1 is removed." in done.out and "gone-2 is removed." in done.out
    assert [place.now(n) is None for n in made.values()] == [True, True, False]


def test_extend(place):
    node = place.device("longer", expiry=3600)
    for wrong in ([], ["--never", "--for", "1d"], ["--for", "soon"], ["--until", "tomorrow"]):
        assert place.cli.run("nodes", "extend", "longer", *wrong).code == 2
    done = place.cli.run("nodes", "extend", "longer", "--for", "90d")
    if place.version == "0.23":
        assert done.code == 1 and "0.27" in done.err
        return
    assert done.code == 0 and done.out == "longer has to log in again in 90 days.\n"
    assert place.now(node)["expiry"] is not None
    place.cli.ok("nodes", "extend", "longer", "--never")
    assert place.now(node)["expiry"] is None


def test_others_are_as_good_as_missing(place):
    node = place.headscale.named("jims-iphone")
    before = place.now(node)
    for words in (["nodes", "rename", "{}", "stolen"], ["nodes", "delete", "-y", "{}"], ["nodes", "expire", "-y", "{}"],
                  ["exit-node", "on", "{}"], ["routes", "approve", "{}", "10.0.0.0/24"], ["nodes", "show", "{}"]):
        for word in (str(node["id"]), "jims-iphone", "100000"):
            done = place.cli.run(*[w.format(word) for w in words])
            assert done.code == 4 and "not yours" in done.err, (words, word, done)
    assert place.now(node) == before


def test_exit_node(place):
    subnet = "10.77.0.0/24"
    node = place.device("way-out", online=True, routes=["0.0.0.0/0", "::/0", subnet], approved=[subnet])
    assert place.cli.ok("exit-node", "on", "way-out").out == "way-out is an exit node.\n"
    assert sorted(place.now(node)["routes"]["approved"]) == ["0.0.0.0/0", subnet, "::/0"]
    assert place.cli.ok("exit-node", "off", "way-out").out == "way-out is no longer an exit node.\n"
    assert place.now(node)["routes"]["approved"] == [subnet]
    assert place.cli.run("exit-node", "on", "mia-laptop").code == 1


def test_routes(place):
    one, two = "10.81.0.0/24", "10.82.0.0/24"
    node = place.device("router", online=True, routes=[one, two])
    listed = place.cli.ok("routes", "list", "router").out
    assert listed.count("waits") == 2 and one in listed
    assert "is approved" in place.cli.ok("routes", "approve", "router", one, two).out
    assert sorted(place.now(node)["routes"]["approved"]) == [one, two]
    assert "is not approved any more" in place.cli.ok("routes", "withdraw", "router", two).out
    assert place.now(node)["routes"]["approved"] == [one]
    shown = {r["prefix"]: r for r in place.cli.json("routes", "list")["routes"] if r["givenName"] == "router"}
    assert (shown[one]["approved"], shown[two]["approved"], shown[two]["available"]) == (True, False, True)
    whole = place.cli.run("routes", "approve", "router", "0.0.0.0/0")
    assert whole.code != 0 and "exit-node" in whole.err


def test_forget(place):
    prefix = "10.84.0.0/24"
    node = place.device("moved", online=True, routes=[prefix], approved=[prefix])
    place.headscale.change(node["id"], routes=[])
    done = place.cli.run("routes", "forget", "moved", prefix)
    # as a person it is a 0.30 that is spoken to, which knows of no such thing
    if place.version == "0.23" and place.way == "operator":
        assert done.code == 0 and done.out == "moved: %s is forgotten.\n" % prefix
    else:
        assert done.code in (1, 4) and done.err and done.out == ""


def test_register(place):
    device = place.headscale.announce("new-%s-%s" % (place.version.replace(".", "-"), place.way))
    done = place.cli.ok("register", "https://vpn.example.org" + device["path"])
    assert "is registered as sink" in done.out and "It is online." in done.out
    wait_until(lambda: place.headscale.device(device)["state"] == "in", 10, "the device is in")
    assert place.headscale.node(place.headscale.device(device)["node_id"])["user"] == "sink"
    assert place.cli.run("register", "https://vpn.example.org" + device["path"], "--no-wait").code in (1, 4)
    assert place.cli.run("register", "no key at all").code == 1


def test_keys(place):
    made = place.cli.ok("keys", "create", "--for", "2d", "--reusable").out.splitlines()
    key = made[0]
    assert "shown once" in made[2] and made[3].startswith("  tailscale up --login-server=http") and made[3].endswith("--auth-key=" + key)
    listed = place.cli.ok("keys", "list").out
    assert "several devices" in listed and key not in listed
    rows = [k for k in place.cli.json("keys", "list")["preAuthKeys"] if not k["used"]]
    newest = max(rows, key=lambda k: int(k["id"]))
    assert newest["reusable"] and newest["user"]["name"] == "sink"
    assert place.cli.run("keys", "revoke", newest["id"]).code == 2
    assert "is ended" in place.cli.ok("keys", "revoke", newest["id"], "--yes").out
    assert place.cli.run("keys", "revoke", "99999", "--yes").code == 4
    assert place.cli.run("keys", "revoke", "abc", "--yes").code == 2
    once = place.cli.json("keys", "create", "--ephemeral")["preAuthKey"]
    assert once["ephemeral"] and not once["reusable"] and len(once["key"]) > 20


def test_whoami(place):
    told = place.cli.json("whoami")
    assert told["role"] == place.way and told["users"] == ["sink"]
    assert told["version"] == ("0.30" if place.way == "person" else place.version)
    assert "sink" in place.cli.ok("whoami").out


def test_ambiguous_names_are_listed(place):
    made = [place.headscale.add_node("twin-%d" % i, user="sink", given_name="twin") for i in range(2)]
    try:
        if place.way == "person":
            place.devices({})
        done = place.cli.run("nodes", "delete", "--yes", "twin")
        assert done.code == 1 and "several nodes are called twin" in done.err
        assert all(str(n["id"]) in done.err for n in made) and all(place.now(n) for n in made)
        assert place.cli.ok("nodes", "show", str(made[1]["id"])).out
    finally:
        for n in made:
            place.headscale.remove(n["id"])


def test_what_looks_like_an_id_is_an_id(place):
    other = own(place)["pixel-9"]
    node = place.headscale.add_node("numbered", user="sink", given_name=str(other["id"]))
    try:
        place.devices({})
        assert "pixel-9" in place.cli.ok("nodes", "show", str(other["id"])).out
    finally:
        place.headscale.remove(node["id"])


@pytest.mark.parametrize("name, shown", [
    ("a\x1b[31mred\x07", "a\\x1b[31mred\\x07"), ("abc\u202egnp.exe", "abc\\u202egnp.exe"), ("z\u200bw", "z\\u200bw"),
    ("c1\x9b2J", "c1\\x9b2J"), ("tag\U000e0041", "tag\\u{e0041}"), ("bell\\n", "bell\\\\n"), ("büro", "büro"), ("日本語", "日本語"),
])
def test_hostile_names(newest, name, shown):
    node = newest.headscale.add_node("hostile", user="sink", given_name=name)
    try:
        cli = newest.operator()
        for words in (["nodes", "list"], ["nodes", "show", str(node["id"])], ["nodes", "list", "-o", "csv"],
                      ["nodes", "delete", str(node["id"])]):
            done = cli.run(*words)
            text = done.out + done.err
            assert shown in text or words[1] == "delete", words
            bad = [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or ord(c) in (0x202e, 0x200b, 0xe0041))]
            assert not bad, (words, bad)
        done = cli.ok("nodes", "list", "-o", "json")
        assert any(n["givenName"] == name for n in done.json()["nodes"])
        assert not [c for c in done.out if c != "\n" and (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or ord(c) in (0x202e, 0x200b, 0xe0041))]
    finally:
        newest.headscale.remove(node["id"])


def test_the_operator_sees_everybody(newest):
    cli = newest.operator()
    assert {n["givenName"] for n in cli.json("nodes", "list")["nodes"]} == {n["given_name"] for n in newest.headscale.nodes()}
    done = cli.run("keys", "create")
    assert done.code == 2 and "--user" in done.err and "  jim\n" in done.err
    assert "several devices" not in cli.ok("keys", "create", "--user", "jim").out
    assert newest.operator("--as", "nobody").run("nodes", "list").code == 4


@pytest.mark.parametrize("version", VERSIONS)
def test_a_list_over_the_socket_loads_nothing_it_does_not_need(site_of, version):
    """what a program loads it pays for at every start; LD_DEBUG is the dynamic linker's own report"""
    done = site_of(version).operator().ok("nodes", "list", LD_DEBUG="files")
    loaded = set(re.findall(r"calling init: \S*/(lib[a-z0-9]+)", done.err))
    assert {"libc", "libouroboros", "libjansson"} <= loaded
    spoken = {"libnghttp2"} if version == "0.23" else set()  # gRPC
    assert not loaded & ({"libcrypto", "libssl", "libnghttp2", "libcurl", "libsqlite3", "libpq", "libqrencode"} - spoken), loaded


def test_scopes_and_rules_deny(make_site):
    site = make_site("0.30", rules={"delete": False})
    node = site.headscale.named("pixel-9")
    look = site.person(scopes=("read",))
    assert "pixel-9" in look.ok("nodes", "list").out
    done = look.run("nodes", "rename", "pixel-9", "other")
    assert done.code == 3 and "lacks the scope nodes" in done.err
    done = site.person().run("nodes", "delete", "-y", "pixel-9")
    assert done.code == 3 and "the rule delete" in done.err
    assert site.headscale.node(node["id"]) == node
