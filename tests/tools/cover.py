#!/usr/bin/env python3
"""Coverage by room, from what a run of the tests left in a coverage build.

usage: cover.py BUILD_DIR [--gate] [--missing=PATH]

Prints a table with the branches and the lines of each room and says which room is below its bound.
A source that was never run counts with all it has; one that the report does not know is named.
--missing prints, for each source whose name contains PATH, the lines with a branch that nothing
took. --gate exits 1 if a bound is broken, a source is not measured, or something is excluded
without a reason. The pages are in BUILD_DIR/coverage/index.html.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import csource

# room -> branches that the tests have to take, in percent
BOUNDS = {"access": 95, "identity": 95, "rpc": 95, "headscale": 95}

PARTS = ("libouroboros", "frontends")
# What gcovr leaves out when the source says so; behind it has to stand why.
EXCLUDED = re.compile(r"\b(?:GCOVR?|LCOV)_EXCL_\w+(.*)")
EXCLUDED_MOST = 5


def forget_gone(build):
    """Remove what the compiler noted of sources that are not there any more."""
    for notes in build.rglob("CMakeFiles/*.dir/**/*.gcno"):
        name = notes.relative_to(build).as_posix()
        folder, _, rest = name.partition("CMakeFiles/")
        source = folder + rest.partition(".dir/")[2].removesuffix(".gcno")
        if not (csource.ROOT / source).is_file() and not (build / source).is_file():
            notes.unlink()
            notes.with_suffix(".gcda").unlink(missing_ok=True)


def measure(build):
    """What gcovr makes of the build: its own list of files with their lines."""
    forget_gone(build)
    report = build / "coverage"
    report.mkdir(exist_ok=True)
    filters = [f"--filter={csource.ROOT / part}/" for part in PARTS]
    subprocess.run(
        [
            "gcovr",
            "--root", str(csource.ROOT),
            *filters,
            "--html-details", str(report / "index.html"),
            "--json", str(report / "lines.json"),
            "--object-directory", str(build),
            str(build),
        ],
        check=True,
    )  # fmt: skip
    files = json.loads((report / "lines.json").read_text())["files"]
    return {f["file"]: f["lines"] for f in files}


def counted(lines):
    """The lines that hold code and that nobody excluded."""
    return [x for x in lines if not x["gcovr/noncode"] and not x.get("gcovr/excluded")]


def taken(line):
    return sum(1 for branch in line["branches"] if branch["count"])


def by_room(files):
    """room -> [branches taken, branches, lines run, lines]"""
    rooms = {}
    for name, lines in files.items():
        total = rooms.setdefault("/".join(pathlib.Path(name).parts[:2]), [0, 0, 0, 0])
        for line in counted(lines):
            total[0] += taken(line)
            total[1] += len(line["branches"])
            total[2] += line["count"] > 0
            total[3] += 1
    return rooms


def share(part, whole):
    return 100 * part / whole if whole else 100.0


def print_table(rooms):
    """The table; returns what is below a bound, a line each."""
    low = []
    print(f"{'':22} {'branches':>17} {'lines':>19}")
    for room, (branches, all_branches, lines, all_lines) in sorted(rooms.items()):
        of_branches = share(branches, all_branches)
        bound = BOUNDS.get(room.removeprefix("libouroboros/"))
        mark = ""
        if bound is not None:
            mark = f"   bound {bound} %"
            if of_branches < bound:
                mark += ": BELOW"
                low.append(f"{room}: {of_branches:.1f} % of branches, the bound is {bound} %")
        print(
            f"{room:22} {branches:5}/{all_branches:<5} {of_branches:5.1f} %"
            f" {lines:6}/{all_lines:<6} {share(lines, all_lines):5.1f} %{mark}"
        )
    return low


def faults_of_measuring(files, rooms):
    """What keeps the table from telling the whole: a line each."""
    faults = [
        f"libouroboros/{room}: not measured"
        for room in BOUNDS
        if f"libouroboros/{room}" not in rooms
    ]
    excluded = 0
    for path in csource.project_files(".c", ".h"):
        if path.parts[0] not in PARTS:
            continue
        text = csource.blank(csource.read(path))
        # A source without a function is a table: there is nothing to run.
        if path.suffix == ".c" and path.as_posix() not in files and "\n{" in text:
            faults.append(f"{path}: not measured")
        for number, line in enumerate(csource.read(path).splitlines(), 1):
            found = EXCLUDED.search(line)
            excluded += found is not None
            if found and not re.search(r"\w\w", found[1]):
                faults.append(f"{path}:{number}: excluded without a reason")
    if excluded > EXCLUDED_MOST:
        faults.append(f"{excluded} exclusions, {EXCLUDED_MOST} at most")
    if excluded:
        print(f"{excluded} exclusions in the sources")
    return faults


def print_missing(files, part):
    for name, lines in sorted(files.items()):
        if part not in name:
            continue
        source = csource.read(pathlib.Path(name)).splitlines()
        for line in counted(lines):
            branches = len(line["branches"])
            if taken(line) < branches or not line["count"]:
                number = line["line_number"]
                print(f"{name}:{number}: {taken(line)}/{branches} {source[number - 1].strip()}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--missing", metavar="PATH")
    arguments = parser.parse_args()
    files = measure(arguments.build.resolve())
    rooms = by_room(files)
    if arguments.missing is not None:
        print_missing(files, arguments.missing)
    low = print_table(rooms)
    faults = faults_of_measuring(files, rooms)
    for line in low + faults:
        print(line)
    if not low and not faults:
        print("all bounds hold")
    return 1 if arguments.gate and (low or faults) else 0


if __name__ == "__main__":
    sys.exit(main())
