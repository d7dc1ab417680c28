"""Starts and stops `python -m simulator …` for tests."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(TESTS), PYTHONDONTWRITEBYTECODE="1")


@contextlib.contextmanager
def simulator(*args):
    """the facts of its ready line; ends it by SIGTERM afterwards and wants exit status 0"""
    p = subprocess.Popen([sys.executable, "-m", "simulator", *args], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        line = p.stdout.readline()
        assert line, "the simulator did not start"
        yield json.loads(line)
        assert p.poll() is None, "the simulator ended by itself"
    finally:
        p.terminate()
        status = p.wait(10)
        p.stdout.close()
    assert status == 0
