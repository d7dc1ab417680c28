#!/usr/bin/env python3
"""HEADSCALE_BIN=/path/to/headscale ./x live: the journey against a real server; more arguments go to pytest."""
import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(prog="./x live", description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "debug")
    args, more = parser.parse_known_args()
    binary = os.environ.get("HEADSCALE_BIN", "")
    if not os.access(binary, os.X_OK):
        sys.exit("Say which server to test with: HEADSCALE_BIN=/path/to/headscale ./x live")
    version = subprocess.run([binary, "version"], capture_output=True, text=True, timeout=60)
    print("against %s: %s" % (pathlib.Path(binary).name, " ".join(version.stdout.split()[:3])), flush=True)
    environment = dict(os.environ, OURO_BUILD_DIR=str(args.build.resolve()), PYTHONPATH=str(ROOT / "tests"),
                       PYTHONDONTWRITEBYTECODE="1")
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "3", "--rootdir", str(ROOT / "tests"), "-o",
                           "cache_dir=" + str(ROOT / "build" / "pytest"), str(ROOT / "tests" / "live"), *more],
                          env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
