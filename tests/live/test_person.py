"""Headscale's own command line used as a person: it talks to Ouroboros as if that were Headscale, and has one person's devices.

HEADSCALE_BIN is the server behind; HEADSCALE_CLIENT the command line, if that server is older than 0.30."""
import datetime
import secrets

import pytest
from harness import stack, upstream
from harness.tokens import Tokens

RULES = '{"keys": {"longest": "7d", "reusable": true, "ephemeral": true}, "extend_expiry": {"longest": "90d", "never": true}}'


@pytest.fixture
def person(workspace, real, github):
    """(ouroboros-web in front of the server, the command line of mia)"""
    binary = upstream.find()
    if binary is None:
        pytest.skip("no headscale with a command line of 0.30: set HEADSCALE_CLIENT")
    state = workspace.path / "state"
    web = stack.Web(workspace, real.over_http(), github, port=real.web_port, STATE_DIR=str(state), RULES=RULES)
    return web, upstream.CommandLine(binary, workspace.path, web.base, Tokens(state).make("mia"))


def made(real, name, user):
    """a device that is there"""
    key = real.key()
    real.create_node(name, user, key)
    real.cli("nodes", "register", "--user", user, "--key", key)
    return next(n for n in real.nodes() if n["name"].lower() == name.lower())


@pytest.fixture
def nodes(real, fresh):
    own, other = made(real, fresh("own"), "sink"), made(real, fresh("other"), "jim")
    stack.settle()
    return own, other


def test_sees_own_devices(person, real, nodes):
    web, cli = person
    own, other = nodes
    status, table, _ = cli.run("nodes", "list")
    assert status == 0 and own["given_name"] in table and other["given_name"] not in table
    shown = {int(n["id"]) for n in cli.json("nodes", "list")}
    assert shown == {n["id"] for n in real.nodes() if n["user"] == "sink"}
    assert other["id"] in {int(n["id"]) for n in cli.json("nodes", "list", "-u", "jim")}
    assert "user not found" in cli.fails("nodes", "list", "-u", "nobody")
    users = cli.json("users", "list")
    assert [u["name"] for u in users] == ["sink"]
    assert cli.run("health")[0] == 0


def test_changes_own_devices_only(person, real, nodes, fresh):
    web, cli = person
    (own, other), name = nodes, fresh("renamed")
    assert cli.run("nodes", "rename", "-i", str(own["id"]), name)[0] == 0
    assert real.node(own["id"])["given_name"] == name
    before = real.node(other["id"])
    for command in (("rename", "-i", str(other["id"]), "stolen"), ("expire", "-i", str(other["id"])),
                    ("delete", "-i", str(other["id"]), "--force"), ("approve-routes", "-i", str(other["id"]), "-r", "10.1.0.0/16")):
        assert "there is no such device, or it is not yours" in cli.fails("nodes", *command)
    assert real.node(other["id"]) == before
    assert "taken by another device" in cli.fails("nodes", "rename", "-i", str(own["id"]), other["given_name"])
    assert cli.run("nodes", "expire", "-i", str(own["id"]))[0] == 0
    assert real.node(own["id"])["expired"]
    assert cli.run("nodes", "delete", "-i", str(own["id"]), "--force")[0] == 0
    assert real.node(own["id"]) is None and real.node(other["id"]) == before


def test_puts_an_end_off(person, real, nodes):
    web, cli = person
    own, other = nodes
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
    text = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    if real.generation < "0.27":
        assert "0.27" in cli.fails("nodes", "expire", "-i", str(own["id"]), "-e", text)
        return
    assert cli.run("nodes", "expire", "-i", str(own["id"]), "-e", text)[0] == 0
    assert abs(real.node(own["id"])["expiry"] - until.timestamp()) < 2 and not real.node(own["id"])["expired"]
    too_far = (until + datetime.timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "extend_expiry" in cli.fails("nodes", "expire", "-i", str(own["id"]), "-e", too_far)


def test_adds_a_device(person, real, fresh):
    web, cli = person
    key, name = real.key(), fresh("added")
    real.create_node(name, "sink", key)
    assert "one of your own users" in cli.fails("auth", "register", "--auth-id", key, "--user", "jim")
    assert cli.run("auth", "register", "--auth-id", key, "--user", "sink")[0] == 0
    assert [n["user"] for n in real.nodes() if n["name"].lower() == name.lower()] == ["sink"]
    assert cli.run("auth", "register", "--auth-id", key, "--user", "sink")[0] != 0


def test_makes_and_ends_keys(person, real):
    web, cli = person
    key = cli.json("preauthkeys", "create", "--reusable", "-e", "24h")
    assert key["reusable"] and key["user"]["name"] == "sink" and len(key["key"]) >= 48
    listed = {k["id"]: k for k in cli.json("preauthkeys", "list")}
    assert key["id"] in listed and listed[key["id"]]["key"] != key["key"]
    assert "7 days" in cli.fails("preauthkeys", "create", "-e", "8d") or "rule" in cli.fails("preauthkeys", "create", "-e", "8d")
    assert cli.run("preauthkeys", "expire", "-i", key["id"])[0] == 0
    ended = {k["id"]: k for k in cli.json("preauthkeys", "list")}[key["id"]]
    assert datetime.datetime.fromisoformat(ended["expiration"]) <= datetime.datetime.now(datetime.timezone.utc)
    assert "no such key" in cli.fails("preauthkeys", "expire", "-i", "4711")


def test_is_told_what_is_not_its_business(person, real):
    web, cli = person
    before = real.cli("users", "list", "-o", "json")
    for command in (("users", "create", "eve"), ("users", "destroy", "-i", "1", "--force"), ("apikeys", "create"), ("policy", "get"),
                    ("nodes", "backfillips", "--force"), ("nodes", "tag", "-i", "1", "-t", "tag:web")):
        assert "administrator" in cli.fails(*command), command
    assert real.cli("users", "list", "-o", "json") == before


def test_a_wrong_token(person, real):
    web, cli = person
    cli.environment["HEADSCALE_CLI_API_KEY"] = "ouro_pat_%s_%s" % (secrets.token_hex(6), secrets.token_hex(32))
    assert "unknown, over or revoked" in cli.fails("nodes", "list")
