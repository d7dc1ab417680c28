"""The server goes away as one version and comes back as the next while fifty browsers are at work: nobody is told what is not
so, nothing is done twice, and it all goes on within seconds, without a restart."""
import collections
import os
import pathlib
import threading
import time

import ledger
import pytest
from crowd import DONE, NOT_DONE, UNKNOWN, Adder, Crowd, enter
from harness.client import Client
from harness.process import SLOWER, wait_until

# (from, to, way in, for how many seconds the server is away)
CASES = [("0.23", "0.24", "grpc", 1), ("0.24", "0.25", "port", 2.5), ("0.25", "0.26", "socket", 1), ("0.26", "0.27", "grpc", 2),
         ("0.27", "0.28", "port", 1), ("0.28", "0.29", "socket", 2.5), ("0.29", "0.30", "grpc", 1),
         ("0.29", "0.30", "port", 2.5), ("0.29", "0.30", "socket", 1), ("0.30", "0.29", "socket", 1)]
# seconds from the server's return until lists are fresh and changes are made
RECOVERY = 5
# They forget log-outs when they restart.
FORGETFUL = ("0.27", "0.28")
# how pages name a version, where that is not its generation
SHOWN = {"0.27": "0.27.1"}
# A list is fresh for so long, and needs no question.
FRESH = 2


def cut(version):
    """calls that the server takes and does not answer any more: some are done, some never will be"""
    switch = "SetApprovedRoutes" if version >= "0.26" else "EnableRoute"
    register = "AuthRegister" if version >= "0.29" else "RegisterNode"
    return [{"mode": mode, "method": method, "count": count} for mode, method, count in (
        ("hang_after", "RenameNode", 3), ("hang", "RenameNode", 2), ("hang_after", switch, 1), ("hang", switch, 1),
        ("hang_after", "ExpireNode", 1), ("hang_after", register, 1))]


def waits():
    """{(process, thread): seconds that it could have run, had there been a processor}, of this process and its children"""
    found = {}
    try:
        children = pathlib.Path("/proc/self/task/%d/children" % os.getpid()).read_text().split()
    except OSError:
        return found
    for pid in [str(os.getpid()), *children]:
        for stat in pathlib.Path("/proc/%s/task" % pid).glob("*/schedstat"):
            try:
                found[pid, stat.parent.name] = int(stat.read_text().split()[1]) / 1e9
            except (OSError, IndexError):
                pass  # the thread has ended
    return found


def held_up(before, after):
    """how much later a request may be answered that passes one thread of every process, on a machine as busy as this"""
    longest = collections.Counter()
    for (pid, thread), seconds in after.items():
        longest[pid] = max(longest[pid], seconds - before.get((pid, thread), 0))
    return sum(longest.values())


class Replacement(threading.Thread):
    """the server ends, and the other version starts on its database"""

    def __init__(self, place, old, new, down):
        super().__init__(daemon=True)
        self.place, self.what = place, "/upgrade" if new > old else "/downgrade"
        self.body = {"to": new, "down_ms": down * 1000, "back": 0.5}

    def run(self):
        self.place.order(self.what, self.body)

    def wait(self):
        self.join(20 * SLOWER)
        assert not self.is_alive()


def replace(place, old, new, down):
    """all of it, with two sign-ins on the way: one comes from GitHub while the server is away, one after its return. When it
    went, and when it was back"""
    gone, replacement = [], Replacement(place, old, new, down)

    def is_gone():
        state = place.state()
        return not state["listening"] and (gone.append(state["since"]) or True)

    def begin():
        replacement.start()
        wait_until(is_gone, 5, "the server is away")
    enter(Client(), place.web.base, "zoe", begin)
    enter(Client(), place.web.base, "zoe", replacement.wait)
    state = place.state()
    assert state["listening"] and state["generation"] == new
    return gone[0], state["since"]


def check_books(place, crowd, old, since):
    """what people were told, the server's list of changes, its state, and our own record agree"""
    changes = [ledger.Change(c, place.routes) for c in place.books()["changes"]]
    wrong = ledger.faults(crowd.attempts, changes)
    nodes = {n["id"]: n for n in place.state()["nodes"]}
    for (action, subject), attempt in ledger.last_words(crowd.attempts).items():
        forgotten = action == "expire" and old in FORGETFUL and attempt.began < since
        if not forgotten and not ledger.holds(attempt, nodes):
            wrong.append("%r, but it is %r" % (attempt, nodes.get(subject)))
    recorded = collections.Counter((x["action"], x["after"], x["result"]) for x in place.web.audit())
    for attempt in crowd.attempts:
        result = {DONE: "ok", UNKNOWN: "uncertain"}.get(attempt.told)
        if attempt.action == "rename" and result and recorded["rename", attempt.wanted, result] != 1:
            wrong.append("%r, but recorded otherwise" % attempt)
    assert not wrong, "\n".join(wrong)


def check_gap(crowd, calls_cut, gone, since):
    """while the server is away"""
    unknown, refused = crowd.told(UNKNOWN), crowd.told(NOT_DONE)
    assert len(unknown) >= calls_cut
    assert [a for a in unknown if a.began > gone + 0.2 * SLOWER] == [], "nothing was sent then"
    assert [a for a in refused if gone < a.began < since]
    assert [1 for _, _, stale in crowd.looks if stale]
    blind = [look for look in crowd.looks if look[0] > gone + FRESH + 0.1 and look[1] < since and not look[2]]
    assert blind == [], "an old list without its age"


def check_recovery(crowd, new, since, spare):
    """after its return"""
    done = crowd.told(DONE, since)
    seen, changed = crowd.sees(SHOWN.get(new, new), since) - since, min(a.ended for a in done) - since
    assert seen < RECOVERY * SLOWER + spare and changed < RECOVERY * SLOWER + spare, (seen, changed, spare)
    # links of devices that wait are others' business: a restart makes them void
    late = [a for a in crowd.told(NOT_DONE, since + changed) if a.action != "register"]
    assert late == [], "it goes on without a hitch"


@pytest.mark.parametrize("old,new,way,down", CASES, ids=["%s-%s-%s" % c[:3] for c in CASES])
def test_upgrades__under_load(place_of, old, new, way, down):
    place, calls_cut = place_of(old, way), cut(old)
    with Crowd(place) as crowd:
        wait_until(lambda: crowd.faults or len(crowd.told(DONE)) >= 25, 20, "people work")
        place.order("/faults", calls_cut)
        wait_until(lambda: crowd.faults or not place.state()["faults"], 20, "calls are not answered")
        gone, since = replace(place, old, new, down)
        before = waits()
        wait_until(lambda: crowd.faults or crowd.sees(SHOWN.get(new, new), since) and crowd.told(DONE, since), 20,
                   "people work again")
        spare = held_up(before, waits())
        time.sleep(0.7)
    assert not crowd.faults, "\n".join(crowd.faults)
    check_books(place, crowd, old, since)
    check_gap(crowd, sum(c["count"] for c in calls_cut), gone, since)
    check_recovery(crowd, new, since, spare)
    assert place.state()["crashes"] == 0 and place.web.process.fate() == "running"
    assert " error: " not in place.web.process.log()


def test_upgrades__a_device_is_added_and_the_server_goes(place_of):
    """it is in, but nothing of it can be shown"""
    place = place_of("0.29", "socket")
    device, crowd = place.waiting[0], Crowd(place)
    adder = Adder(crowd, "zoe", [device])
    place.order("/settings", {"latency": 1})

    def silence():
        wait_until(lambda: place.books()["changes"], 10, "the server has added it")
        place.order("/faults", {"mode": "unavailable"})
    silencer = threading.Thread(target=silence)
    page = adder.get(device["path"])
    silencer.start()
    attempt, after = adder.press(page, device["path"], "register", device["key"], device["hostname"])
    silencer.join()
    assert attempt.told == DONE and after.stale
    assert "The device was added. It is listed here as soon as Headscale answers again." in after.text
    place.order("/faults", {"mode": "none"})
    wait_until(lambda: "new-0" in adder.get("/").text, 10, "it is listed")
