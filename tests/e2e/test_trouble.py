"""Headscale gone, hung, slow, refusing or talking nonsense: what people read, how soon, and that nothing is done twice."""
import signal
import time
import urllib.error
import urllib.request

import pytest
from harness import stack
from harness.process import SLOWER, kept_waiting, wait_until


def timed(act):
    started = time.monotonic()
    act()
    return (time.monotonic() - started) / SLOWER


def fetch(visitor, path):
    """(answer, seconds) of a page without the browser's own work, and without waits for a processor"""
    started, waited = time.monotonic(), kept_waiting()
    answer = visitor.context.request.get(visitor.web.url(path), max_redirects=0)
    waited = kept_waiting() - waited
    return answer, (time.monotonic() - started - max(waited, 0)) / SLOWER


# What goes wrong on the wire is the same for both generations; the ways in differ: TCP for 0.23, the socket for 0.29.
FAULTS = [("0.29", how) for how in ("stopped", "hang", "unavailable", "garbage", "html", "drop", "unauthenticated")]
FAULTS += [("0.23", how) for how in ("stopped", "hang", "drop")]


def break_it(headscale, how):
    if how == "stopped":
        headscale.stop_api()
    elif how == "unauthenticated":
        # what a wrong key meets: finding out the version needs none
        headscale.fault(how, method="ListUsers")
    else:
        headscale.fault(how)


@pytest.mark.parametrize("generation,how", FAULTS)
def test_reads_show_the_last_list_with_its_age(mia, headscale, how):
    mia.open("/")
    break_it(headscale, how)
    stack.settle()
    for path in ("/", "/routes", "/nodes/%d" % headscale.named("mia-laptop")["id"]):
        answer, seconds = fetch(mia, path)
        assert answer.status == 200 and seconds < 2, (path, seconds)
    mia.open("/")
    assert "mia-laptop" in mia.rows("mine")
    stale = mia.page.locator("#stale").inner_text()
    assert "Headscale has not answered for" in stale and "You can look, but not change anything." in stale


@pytest.mark.parametrize("path", ("/", "/routes", "/nodes/%d"), ids=("devices", "routes", "device"))
def test_what_is_shown_while_an_answer_is_late(mia, headscale, path):
    """it is no failure yet, and what is shown is from before: it says so"""
    mia.open("/")
    stack.settle()
    headscale.fault("delay", delay_ms=1900 * SLOWER, method="ListNodes")
    answer, _ = fetch(mia, path % headscale.named("mia-laptop")["id"] if "%" in path else path)
    assert answer.status == 200 and "Headscale has not answered for" in answer.text()


@pytest.mark.parametrize("generation,how", FAULTS)
def test_first_view_without_any_list(visit, workspace, headscale, github, how):
    break_it(headscale, how)
    web = stack.Web(workspace, headscale, github)
    v = visit(web)
    v.open("/")
    v.press("Sign in with GitHub")
    v.page.get_by_role("button", name="Continue as mia").click()
    v.page.wait_for_load_state()
    answer, seconds = fetch(v, "/")
    assert answer.status in (502, 503, 504) and seconds < 5, (answer.status, seconds)
    if answer.status == 503:
        assert int(answer.headers["retry-after"]) > 0
    v.open("/")
    assert v.heading() == ("Ouroboros is not let in by Headscale" if how == "unauthenticated"
                           else "Headscale does not answer")
    headscale.calm()
    wait_until(lambda: fetch(v, "/")[0].status == 200, 40, "the list comes back")
    v.open("/")
    assert "mia-laptop" in v.rows("mine")


@pytest.mark.parametrize("how", ("stopped", "unavailable", "html", "unauthenticated"))
def test_writes_say_that_nothing_was_changed(mia, headscale, fresh, how):
    node = headscale.add_node(fresh("safe"), online=False)
    mia.open_node(node["id"])
    mia.page.get_by_role("textbox", name="Name").fill(fresh("wanted"))
    break_it(headscale, how)
    assert timed(lambda: mia.press("Rename")) < 20
    text = mia.text().lower()
    assert "nothing was changed" in text or "nothing was done" in text
    assert headscale.node(node["id"])["given_name"] == node["given_name"]


def test_changes_that_follow_too_quickly(visit, workspace, headscale, github, home, fresh):
    # one change, and the next in minutes
    web = home.web(workspace, headscale, github, RATE_LIMIT_PERCENT="1")
    node, name = headscale.add_node(fresh("quick"), online=False), fresh("once")
    mia = visit(web)
    home.enter(mia, "mia", "/add")
    mia.rename(node["id"], name)
    assert mia.note() == "Renamed."
    mia.rename(node["id"], fresh("twice"))
    assert mia.heading() == "Too many requests" and "Nothing was done. Try again in" in mia.text()
    assert headscale.node(node["id"])["given_name"] == name
    assert mia.open("/").status == 200, "reading is not counted"


@pytest.mark.parametrize("how", (pytest.param("hang_after", marks=pytest.mark.long), "drop_after", "garbage"))
def test_write_with_an_unknown_end(mia, headscale, fresh, how):
    """the server did it and then said nothing: never claimed as done or not done, never repeated"""
    node = headscale.add_node(fresh("maybe"), online=False)
    mia.open("/nodes/%d/remove" % node["id"])
    headscale.reset_calls()
    headscale.fault(how, method="DeleteNode")
    assert timed(lambda: mia.press("Remove " + node["given_name"])) < 20
    assert mia.heading() == "It is not known what happened"
    assert ("Headscale stopped answering while %s was being removed. It may or may not be gone; look at the list in a "
            "moment." % node["given_name"]) in mia.text()
    assert headscale.calls()["DeleteNode"] == 1, "not repeated"
    assert mia.web.audit()[-1]["action"] == "delete" and "uncertain" in str(mia.web.audit()[-1])


@pytest.mark.long
def test_register_with_an_unknown_end(mia, headscale, fresh):
    device = headscale.announce(fresh("maybe"))
    mia.open(device["path"])
    method = "AuthRegister" if headscale.generation in ("0.29", "0.30") else "RegisterNode"
    headscale.reset_calls()
    headscale.fault("hang_after", method=method)
    mia.add_device()
    assert "It may or may not be in; look at the list in a moment." in mia.text()
    assert headscale.calls()[method] == 1


def test_read_survives_a_closed_connection(mia, headscale):
    """GOAWAY and a dropped connection in the middle of a read are not seen by anybody"""
    for how in ("goaway", "drop"):
        stack.settle()
        headscale.fault(how, count=1)
        mia.open("/")
        assert "mia-laptop" in mia.rows("mine")
        assert mia.page.locator("#stale").inner_text().strip() == "", how


def test_headscale_restarts(mia, headscale):
    mia.open("/")
    headscale.stop_api()
    stack.settle()
    mia.open("/")
    assert "Headscale has not answered" in mia.text()
    headscale.start_api()

    def fresh_again():
        mia.open("/")
        return "Headscale has not answered" not in mia.text()
    wait_until(fresh_again, 40, "the list is fresh again")


def test_wrong_key_is_said_plainly(visit, workspace, headscales, github):
    headscale = headscales("0.23")
    headscale.calm()
    web = stack.Web(workspace, headscale, github, HS_API_KEY="wrong.key-that-nobody-made")
    v = visit(web)
    v.sign_in("mia")
    assert v.heading() == "Ouroboros is not let in by Headscale" and "hs_api_key" in v.text()
    assert "wrong.key-that-nobody-made" not in v.page.content() + web.process.log()


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=15) as answer:
            return answer.status
    except urllib.error.HTTPError as e:
        return e.code


def test_health_and_readiness(workspace, headscale, github):
    headscale.stop_api()
    web = stack.Web(workspace, headscale, github)
    assert status(web.url("/healthz")) == 200, "alive while Headscale is down"
    assert status(web.url("/readyz")) == 503
    headscale.start_api()
    wait_until(lambda: status(web.url("/readyz")) == 200, 40, "ready")


def test_stops_cleanly_with_a_request_in_flight(mia, headscale):
    mia.open("/")
    stack.settle()
    headscale.fault("delay", delay_ms=1000)
    with mia.page.expect_navigation():
        mia.page.evaluate("() => { location.href = location.href }")
        time.sleep(0.3)
        mia.web.process.signal(signal.SIGTERM)
    assert "mia-laptop" in mia.rows("mine"), "what runs is finished"
    started = time.monotonic()
    assert mia.web.process.child.wait(12) == 0
    assert (time.monotonic() - started) / SLOWER < 10
    mia.web.process.stopped = True


def test_nothing_secret_in_log_or_record(visit, web, headscale, fresh):
    mia = visit(web)
    mia.sign_in("mia", "/add")
    node = headscale.add_node(fresh("quiet"), online=False)
    mia.rename(node["id"], fresh("quieter"))
    written = mia.web.process.log() + str(mia.web.audit())
    secrets = [stack.CLIENT_SECRET, headscale.api_key, mia.web.settings["SESSION_KEY"].partition(":")[2],
               *(c["value"] for c in mia.context.cookies())]
    for secret in secrets:
        assert secret not in written
    assert "code=" not in written and "state=" not in written
