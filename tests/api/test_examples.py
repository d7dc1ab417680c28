"""The programs under examples/, built from an installed tree with pkg-config as anybody outside would, and run."""
import json
import pathlib
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from harness import stack
from harness.process import SLOWER, Workspace, build_directory, plain_environment

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALLBACK = "http://127.0.0.1:1/callback"


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=60 * SLOWER, **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def workspace():
    with Workspace() as w:
        yield w


@pytest.fixture(scope="module")
def installed(workspace):
    """cmake --install into a folder of its own"""
    prefix = workspace.path / "prefix"
    status, out, err = run("cmake", "--install", build_directory(), "--prefix", prefix)
    assert status == 0, out + err
    return prefix


@pytest.fixture(scope="module")
def tools(installed):
    """environment for pkg-config and for running what it links"""
    found = list(installed.rglob("ouroboros.pc"))
    assert len(found) == 1
    return plain_environment(PKG_CONFIG_PATH=found[0].parent, LD_LIBRARY_PATH=found[0].parent.parent)


def cache(name):
    for line in (build_directory() / "CMakeCache.txt").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.partition("=")[2]
    return ""


@pytest.fixture(scope="module")
def programs(workspace, tools):
    status, flags, err = run("pkg-config", "--cflags", "--libs", "ouroboros", env=tools)
    assert status == 0, err
    compiler = shutil.which(cache("CMAKE_C_COMPILER") or "cc")
    sanitize = cache("OURO_SANITIZE")
    extra = ["-fsanitize=" + sanitize] if sanitize else []
    if cache("OURO_COVERAGE").upper() in ("ON", "1", "TRUE"):
        extra.append("--coverage")
    made = {}
    for source in sorted((ROOT / "examples").glob("*.c")):
        made[source.stem] = workspace.path / source.stem
        status, out, err = run(compiler, "-std=c17", "-Wall", "-Wextra", "-Werror", *extra, source, *flags.split(), "-o",
                               made[source.stem], env=tools)
        assert status == 0, err
    assert set(made) == {"list_my_nodes", "sign_in"}
    return made


@pytest.fixture(scope="module", params=("0.23", "0.29"))
def settings(request, workspace):
    """(server, GitHub, path of a settings file)"""
    headscale = stack.Headscale(workspace, request.param, unix_socket=request.param == "0.23")
    github = stack.GitHub(workspace)
    values = {k.lower(): v for k, v in {**headscale.environment(), **github.environment()}.items()}
    for flag in ("hs_is_remote", "hs_plaintext"):
        if flag in values:
            values[flag] = True
    values.update(hs_login_url="https://vpn.example.org", gh_client_id=stack.CLIENT_ID, gh_client_secret=stack.CLIENT_SECRET,
                  user_map=stack.USER_MAP)
    return headscale, github, workspace.file("cfg-%s.json" % request.param, json.dumps(values))


def test_nothing_but_the_installed_tree_is_used(installed, tools):
    status, flags, _ = run("pkg-config", "--cflags", "--libs", "ouroboros", env=tools)
    assert status == 0
    assert str(ROOT) not in flags and str(build_directory()) not in flags
    headers = {p.name for p in (installed / "include" / "ouroboros").iterdir()}
    assert headers >= {p.name for p in (ROOT / "include" / "ouroboros").glob("*.h")}


def test_list_my_nodes(programs, tools, settings):
    headscale, _, file = settings
    status, out, err = run(programs["list_my_nodes"], "19270622", file, env=tools)
    assert status == 0, err
    rows = [line.split("\t") for line in out.splitlines()]
    mine = [n for n in headscale.nodes() if n["user"] == "sink"]
    assert sorted(int(r[0]) for r in rows) == sorted(n["id"] for n in mine)
    shown = {r[1]: r for r in rows}
    assert shown["mia-laptop"][2] == "online" and shown["old-thinkpad"][2] == "logged out"
    assert shown["pixel-9"][2] == "offline" and shown["mia-laptop"][3].startswith("100.64.")


def test_list_my_nodes_of_nobody(programs, tools, settings):
    status, out, err = run(programs["list_my_nodes"], "77001234", settings[2], env=tools)
    assert status == 1 and out == "" and "unmapped" in err


@pytest.mark.parametrize("arguments", ([], ["0"], ["-1"], ["x"], ["1x"], ["99999999999999999999999"], ["1", "2", "3"]))
def test_list_my_nodes_usage(programs, tools, arguments):
    status, out, err = run(programs["list_my_nodes"], *arguments, env=tools)
    assert status == 2 and out == "" and "usage" in err


def test_list_my_nodes_says_what_is_wrong(programs, tools, workspace):
    file = workspace.file("bad.json", '{\n"hs_adress": "x:1",\n"user_map": {"abc": 5}\n}\n')
    status, out, err = run(programs["list_my_nodes"], "1", file, env=tools)
    assert status == 1 and out == ""
    assert "hs_address" in err and "user_map" in err and "(config)" in err
    nowhere = {"hs_socket": str(workspace.path / "nobody.sock"), "hs_login_url": "vpn.example.org", "gh_client_id": "x",
               "gh_client_secret": "y", "user_map": stack.USER_MAP}
    file = workspace.file("nowhere.json", json.dumps(nowhere))
    status, out, err = run(programs["list_my_nodes"], "19270622", file, env=tools)
    assert status == 1 and out == "" and "(unreachable)" in err


class Stay(urllib.request.HTTPRedirectHandler):
    """keeps the address that a redirect leads to"""

    def redirect_request(self, *arguments):
        return None


def choose(authorize_url, account):
    """press the button of an account at the simulated GitHub; the address the browser would end at"""
    parts = urllib.parse.urlsplit(authorize_url)
    fields = dict(urllib.parse.parse_qsl(parts.query), account=account)
    request = urllib.request.Request(parts._replace(query="").geturl(), urllib.parse.urlencode(fields).encode())
    try:
        urllib.request.build_opener(Stay).open(request, timeout=10)
    except urllib.error.HTTPError as e:
        assert e.code == 302
        return e.headers["location"]
    raise AssertionError("no redirect")


def sign_in(programs, tools, file, answer):
    """run sign_in; answer(authorize URL) -> the line that is pasted"""
    child = subprocess.Popen([programs["sign_in"], CALLBACK, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, env=tools)
    try:
        assert child.stdout.readline() == "Open this address:\n", child.stderr.read()
        url = child.stdout.readline().strip()
        out, err = child.communicate(answer(url) + "\n", timeout=60 * SLOWER)
    finally:
        child.kill()
        child.wait()
    return child.returncode, out, err


def test_sign_in(programs, tools, settings):
    headscale, _, file = settings
    status, out, err = sign_in(programs, tools, file, lambda url: choose(url, "jim"))
    assert status == 0, err
    assert "You are jim, GitHub 2147483649." in out
    assert "As jim you have %d devices." % sum(n["user"] == "jim" for n in headscale.nodes()) in out


def test_sign_in_of_somebody_unmapped_and_refused(programs, tools, settings):
    file = settings[2]
    status, out, err = sign_in(programs, tools, file, lambda url: choose(url, "zoe"))
    assert status == 1 and "You are zoe, GitHub 77001234." in out and "(unmapped)" in err
    status, out, err = sign_in(programs, tools, file, lambda url: choose(url, ""))
    assert status == 1 and "You are" not in out and "refused" in err


def test_sign_in_with_a_state_that_is_not_ours(programs, tools, settings):
    _, github, file = settings
    before = github.requests()["counts"]["token"]

    def forged(url):
        return re.sub(r"state=[^&]*", "state=" + "A" * 43, choose(url, "mia"))
    status, out, err = sign_in(programs, tools, file, forged)
    assert status == 1 and "You are" not in out and "(state)" in err
    assert github.requests()["counts"]["token"] == before, "nothing was exchanged"
