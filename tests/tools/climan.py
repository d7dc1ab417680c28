#!/usr/bin/env python3
"""The part of ouroboros(1) that comes from the tables of the command line.

usage: climan.py PROGRAM [--write]

PROGRAM is a built ouroboros; it prints that part itself. Without --write the page is held against it; exit status 1 if it
differs.
"""

import argparse
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "packaging/man/ouroboros.1.scd"
BEGIN, END = "; from the tables of frontends/cli, by tests/tools/climan.py\n", "; end of the tables\n"


def split(text):
    """what is before, in and after the part"""
    before, begin, rest = text.partition(BEGIN)
    inside, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAGE}: the marks around the tables are missing")
    return before + begin, inside, end + after


def main():
    parser = argparse.ArgumentParser(description="hold ouroboros(1) against the tables")
    parser.add_argument("program")
    parser.add_argument("--write", action="store_true", help="write the part anew")
    arguments = parser.parse_args()
    made = subprocess.run([arguments.program, "__man"], check=True, capture_output=True, text=True).stdout
    before, inside, after = split(PAGE.read_text(encoding="utf-8"))
    if arguments.write:
        PAGE.write_text(before + made + after, encoding="utf-8")
    elif inside != made:
        print(f"{PAGE}: not what the program has; run tests/tools/climan.py {arguments.program} --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
