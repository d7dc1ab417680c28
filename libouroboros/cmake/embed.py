#!/usr/bin/env python3
"""Turn the web front end's templates, static files and documents into embedded.c and embedded.h.

usage: embed.py WEB_DIR OUTPUT_DIR [NAME=FILE...]

NAME=FILE is a file that the build made, under the name that it gets in the table.

The table is sorted by name (bytewise) and ends with an entry whose name is NULL. Every file is
followed by one NUL that its size does not count, so that text may be read as a C string. The
output is rewritten only when it changes, and is the same for the same input on every machine.
"""

import hashlib
import pathlib
import sys

PATTERNS = ("templates/*.mustache", "static/*", "api/*")

HEADER = """\
/* Made by embed.py from templates/, static/ and api/: do not edit. */
#ifndef WEB_EMBEDDED_H
#define WEB_EMBEDDED_H

#include <stddef.h>

struct web_embedded {
	const char *name;          /* "templates/devices.mustache", "static/app.css" */
	const unsigned char *data; /* size bytes and one NUL */
	size_t size;
	const char *hash; /* the first 16 hex digits of its SHA-256 */
};

/* Sorted by name; after the last entry comes one with a NULL name. */
extern const struct web_embedded web_embedded_files[];
extern const size_t web_embedded_count;

#endif
"""


def collect(web_dir, made):
    """The files to embed as (name, path), sorted by name."""
    found = {name: pathlib.Path(path) for name, _, path in (item.partition("=") for item in made)}
    for pattern in PATTERNS:
        for path in web_dir.glob(pattern):
            if path.is_file() and not path.name.startswith("."):
                found[path.relative_to(web_dir).as_posix()] = path
    return sorted(found.items(), key=lambda item: item[0].encode())


def byte_rows(data):
    """The bytes of an array, with the closing NUL, 20 to a line."""
    data += b"\0"
    for start in range(0, len(data), 20):
        yield "\t" + ", ".join(str(byte) for byte in data[start : start + 20]) + ",\n"


def c_string(text):
    """A C string literal of a file name."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def generate(files):
    """The text of embedded.c."""
    out = ['/* Made by embed.py: do not edit. */\n#include "embedded.h"\n\n']
    table = []
    for index, (name, path) in enumerate(files):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:16]
        out.append(f"static const unsigned char file_{index}[] = {{\n")
        out.extend(byte_rows(data))
        out.append("};\n\n")
        table.append(f'\t{{{c_string(name)}, file_{index}, {len(data)}, "{digest}"}},\n')
    out.append("const struct web_embedded web_embedded_files[] = {\n")
    out.extend(table)
    out.append("\t{NULL, NULL, 0, NULL},\n};\n\n")
    out.append(f"const size_t web_embedded_count = {len(files)};\n")
    return "".join(out)


def write_if_changed(path, text):
    """Leave the time stamp alone when nothing changed, so that nothing is compiled anew."""
    if path.is_file() and path.read_text() == text:
        return
    path.write_text(text)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    web_dir, output_dir = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    output_dir.mkdir(parents=True, exist_ok=True)
    write_if_changed(output_dir / "embedded.h", HEADER)
    write_if_changed(output_dir / "embedded.c", generate(collect(web_dir, sys.argv[3:])))


if __name__ == "__main__":
    main()
