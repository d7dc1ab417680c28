#!/usr/bin/env python3
"""Add up a test run: print what failed, then `N passed, N failed, N skipped` as the last line.

usage: counts.py [--ctest FILE] [--pytest FILE [--pytest-status N]]... [--reports DIR] [--summary FILE]

A cmocka program counts by its cases ("[       OK ] name"), pytest by its tests, and each file in
DIR, where the sanitizers write, as one failure. A program that ended badly without a failed case
is one failure, and so is a program that passed without running a case. Exit status 1 if anything
failed or nothing passed.
"""

import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

CASE = re.compile(r"^\[ +(OK|FAILED|SKIPPED|ERROR) +\] +(?!---)(\S+)", re.MULTILINE)
SUMMARY = re.compile(r"^\d+$")


class Tally:
    """What passed, was skipped, and the names of what failed."""

    def __init__(self):
        self.passed = 0
        self.skipped = 0
        self.failed = []

    def line(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {self.skipped} skipped"


def add_program(tally, name, status, output):
    """One ctest test: a cmocka program or a corpus replay."""
    cases = {"OK": set(), "FAILED": set(), "SKIPPED": set()}
    for kind, case in CASE.findall(output):
        # "[  FAILED  ] 2 test(s), listed below:" is a heading, not a case.
        if not SUMMARY.match(case):
            cases["FAILED" if kind == "ERROR" else kind].add(case.rstrip(":"))
    passed = cases["OK"] - cases["FAILED"]
    tally.passed += len(passed)
    tally.skipped += len(cases["SKIPPED"] - passed - cases["FAILED"])
    tally.failed += [f"{name}: {case}" for case in sorted(cases["FAILED"])]
    if status not in ("run", "fail"):
        tally.failed.append(f"{name}: did not run ({status})")
    elif status == "fail" and not cases["FAILED"]:
        tally.failed.append(f"{name}: ended badly")
    elif not any(cases.values()):
        tally.failed.append(f"{name}: ran no case")


def add_ctest(tally, path):
    """The file that ctest --output-junit writes."""
    for case in ET.parse(path).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        add_program(tally, case.get("name"), case.get("status"), output)


def add_pytest(tally, path):
    """The file that pytest --junit-xml writes. A test whose teardown failed too is there twice."""
    failed, skipped, seen = set(), set(), set()
    for case in ET.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        seen.add(name)
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(name)
        elif case.find("skipped") is not None:
            skipped.add(name)
    tally.failed += sorted(failed)
    tally.skipped += len(skipped - failed)
    tally.passed += len(seen - failed - skipped)


def add_reports(tally, folder):
    """What the sanitizers wrote, whichever program it was."""
    for report in sorted(folder.glob("*")) if folder.is_dir() else []:
        print(report.read_text(errors="replace"))
        tally.failed.append(f"sanitizer report: {report}")


def main():
    parser = argparse.ArgumentParser(description="add up a test run")
    parser.add_argument("--ctest", type=pathlib.Path)
    parser.add_argument("--pytest", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--pytest-status", type=int, action="append", default=[], help="what it exited with")
    parser.add_argument("--reports", type=pathlib.Path)
    parser.add_argument("--summary", type=pathlib.Path, help="write the last line here too")
    arguments = parser.parse_args()
    tally = Tally()
    for path, add in ((arguments.ctest, add_ctest), *((path, add_pytest) for path in arguments.pytest)):
        if path is None:
            continue
        try:
            add(tally, path)
        except (OSError, ET.ParseError) as problem:
            tally.failed.append(f"{path}: {problem}")
    for status in arguments.pytest_status:
        if status not in (0, 1):
            tally.failed.append(f"pytest ended with status {status}")
    if arguments.reports:
        add_reports(tally, arguments.reports)
    if tally.failed:
        print("Failed:")
        for name in tally.failed:
            print(f"  {name}")
    elif not tally.passed:
        print("No test ran.")
    if arguments.summary:
        arguments.summary.write_text(tally.line() + "\n")
    print(tally.line())
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
