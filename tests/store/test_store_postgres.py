"""The store in PostgreSQL: the suites of SQLite on a real server, and what happens while that comes and goes."""
import os
import signal
import subprocess
import time

import pytest
from harness.process import SLOWER, build_directory, plain_environment, wait_until

from store.conftest import Tool


@pytest.mark.parametrize("suite", ["store_tokens", "store_logins", "store_schema", "api_tokens", "api_logins"])
def test_the_suite_of_sqlite(postgres, suite):
    done = subprocess.run([build_directory() / "tests" / ("test_" + suite)], capture_output=True, text=True, check=False,
                          timeout=300 * SLOWER, env=plain_environment(OURO_TEST_STORE_URL=postgres.url))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout + done.stderr
    # It ran here, not on a file.
    assert postgres.sql("SELECT to_regclass('ouroboros_audit') IS NOT NULL OR %d = 1" % (suite == "store_schema")) == ["t"]


def test_it_is_not_loaded_for_a_file(folder, postgres, tool):
    def libraries(one):
        with open("/proc/%d/maps" % one.child.pid, encoding="utf-8") as maps:
            return maps.read()
    assert "libpq" not in libraries(tool(folder))
    assert "libpq" in libraries(tool(postgres.url))


def test_many_begin_at_once(postgres):
    tools = [Tool(postgres.url) for _ in range(6)]
    assert [t.line() for t in tools] == ["open"] * 6
    assert [t.ask("add %d" % i) for i, t in enumerate(tools)] == ["ok"] * 6
    assert [t.close() for t in tools] == [0] * 6
    assert postgres.sql("SELECT version FROM ouroboros_schema") == ["1"]
    assert postgres.sql("SELECT count(*) FROM ouroboros_token") == ["6"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_it_comes_back(postgres, tool, how):
    one = tool(postgres.url)
    assert one.ask("add 1") == "ok"
    postgres.stop(how)
    first = one.ask("get 1")
    assert first.startswith("io: PostgreSQL cannot be reached: "), first
    assert one.ask("add 2").startswith("io: PostgreSQL cannot be reached: ")  # nothing was sent, so it is certain
    postgres.start()
    wait_until(lambda: one.ask("get 1") == "ok", 10, "it is connected again")
    assert one.ask("get 2").startswith("not-found")
    assert one.ask("add 2") == "ok"


def test_a_restart_while_nobody_asks_is_not_noticed(postgres, tool):
    one = tool(postgres.url)
    assert one.ask("add 1") == "ok"
    for number in (2, 3):
        postgres.stop()
        postgres.start()
        assert one.ask("add %d" % number) == "ok"


def test_a_connection_that_was_ended_is_not_noticed(postgres, tool):
    one = tool(postgres.url)
    for number in range(5):
        before = postgres.processes()
        postgres.sql("SELECT pg_terminate_backend(%d)" % before[0])
        wait_until(lambda: before[0] not in postgres.processes(), 10, "it is ended")
        assert one.ask("add %d" % number) == "ok"


def test_it_may_be_away_at_the_start(postgres, tool):
    postgres.stop()
    one = tool(postgres.url)
    assert one.ask("check").startswith("io: PostgreSQL cannot be reached: ")
    postgres.start()
    wait_until(lambda: one.ask("check") == "ok", 10, "it is connected")
    assert one.ask("audit 1") == "ok"
    assert postgres.sql("SELECT line FROM ouroboros_audit") == ['{"number":1}']


def test_a_lock_is_waited_for_and_no_longer(postgres, tool):
    one = tool(postgres.url, 1200)
    holder = subprocess.Popen([postgres.bin / "psql", "-h", postgres.path, "-U", "ouro", "-d", "postgres", "-XqAt"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdin.write("BEGIN; LOCK TABLE ouroboros_token; SELECT 'locked';\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "locked\n"
    begin = time.monotonic()
    for command in ("get 1", "add 1", "drop 1"):
        answer = one.ask(command)
        assert answer == "timeout: PostgreSQL did not answer in time; nothing was changed", command
    assert time.monotonic() - begin < 3 * 3 * SLOWER
    assert one.ask("audit 1") == "ok"  # the connection is of use
    holder.communicate("ROLLBACK;\n", timeout=20 * SLOWER)
    assert one.ask("add 1") == "ok"


def test_a_server_that_hangs_is_left(postgres, tool):
    one = tool(postgres.url, 1000)
    assert one.ask("add 1") == "ok" and one.ask("audit 0") == "ok"
    process, = postgres.processes()
    os.kill(process, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        # A transaction that did not begin changed nothing.
        assert one.ask("add 2") == "timeout: PostgreSQL did not answer in time; nothing was changed"
    finally:
        os.kill(process, signal.SIGCONT)
    assert one.ask("get 1") == "ok"
    process, = wait_until(lambda: len(postgres.processes()) == 1 and postgres.processes(), 10, "the first one is gone")
    os.kill(process, signal.SIGSTOP)
    try:
        # It was sent, and nobody knows what the server will make of it.
        assert one.ask("audit 1").startswith("uncertain: PostgreSQL went away or was too slow during a write")
        assert time.monotonic() - begin < 5 * SLOWER
        assert one.ask("get 1") == "ok"  # over another connection
    finally:
        os.kill(process, signal.SIGCONT)


def test_newer_is_left_alone(postgres):
    assert Tool(postgres.url).close() == 0
    postgres.sql("UPDATE ouroboros_schema SET version = 99")
    one = Tool(postgres.url)
    assert one.rest() == ["unsupported: the PostgreSQL database was made by a newer Ouroboros (schema 99); start that one. "
                          "Nothing was changed"]
    assert one.child.returncode == 1
    assert postgres.sql("SELECT version FROM ouroboros_schema") == ["99"]


def test_newer_after_a_restart_is_left_alone(postgres, tool):
    one = tool(postgres.url)
    postgres.sql("UPDATE ouroboros_schema SET version = 99")
    assert one.ask("add 1") == "ok"  # what was begun goes on
    postgres.stop()
    postgres.start()
    assert one.ask("add 2").startswith("unsupported: ")
    assert postgres.sql("SELECT count(*) FROM ouroboros_token") == ["1"]


def test_a_look_changes_nothing(postgres, tool):
    def look():
        return Tool(postgres.url, "look").rest()
    assert look() == ["none"]
    assert postgres.sql("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'ouroboros%'") == ["0"]
    one = tool(postgres.url)
    assert look() == ["current"]
    postgres.sql("UPDATE ouroboros_check SET at = 7")
    assert look() == ["current"]
    assert postgres.sql("SELECT at FROM ouroboros_check") == ["7"]
    postgres.sql("UPDATE ouroboros_schema SET version = 99")
    assert look()[0].startswith("unsupported: the PostgreSQL database was made by a newer Ouroboros")
    assert one.ask("add 1") == "ok"
    postgres.stop()
    assert look()[0].startswith("io: PostgreSQL cannot be reached")


def test_read_only(postgres, tool):
    one = tool(postgres.url)
    postgres.sql("ALTER ROLE ouro SET default_transaction_read_only = on")
    try:
        for process in postgres.processes():
            postgres.sql("SELECT pg_terminate_backend(%d)" % process)
        wait_until(lambda: "PostgreSQL is read-only" in one.ask("add 1"), 10, "it says so")
        assert one.ask("get 1").startswith("not-found")
    finally:
        postgres.sql("ALTER ROLE ouro RESET default_transaction_read_only")


@pytest.mark.parametrize("code,text", [
    ("53100", "io: PostgreSQL's disk is full; nothing was changed. Make room and try again"),
    ("42501", "io: PostgreSQL refused: because (SQLSTATE 42501); nothing was changed"),
])
def test_what_the_server_refuses(postgres, tool, code, text):
    one = tool(postgres.url)
    postgres.sql("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'because' USING ERRCODE = '%s';"
                 " END $$ LANGUAGE plpgsql; CREATE TRIGGER refuse BEFORE INSERT ON ouroboros_token EXECUTE FUNCTION refuse()"
                 % code)
    assert one.ask("add 1") == text
    assert one.ask("audit 1") == "ok"
    postgres.sql("DROP TRIGGER refuse ON ouroboros_token")
    assert one.ask("add 1") == "ok"


@pytest.mark.parametrize("url,status", [
    ("postgresql://nobody:secret-word@/postgres?host={host}", "io"),
    ("postgresql://ouro:secret-word@/missing?host={host}", "io"),
    ("postgresql://ouro:secret-word@127.0.0.1:1/x", "io"),
    ("postgresql://ouro:secret-word%zz@/postgres?host={host}", "invalid"),
    ("postgresql://ouro:secret-word@/postgres?what=ever", "invalid"),
    ("mysql://ouro:secret-word@/x", "invalid"),
])
def test_wrong_urls_do_not_show_the_password(postgres, url, status):
    one = Tool(url.format(host=str(postgres.path).replace("/", "%2F")))
    lines = [one.line()]
    if lines == ["open"]:
        lines = [one.ask("check")]
        assert one.close() == 0
    assert lines[0].startswith(status + ": "), lines
    assert "secret-word" not in str(lines)
