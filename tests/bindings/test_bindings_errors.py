"""Errors as exceptions, arguments that are none, and functions of Python's that the library calls."""
import datetime
import logging
import threading

import pytest
from harness import stack
from harness.library import MIA, ouroboros, tailnet
from harness.process import free_port, wait_until
from ouroboros import Origin

NEW_DIRECTORY = {MIA.id: "sink"}


@pytest.fixture(scope="module", params=["0.23", "0.30"])
def headscale(request, place):
    return stack.Headscale(place, request.param, ways=("grpc" if request.param == "0.23" else "http",))


@pytest.fixture
def mia(headscale):
    with tailnet(headscale) as server, ouroboros.Directory(NEW_DIRECTORY) as directory, \
            ouroboros.Portal(server, directory) as portal, portal.person(MIA) as person:
        yield person
    headscale.calm()


def test_what_an_error_carries(mia):
    with pytest.raises(ouroboros.NotFound) as caught:
        mia.rename(2**40, "x")
    e = caught.value
    assert isinstance(e, ouroboros.Error) and str(e) == e.text == "there is no such device, or it is not yours"
    assert (e.status, e.name, e.origin) == (-3, "not-found", Origin.LIBRARY)
    assert (e.http_status, e.grpc_status, e.os_errno, e.retryable) == (None, None, None, False)


def test_error_of_the_server(headscale):
    """the server's own answer is carried along"""
    address = (headscale.grpc if headscale.generation == "0.23" else headscale.http).rpartition("/")[2]
    with ouroboros.Tailnet(address, "not-its-key", plaintext=True) as server, pytest.raises(ouroboros.Unauthenticated) as caught:
        server.check()
    e = caught.value
    assert e.origin == Origin.HEADSCALE and e.name == "unauthenticated"
    if headscale.generation == "0.23":
        assert e.grpc_status == 13 and e.http_status is None
    else:
        assert e.http_status == 401


def test_no_server():
    with ouroboros.Tailnet("127.0.0.1:%d" % free_port(), "key", plaintext=True) as server:
        with pytest.raises(ouroboros.Unreachable) as caught:
            server.check()
        status = server.status()
    assert caught.value.origin == Origin.NETWORK and caught.value.retryable and caught.value.os_errno
    assert not status.reachable and status.last_error == ouroboros.Unreachable.status and status.answered is None


def test_config_says_every_fault():
    with pytest.raises(ouroboros.Config) as caught:
        ouroboros.Directory({"no number": "x", 5: 7}, {"rename": "perhaps", "renaem": True})
    faults = {f.where: f.text for f in caught.value.faults}
    assert {"user_map.no number", "rules.rename", "rules.renaem"} <= set(faults)
    assert len(caught.value.faults) >= 4 and caught.value.text
    with pytest.raises(ouroboros.Config) as caught:
        ouroboros.Directory('{"1": "a", "1": "b"}')
    assert caught.value.faults
    with ouroboros.Directory(NEW_DIRECTORY) as directory:
        with pytest.raises(ouroboros.Config) as caught:
            directory.reload("nonsense")
        assert caught.value.faults and len(directory) == 1


@pytest.mark.parametrize("act", [
    lambda mia: mia.rename(1, "two\0texts"),
    lambda mia: mia.rename(1, "half of a \ud83d character"),
    lambda mia: mia.rename(-1, "x"),
    lambda mia: mia.rename(2**64, "x"),
    lambda mia: mia.nodes(limit=-1),
    lambda mia: mia.extend(1, datetime.datetime(2030, 1, 1)),
    lambda mia: mia.revoke_token("a\0b"),
    lambda mia: mia.register(ouroboros.Registration(1, "k" * 200)),
    lambda mia: mia.delete(1, address="a\0b"),
    lambda mia: ouroboros.Tailnet("host:1", "key\0"),
    lambda mia: ouroboros.Tailnet("host:1", "key", read_timeout=-1),
    lambda mia: ouroboros.Tailnet("host:1", "key", read_timeout=float("nan")),
    lambda mia: ouroboros.Tailnet("host:1"),
    lambda mia: ouroboros.Store(),
], ids=range(14))
def test_arguments(headscale, mia, act):
    """Invalid, which is a ValueError too; nothing was asked of the server"""
    headscale.reset_calls()
    with pytest.raises(ouroboros.Invalid) as caught:
        act(mia)
    assert isinstance(caught.value, ValueError) and caught.value.text and caught.value.name == "invalid"
    assert headscale.writes() == []


@pytest.mark.parametrize("act", [
    lambda mia: mia.rename("1", "x"), lambda mia: mia.rename(1, None), lambda mia: mia.rename(1, 5),
    lambda mia: mia.nodes(search=7), lambda mia: ouroboros.Tailnet(address=5, api_key="x"),
    lambda mia: ouroboros.Portal(None, None),
], ids=range(6))
def test_wrong_types(mia, act):
    with pytest.raises((TypeError, AttributeError)):
        act(mia)


# ---- callbacks


def test_log_as_function_and_as_logger(headscale, caplog):
    lines = []
    with tailnet(headscale, log=lambda level, line: lines.append((level, line))) as server:
        server.check()
    assert any(level == ouroboros.LogLevel.INFO and headscale.generation in line for level, line in lines)
    with caplog.at_level(logging.DEBUG, "of.a.test"), tailnet(headscale, log=logging.getLogger("of.a.test")) as server:
        server.check()
    assert {r.getMessage() for r in caplog.records if r.name == "of.a.test" and r.levelno == logging.INFO} >= \
        {line for level, line in lines if level == ouroboros.LogLevel.INFO and "is version" in line}


def test_callbacks_that_fail(headscale, caplog):
    """each goes to the logger and nowhere else; the call does what it does without"""
    def fail(*arguments):
        raise RuntimeError("of the callback")
    node = headscale.add_node("of-failing")
    with tailnet(headscale, log=fail) as server, ouroboros.Directory(NEW_DIRECTORY) as directory, \
            ouroboros.Portal(server, directory, audit=fail, clock=fail) as portal, portal.person(MIA) as mia:
        assert mia.rename(node["id"], "all-the-same").name == "all-the-same"
    assert headscale.node(node["id"])["given_name"] == "all-the-same"
    failed = {r.getMessage() for r in caplog.records if r.name == "ouroboros"}
    assert failed == {"the callback for the %s failed" % what for what in ("log", "audit record", "clock")}
    assert all("of the callback" in str(r.exc_info[1]) for r in caplog.records if r.name == "ouroboros")


def test_clock(headscale, caplog):
    """a number, a datetime, and one that says nonsense: the system's then"""
    for clock in (lambda: 2_000_000_000, lambda: datetime.datetime.fromtimestamp(2e9, datetime.timezone.utc), lambda: "noon"):
        records = []
        with tailnet(headscale) as server, ouroboros.Directory(NEW_DIRECTORY) as directory, \
                ouroboros.Portal(server, directory, audit=records.append, clock=clock) as portal, portal.person(MIA) as mia:
            with pytest.raises(ouroboros.NotFound):
                mia.delete(2**40)
        assert ("2033-05-18T03:33:20Z" in records[0]) == (clock() != "noon")
    assert "the callback for the clock failed" in caplog.text


def test_callbacks_live_as_long_as_they_are_called(headscale):
    """nobody but the library has them"""
    import gc
    lines, done = [], threading.Event()

    def opened():
        return tailnet(headscale, log=lambda level, line: lines.append(line))
    with opened() as server:
        for _ in range(3):
            gc.collect()
        server.check()
        done.set()
    assert lines and done.is_set()


def test_audit_comes_in_order(headscale):
    records, running = [], []

    def audit(line):
        running.append(1)
        assert len(running) == 1
        records.append(line)
        running.pop()
    with tailnet(headscale) as server, ouroboros.Directory(NEW_DIRECTORY) as directory, \
            ouroboros.Portal(server, directory, audit=audit) as portal, portal.person(MIA) as mia:
        def refuse():
            for _ in range(5):
                with pytest.raises(ouroboros.NotFound):
                    mia.delete(2**40)
        threads = [threading.Thread(target=refuse) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len(records) == 20


def test_stale(headscale, mia):
    """the server is away: the list is shown with its age, writes say so"""
    mia.nodes()
    headscale.stop_api()
    try:
        wait_until(lambda: mia.nodes().stale, 5, "the list is stale")
        with pytest.raises(ouroboros.Unreachable):
            mia.rename(1, "x")
    finally:
        headscale.start_api()
