"""Starts and stops simulators for tests. Each is a process of its own, forked from one that has imported everything already:
starting Python anew for every test would take most of the time of these tests."""
import contextlib
import json
import multiprocessing.forkserver
import os
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(TESTS))
FORKS = multiprocessing.get_context("forkserver")


def prepare():
    """start what the simulators are forked from; it finds our packages only by its environment"""
    FORKS.set_forkserver_preload(["simulator.__main__", "simulator.headscale", "simulator.github", "starlette.applications",
                                  "starlette.responses", "starlette.routing", "uvicorn.lifespan.off",
                                  "uvicorn.protocols.http.h11_impl"])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(TESTS)
    multiprocessing.forkserver.ensure_running()
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


def serve(arguments, output):
    """what `python -m simulator …` does, with its standard output in a pipe"""
    from simulator.__main__ import main
    os.dup2(output.fileno(), 1)
    output.close()
    sys.argv = ["simulator", *arguments]
    sys.exit(main())


@contextlib.contextmanager
def simulator(*args):
    """the facts of its ready line; ends it by SIGTERM afterwards and wants exit status 0"""
    prepare()
    reading, writing = FORKS.Pipe(duplex=False)
    p = FORKS.Process(target=serve, args=([str(a) for a in args], writing), daemon=True)
    p.start()
    writing.close()
    try:
        with open(os.dup(reading.fileno()), encoding="utf-8") as output:
            line = output.readline()
            assert line, "the simulator did not start"
            yield json.loads(line)
            assert p.is_alive(), "the simulator ended by itself"
    finally:
        p.terminate()
        p.join(10)
        reading.close()
    assert p.exitcode == 0
