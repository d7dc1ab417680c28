"""The words of the command line: what is offered, what is refused, and how each of that is said."""
import pathlib
import re
import subprocess
import sys

import pytest
from cli_place import PROGRAM
from harness.process import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]


def commands():
    text = subprocess.run([PROGRAM, "help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ([a-z-]+(?: [a-z]+)?)  ", text, re.MULTILINE)


def test_help_of_everything(nowhere):
    names = commands()
    assert len(names) >= 19 and "nodes list" in names and "login" in names
    for name in names:
        one, two = nowhere.ok("help", *name.split()), nowhere.ok(*name.split(), "--help")
        assert one.out == two.out and one.out.startswith("usage: ouroboros %s" % name) and not one.err
        assert max(map(len, one.out.splitlines())) <= 79
    assert max(map(len, nowhere.ok("--help").out.splitlines())) <= 82
    assert "nodes rename" in nowhere.ok("help", "nodes").out


def test_without_a_command(nowhere):
    done = nowhere.run()
    assert done.code == 2 and done.out.startswith("usage: ouroboros COMMAND")


def test_version(nowhere):
    assert nowhere.ok("version").out == nowhere.ok("--version").out
    assert re.fullmatch(r"ouroboros \d+\.\d+\.\d+\n", nowhere.ok("version").out)


@pytest.mark.parametrize("words, said", [
    (["nodez", "list"], "ouroboros nodes list"), (["nodes", "lst"], "ouroboros nodes list"), (["nodes", "rm", "x"], "nodes delete"),
    (["ls"], "ouroboros nodes list"), (["logn"], "ouroboros login"), (["routes", "aprove", "a", "b"], "routes approve"),
    (["nodes", "list", "--outptu", "json"], "--output"), (["nodes", "list", "--socet=x"], "--socket"),
    (["completoin", "bash"], "completion"), (["keys"], "keys create"), (["help", "nodes", "lisst"], "nodes list"),
])
def test_the_nearest_is_suggested(nowhere, words, said):
    done = nowhere.run(*words)
    if words[:2] != ["help", "nodes"]:
        assert done.code == 2 and done.out == "" and said in done.err, done


@pytest.mark.parametrize("words, said", [
    (["nodes", "show"], "wants NODE"), (["nodes", "list", "extra"], "one word too many"), (["nodes", "rename", "a"], "wants NODE NEW-NAME"),
    (["nodes", "list", "-o", "yaml"], "table json csv"), (["nodes", "list", "-o"], "wants FORMAT"),
    (["nodes", "list", "--output="], "wants FORMAT"), (["nodes", "list", "-y"], "takes no --yes"), (["nodes", "list", "-q"], "no option -q"),
    (["keys", "list", "--qr"], "takes no --qr"), (["nodes", "list", "--plaintext=1"], "takes no argument"),
    (["nodes", "list", "-ojson", "-ocsv"], "given twice"), (["nodes", "list", "--socket", "/a", "--address", "b:1"], "two tailnets"),
    (["nodes", "list", "--socket", "/a", "--api-key-file", "/b"], "goes with --address"),
    (["nodes", "list", "--server", "https://x.example", "--as", "u"], "for the operator"),
    (["nodes", "list", "--socket", "/a", "--token-file", "/b"], "goes with --server"),
    (["nodes", "list", "--socket", "/a", "--watch", "0"], "there is no Headscale"), (["completion", "tcsh"], "bash, zsh and fish"),
    (["keys", "create", "--for", "1x", "--socket", "/a"], "no duration"),
    (["login", "https://x.example", "--scopes", "all"], "none of read"), (["nodes", "list", "--timeout", "0", "--socket", "/"], "1 to 600"),
])
def test_wrong_usage(nowhere, words, said):
    done = nowhere.run(*words)
    assert done.code in (2, 5) and done.out == "" and said in done.err, done
    assert done.code == 2 or "no Headscale" in said


@pytest.mark.parametrize("option", ["--api-key", "--token", "--api-key=x", "--token=x"])
def test_secrets_do_not_go_there(nowhere, option):
    done = nowhere.run("nodes", "list", option, "canary-secret")
    assert done.code == 2 and "everybody on this machine" in done.err and "-file" in done.err and "canary" not in done.err


def test_nobody_is_there(nowhere, tmp_path):
    done = nowhere.run("nodes", "list", "--socket", str(tmp_path / "no.sock"))
    assert done.code == 5 and "no.sock" in done.err
    key = tmp_path / "key"
    key.write_text("secret-key\n")
    key.chmod(0o600)
    done = nowhere.run("nodes", "list", "--address", "127.0.0.1:%d" % free_port(), "--plaintext", "--api-key-file", str(key))
    assert done.code == 5 and "refused" in done.err and "secret-key" not in done.err
    done = nowhere.run("nodes", "list", "--server", "http://127.0.0.1:%d" % free_port(), OUROBOROS_TOKEN="ouro_pat_x_y")
    assert done.code == 5 and "ouro_pat" not in done.err
    done = nowhere.run("nodes", "list", "--address", "127.0.0.1:1")
    assert done.code == 2 and "API key" in done.err


def test_by_address(site_of, nowhere, make_site, tmp_path):
    from harness import stack
    headscale = stack.Headscale(make_site("0.30").where, "0.29", ways=("grpc",))
    key = tmp_path / "key"
    key.write_text(headscale.api_key + "\n")
    words = ["nodes", "list", "--address", headscale.grpc, "--plaintext"]
    key.chmod(0o644)
    assert nowhere.run(*words, "--api-key-file", str(key)).code == 3
    key.chmod(0o600)
    assert "mia-laptop" in nowhere.ok(*words, "--api-key-file", str(key)).out
    assert "mia-laptop" in nowhere.ok(*words, OUROBOROS_API_KEY=headscale.api_key).out
    done = nowhere.run(*words, OUROBOROS_API_KEY="hskey-api-wrong")
    assert done.code == 3 and "hskey-api-wrong" not in done.err


def test_by_the_settings(site_of, nowhere, tmp_path):
    site = site_of("0.30")
    import json
    settings = {k.lower(): v for k, v in site.web.settings.items() if k not in ("USER_MAP", "RULES", "AUDIT_LOG", "STATE_DIR")}
    settings.update(user_map=json.loads(site.web.settings["USER_MAP"]), rules={"rename": False}, hs_is_remote=False)
    path = tmp_path / "cfg.json"
    path.write_text(json.dumps(settings))
    path.chmod(0o600)
    cli = nowhere.with_options("--config", str(path))
    assert "jims-iphone" in cli.ok("nodes", "list").out
    # in a user's shoes their rules hold
    done = cli.run("nodes", "rename", "pixel-9", "other", "--as", "sink")
    assert done.code == 3 and "the rule rename" in done.err
    path.write_text("{")
    assert cli.run("nodes", "list").code == 2


def test_the_man_page_is_that_of_the_program():
    done = subprocess.run([sys.executable, ROOT / "tests/tools/climan.py", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
