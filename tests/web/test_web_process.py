"""The process: settings, ports, reloading, a clean end, memory."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest
from web_process import find_program, read_all, settings, split


def run(tmp_path, *arguments, environment=None, **changes):
    """Run to the end with settings; (exit code, standard output, standard error)."""
    config = tmp_path / "cfg.json"
    config.write_text(json.dumps(settings(**changes)))
    config.chmod(0o600)
    done = subprocess.run([str(find_program()), "--config", str(config), *arguments], capture_output=True, text=True,
        timeout=20, check=False, env={"PATH": os.environ["PATH"], **(environment or {})})
    return done.returncode, done.stdout, done.stderr


def test_version_and_help():
    done = subprocess.run([str(find_program()), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ouroboros-web 0.")
    done = subprocess.run([str(find_program()), "--help"], capture_output=True, text=True, check=True)
    assert "--check-config" in done.stdout
    assert subprocess.run([str(find_program()), "--nonsense"], capture_output=True, check=False).returncode == 2
    assert subprocess.run([str(find_program()), "x"], capture_output=True, check=False).returncode == 2


def test_check_config_tells_secrets_only_as_set(tmp_path):
    code, out, err = run(tmp_path, "--check-config")
    assert code == 0, err
    assert "canary" not in out + err
    assert "hs_api_key         set" in out and "session_key        unset" in out


def test_check_config_tells_all_faults(tmp_path):
    code, _, err = run(tmp_path, "--check-config", hs_adress="x", hs_login_url=None, gh_client_id=None)
    assert code == 2
    for word in ("hs_adress", "hs_address", "hs_login_url", "gh_client_id"):
        assert word in err


@pytest.mark.parametrize("changes,word", [
    ({"base_url": "http://vpn.example.org/ouroboros"}, "base_url"), ({"base_url": "ftp://x"}, "base_url"),
    ({"listen": "8443s"}, "listen"), ({"listen": "[::1]:8080"}, "listen"), ({"session_key": "a:short"}, "session_key"),
    ({"user_map": {"x": "mia"}}, "user_map"), ({"trusted_proxies": "proxy"}, "trusted_proxies"),
])
def test_bad_settings_stop_the_start(tmp_path, changes, word):
    code, _, err = run(tmp_path, **changes)
    assert code == 2
    assert word in err


def test_a_taken_port_is_said(tmp_path, server):
    code, _, err = run(tmp_path, listen=f"127.0.0.1:{server.port}")
    assert code == 1
    assert f"127.0.0.1:{server.port}" in err


def test_port_zero(make_server):
    server = make_server(listen="127.0.0.1:0", base_url="https://vpn.example.org/ouroboros")
    assert server.port > 0
    assert server.request("GET", "/healthz", host=f"127.0.0.1:{server.port}")[0] == 200


def wait_for(server, text, seconds=8):
    """Wait until the log holds a text."""
    deadline = time.monotonic() + seconds
    while text not in server.log():
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.05)


def test_reload_by_signal_and_by_change(make_server):
    server = make_server()
    server.write(user_map={"7": "mia", "8": "bo"})
    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "reloaded: 2 accounts")
    server.write(user_map={"7": "mia", "8": "bo", "9": "al"})
    wait_for(server, "reloaded: 3 accounts")
    server.config.write_text('{"user_map": {')
    wait_for(server, "reload failed, the old map and rules stay")
    assert server.get("/healthz")[0] == 200
    server.write(user_map={"7": "mia"})
    wait_for(server, "reloaded: 1 accounts")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_clean_stop(make_server, number):
    server = make_server()
    started = time.monotonic()
    server.process.send_signal(number)
    assert server.process.wait(15) == 0
    assert time.monotonic() - started < 10
    with pytest.raises(OSError):
        server.connect(2)


def test_a_request_that_runs_is_finished(make_server):
    server = make_server()
    with server.connect() as connection:
        body = b"then=add"
        connection.sendall(f"POST /ouroboros/auth/start HTTP/1.1\r\nHost: {server.host}\r\nOrigin: {server.origin}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1.5)
        connection.sendall(body)
        assert split(read_all(connection))[0] == 303
    assert server.process.wait(15) == 0


def test_stop_under_load_cuts_nothing(make_server):
    server = make_server(log_level="warning")
    results, going = [], threading.Event()
    going.set()
    request = f"GET /ouroboros/auth HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode()

    def load():
        while going.is_set():
            try:
                connection = socket.create_connection(("127.0.0.1", server.port), timeout=0.5)
            except OSError:
                return  # no longer let in: fine
            with connection:
                connection.settimeout(10)
                try:
                    connection.sendall(request)
                    results.append(read_all(connection).endswith(b"</html>\n"))
                except OSError:
                    results.append(False)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(15)
    going.clear()
    for thread in threads:
        thread.join(15)
    assert code == 0
    assert len(results) > 100
    assert results.count(False) == 0


def test_a_connection_half_made_is_answered(make_server):
    """The client has its port and its answer to SYN; the server has not heard the last word yet when it is told to stop."""
    server = make_server()
    request = f"GET /ouroboros/auth HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode()
    connections = []
    for _ in range(20):
        connection = socket.socket()
        connection.settimeout(10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)  # it comes with the first data, or 40 ms late
        connection.connect(("127.0.0.1", server.port))
        connections.append(connection)
    server.process.send_signal(signal.SIGTERM)
    wait_for(server, "stopping")
    # All of them, then all answers: who asks nothing for a second is not waited for.
    for connection in connections:
        connection.sendall(request)
    for connection in connections:
        with connection:
            assert read_all(connection).endswith(b"</html>\n")
    assert server.process.wait(15) == 0


def test_memory_and_secrecy_of_the_process(make_server):
    server = make_server(log_level="warning")
    proc = pathlib.Path("/proc") / str(server.process.pid)
    assert proc.stat().st_uid == 0  # not dumpable: its files in /proc are root's
    limits = (proc / "limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
