"""Sign-in, sessions, settings, the doctor, and a program's way to an Ouroboros server."""
import datetime
import json
import os
import re
import stat
import urllib.error
import urllib.parse
import urllib.request

import pytest
from harness import access, stack
from harness.client import Client
from harness.library import MIA, ouroboros
from harness.process import Workspace, wait_until
from ouroboros import Level, Scope

BASE = "https://vpn.example.org/ouroboros"


@pytest.fixture(scope="module")
def github():
    with Workspace() as workspace:
        yield stack.GitHub(workspace)


class Stay(urllib.request.HTTPRedirectHandler):
    """keeps the address that a redirect leads to"""

    def redirect_request(self, *arguments):
        return None


def answer(url, account):
    """press an account's button at the simulated GitHub; the query of the callback"""
    parts = urllib.parse.urlsplit(url)
    fields = dict(urllib.parse.parse_qsl(parts.query), account=account)
    request = urllib.request.Request(parts._replace(query="").geturl(), urllib.parse.urlencode(fields).encode())
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(Stay).open(request, timeout=10)
    with caught.value:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(caught.value.headers["location"]).query))


def test_sign_in(github):
    lines = []
    with ouroboros.Sessions(BASE) as sessions, ouroboros.GitHub(
            stack.CLIENT_ID, stack.CLIENT_SECRET, "http://127.0.0.1:1/callback", sessions, url=github.url,
            api_url=github.api, log=lambda level, line: lines.append(line)) as provider:
        begun = provider.begin("devices")
        query = answer(begun.url, "mia")
        assert provider.tag(query["state"]) == begun.tag and re.fullmatch(r"[0-9a-f]{8}", begun.tag)
        assert begun.sealed not in repr(begun)
        with pytest.raises(ouroboros.WrongState):
            provider.finish(query["code"], query["state"], None)
        with pytest.raises(ouroboros.WrongState):
            provider.finish(query["code"], "A" * 43, begun.sealed)
        identity, purpose = provider.finish(query["code"], query["state"], begun.sealed)
        assert (identity.id, identity.provider, purpose) == (MIA.id, "github", "devices") and identity.login
        with pytest.raises(ouroboros.Invalid):
            provider.begin("p" * 128)
    assert stack.CLIENT_SECRET not in "".join(lines)


def test_sessions():
    clock = [1_900_000_000]
    with ouroboros.Sessions(BASE, idle=1800, absolute=datetime.timedelta(hours=12), clock=lambda: clock[0]) as sessions:
        made, cookie = sessions.begin(MIA)
        assert made.identity == MIA and made.authenticated == datetime.datetime.fromtimestamp(clock[0], datetime.timezone.utc)
        assert sessions.open(cookie) == (made, None) == sessions.open(cookie.encode())
        token = sessions.form_token(made)
        sessions.form_check(made, token)
        another, _ = sessions.begin(MIA)
        for wrong in (token[:-1], "", sessions.form_token(another), b"\xff\0"):
            with pytest.raises(ouroboros.WrongState):
                sessions.form_check(made, wrong)
        clock[0] += 600
        opened, renewed = sessions.open(cookie)
        assert renewed and renewed != cookie and opened.sid == made.sid and opened.issued >= made.issued
        for wrong in ("", "nonsense", cookie[:-2], b"\0" + cookie.encode()):
            with pytest.raises(ouroboros.Invalid):
                sessions.open(wrong)
        sessions.end(made)
        with pytest.raises(ouroboros.Expired):
            sessions.open(cookie)
        _, late = sessions.begin(MIA)
        clock[0] += 1801
        with pytest.raises(ouroboros.Expired):
            sessions.open(late)
        with ouroboros.Sessions(BASE) as others, pytest.raises(ouroboros.Invalid):
            others.open(late)
    with pytest.raises(ouroboros.Config):
        ouroboros.Sessions(BASE, "k1:c2hvcnQ=")
    with pytest.raises(ouroboros.Invalid):
        identity = ouroboros.Identity(1, "x" * 64)
        with ouroboros.Sessions(BASE) as sessions:
            sessions.begin(identity)


def settings_of(headscale, github, tmp_path, **more):
    values = {k.lower(): v for k, v in {**headscale.environment(), **github.environment()}.items()}
    for flag in ("hs_is_remote", "hs_plaintext"):
        if flag in values:
            values[flag] = True
    values.update(hs_login_url="vpn.example.org", gh_client_id=stack.CLIENT_ID, gh_client_secret=stack.CLIENT_SECRET,
                  user_map=access.USER_MAP, rules=access.RULES, hs_bin_path="/usr/bin/headscale", **more)
    file = tmp_path / "cfg.json"
    file.write_text(json.dumps(values))
    return file


@pytest.fixture(scope="module")
def headscale(place):
    return stack.Headscale(place, "0.29")


def test_settings(headscale, github, tmp_path):
    file = settings_of(headscale, github, tmp_path, state_dir=str(tmp_path))
    with ouroboros.Settings(file, {"LOG_LEVEL": "debug"}) as settings:
        assert settings.file == str(file) and settings.text("log_level") == "debug"
        assert settings.text("hs_login_url") == "https://vpn.example.org" and settings.text("no_such_key") is None
        assert settings.number("hs_plaintext") == 1 and settings.number("no_such_key") == 0
        assert "hs_bin_path" in [n.where.rpartition(" ")[2] for n in settings.notices]
        with settings.tailnet() as server, settings.directory() as directory, settings.store() as store, \
                ouroboros.Sessions(BASE) as sessions, settings.github(sessions, BASE + "/auth/callback") as provider, \
                ouroboros.Portal(server, directory, store=store) as portal, portal.person(MIA) as mia:
            assert stat.S_IMODE(os.stat(tmp_path / "ouroboros.db").st_mode) == 0o600
            assert mia.nodes().mine_total > 5 and mia.key_limits().alive == 1000
            assert provider.begin("x").url.startswith(github.url)
            file.write_text(file.read_text().replace('"alive": 1000', '"alive": 3'))
            with ouroboros.Settings(str(file)) as newer:
                newer.reload(directory)
            with portal.person(MIA) as again:
                assert again.key_limits().alive == 3
    with ouroboros.Settings(settings_of(headscale, github, tmp_path)) as settings:
        assert settings.store() is None


def test_settings_say_every_fault(tmp_path):
    file = tmp_path / "cfg.json"
    file.write_text('{\n"hs_adress": "x:1",\n"user_map": {"abc": 5}\n}\n')
    with pytest.raises(ouroboros.Config) as caught:
        ouroboros.Settings(file)
    said = " ".join("%s %s" % fault for fault in caught.value.faults)
    assert "hs_address" in said and "user_map.abc" in said and "gh_client_id" in said and ":2" in said
    with pytest.raises(ouroboros.Error):
        ouroboros.Settings(tmp_path / "nowhere.json")


def test_store(tmp_path):
    with ouroboros.Store(tmp_path, timeout=0.5) as store:
        store.check()
        with tailnet_nowhere() as server, ouroboros.Directory({MIA.id: "sink"}) as directory, \
                ouroboros.Portal(server, directory, store=store) as portal, portal.person(MIA) as mia:
            text = mia.create_token("kept").text
    with ouroboros.Store(tmp_path) as store, tailnet_nowhere() as server, \
            ouroboros.Directory({MIA.id: "sink"}) as directory, ouroboros.Portal(server, directory, store=store) as portal:
        assert portal.person_by_token(text).users == ("sink",)
    with pytest.raises(ouroboros.Invalid):
        ouroboros.Store(url="mysql://somewhere")
    with pytest.raises(ouroboros.IoError):
        ouroboros.Store(tmp_path / "a" / "b" / "c")
    with tailnet_nowhere() as server, ouroboros.Directory({MIA.id: "sink"}) as directory, \
            ouroboros.Portal(server, directory) as portal, portal.person(MIA) as mia, pytest.raises(ouroboros.Off):
        mia.tokens()


def tailnet_nowhere():
    return ouroboros.Tailnet(socket_path="/nowhere/at/all.sock")


# ---- an Ouroboros server


@pytest.fixture(scope="module")
def web(place, headscale, github, tmp_path_factory):
    return stack.Web(place, headscale, github, RULES=json.dumps(access.RULES),
                     STATE_DIR=str(tmp_path_factory.mktemp("state")))


def test_a_program_signs_in_and_acts_as_the_person(headscale, web):
    with ouroboros.ProgramSignIn(web.base, "a-test", scopes=Scope.READ | Scope.NODES, timeout=5) as sign_in:
        assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", sign_in.code) and sign_in.id
        assert sign_in.ends > datetime.datetime.now(datetime.timezone.utc)
        with pytest.raises(ouroboros.Pending):
            sign_in.finish()
        with ouroboros.Tailnet(web.base, sign_in.code) as server, pytest.raises(ouroboros.Error):
            server.check()
        mia = Client()
        mia.sign_in(web.base, "mia")
        mia.get(sign_in.url).press("Go on", code=sign_in.code).press("Approve", answer="approve")
        new = sign_in.finish()
    assert new.token.scopes == Scope.READ | Scope.NODES
    node = headscale.add_node("over-the-api")
    with tailnet_of(web, new.text) as server, ouroboros.Directory({}) as directory, \
            ouroboros.Portal(server, directory) as portal, portal.holder() as me:
        server.check()
        wait_until(lambda: node["id"] in [n.id for n in me.nodes()], 5, "the server has read its list anew")
        assert me.rename(node["id"], "from-afar").name == "from-afar"
        with pytest.raises((ouroboros.Denied, ouroboros.Rejected)):
            me.exit_node(headscale.named("exit-berlin")["id"], False)
        ouroboros.sign_out(web.base, new.text)
        with pytest.raises(ouroboros.Unauthenticated):
            me.rename(node["id"], "too-late")
    with pytest.raises(ouroboros.BadToken):
        ouroboros.sign_out(web.base, new.text)


def tailnet_of(web, token):
    return ouroboros.Tailnet(web.base, token, freshness=0.001)


def test_doctor(headscale, github, web, tmp_path):
    file = settings_of(headscale, github, tmp_path)
    findings = ouroboros.examine(file, {}, timeout=10)
    assert {f.topic for f in findings} >= {"settings", "headscale"} and all(isinstance(f.level, Level) for f in findings)
    assert any(f.level == Level.OK and "0.29" in f.text for f in findings)
    assert all(f.advice for f in findings if f.level == Level.WRONG)
    file.write_text(file.read_text().replace('"hs_login_url"', '"hs_login_ulr"'))
    wrong = [f for f in ouroboros.examine(file, {}, timeout=10) if f.level == Level.WRONG]
    assert any("hs_login_url" in f.text + f.advice for f in wrong)
    person = ouroboros.examine(server=web.base, token="ouro_pat_" + "0" * 12 + "_" + "0" * 64, timeout=10)
    assert any(f.level == Level.WRONG for f in person)
