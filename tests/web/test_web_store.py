"""The store of a running server: made at the start, told when it fails, and never what takes the pages down."""

import json
import os
import sqlite3
import subprocess
import time

import pytest
from web_process import find_program, settings


def ready(server):
    """Status and text of /readyz, which looks at the store at most every ten seconds."""
    status, _, body = server.request("GET", "/readyz", host="127.0.0.1")
    return status, body.decode()


def until(ask, seconds=40):
    """The first true answer."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return answer


def test_it_is_made_at_the_start(tmp_path, make_server):
    folder = tmp_path / "state"
    server = make_server(state_dir=str(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "ouroboros.db").stat().st_mode & 0o777 == 0o600
    assert "store" not in ready(server)[1]
    assert server.stop() == 0
    assert sorted(path.name for path in folder.iterdir()) == ["ouroboros.db"]  # a clean end leaves no log behind


def test_without_one_nothing_is_kept(tmp_path, make_server):
    server = make_server(state_dir=None)
    with open(f"/proc/{server.process.pid}/maps", encoding="utf-8") as maps:
        assert ".db" not in maps.read()
    assert "store" not in ready(server)[1]


def test_a_failure_is_told_and_takes_nothing_down(tmp_path, make_server):
    server = make_server(state_dir=str(tmp_path / "state"))
    with sqlite3.connect(tmp_path / "state/ouroboros.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        status, text = ready(server)
        assert time.monotonic() - begin < 8  # a second for the store, the rest is Headscale's
        assert "; the store fails: " in text and "was locked by another program for too long" in text
        assert status == 503 and text.startswith("not ready: Headscale at ")  # which it would be without the store
        assert server.request("GET", "/healthz")[0] == 200
        assert server.request("GET", "/ouroboros/auth")[0] == 200
        other.execute("ROLLBACK")
    until(lambda: "store" not in ready(server)[1])


def test_the_public_host_tells_no_details(tmp_path, make_server):
    server = make_server(state_dir=str(tmp_path / "state"), base_url="https://vpn.example.org/ouroboros")
    os.unlink(tmp_path / "state/ouroboros.db")
    status, _, body = server.request("GET", "/readyz", host="vpn.example.org")
    assert (status, body) == (503, b"not ready: Headscale: Headscale cannot be reached; nothing was changed; the store fails\n")
    assert "was taken away or replaced while it was in use" in ready(server)[1]


@pytest.mark.parametrize("url", ["postgresql://ouro:canary-word@127.0.0.1:1/x"])
def test_a_server_that_is_away_does_not_keep_it_from_starting(make_server, url):
    server = make_server(store_url=url)
    assert "store: PostgreSQL cannot be reached: " in server.log()
    assert "the store fails: PostgreSQL cannot be reached" in ready(server)[1]
    assert "canary-word" not in server.log() + ready(server)[1]


def run(tmp_path, *arguments, **changes):
    config = tmp_path / "cfg.json"
    config.write_text(json.dumps(settings(**changes)))
    config.chmod(0o600)
    return subprocess.run([str(find_program()), "--config", str(config), *arguments], capture_output=True, text=True,
                          timeout=20, check=False, env={"PATH": os.environ["PATH"]})


def test_check_config_makes_nothing(tmp_path):
    done = run(tmp_path, "--check-config", state_dir=str(tmp_path / "state"), store_url="postgresql://ouro:canary-word@x/y")
    assert done.returncode == 0, done.stderr
    assert f"state_dir          {tmp_path}/state\n" in done.stdout and "store_url          set\n" in done.stdout
    assert "canary-word" not in done.stdout + done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("changes,words", [
    ({"state_dir": "{folder}/not/there"}, "state_dir: {folder}/not/there is not there and cannot be made"),
    ({"state_dir": "{folder}/damaged"}, "state_dir: {folder}/damaged/ouroboros.db is damaged; it stays as it is"),
    ({"store_url": "postgresql://ouro:canary-word%zz@x/y"}, "store_url: the store's URL is malformed"),
])
def test_what_cannot_be_opened_stops_the_start(tmp_path, changes, words):
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged/ouroboros.db").write_bytes(b"no database at all" * 300)
    done = run(tmp_path, **{key: value.format(folder=tmp_path) for key, value in changes.items()})
    assert done.returncode == 2
    assert words.format(folder=tmp_path) in done.stderr
    assert "canary-word" not in done.stderr
