"""Reading C for the gates: which files there are, and their text without comments and literals.

Good enough for our own style and no C parser: macros are seen as they are written.
"""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)


def project_files(*suffixes):
    """The project's own files with one of these suffixes, relative to ROOT: what git tracks or
    would track, or everything outside build/ in a tree without git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout.decode()
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [
            path.relative_to(ROOT).as_posix()
            for path in ROOT.rglob("*")
            if path.is_file() and path.relative_to(ROOT).parts[0] not in ("build", ".git")
        ]
    paths = sorted(set(pathlib.Path(name) for name in names))
    return [
        path
        for path in paths
        if (ROOT / path).is_file() and (not suffixes or path.suffix in suffixes)
    ]


def read(path):
    """The text of a file given relative to ROOT."""
    return (ROOT / path).read_text(encoding="utf-8")


def blank(text):
    """The text with comments, strings and characters blanked; line numbers stay."""

    def hide(match):
        token = match.group()
        if token[0] in "\"'":
            return token[0] + " " * (len(token) - 2) + token[-1]
        return re.sub(r"[^\n]", " ", token)

    return TOKEN.sub(hide, text)


def without_directives(text):
    """Blanked text with preprocessor lines blanked too (continued ones included)."""
    return re.sub(
        r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
        lambda match: re.sub(r"[^\n]", " ", match.group()),
        text,
        flags=re.MULTILINE,
    )


def line_of(text, position):
    """The line number, from 1, of a position."""
    return text.count("\n", 0, position) + 1


def functions(text):
    """Every function definition as (name, first line, last line, body): a '{' in column 0 after
    a line that ends with ')', or at the end of a line that starts in column 0."""
    clean = without_directives(blank(text))
    start = re.compile(r"^(?!typedef\b|struct\b[^(]*\{|enum\b|union\b)([A-Za-z_][^;{}=]*?)\s*\{",
                       re.MULTILINE)
    position = 0
    while match := start.search(clean, position):
        head = match.group(1)
        name = re.search(r"([A-Za-z_]\w*)\s*\(", head)
        depth, end = 0, match.end() - 1
        while end < len(clean):
            if clean[end] == "{":
                depth += 1
            elif clean[end] == "}":
                depth -= 1
                if depth == 0:
                    break
            end += 1
        if name and head.rstrip().endswith(")"):
            yield (
                name.group(1),
                line_of(clean, match.start()),
                line_of(clean, end),
                clean[match.end() : end],
            )
        position = end + 1 if name else match.end()
