#!/usr/bin/env python3
"""The exported functions, in four places that have to agree.

usage: symbols.py [--library build/debug/libouroboros/libouroboros.so] [--write]

The public headers say OURO_API; libouroboros.map and tests/api/symbols.txt are the reviewed lists;
the built library is what `nm -D` finds (left out without --library). Every exported function also
needs @since in the comment before it. --write makes the map and symbols.txt from the headers: look
at the difference before committing it, for a line that goes away is a break for somebody.

Prints one line a difference; exit status 1 if there is any.
"""

import argparse
import pathlib
import re
import subprocess
import sys

import csource

HEADERS = pathlib.Path("include/ouroboros")
MAP = pathlib.Path("libouroboros/libouroboros.map")
SYMBOLS = pathlib.Path("tests/api/symbols.txt")

DECLARATION = re.compile(r"^OURO_API\b([^;{]*);", re.MULTILINE)
MAP_NODE = re.compile(r"^(OUROBOROS_\d+\.\d+) *\{(.*?)^\}", re.MULTILINE | re.DOTALL)


def declared():
    """{name: (where, comment)} of all OURO_API functions in the public headers."""
    found = {}
    for path in sorted((csource.ROOT / HEADERS).rglob("*.h")):
        text = path.read_text(encoding="utf-8")
        clean = csource.blank(text)
        for match in DECLARATION.finditer(clean):
            name = re.search(r"\b(ouro_\w+)\s*\(", match.group(1))
            where = f"{path.relative_to(csource.ROOT)}:{csource.line_of(text, match.start())}"
            if not name:
                sys.exit(f"{where}: cannot read this declaration")
            before = text[: match.start()].rstrip()
            comment = before[before.rfind("/**") :] if before.endswith("*/") else ""
            found[name.group(1)] = (where, comment)
    if not found:
        sys.exit(f"{HEADERS}: no OURO_API function found")
    return found


def in_map(text):
    """[(node, [names])] in the order of the map."""
    nodes = []
    for match in MAP_NODE.finditer(csource.blank(text)):
        body = match.group(2).split("local:")[0]
        nodes.append((match.group(1), re.findall(r"\b(\w+)\s*;", body)))
    return nodes


def in_library(path):
    """The names that a shared library exports; the version nodes themselves are left out."""
    out = subprocess.run(
        ["nm", "-D", "--defined-only", str(path)], check=True, capture_output=True, text=True
    ).stdout
    names = (line.split()[-1].split("@")[0] for line in out.splitlines() if line.strip())
    return {name for name in names if not name.startswith("OUROBOROS_")}


def write(names):
    """New names go into the newest node; a name of an older node stays there."""
    text = csource.read(MAP)
    nodes = in_map(text)
    newest, present = nodes[-1][0], {name for _, held in nodes[:-1] for name in held}
    lines = "".join(f"\t\t{name};\n" for name in sorted(set(names) - present))
    start = text.index(f"{newest} {{")
    end = text.index("\n}", start)
    old = text[start:end]
    local = old[old.index("\tlocal:") :] if "\tlocal:" in old else ""
    new = f"{newest} {{\n\tglobal:\n{lines}{local}".rstrip("\n")
    (csource.ROOT / MAP).write_text(text[:start] + new + text[end:], encoding="utf-8")
    (csource.ROOT / SYMBOLS).write_text("".join(f"{n}\n" for n in sorted(names)), encoding="utf-8")


def differences(left_name, left, right_name, right):
    """Both directions of a difference, as lines."""
    for name in sorted(left - right):
        yield f"{name}: in {left_name}, not in {right_name}"
    for name in sorted(right - left):
        yield f"{name}: in {right_name}, not in {left_name}"


def main():
    parser = argparse.ArgumentParser(description="hold the lists of exported functions together")
    parser.add_argument("--library", type=pathlib.Path, help="the built shared library")
    parser.add_argument("--write", action="store_true", help="make map and list from the headers")
    arguments = parser.parse_args()
    headers = declared()
    if arguments.write:
        write(list(headers))
    finds = [
        f"{where}: {name} has no @since"
        for name, (where, comment) in sorted(headers.items())
        if "@since" not in comment
    ]
    names = set(headers)
    mapped = [name for _, held in in_map(csource.read(MAP)) for name in held]
    listed = csource.read(SYMBOLS).split()
    finds += [f"{name}: twice in {MAP}" for name in sorted(mapped) if mapped.count(name) > 1]
    if listed != sorted(set(listed)):
        finds.append(f"{SYMBOLS}: not sorted, or a name twice")
    finds += differences("the headers", names, str(MAP), set(mapped))
    finds += differences("the headers", names, str(SYMBOLS), set(listed))
    if arguments.library:
        built = in_library(arguments.library)
        finds += differences("the headers", names, str(arguments.library), built)
    print("\n".join(finds), end="\n" if finds else "")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
