"""Killed at any moment, whatever was acknowledged is there, and nothing is half there."""
import json
import os
import random
import signal
import sqlite3
import time

import pytest
from harness.process import SLOWER

from store.conftest import Tool

WRITES = 1000
KILLS = 25


def sqlite_rows(place):
    with sqlite3.connect(place / "ouroboros.db", timeout=20) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return (db.execute("SELECT id, digest FROM ouroboros_token").fetchall(),
                [row[0] for row in db.execute("SELECT line FROM ouroboros_audit ORDER BY number")])


def postgres_rows(postgres):
    return ([tuple(row.split("|")) for row in postgres.sql("SELECT id, digest FROM ouroboros_token")],
            postgres.sql("SELECT line FROM ouroboros_audit ORDER BY number"))


def run_and_kill(place, seconds):
    """the last number that was acknowledged, and whether it was killed before the end"""
    one = Tool(place, 5000, "write", WRITES)
    last = 0
    first = one.line()
    if first is not None and first.isdigit():
        last = int(first)
        time.sleep(seconds)
    os.kill(one.child.pid, signal.SIGKILL)
    for line in one.rest():
        assert line.isdigit(), line
        assert int(line) == last + 1
        last = int(line)
    assert one.child.wait(10 * SLOWER) in (0, -signal.SIGKILL)
    return last, one.child.returncode != 0


def check(rows, last):
    tokens, lines = rows
    numbers = sorted([int(i) for i, digest in tokens if digest == "d" * 64] + [json.loads(line)["number"] for line in lines])
    assert len(tokens) + len(lines) == len(numbers)
    # All that was acknowledged, and at most the one that was under way.
    assert numbers in (list(range(1, last + 1)), list(range(1, last + 2)))


@pytest.mark.long
def test_a_file_loses_nothing(folder):
    random.seed()
    seen = killed = 0
    for i in range(KILLS):
        place = folder / str(i)
        last, early = run_and_kill(place, random.uniform(0, 0.8))
        if last:
            check(sqlite_rows(place), last)
            seen += last
        killed += early
        # It opens again, and goes on.
        again = Tool(place)
        assert again.line() == "open"
        assert again.ask("add 5001") == "ok"
        assert again.close() == 0
    assert killed >= KILLS // 2 and seen > KILLS


def test_a_server_loses_nothing(postgres):
    random.seed()
    killed = 0
    for _ in range(10):
        postgres.empty()
        last, early = run_and_kill(postgres.url, random.uniform(0, 0.6))
        deadline = time.monotonic() + 20 * SLOWER
        while postgres.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not postgres.processes()
        check(postgres_rows(postgres), last)
        killed += early
    assert killed >= 3


@pytest.mark.parametrize("moment", range(4))
def test_killed_while_it_begins(folder, moment):
    """the file is made, given its tables and opened: the next start takes what it finds"""
    for i in range(6):
        one = Tool(folder / str(i))
        time.sleep(moment * 0.004 + i * 0.001)
        os.kill(one.child.pid, signal.SIGKILL)
        one.rest()
        again = Tool(folder / str(i))
        assert again.line() == "open"
        assert again.ask("add 1") == "ok"
        assert again.close() == 0
