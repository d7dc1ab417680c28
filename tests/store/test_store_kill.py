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

ENDLESS = 1000000
# It is killed after so many writes at most, or so many seconds where the disk is slow: in that time SQLite moves its log into
# the file more than once.
WRITES, ENOUGH = 1000, 1
# About what a write takes: the kill meets any part of one.
WITHIN = 0.003
KILLS = 25


def sqlite_rows(place):
    with sqlite3.connect(place / "ouroboros.db", timeout=20) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return (db.execute("SELECT id, digest FROM ouroboros_token").fetchall(),
                [row[0] for row in db.execute("SELECT line FROM ouroboros_audit ORDER BY number")])


def postgres_rows(postgres):
    return ([tuple(row.split("|")) for row in postgres.sql("SELECT id, digest FROM ouroboros_token")],
            postgres.sql("SELECT line FROM ouroboros_audit ORDER BY number"))


def run_and_kill(place):
    """the last number that was acknowledged. The tool would write for ever, so that it is killed while it works however fast
    it is; and runs ahead of what is read here, so that more may have been acknowledged than was waited for."""
    one = Tool(place, 5000, "write", ENDLESS)
    last, wanted = 0, random.randint(1, WRITES)
    try:
        until = time.monotonic() + ENOUGH
        while last < wanted and (last == 0 or time.monotonic() < until):
            last += 1
            assert one.line() == str(last)
        time.sleep(random.uniform(0, WITHIN))
    finally:
        one.child.kill()
    for line in one.rest():
        last += 1
        assert line == str(last)
    assert one.child.returncode == -signal.SIGKILL
    return last


def check(rows, last):
    tokens, lines = rows
    numbers = sorted([int(i) for i, digest in tokens if digest == "d" * 64] + [json.loads(line)["number"] for line in lines])
    assert len(tokens) + len(lines) == len(numbers)
    # All that was acknowledged, and at most the one that was under way.
    assert numbers in (list(range(1, last + 1)), list(range(1, last + 2)))


@pytest.mark.long
def test_a_file_loses_nothing(folder):
    random.seed()
    for i in range(KILLS):
        place = folder / str(i)
        last = run_and_kill(place)
        check(sqlite_rows(place), last)
        # It opens again, and goes on.
        again = Tool(place)
        assert again.line() == "open"
        assert again.ask("add %d" % (ENDLESS + 1)) == "ok"
        assert again.close() == 0


def test_a_server_loses_nothing(postgres):
    random.seed()
    for _ in range(10):
        postgres.empty()
        last = run_and_kill(postgres.url)
        deadline = time.monotonic() + 20 * SLOWER
        while postgres.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not postgres.processes()
        check(postgres_rows(postgres), last)


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
