"""Every operation of a person on the oldest and the newest generation; the server's own state is looked at after each."""
import base64
import dataclasses
import datetime
import hashlib
import json
import re

import pytest
from harness import stack
from harness.library import MIA, ouroboros
from harness.process import TESTS, wait_until
from ouroboros import (
    Action,
    Capability,
    ExitState,
    Filter,
    Identity,
    KeyState,
    NodeState,
    RegisterMethod,
    RouteFlag,
    Scope,
    Sort,
    Transport,
    Which,
)

UTC = datetime.timezone.utc
SUBNET, OTHER = "10.81.0.0/24", "10.82.0.0/24"
EXITS = ["0.0.0.0/0", "::/0"]


def now():
    return datetime.datetime.now(UTC)


def when(text):
    """a time of the simulator's, without its nanoseconds"""
    return datetime.datetime.fromisoformat(text[:19] + "+00:00")


def test_who(door):
    assert door.mia.identity == MIA and door.holder.identity is None
    assert door.mia.users == ("sink",) and door.holder.users == ()
    assert door.mia.scopes == Scope.ALL and door.mia.token is None
    assert [u.name for u in door.mia.server_users()] == ["sink"]
    assert {u.name: u.id for u in door.holder.server_users()} == {"sink": 1, "jim": 2, "ana": 3, "ops": 4}
    assert door.mia.may(Action.RENAME) and not door.holder.may(Action.TOKENS)


def test_status(door):
    door.tailnet.check()
    status, version = door.tailnet.status(), door.headscale.generation
    assert status.reachable and status.last_error == 0 and status.version == version
    assert status.transport == (Transport.GRPC if version == "0.23" else Transport.HTTP)
    assert abs(now() - status.answered) < datetime.timedelta(minutes=1) and status.since <= status.answered
    assert (Capability.FORGET_ROUTES in status.capabilities) == (version == "0.23")
    assert (Capability.KEYS_BY_ID in status.capabilities) == (version == "0.30")


def test_list(door):
    servers = {n["id"]: n for n in door.headscale.nodes()}
    nodes = door.mia.nodes()
    assert {n.id for n in nodes} >= {i for i, n in servers.items() if n["user"] == "sink"}
    assert nodes.total == nodes.mine_total == len(nodes) and not nodes.stale
    assert nodes.others_total == len(servers) - len(nodes) and now() - nodes.as_of < datetime.timedelta(minutes=1)
    assert nodes[0] == nodes.nodes[0] and list(nodes) == list(nodes.nodes) and nodes[:2] == nodes.nodes[:2]
    assert [n.name.lower() for n in nodes] == sorted(n.name.lower() for n in nodes)
    assert {n.id for n in door.mia.nodes(Which.ALL)} == set(servers)
    assert door.mia.nodes().generation == door.mia.nodes().generation != 0


def test_node_is_as_the_server_has_it(door):
    for its in door.headscale.nodes():
        node = door.mia.node(its["id"])
        assert (node.id, node.name, node.host_name) == (its["id"], its["given_name"], its["name"])
        assert (node.user_id, node.user_name) == (its["user_id"] or 0, its["user"] or "")
        assert list(node.addresses) == its["addresses"] and list(node.tags) == its["tags"]
        assert node.online == its["online"] and node.ephemeral == its["ephemeral"]
        assert node.expiry == (when(its["expiry"]) if its["expiry"] else None)
        assert node.created == when(its["created_at"]) and node.created.tzinfo is UTC
        state = NodeState.EXPIRED if its["expired"] else NodeState.ONLINE if its["online"] else NodeState.OFFLINE
        assert node.state == state
        routes = its["routes"]
        # servers up to 0.25 remember what was offered once: neither advertised nor approved
        assert {r.prefix for r in node.routes if r.flags & ~RouteFlag.EXIT} == {*routes["available"], *routes["approved"]}
        for route in node.routes:
            assert (route.advertised, route.approved) == (route.prefix in routes["available"], route.prefix in routes["approved"])
            assert route.exit == (route.prefix in EXITS)
        assert node.mine == (its["user"] == "sink" or its["tags"] == ["tag:backup"])
        assert node.kept == (its["tags"] == ["tag:backup"])
        assert isinstance(node.fingerprint, int) and node.fingerprint
    assert door.mia.node(door.headscale.named("exit-berlin")["id"]).exit_state == ExitState.ON
    assert door.mia.node(door.headscale.named("backup-1")["id"]).register_method == RegisterMethod.AUTH_KEY


def test_query(door):
    mia = door.mia
    assert [n.name for n in mia.nodes(search="exit-")] == ["exit-berlin"]
    assert {n.name for n in mia.nodes(Which.OTHERS, search="exit-")} >= {"exit-oslo", "exit-v4-only"}
    assert all(n.state == NodeState.EXPIRED for n in mia.nodes(Which.ALL, filter=Filter.EXPIRED))
    waiting = mia.nodes(filter=Filter.WAITING)
    assert "home-router" in [n.name for n in waiting]
    page = mia.nodes(Which.ALL, sort=Sort.OWNER, offset=2, limit=3)
    everything = mia.nodes(Which.ALL, sort=Sort.OWNER)
    assert len(page) == 3 and page.nodes == everything.nodes[2:5] and page.total == len(everything)


def test_equal_whenever_it_was_read(door):
    node = door.mia.node(door.headscale.named("exit-berlin")["id"])
    later = dataclasses.replace(node, as_of=node.as_of + datetime.timedelta(seconds=9), stale=not node.stale)
    assert later == node and hash(later) == hash(node)
    assert dataclasses.replace(node, online=not node.online) != node


def test_may(door):
    headscale = door.headscale
    kept, others, own = (door.mia.node(headscale.named(name)["id"]) for name in ("backup-1", "exit-oslo", "mia-laptop"))
    assert others.may == frozenset()
    assert own.may >= {Action.RENAME, Action.DELETE, Action.ROUTES, Action.EXTEND}
    assert kept.may == own.may - {Action.DELETE}


def test_rename(door, node):
    renamed = door.mia.rename(node["id"], "atlas-%d" % node["id"])
    assert renamed.name == "atlas-%d" % node["id"] == door.headscale.node(node["id"])["given_name"]
    assert renamed == door.mia.node(node["id"])
    with pytest.raises(ouroboros.Conflict):
        door.mia.rename(node["id"], "exit-oslo")
    with pytest.raises(ouroboros.Conflict):
        door.mia.check_name(node["id"], "exit-oslo")
    with pytest.raises(ouroboros.Invalid):
        door.mia.check_name(node["id"], "not a name")
    door.mia.check_name(node["id"], "quite-right")


def test_seen(door, node):
    """a decision that was based on something else is refused, by node and by fingerprint"""
    seen = door.mia.node(node["id"])
    assert door.mia.rename(node["id"], "first", seen=seen).name == "first"
    for basis in (seen, seen.fingerprint):
        with pytest.raises(ouroboros.Changed):
            door.mia.rename(node["id"], "second", seen=basis)
        with pytest.raises(ouroboros.Changed):
            door.mia.delete(node["id"], seen=basis)
    assert door.headscale.node(node["id"])["given_name"] == "first"


def test_expire(door, node):
    assert door.mia.expire(node["id"]).state == NodeState.EXPIRED
    wait_until(lambda: door.headscale.node(node["id"])["expired"], 3, "the server has logged it out")


def test_extend(door, node):
    end = now().replace(microsecond=0) + datetime.timedelta(days=30)
    if door.headscale.generation == "0.23":
        with pytest.raises(ouroboros.Unsupported):
            door.mia.extend(node["id"], end)
        return
    assert door.mia.extend(node["id"], end).expiry == end == when(door.headscale.node(node["id"])["expiry"])
    assert door.mia.extend(node["id"], None).expiry is None
    assert door.headscale.node(node["id"])["expiry"] is None
    with pytest.raises(ouroboros.Denied):
        door.mia.extend(node["id"], end + datetime.timedelta(days=90))
    with pytest.raises(ouroboros.Invalid):
        door.mia.extend(node["id"], now() - datetime.timedelta(days=1))


def test_limits(door):
    limit = door.mia.extend_limit()
    assert limit.never and abs(limit.until - now() - datetime.timedelta(days=90)) < datetime.timedelta(minutes=1)
    assert door.holder.extend_limit() == ouroboros.Ahead(None, True)
    assert abs(door.mia.token_limit().until - now() - datetime.timedelta(days=365)) < datetime.timedelta(minutes=1)
    assert door.holder.token_limit() is None
    keys = door.mia.key_limits()
    assert (keys.reusable, keys.ephemeral, keys.alive) == (True, True, 1000)
    assert abs(keys.until - now() - datetime.timedelta(days=7)) < datetime.timedelta(minutes=1)
    holders = door.holder.key_limits()
    assert holders.until is None and holders.alive is None
    with ouroboros.Directory({MIA.id: "sink"}, {"tokens": "off"}) as strict, \
            ouroboros.Portal(door.tailnet, strict) as portal, portal.person(MIA) as mia:
        assert mia.extend_limit() is mia.token_limit() is mia.key_limits() is None


def test_delete(door):
    gone = door.headscale.add_node("gone")
    assert door.mia.delete(gone["id"]) is None
    assert door.headscale.node(gone["id"]) is None
    with pytest.raises(ouroboros.NotFound):
        door.mia.delete(gone["id"])


def approved(door, node):
    return sorted(door.headscale.node(node["id"])["routes"]["approved"])


def test_exit_node(door, node):
    assert door.mia.exit_node(node["id"], True).exit_state == ExitState.ON
    assert approved(door, node) == EXITS
    assert door.mia.exit_node(node["id"], False).exit_state == ExitState.OFFERED
    assert approved(door, node) == []


def test_routes(door, node):
    route = next(r for r in door.mia.approve(node["id"], SUBNET).routes if r.prefix == SUBNET)
    assert route.flags == RouteFlag.ADVERTISED | RouteFlag.APPROVED | RouteFlag.SERVING and route.serving
    assert approved(door, node) == [SUBNET]
    door.mia.withdraw(node["id"], SUBNET)
    assert approved(door, node) == []


def test_forget(door, node):
    door.mia.approve(node["id"], SUBNET)
    door.headscale.change(node["id"], routes=[])
    if door.headscale.generation == "0.30":
        with pytest.raises(ouroboros.Unsupported):
            door.mia.forget(node["id"], SUBNET)
        return
    assert SUBNET not in [r.prefix for r in door.mia.forget(node["id"], SUBNET).routes]


def test_set_routes(door, node):
    door.mia.set_routes(node["id"], [SUBNET, *EXITS])
    assert approved(door, node) == sorted([SUBNET, *EXITS])
    door.mia.set_routes(node["id"], (p for p in [OTHER]))
    assert approved(door, node) == [OTHER]
    door.mia.set_routes(node["id"], ())
    assert approved(door, node) == []
    with pytest.raises(TypeError):
        door.mia.set_routes(node["id"], SUBNET)


def test_register(door):
    headscale = door.headscale
    device = headscale.announce("newcomer")
    parsed = ouroboros.parse_registration("  https://vpn.example.org%s \n" % device["path"])
    assert parsed.key in (device["key"], "mkey:" + device["key"].removeprefix("mkey:"))
    made = door.mia.register(parsed)
    assert made.user_name == "sink" and made.mine
    wait_until(lambda: headscale.device(device)["state"] == "in", 10, "the device is in")
    another = headscale.announce("another")
    with pytest.raises(ouroboros.NotFound):
        door.mia.register(another["path"], user="jim")
    assert door.jim.register(another["path"], user="jim").user_name == "jim"
    with pytest.raises(ouroboros.KeyUnknown):
        door.mia.register(device["path"].replace(device["key"][-4:], "0000"))
    for text in ("", "nothing of the kind", b"\xff\xfe", "https://vpn.example.org/auth/hskey-authreq-" + "a" * 24):
        with pytest.raises(ouroboros.Invalid):
            ouroboros.parse_registration(text)


def test_keys(door):
    end = now().replace(microsecond=0) + datetime.timedelta(days=2)
    new = door.mia.create_key(reusable=True, expires=end)
    assert new.text not in repr(new) and new.text in [k["key"] for k in door.headscale.keys()]
    assert (new.key.reusable, new.key.ephemeral, new.key.expiration, new.key.user_name) == (True, False, end, "sink")
    assert new.key.state == KeyState.ALIVE and new.key.hint and new.text.startswith(new.key.hint.rstrip("…."))
    assert new.key in door.mia.keys() and new.key not in door.jim.keys() and new.key in door.holder.keys()
    with pytest.raises(ouroboros.NotFound):
        door.jim.revoke_key(new.key.id)
    door.mia.revoke_key(new.key.id)
    assert new.text not in [k["key"] for k in door.headscale.keys()]
    hour = door.mia.create_key().key.expiration - now()
    assert datetime.timedelta(minutes=58) < hour < datetime.timedelta(minutes=61)
    with pytest.raises(ouroboros.Denied):
        door.mia.create_key(expires=now() + datetime.timedelta(days=8))


def test_person_as(door):
    with door.portal.person_as("jim") as jim:
        assert jim.users == ("jim",) and {n.id for n in jim.nodes()} == {n.id for n in door.jim.nodes()}
        with pytest.raises(ouroboros.NotFound):
            jim.rename(door.mia.nodes()[0].id, "stolen")
    with pytest.raises(ouroboros.NotFound):
        door.portal.person_as("nobody")


def test_audit(door, node):
    del door.audit[:]
    door.mia.rename(node["id"], "audited", address="192.0.2.7")
    with pytest.raises(ouroboros.NotFound):
        door.jim.expire(node["id"])
    done, refused = (json.loads(line) for line in door.audit)
    assert (done["action"], done["result"], done["node"], done["address"]) == ("rename", "ok", str(node["id"]), "192.0.2.7")
    assert (refused["action"], refused["result"], refused["address"]) == ("expire", "not-found", None)


def test_tokens(door):
    new = door.mia.create_token("backup script", Scope.READ | Scope.ROUTES, expires=now() + datetime.timedelta(days=3))
    assert re.fullmatch(r"ouro_pat_[0-9a-f]{12}_[0-9a-f]{64}", new.text) and new.text not in repr(new)
    assert (new.token.name, new.token.scopes, new.token.used) == ("backup script", Scope.READ | Scope.ROUTES, None)
    assert new.token in door.mia.tokens() and new.token not in door.jim.tokens()
    with door.portal.person_by_token(new.text) as limited:
        assert (limited.token, limited.scopes, limited.identity.id) == (new.token.id, Scope.READ | Scope.ROUTES, MIA.id)
        mine = limited.nodes()[0]
        assert mine.may == {Action.ROUTES, Action.EXIT_NODE}
        with pytest.raises(ouroboros.Denied, match="lacks the scope nodes"):
            limited.rename(mine.id, "more-than-it-may")
        with pytest.raises(ouroboros.Denied):
            limited.create_token("more")
        assert [t.id for t in limited.tokens()] == [new.token.id]
    assert next(t for t in door.mia.tokens() if t.id == new.token.id).used
    with pytest.raises(ouroboros.NotFound):
        door.jim.revoke_token(new.token.id)
    door.mia.revoke_token(new.token.id)
    texts = set()
    for wrong in (new.text, new.text[:-1], "", b"\0", "ouro_pat_" + "0" * 12 + "_" + "0" * 64):
        with pytest.raises(ouroboros.BadToken) as caught:
            door.portal.person_by_token(wrong)
        texts.add(caught.value.text)
    assert len(texts) == 1


def test_login_of_a_program(door):
    """both ways: a link that the program opens, and a code that a person types"""
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    begun = door.portal.begin_login("mias-laptop", challenge, scopes=Scope.READ | Scope.NODES, port=50000,
                                    lifetime=datetime.timedelta(days=30), address="192.0.2.1")
    assert begun.code == "" and begun.login.port == 50000
    with pytest.raises(ouroboros.Pending):
        door.portal.redeem_login(begun.login.id, verifier, "")
    seen = door.mia.find_login(begun.login.id)
    assert (seen.machine, seen.address, seen.lifetime) == ("mias-laptop", "192.0.2.1", datetime.timedelta(days=30))
    grant = door.mia.answer_login(begun.login.id, True)
    with pytest.raises(ouroboros.BadToken):
        door.portal.redeem_login(begun.login.id, "w" * 43, grant)
    new = door.portal.redeem_login(begun.login.id, verifier, grant)
    assert new.token.name == "mias-laptop" and new.token.scopes == Scope.READ | Scope.NODES
    typed = door.portal.begin_login("server", challenge)
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", typed.code) and typed.login.port == 0
    found = door.mia.find_login(typed.code.lower().replace("-", ""))
    assert door.mia.answer_login(found.id, False) == ""
    with pytest.raises(ouroboros.Refused):
        door.portal.redeem_login(typed.login.id, verifier)


def test_reload(door):
    """a directory that is reloaded holds for the next person; one that was got before keeps what it had"""
    with ouroboros.Directory({MIA.id: "sink"}) as directory, ouroboros.Portal(door.tailnet, directory) as portal:
        assert len(directory) == 1
        before = portal.person(MIA)
        directory.reload({1: "ana", "2": ["jim", "ops"]}, {"rename": False})
        assert len(directory) == 2
        assert before.may(Action.RENAME)
        with pytest.raises(ouroboros.Unmapped):
            portal.person(MIA)
        assert portal.person(Identity(2)).users == ("jim", "ops") and not portal.person(Identity(1)).may(Action.RENAME)
        before.close()


def test_node_that_came_late_is_seen(door):
    made = door.headscale.add_node("late")
    assert door.mia.node(made["id"]).name == "late"
    stack.ask("%s/nodes/%d" % (door.headscale.control, made["id"]), method="DELETE")
    with pytest.raises(ouroboros.NotFound):
        wait_until(lambda: door.mia.node(made["id"]) is None, 3, "it is gone")


def test_example_of_the_readme(door, capsys):
    """it runs as it is printed, but for the address"""
    readme = (TESTS.parent / "bindings" / "python" / "README.md").read_text()
    code = readme.partition("```python\n")[2].partition("```")[0]
    address = '"vpn.example.org:443", api_key'
    assert code.count(address) == 1
    headscale = door.headscale
    where = headscale.grpc if headscale.generation == "0.23" else headscale.http
    exec(code.replace(address, "address, api_key, plaintext=True"),
         {"address": where.rpartition("/")[2], "api_key": headscale.api_key})
    assert "mia-laptop ONLINE" in capsys.readouterr().out
