"""Signing in and out, and the file that holds the token."""
import json
import os
import re
import subprocess
import sys
import threading

import pytest
from cli_place import PROGRAM, is_root
from harness.client import Client

TOKEN = re.compile(r"ouro_pat_[0-9a-f]{12}_[0-9a-f]{64}")

# A browser: opens the page as somebody who is signed in, presses a button, and goes where that leads.
BROWSER = """#!%s
import http.cookiejar, pickle, sys, urllib.request
sys.path.insert(0, %r)
from harness.client import Client
client = Client()
for cookie in pickle.load(open(%r, "rb")):
    client.jar.set_cookie(cookie)
client.get(sys.argv[1])
open(%r, "a").write(client.text)
client.press(%r)
"""


@pytest.fixture
def site(make_site):
    return make_site("0.30")


@pytest.fixture
def cli(site):
    from cli_place import Cli
    return Cli(site.home())


@pytest.fixture
def browse(site, cli, tmp_path):
    """the path of a program that presses a button on the page"""
    import pickle

    def make(button):
        person = Client()
        person.sign_in(site.web.base)
        (tmp_path / "cookies").write_bytes(pickle.dumps(list(person.jar)))
        tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        path = tmp_path / "browser"
        path.write_text(BROWSER % (sys.executable, tests, str(tmp_path / "cookies"), str(tmp_path / "page"), button))
        path.chmod(0o755)
        return str(path)
    return make


def test_login_by_the_browser(site, cli, browse, tmp_path):
    done = cli.ok("login", site.web.base, "--name", "my <b>machine", "--scopes", "read,nodes", "--for", "30d", BROWSER=browse("Approve"))
    assert "Signed in at %s" % site.web.base in done.out and "in 30 days" in done.out and not TOKEN.search(done.out + done.err)
    page = (tmp_path / "page").read_text()
    assert "my &lt;b&gt;machine" in page and "30 days" in page
    kept = json.loads(cli.token_file.read_text())
    assert kept["server"] == site.web.base and TOKEN.fullmatch(kept["token"]) and kept["name"] == "my <b>machine"
    assert cli.token_file.stat().st_mode & 0o777 == 0o600 and cli.token_file.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(cli.token_file.parent) == ["token.json"]
    assert "pixel-9" in cli.ok("nodes", "list").out
    assert cli.run("keys", "create").code == 3
    # and out again: the token is worth nothing afterwards
    other = cli.with_options("--server", site.web.base, OUROBOROS_TOKEN=kept["token"])
    assert "pixel-9" in other.ok("nodes", "list").out
    assert "the token is revoked" in cli.ok("logout").out
    assert not cli.token_file.exists()
    done = other.run("nodes", "list")
    assert done.code == 3 and "run ouroboros login" in done.err and not TOKEN.search(done.err)
    assert "Nobody is signed in" in cli.ok("logout").err


def test_login_refused(site, cli, browse):
    done = cli.run("login", site.web.base, BROWSER=browse("Refuse"))
    assert done.code == 3 and "refused" in done.err and not cli.token_file.exists()


def test_login_by_a_code(site, cli):
    """shown here, typed on a page elsewhere"""
    process = subprocess.Popen(cli.command("login", site.web.base, "--no-browser"), env=cli.environ(), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    told, page, code = [], None, None
    for line in process.stderr:
        told.append(line)
        page = page or (line.strip() if line.startswith("  http") else None)
        code = code or (re.match(r"  ([A-Z]{4}-[A-Z]{4})$", line) or [None, None])[1]
        if code:
            break
    threading.Thread(target=process.stderr.read, daemon=True).start()
    assert page == site.web.base + "/cli" and code, told
    person = Client()
    person.sign_in(site.web.base)
    person.get(page)
    person.press("Go on", code=code.lower())
    person.press("Approve")
    assert process.wait(30) == 0
    assert TOKEN.fullmatch(json.loads(cli.token_file.read_text())["token"])
    assert "pixel-9" in cli.ok("nodes", "list").out


def test_strangers_on_the_port_are_not_believed(site, cli):
    """only a request to 127.0.0.1 with the id counts, and only the server says whether its grant does"""
    import urllib.error
    import urllib.request
    process = subprocess.Popen(cli.command("login", site.web.base), env=cli.environ(BROWSER="true"), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    page = next(line.strip() for line in process.stderr if line.startswith("  http"))
    login_id = page.rpartition("/")[2]
    port = next(p for p in listening(process.pid))
    for path, host in (("/", None), ("/?id=x&grant=y", None), ("/?id=%s" % login_id, None), ("/?id=%s&grant=<script>" % login_id, None),
                       ("/?id=%s&grant=abc" % login_id, "evil.example:%d" % port)):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (port, path), headers={"Host": host} if host else {})
        with pytest.raises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(request, timeout=10)
        assert e.value.code == 404 and "script" not in e.value.read().decode()
    assert process.poll() is None
    # a grant before anybody has approved is nobody's, and does not end the wait for the true one
    urllib.request.urlopen("http://127.0.0.1:%d/?id=%s&grant=wrong" % (port, login_id), timeout=10).read()
    person = Client()
    person.sign_in(site.web.base)
    person.get(page)
    person.press("Approve")
    assert process.wait(20) == 0 and "Go back to the terminal" in person.text
    assert TOKEN.fullmatch(json.loads(cli.token_file.read_text())["token"])


def listening(pid):
    """TCP ports on which a process listens"""
    inodes = set()
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            inodes.add(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
        except OSError:
            pass
    with open("/proc/net/tcp", encoding="ascii") as f:
        for line in f.readlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and "socket:[%s]" % fields[9] in inodes:
                yield int(fields[1].split(":")[1], 16)


def test_login_at_nothing(cli, site):
    done = cli.run("login", "http://127.0.0.1:1")
    assert done.code == 5
    done = cli.run("login", site.headscale.facts["http"] or site.web.origin + "/nothing")
    assert done.code == 5 and "no Ouroboros" in done.err
    for url in ("http://vpn.example.org", "ftp://x.example", "https://user:pw@x.example", "https://x.example/?q"):
        done = cli.run("login", url)
        assert done.code != 0 and ("https only" in done.err or "not the URL of a server" in done.err), (url, done)


def test_no_store_no_tokens(workspace, github, tmp_path):  # noqa: F811
    from cli_place import Cli
    from harness import stack
    headscale = stack.Headscale(workspace, "0.30", ways=("socket",))
    web = stack.Web(workspace, headscale.by("socket"), github)
    done = Cli(tmp_path / "home").run("login", web.base)
    assert done.code == 3 and done.err


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_may_read_is_refused(site, mode):
    cli = site.person()
    cli.token_file.chmod(mode)
    for words in (["nodes", "list"], ["logout"]):
        done = cli.run(*words)
        assert done.code == 3 and "others may read it" in done.err and str(cli.token_file) in done.err
    assert cli.token_file.exists()


@pytest.mark.skipif(not is_root(), reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(site):
    cli = site.person()
    os.chown(cli.token_file, 65534, 65534)
    done = cli.run("nodes", "list")
    assert done.code == 3 and "belongs to somebody else" in done.err


@pytest.mark.parametrize("text", ["", "{", '{"server": "https://x.example"', '{"server": 7, "token": "x"}', "[]", "\0\0\0\0", "two words",
                                  '{"server":"https://x.example","token":"a","token":"b"}', "x" * 20000])
def test_half_a_file(cli, text):
    cli.token_file.parent.mkdir(parents=True, mode=0o700)
    cli.token_file.write_text(text)
    cli.token_file.chmod(0o600)
    done = cli.run("nodes", "list")
    assert done.code == 1 and str(cli.token_file) in done.err and done.out == ""
    assert cli.token_file.read_text() == text


def test_where_a_token_may_come_from(site, cli, tmp_path):
    token = site.tokens.make()
    bare = tmp_path / "bare"
    bare.write_text(token + "\n")
    bare.chmod(0o600)
    at = ("--server", site.web.base)
    assert "pixel-9" in cli.ok("nodes", "list", *at, "--token-file", str(bare)).out
    assert "pixel-9" in cli.ok("nodes", "list", *at, "--token-file", "-", input=token + "\n").out
    assert "pixel-9" in cli.ok("nodes", "list", OUROBOROS_SERVER=site.web.base, OUROBOROS_TOKEN=token).out
    assert "pixel-9" in cli.ok("nodes", "list", "--server", site.web.origin, OUROBOROS_TOKEN=token).out
    done = cli.run("nodes", "list", "--token-file", str(bare))
    assert done.code == 2 and "--server" in done.err
    assert cli.run("nodes", "list", *at, "--token-file", str(tmp_path / "none")).code == 1
    done = cli.run("nodes", "list", *at)
    assert done.code == 3 and "ouroboros login " + site.web.base in done.err
    # the kept one is for its own server only
    kept = site.person()
    done = kept.run("nodes", "list", "--server", "https://other.example.org")
    assert done.code == 3 and "no token for https://other.example.org/ouroboros" in done.err


def test_a_token_that_is_over(site, cli):
    cli.keep_token(site.web.base, site.tokens.make(life=-60))
    done = cli.run("nodes", "list")
    assert done.code == 3 and "the token is not accepted" in done.err and not TOKEN.search(done.err)
    # it cannot be revoked any more, and is forgotten all the same
    assert "the token is revoked" in cli.ok("logout").out and not cli.token_file.exists()


def test_logout_keeps_the_file_while_the_server_is_away(site):
    cli = site.person()
    site.web.process.stop()
    done = cli.run("logout")
    assert done.code == 5 and "stays" in done.err and cli.token_file.exists()


def test_the_program_is_there():
    assert PROGRAM.exists()
