#!/usr/bin/env python3
"""Hold every #include against libouroboros/rooms.txt.

A room includes its own headers, those of the rooms that its line allows, and the public ones.
Front ends, bindings and examples include the public headers and files of their own folder.
No header includes itself in a circle. Prints one line a breach; exit status 1 if there is any.
"""

import pathlib
import re
import sys

import csource

LIBRARY = pathlib.Path("libouroboros")
CONSUMERS = ("frontends", "bindings", "examples")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def read_table(text):
    """rooms.txt as {room: set of rooms that it may include}."""
    table = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        room, _, lower = line.partition(":")
        allowed = set(table) if lower.strip() == "*" else set(lower.split())
        unknown = allowed - set(table)
        if unknown:
            sys.exit(f"rooms.txt: {room} names {', '.join(sorted(unknown))}, not below it")
        table[room] = allowed
    return table


def room_breach(room, table, bracket, name):
    """What is wrong with an include in a room, or None."""
    first = name.split("/")[0]
    if bracket == "<":
        if first in table:
            return f"<{name}>: rooms are included with quotes"
        return None
    if first not in table or "/" not in name:
        return f'"{name}": not the path of a room\'s header'
    if first != room and first not in table[room]:
        return f'"{name}": {room} may not include {first}'
    return None


def consumer_breach(path, table, bracket, name):
    """What is wrong with an include in a front end, a binding or an example, or None."""
    if bracket == "<":
        if name.split("/")[0] in table:
            return f"<{name}>: not a public header"
        return None
    if ".." in pathlib.PurePath(name).parts:
        return f'"{name}": leaves its folder'
    home = pathlib.Path(*path.parts[:2]) if path.parts[0] != "examples" else path.parent
    beside = (csource.ROOT / path.parent / name).is_file() or (csource.ROOT / home / name).is_file()
    if beside or name == "embedded.h":
        return None
    return f'"{name}": not a file of {home}'


def cycle(graph):
    """A circle of includes as a list of names, or None."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node) :] + [node]
        if node in done:
            return None
        trail.append(node)
        for following in graph.get(node, ()):
            found = visit(following)
            if found:
                return found
        trail.pop()
        done.add(node)
        return None

    for node in graph:
        found = visit(node)
        if found:
            return found
    return None


def main():
    table = read_table(csource.read(LIBRARY / "rooms.txt"))
    breaches, graph, seen = [], {}, 0
    for path in csource.project_files(".c", ".h", ".cc", ".cpp", ".hpp"):
        in_room = path.parts[0] == LIBRARY.name and len(path.parts) > 2
        if in_room and path.parts[1] not in table:
            if path.parts[1] != "cmake":
                breaches.append(f"{path}: rooms.txt has no room {path.parts[1]}")
            continue
        if not in_room and path.parts[0] not in CONSUMERS + ("include",):
            continue
        seen += 1
        text = csource.read(path)
        for match in INCLUDE.finditer(text):
            bracket, name = match.groups()
            breach = None
            if in_room:
                breach = room_breach(path.parts[1], table, bracket, name)
                graph.setdefault("/".join(path.parts[1:]), []).append(name)
            elif path.parts[0] == "include":
                graph.setdefault("/".join(path.parts[1:]), []).append(name)
                if bracket == '"' or name.split("/")[0] in table:
                    breach = f"{name}: public headers include only <ouroboros/…> and the system's"
            else:
                breach = consumer_breach(path, table, bracket, name)
            if breach:
                breaches.append(f"{path}:{csource.line_of(text, match.start())}: {breach}")
    circle = cycle(graph)
    if circle:
        breaches.append("include circle: " + " -> ".join(circle))
    if not seen:
        breaches.append("no sources found: nothing was checked")
    print("\n".join(breaches), end="\n" if breaches else "")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
