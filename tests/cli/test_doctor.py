"""`ouroboros doctor` in front of a whole installation: as it should be nothing is said; each fault gives its finding and no other."""
import json
import os
import pathlib
import re
import sqlite3
import subprocess

import pytest
from harness import caddy, stack
from harness.certs import Authority
from harness.process import ReservedPort, Workspace, build_directory, free_port, plain_environment
from harness.session import *  # noqa: F403
from harness.tokens import Tokens

HOST = "localhost"
DAY = 86400
# What makes an installation one that nobody has to say anything about.
CALM = {"RULES": '{"routes": ["10.0.0.0/8", "192.168.0.0/16"]}', "TRUSTED_PROXIES": "127.0.0.1"}


def program():
    return pathlib.Path(build_directory()).resolve() / "frontends" / "cli" / "ouroboros"


class Doctor:
    """one run"""

    def __init__(self, settings, *arguments, cwd=None, secrets=()):
        done = subprocess.run([program(), "doctor", "--json", *arguments], env=plain_environment(**settings), cwd=cwd,
                              capture_output=True, text=True, timeout=60, check=False)
        self.code, self.errors = done.returncode, done.stderr
        assert done.stdout, done.stderr
        self.all = json.loads(done.stdout)
        self.findings = self.all["findings"]
        levels = [f["level"] for f in self.findings]
        assert (self.all["ok"], self.all["notes"], self.all["wrong"]) == tuple(map(levels.count, ("ok", "note", "wrong")))
        assert self.code == (1 if "wrong" in levels else 0), (self.code, done.stderr)
        for secret in secrets:
            assert secret not in done.stdout + done.stderr
        for f in self.findings:
            assert f["text"] and "\n" not in f["text"] + f["advice"]
            assert f["level"] == "ok" or f["advice"] or f["topic"] == "settings", f

    def trouble(self):
        """what is not ok: [(level, topic)]"""
        return [(f["level"], f["topic"]) for f in self.findings if f["level"] != "ok"]

    def only(self, level, topic, *texts):
        """the one thing that is not ok"""
        assert self.trouble() == [(level, topic)], json.dumps(self.findings, indent=1)
        found = next(f for f in self.findings if f["level"] != "ok")
        for text in texts:
            assert text in found["text"] + " -> " + found["advice"], found
        return found

    def text(self, topic):
        return " ".join(f["text"] for f in self.findings if f["topic"] == topic)


class Installation:
    """Headscale, ouroboros-web and a web server in front that has rules for both; TLS, one port"""

    def __init__(self, workspace, headscale, github, authority, rules=None, days=None, port=None, web_port=None, **settings):
        self.workspace, self.headscale, self.github = workspace, headscale, github
        self.port, self.web_port = port or free_port(), web_port or free_port()
        self.origin = "https://%s:%d" % (HOST, self.port)
        place = headscale.http.partition("//")[2]
        # without gRPC nothing listens there, and nobody else may begin to
        self.closed = None if headscale.grpc else ReservedPort()
        grpc = headscale.grpc or "127.0.0.1:%d" % self.closed.number
        self.proxy = caddy.Caddy(workspace, authority, HOST, grpc, "127.0.0.1:%d" % self.web_port, place, self.port,
                                 rules or caddy.packaged(), days)
        self.settings = {
            "HS_IS_REMOTE": "true", "HS_ADDRESS": "%s:%d" % (HOST, self.port), "HS_API_KEY": headscale.api_key,
            "HS_CA_FILE": authority.ca_file, "HS_LOGIN_URL": self.origin, "BASE_URL": self.origin + "/ouroboros",
            "GH_CLIENT_ID": stack.CLIENT_ID, "GH_CLIENT_SECRET": stack.CLIENT_SECRET, "SESSION_KEY": stack.new_session_key(),
            "USER_MAP": json.dumps(stack.USER_MAP), "LISTEN": "127.0.0.1:%d" % self.web_port,
            "STATE_DIR": str(workspace.path / ("state-%d" % self.port)), **CALM,
            **github.environment(), **settings}
        self.settings = {k: v for k, v in self.settings.items() if v is not None}
        self.web = stack.Web(workspace, None, None, port=self.web_port, **self.settings)

    def doctor(self, *arguments, **changes):
        settings = {k: v for k, v in {**self.settings, **changes}.items() if v is not None}
        secrets = [settings[k].partition(":")[2] or settings[k] for k in ("HS_API_KEY", "SESSION_KEY") if k in settings]
        return Doctor(settings, *arguments, cwd=self.workspace.path, secrets=[*secrets, stack.CLIENT_SECRET])


@pytest.fixture(scope="module")
def space():
    with Workspace() as workspace:
        yield workspace


@pytest.fixture(scope="module")
def authority(space):
    return Authority(space, days=90)


@pytest.fixture(scope="module")
def servers(space):
    """a Headscale a generation, made when first asked for"""
    made = {}

    def get(generation="0.29"):
        if generation not in made:
            ways = ("http",) if generation == "0.30" else ("grpc", "http")
            made[generation] = stack.Headscale(space, generation, world="demo", ways=ways, http=True)
        made[generation].calm()
        stack.ask(made[generation].control + "/settings", {"clock": 0})
        made[generation].reset_calls()
        return made[generation]
    return get


@pytest.fixture
def install(workspace, github, authority, servers):
    def make(generation="0.29", **settings):
        settings.setdefault("github", github)
        return Installation(workspace, servers(generation), authority=authority, **settings)
    return make


@pytest.fixture(scope="module")
def sound(space, github, authority, servers):
    """one that is as it should be, for tests that change only what the doctor is told"""
    return Installation(space, servers(), github, authority)


@pytest.mark.parametrize("generation", ["0.23", "0.26", "0.29", "0.30"])
def test_as_it_should_be(install, generation):
    found = install(generation).doctor()
    assert found.trouble() == [], json.dumps(found.findings, indent=1)
    assert found.code == 0
    assert {f["topic"] for f in found.findings} >= {"settings", "rules", "session key", "listen", "proxies", "address",
                                                     "headscale", "api key", "people", "ouroboros-web", "proxy", "github",
                                                     "callback", "store", "clock"}
    assert generation in found.text("headscale")
    assert "HTTP" in found.text("headscale") if generation == "0.30" else "gRPC" in found.text("headscale")
    assert "ends on 20" in found.text("api key")
    assert "come as they were sent" in found.text("proxy")


def test_nothing_is_changed(sound):
    before = stack.ask(sound.headscale.control + "/state")
    sound.headscale.reset_calls()
    sound.doctor()
    assert sound.headscale.writes() == []
    after = stack.ask(sound.headscale.control + "/state")
    assert after["users"] == before["users"] and after["api_keys"] == before["api_keys"]
    assert after["pre_auth_keys"] == before["pre_auth_keys"]
    assert sound.github.requests()["counts"]["token"] == 0


# ---- the proxy

def test_register_is_not_routed(install):
    rules = caddy.packaged().replace(" /register/*", "")
    found = install(rules=rules).doctor().only("wrong", "proxy", "/register/… goes to Headscale", "send /register/* to Ouroboros")
    assert "HTTP 400" in found["text"] or "HTTP 404" in found["text"]


def test_register_confirm_comes_to_us(install):
    install(rules=caddy.SEED).doctor().only("note", "proxy", "/register/confirm/… goes to Ouroboros",
                                            "send /register/confirm/* to Headscale")


def test_pages_are_not_routed(install):
    rules = caddy.packaged().replace("/ouroboros /ouroboros/* ", "")
    install(rules=rules).doctor().only("wrong", "proxy", "/ouroboros/auth: HTTP 404, and not from Ouroboros",
                                       "send /ouroboros/* to Ouroboros")


def test_everything_is_ours(install):
    found = install(rules="\treverse_proxy %(web)s\n").doctor()
    texts = [f["text"] for f in found.findings if f["topic"] == "proxy" and f["level"] != "ok"]
    assert any("/key goes to Ouroboros: no client can log in" in text for text in texts), texts
    assert any("/register/confirm/… goes to Ouroboros" in text for text in texts), texts


def test_the_path_is_cut(install):
    rules = "\thandle_path /ouroboros/* {\n\t\treverse_proxy %(web)s\n\t}\n" + caddy.SEED.replace(
        "reverse_proxy /ouroboros/*", "reverse_proxy /nowhere/*") + "\treverse_proxy /register/confirm/* %(headscale)s\n"
    install(rules=rules).doctor().only("wrong", "proxy", "Ouroboros answers 404", "pass paths on whole")


def test_the_host_is_changed(install):
    rules = caddy.packaged().replace("reverse_proxy %(web)s", "reverse_proxy %(web)s {\n\t\t\theader_up Host inner.test\n\t\t}")
    install(rules=rules).doctor().only("wrong", "proxy", "another host name than localhost", "keep the Host header")


def test_redirects_are_changed(install):
    rules = caddy.packaged().replace(
        "reverse_proxy %(web)s", "reverse_proxy %(web)s {\n\t\t\theader_down Location ^/ouroboros http://inner.test:8080\n\t\t}")
    install(rules=rules).doctor().only("wrong", "proxy", "http://inner.test:8080/auth", "leave paths and redirects")


def test_headscale_is_elsewhere(install):
    rules = caddy.packaged().replace("\treverse_proxy %(headscale)s", "\trespond \"Hello\" 200")
    install(rules=rules).doctor().only("wrong", "proxy", "/key: HTTP 200, and not from a Headscale")


def test_ouroboros_web_does_not_run(install):
    site = install()
    site.web.process.stop()
    site.doctor().only("wrong", "proxy", "the proxy answers 502, because it does not reach ouroboros-web", "does ouroboros-web run")


def test_the_proxy_looks_for_us_elsewhere(install):
    rules = caddy.packaged().replace("%(web)s", "127.0.0.1:%d" % free_port())
    found = install(rules=rules).doctor().only("wrong", "proxy", "does not reach ouroboros-web", "it runs, at 127.0.0.1:")
    assert "502" in found["text"]


def test_something_else_has_our_port(sound, servers):
    place = servers().http.partition("//")[2]
    sound.doctor(LISTEN=place).only("wrong", "ouroboros-web", "something else answers at " + place, "another port")


def test_nobody_is_at_the_login_url(sound):
    port = free_port()
    found = sound.doctor(HS_LOGIN_URL="https://localhost:%d" % port, BASE_URL="https://localhost:%d/ouroboros" % port)
    found.only("wrong", "site", "localhost:%d" % port, "hs_login_url")


# ---- the way to Headscale

def test_the_grpc_port_is_dead(sound):
    port = free_port()
    found = sound.doctor(HS_ADDRESS="127.0.0.1:%d" % port, HS_PLAINTEXT="true")
    found.only("wrong", "address", "hs_address 127.0.0.1:%d" % port, "refused")
    # there is another way
    assert "over HTTP at https://localhost:" in found.text("headscale")


def test_a_name_that_does_not_exist(sound):
    found = sound.doctor(HS_ADDRESS="no-such-host.invalid:443", HS_TRANSPORT="grpc")
    found.only("wrong", "address", "no-such-host.invalid", "correct the name in hs_address")


def test_the_certificate_ends_soon(install):
    found = install(days=5).doctor().only("note", "address", "the certificate of localhost:", "renew the certificate")
    assert re.search("ends on 20.*, in [45] days$", found["text"])


def test_the_certificate_is_over(install):
    install(days=-1).doctor().only("wrong", "address", "certificate has expired", "renew the certificate")


def test_the_certificate_is_for_another_name(sound, workspace, authority):
    server = stack.Headscale(workspace, "0.29", world="demo", tls=authority.server("other.test"))
    found = sound.doctor(HS_ADDRESS=server.grpc.rpartition("/")[2], HS_TRANSPORT="grpc", HS_API_KEY=server.api_key)
    found.only("wrong", "address", "mismatch", "write that name in hs_address")


def test_an_unknown_authority(sound):
    found = sound.doctor(HS_CA_FILE=None)
    found.only("wrong", "address", "certificate", "hs_ca_file")


def test_the_key_ends_soon(sound, servers):
    key = stack.ask(servers().control + "/api_keys", {"expiration": 10 * DAY + 60})["key"]
    sound.doctor(HS_API_KEY=key).only("note", "api key", "ends on 20", "in 10 days", "headscale apikeys create")


@pytest.mark.parametrize("generation", ["0.23", "0.26", "0.28", "0.30"])
def test_the_key_ends_soon_on_every_generation(servers, install, generation):
    key = stack.ask(servers(generation).control + "/api_keys", {"expiration": 20 * DAY + 60})["key"]
    found = install(generation).doctor(HS_API_KEY=key)
    assert "in 20 days" in found.text("api key")
    assert ("note", "api key") in found.trouble()


def test_the_key_is_over(sound, servers):
    key = stack.ask(servers().control + "/api_keys", {"expiration": -DAY})["key"]
    sound.doctor(HS_API_KEY=key).only("wrong", "api key", "expired", "headscale apikeys create")


def test_the_key_is_nobodys(sound):
    found = sound.doctor(HS_API_KEY="hskey-api-000000000000-" + "0" * 64)
    found.only("wrong", "api key", "headscale apikeys list")


def test_headscale_does_not_answer(sound, servers):
    servers().fault("hang", method="*")
    try:
        found = sound.doctor()
    finally:
        servers().calm()
    assert ("wrong", "headscale") in found.trouble()


def test_newer_than_known(sound, servers):
    server = servers("0.30")
    stack.ask(server.control + "/settings", {"version_text": "v0.39.0"})
    try:
        found = sound.doctor(HS_ADDRESS=server.http.partition("//")[2], HS_API_KEY=server.api_key, HS_PLAINTEXT="true")
    finally:
        stack.ask(server.control + "/settings", {"version_text": "dev"})
    found.only("wrong", "headscale", "nothing can be changed", "hs_assume")


# ---- the socket

def test_the_socket(workspace, github, sound):
    server = stack.Headscale(workspace, "0.29", world="demo", ways=("socket",))
    changes = {"HS_IS_REMOTE": None, "HS_ADDRESS": None, "HS_API_KEY": None, "HS_SOCKET": server.socket}
    found = sound.doctor(**changes)
    assert found.trouble() == [], json.dumps(found.findings, indent=1)
    assert server.socket in found.text("socket") and "mode " in found.text("socket")
    assert found.text("api key") == "" and found.text("address") == ""
    server.process.stop()
    workspace.file("stale.sock", "")
    for path, says in ((server.socket + "x", "No such file"), (str(workspace.path / "stale.sock"), "is no socket")):
        sound.doctor(**{**changes, "HS_SOCKET": path}).only("wrong", "socket", path, says, "hs_socket")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_socket_that_is_closed_to_this_user(workspace, sound):
    import socket
    path = str(workspace.path / "closed.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(1)
        os.chmod(path, 0o600)
        os.chmod(workspace.path, 0o755)
        settings = {**sound.settings, "HS_SOCKET": path, "HS_IS_REMOTE": "false", "HS_CA_FILE": None}
        # what another user may read of the build is not for this test to say
        copy = workspace.path / "ouroboros"
        copy.write_bytes(program().read_bytes())
        copy.chmod(0o755)
        libraries = workspace.path / "lib"
        libraries.mkdir(mode=0o755)
        for library in (pathlib.Path(build_directory()).resolve() / "libouroboros").glob("libouroboros.so*"):
            (libraries / library.name).write_bytes(library.read_bytes())
        done = subprocess.run([copy, "doctor", "--json"], user=65534, group=65534, extra_groups=[], cwd="/", text=True,
                              env=plain_environment(LD_LIBRARY_PATH=libraries, **{k: v for k, v in settings.items() if v}),
                              capture_output=True, timeout=60, check=False)
    found = next(f for f in json.loads(done.stdout)["findings"] if f["topic"] == "socket")
    assert found["level"] == "wrong" and "Permission denied" in found["text"] and "mode 600" in found["text"]
    assert "group of the socket (root:root)" in found["advice"]


# ---- people and rules

def test_a_user_of_the_map_is_missing(sound):
    found = sound.doctor(USER_MAP=json.dumps({"19270622": "sink", "77": ["jimm", "jim"]}))
    found.only("wrong", "people", 'user_map.77: Headscale has no user "jimm"', "did you mean jim?")


def test_two_users_have_one_name(install, servers):
    server = servers()
    twins = [stack.ask(server.control + "/users", {"name": "twin", "provider": "oidc", "provider_id": "p%d" % i})["id"]
             for i in range(2)]
    try:
        found = install().doctor(USER_MAP=json.dumps({"19270622": "twin"}))
    finally:
        for user in twins:
            stack.ask("%s/users/%d" % (server.control, user), method="DELETE")
    found.only("wrong", "people", '2 users of Headscale are called "twin"', "headscale users rename")


def test_any_route(sound):
    sound.doctor(RULES=None).only("note", "rules", 'routes is "any"', "list what they may announce")
    sound.doctor(RULES='{"routes": {"default": "none", "sink": "any"}}').only("note", "rules", 'routes is "any"')


# ---- the settings themselves

def test_faults_are_told_and_the_rest_is_looked_at(sound, workspace):
    path = workspace.file("cfg.json", '{\n "hs_adress": "x"\n}\n')
    found = sound.doctor("--config", path, WEB_THREADS="1")
    assert [(f["level"], f["topic"]) for f in found.findings[:2]] == [("wrong", "settings")] * 2
    assert "cfg.json:2: hs_adress: unknown key; did you mean hs_address?" in found.findings[0]["text"]
    assert "web_threads: write a whole number" in found.findings[1]["text"]
    assert found.trouble() == [("wrong", "settings")] * 2
    assert "/register/… goes to Ouroboros" in found.text("proxy") and "0.29" in found.text("headscale")


def test_a_file_that_cannot_be_read(workspace):
    path = str(workspace.path / "nowhere.json")
    found = Doctor({}, "--config", path)
    found.only("wrong", "settings", path, "cannot be read")
    assert len(found.findings) == 1


def test_nothing_is_set(workspace):
    found = Doctor({}, cwd=workspace.path)
    assert ("wrong", "settings") in found.trouble()
    assert any("HS_LOGIN_URL" in f["text"] for f in found.findings)


def test_session_key(sound):
    found = sound.doctor(SESSION_KEY=None)
    found.only("note", "settings", "session_key: not set", "openssl rand -base64 32")
    sound.doctor(SESSION_KEY="k1:AAAA").only("wrong", "session key", "session key, line 1", "openssl rand -base64 32")


@pytest.mark.parametrize("listen, level, says", [
    ("0.0.0.0", "note", "plain HTTP for every machine"), ("192.168.7.1", "note", "plain HTTP for every machine"),
    ("8.8.8.8", "wrong", "is a public address"),
])
def test_listen(sound, listen, level, says):
    found = sound.doctor(LISTEN="%s:%d" % (listen, sound.web_port))
    found.only(level, "listen", says, "nobody but the proxy")


def test_proxies(sound):
    sound.doctor(TRUSTED_PROXIES=None).only("note", "proxies", "no trusted_proxies", "127.0.0.1")
    sound.doctor(TRUSTED_PROXIES="10.0.0.0/8").only("note", "proxies", "10.0.0.0/8", "add 127.0.0.1")
    assert sound.doctor(TRUSTED_PROXIES="10.0.0.0/8,127.0.0.0/8").trouble() == []


# ---- the store

def test_no_store(sound):
    sound.doctor(STATE_DIR=None).only("note", "store", "no personal tokens", "set state_dir")
    assert sound.doctor(STATE_DIR=None, RULES='{"routes": [], "tokens": "off"}').trouble() == []


def test_a_store_that_is_not_there_is_not_made(sound, workspace):
    place = workspace.path / "nowhere"
    sound.doctor(STATE_DIR=str(place)).only("note", "store", "is not there yet", "start ouroboros-web once")
    assert not place.exists()
    place.mkdir()
    sound.doctor(STATE_DIR=str(place)).only("note", "store", "nothing is in it yet")
    assert list(place.iterdir()) == []


def test_a_broken_store(sound, workspace):
    place = workspace.path / "state"
    place.mkdir(mode=0o700)
    (place / "ouroboros.db").write_text("no database " * 1000)
    (place / "ouroboros.db").chmod(0o600)
    sound.doctor(STATE_DIR=str(place)).only("wrong", "store", "ouroboros.db is damaged")
    assert (place / "ouroboros.db").read_text() == "no database " * 1000
    file = workspace.file("file", "")
    sound.doctor(STATE_DIR=file).only("wrong", "settings", "state_dir")


def test_a_store_that_others_may_write(install):
    site = install()
    os.chmod(site.settings["STATE_DIR"], 0o777)
    site.doctor().only("wrong", "store", "everybody may write to", "chmod 700")
    os.chmod(site.settings["STATE_DIR"], 0o700)
    file = os.path.join(site.settings["STATE_DIR"], "ouroboros.db")
    os.chmod(file, 0o640)
    site.doctor().only("note", "store", "open to others", "chmod 600 " + file)
    assert os.stat(file).st_mode & 0o777 == 0o640


def test_a_locked_store(install):
    site = install()
    with sqlite3.connect(os.path.join(site.settings["STATE_DIR"], "ouroboros.db"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        site.doctor().only("wrong", "store", "was locked by another program for too long")
    other.close()


def test_a_database_server_that_is_not_there(sound):
    url = "postgresql://ouroboros:hunter2@127.0.0.1:%d/ouroboros" % free_port()
    found = sound.doctor(STATE_DIR=None, STORE_URL=url)
    found.only("wrong", "store")
    assert "hunter2" not in json.dumps(found.all)


# ---- GitHub and the clock

def test_github_does_not_answer(sound):
    port = free_port()
    found = sound.doctor(GITHUB_URL="http://127.0.0.1:%d" % port, GITHUB_API_URL=None)
    assert found.trouble() == [("wrong", "github"), ("wrong", "callback")]
    assert "let this machine out to GitHub" in " ".join(f["advice"] for f in found.findings)


def test_an_app_that_github_does_not_know(sound):
    sound.doctor(GH_CLIENT_ID="Iv1.ffffffffffffffff").only("wrong", "callback", "no app with this client id", "gh_client_id")


def test_another_callback_is_registered(workspace, install):
    github = stack.GitHub(workspace, callback="https://vpn.example.org/ouroboros/auth/callback")
    found = install(github=github).doctor()
    found.only("wrong", "callback", "/ouroboros/auth/callback as the callback URL", "write exactly this URL")


def test_the_clock_is_off(sound, servers):
    stack.ask(servers().control + "/settings", {"clock": -95})
    try:
        found = sound.doctor().only("wrong", "clock", "Headscale's machine", "behind", "timedatectl set-ntp true")
    finally:
        stack.ask(servers().control + "/settings", {"clock": 0})
    seconds = int(found["text"].split(" s ")[0].rpartition(" ")[2])
    assert 93 <= seconds <= 97
    stack.ask(servers().control + "/settings", {"clock": 20})
    try:
        assert sound.doctor().trouble() == []
    finally:
        stack.ask(servers().control + "/settings", {"clock": 0})


# ---- a person

@pytest.fixture
def person(sound, workspace):
    """person(TOKEN, *arguments): the doctor of somebody who has nothing but a token"""
    def run(token, *arguments, server=None, ca_file=None):
        file = workspace.file("token", token or "")
        settings = {"HOME": str(workspace.path), "OUROBOROS_SERVER": server or sound.settings["BASE_URL"]}
        return Doctor(settings, "--token-file", file, "--ca-file", ca_file or sound.settings["HS_CA_FILE"], *arguments,
                      cwd=workspace.path, secrets=[token.rpartition("_")[2]])
    return run


def test_a_person(sound, person):
    tokens = Tokens(sound.settings["STATE_DIR"])
    found = person(tokens.make(life=30 * DAY + 60))
    assert found.trouble() == [], json.dumps(found.findings, indent=1)
    assert re.search("speaks the API of Headscale 0.30", found.text("server"))
    assert re.search("the token ends on 20.*, in 30 days$", found.text("token"))
    person(tokens.make(life=3 * DAY + 60)).only("note", "token", "in 3 days", "ouroboros login")


def test_a_person_whose_token_is_not_taken(sound, person):
    tokens = Tokens(sound.settings["STATE_DIR"])
    for token in (tokens.make(life=-60), "ouro_pat_" + "0" * 12 + "_" + "1" * 64):
        person(token).only("wrong", "token", "the server does not take it", "get a new one: ouroboros login")


def test_a_person_and_another_server(sound, person, workspace):
    token = Tokens(sound.settings["STATE_DIR"]).make()
    person(token, server="https://localhost:%d/ouroboros" % free_port()).only("wrong", "server", "refused")
    # Headscale itself, and no Ouroboros in front of it
    person(token, server=sound.origin + "/nowhere").only("wrong", "server")
    other = Authority(workspace, "another authority")
    person(token, ca_file=other.ca_file).only("wrong", "server", "certificate")


# ---- as people see it

def test_lines(sound):
    settings = {**sound.settings, "RULES": '{"routes": "any"}', "TRUSTED_PROXIES": ""}
    done = subprocess.run([program(), "doctor"], env=plain_environment(**settings), cwd=sound.workspace.path,
                          capture_output=True, text=True, timeout=60, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and done.stderr == ""
    assert lines[0] == "ok     settings       the environment: no fault"
    assert any(re.match(r'note   rules          routes is "any"', line) for line in lines)
    assert any(line.startswith("       list what they may announce") for line in lines)
    assert re.fullmatch(r"0 wrong, 2 to look at, \d+ fine\.", lines[-1])
    assert "\x1b" not in done.stdout


def test_colours_on_a_terminal_only(sound):
    import pexpect
    settings = plain_environment(**{**sound.settings, "TERM": "xterm", "COLUMNS": "200"})
    for change, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        shown = pexpect.run("%s doctor" % program(), env={**settings, **change}, cwd=str(sound.workspace.path), timeout=60).decode()
        assert "Nothing is wrong." in shown
        assert ("\x1b[32mok   \x1b[0m" in shown) == coloured


def test_usage(sound):
    for arguments in (("--config", "x", "--server", "https://vpn.example.org"), ("more",), ("--output", "json")):
        done = subprocess.run([program(), "doctor", *arguments], env=plain_environment(), capture_output=True, text=True,
                              timeout=20, check=False)
        assert done.returncode == 2 and done.stdout == "", (arguments, done)
