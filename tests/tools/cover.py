#!/usr/bin/env python3
"""Branch coverage by room, from what a run of the tests left in a coverage build.

usage: cover.py BUILD_DIR

Writes BUILD_DIR/coverage/index.html, prints a table, and exits 1 if a room of FLOORS is below its
floor or was not measured.
"""

import json
import pathlib
import subprocess
import sys

import csource

# room -> branches that the tests have to take, in percent
FLOORS = {"access": 95, "identity": 95, "rpc": 95, "headscale": 95}


def measure(build):
    """What gcovr makes of the build, as its JSON summary."""
    report = build / "coverage"
    report.mkdir(exist_ok=True)
    subprocess.run(
        [
            "gcovr",
            "--root", str(csource.ROOT),
            "--filter", str(csource.ROOT / "libouroboros") + "/",
            "--filter", str(csource.ROOT / "frontends") + "/",
            "--exclude-unreachable-branches",
            "--html-details", str(report / "index.html"),
            "--json-summary", str(report / "summary.json"),
            "--object-directory", str(build),
            str(build),
        ],
        check=True,
    )  # fmt: skip
    return json.loads((report / "summary.json").read_text())


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    rooms = {}
    for item in measure(build)["files"]:
        room = "/".join(pathlib.Path(item["filename"]).parts[:2])
        total = rooms.setdefault(room, [0, 0, 0, 0])
        for index, key in enumerate(
            ("branch_covered", "branch_total", "line_covered", "line_total")
        ):
            total[index] += item[key]
    low = []
    print(f"{'':28} branches    lines")
    for room, (branches, of_branches, lines, of_lines) in sorted(rooms.items()):
        share = 100 * branches / of_branches if of_branches else 100.0
        print(f"{room:28} {share:6.1f} %  {100 * lines / max(of_lines, 1):6.1f} %")
        floor = FLOORS.get(room.removeprefix("libouroboros/"))
        if floor is not None and share < floor:
            low.append(f"{room}: {share:.1f} % of branches, at least {floor} %")
    low += [
        f"libouroboros/{room}: not measured"
        for room in FLOORS
        if f"libouroboros/{room}" not in rooms
    ]
    print("\n".join(low), end="\n" if low else "")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
