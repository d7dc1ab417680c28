#!/usr/bin/env python3
"""README's table of versions, operations and ways in, from what tests/versions proved.

    versions.py [--results build/debug/pytest.xml] [--write | --check]

The results are those of the latest run that had tests/versions in it. Without an option the table is printed. --write puts it into README.md between its two marks; --check fails if it is another.
An operation stands as "yes" only if its test passed by every way in that the version has, with the ways if they are not all; as "–" if
the tests prove that it is not offered there; a failed or missing test is an error.
"""
import argparse
import pathlib
import sys
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- versions: from the test results, by tests/tools/versions.py -->", "<!-- versions: end -->"
WAYS = {"grpc": "gRPC", "http": "HTTP", "socket": "unix socket"}


def results(path):
    """{operation: {version: {way: outcome}}}; outcome is yes, no (not offered there) or failed"""
    found = {}
    for case in ET.parse(path).getroot().iter("testcase"):
        facts = {p.get("name"): p.get("value") for p in case.iter("property")}
        if not {"version", "way", "operation", "has"} <= facts.keys():
            continue
        failed = any(case.find(x) is not None for x in ("failure", "error", "skipped"))
        found.setdefault(facts["operation"], {}).setdefault(facts["version"], {})[facts["way"]] = (
            "failed" if failed else facts["has"])
    return found


def table(found):
    versions = sorted({v for per in found.values() for v in per}, key=lambda v: [int(x) for x in v.split(".")])
    ways = {v: {w for per in found.values() for w in per.get(v, ())} for v in versions}
    faults, rows = [], [["Headscale", *versions]]
    for way, name in WAYS.items():
        rows.append(["over " + name, *("yes" if way in ways[v] else "–" for v in versions)])
    for operation in found:
        row = [operation]
        for version in versions:
            outcomes = found[operation].get(version, {})
            if set(outcomes) != ways[version] or "failed" in outcomes.values():
                faults.append("%s on %s: %s" % (operation, version, outcomes or "not tested"))
            can = [WAYS[way] for way in WAYS if outcomes.get(way) == "yes"]
            row.append("yes" if len(can) == len(outcomes) else "over " + ", ".join(can) if can else "–")
        rows.append(row)
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| %s |" % " | ".join(r) for r in rows), faults


def latest():
    """the newest results that hold what is asked for"""
    files = sorted(ROOT.glob("build/*/pytest.xml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return next((path for path in files if results(path)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=pathlib.Path, default=None)
    parser.add_argument("--readme", type=pathlib.Path, default=ROOT / "README.md")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    path = args.results or latest()
    if not path or not path.exists() or not (found := results(path)):
        sys.exit("No table: %s holds no results of tests/versions; run ./x test first" % (path or "build/*/pytest.xml"))
    made, faults = table(found)
    if faults:
        sys.exit("No table from %s: %s" % (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path, "; ".join(faults)))
    if not args.write and not args.check:
        print(made)
        return
    text = args.readme.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit("%s has no place for the table: %s … %s" % (args.readme.name, BEGIN, END))
    wanted = before + begin + "\n" + made + "\n" + end + after
    if args.write:
        args.readme.write_text(wanted)
    elif wanted != text:
        sys.exit("The table of versions in %s is not what the tests say: run tests/tools/versions.py --write" % args.readme.name)


if __name__ == "__main__":
    main()
