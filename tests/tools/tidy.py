#!/usr/bin/env python3
"""Run clang-tidy over every source of ours in a build's compile_commands.json.

usage: tidy.py BUILD_DIR [-j JOBS]

A source that was clean is not looked at again until it, a header of ours, the command that
compiles it or a .clang-tidy changes. Prints what clang-tidy finds; exit status 1 if it finds
anything.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import csource


def shared_state():
    """A hash over all that any source may depend on: our headers and the settings."""
    state = hashlib.sha256()
    settings = sorted(csource.ROOT.glob("**/.clang-tidy"))
    headers = [csource.ROOT / path for path in csource.project_files(".h")]
    for path in settings + headers:
        state.update(str(path).encode() + b"\0" + path.read_bytes())
    return state


def look_at(build, stamps, state, entry):
    """The finds in one source, as text; "" if it is clean."""
    source = pathlib.Path(entry["directory"], entry["file"]).resolve()
    state = state.copy()
    state.update(entry["command"].encode() + source.read_bytes())
    stamp = stamps / state.hexdigest()
    if stamp.exists():
        return ""
    run = subprocess.run(
        ["clang-tidy", "--quiet", "-p", str(build), str(source)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if run.returncode == 0 and not run.stdout.strip():
        stamp.touch()
        return ""
    return run.stdout.strip() or run.stderr.strip() or f"{source}: clang-tidy ended badly"


def main():
    parser = argparse.ArgumentParser(description="clang-tidy over all of our sources")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    commands = json.loads((arguments.build / "compile_commands.json").read_text())
    entries = [
        entry
        for entry in commands
        if not pathlib.Path(entry["file"]).resolve().is_relative_to(arguments.build.resolve())
    ]
    if not entries:
        print("no sources found: nothing was checked")
        return 1
    stamps = arguments.build / "tidy"
    stamps.mkdir(exist_ok=True)
    state = shared_state()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        finds = list(
            pool.map(lambda entry: look_at(arguments.build, stamps, state, entry), entries)
        )
    finds = [find for find in finds if find]
    print("\n".join(finds), end="\n" if finds else "")
    print(f"{len(entries)} sources, {len(finds)} with finds")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
