"""Each gate finds the fault that it is there for: a small tree with one fault, then without."""

import pathlib
import shutil
import subprocess
import sys

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"

ROOMS = "base:\nnet: base\napi: *\n"

HEADER = """\
#include <stddef.h>
/** A thing. @since 0.1 */
OURO_API int ouro_thing(void);
"""

CLEAN = {
    "libouroboros/rooms.txt": ROOMS,
    "libouroboros/libouroboros.map": "OUROBOROS_0.1 {\n\tglobal:\n\t\touro_thing;\n\tlocal:\n\t\t*;\n};\n",
    "tests/api/symbols.txt": "ouro_thing\n",
    "include/ouroboros/thing.h": HEADER,
    "libouroboros/base/buf.h": "int ouro__buf(void);\n",
    "libouroboros/net/net.c": '#include "base/buf.h"\nint f(void)\n{\n\treturn ouro__buf();\n}\n',
    "frontends/web/web.h": "int web(void);\n",
    "frontends/web/web.c": '#include <ouroboros/thing.h>\n#include "web.h"\n',
}

BRANCHES = "".join(f"\tif (a == {i})\n\t\treturn {i};\n" for i in range(15))

# script, file, what is put there, a part of what the gate says
FAULTS = [
    ("rooms.py", "libouroboros/base/x.c", '#include "net/net.h"\n', "base may not include net"),
    ("rooms.py", "libouroboros/net/x.c", '#include <base/buf.h>\n', "included with quotes"),
    ("rooms.py", "libouroboros/net/x.c", '#include "buf.h"\n', "not the path of a room"),
    ("rooms.py", "libouroboros/attic/x.c", "\n", "no room attic"),
    ("rooms.py", "frontends/web/x.c", '#include "base/buf.h"\n', "not a file of frontends/web"),
    ("rooms.py", "frontends/web/x.c", '#include "../../libouroboros/base/buf.h"\n', "leaves"),
    ("rooms.py", "examples/x.c", "#include <base/buf.h>\n", "not a public header"),
    ("rooms.py", "include/ouroboros/x.h", '#include "base/buf.h"\n', "public headers include"),
    ("rooms.py", "libouroboros/base/buf.h", '#include "base/buf.h"\n', "include circle"),
    ("sizes.py", "libouroboros/base/x.c", "\n" * 601, "601 lines"),
    ("sizes.py", "tests/x.py", "\n" * 601, "601 lines"),
    ("sizes.py", "libouroboros/base/x.c", "int f(void)\n{\n" + "\n" * 100 + "}\n", "103 lines"),
    ("sizes.py", "libouroboros/base/x.c", "int f(int a) {\n" + BRANCHES + "}\n", "complexity 16"),
    ("banned.py", "libouroboros/base/x.c", "int f(void)\n{\n\treturn system (0);\n}\n", "system"),
    ("banned.py", "tests/x.c", "void f(char *a)\n{\n\tstrcpy(a, a);\n}\n", "strcpy"),
    ("banned.py", "README.md", "To be done: TO" + "DO\n", "README.md:1"),
    ("symbols.py", "tests/api/symbols.txt", "", "ouro_thing: in the headers, not in tests/api"),
    ("symbols.py", "tests/api/symbols.txt", "ouro_other\nouro_thing\n", "ouro_other: in tests/api"),
    ("symbols.py", "libouroboros/libouroboros.map", "OUROBOROS_0.1 {\n};\n", "not in libouro"),
    ("symbols.py", "include/ouroboros/x.h", "OURO_API int ouro_x(void);\n", "no @since"),
]


def make_tree(folder, files):
    """The gates' scripts and these files, as a tree of their own."""
    shutil.copytree(TOOLS, folder / "tests/tools")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def gate(folder, script, *arguments):
    return subprocess.run(
        [sys.executable, folder / "tests/tools" / script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        # A folder for temporary files may lie inside a tree that git tracks.
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(folder.parent)},
    )


@pytest.mark.parametrize("script", ["rooms.py", "sizes.py", "banned.py", "symbols.py"])
def test_a_clean_tree_passes(tmp_path, script):
    make_tree(tmp_path, CLEAN)
    run = gate(tmp_path, script)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr


@pytest.mark.parametrize("script, name, text, says", FAULTS)
def test_a_fault_is_found(tmp_path, script, name, text, says):
    make_tree(tmp_path, CLEAN | {name: text})
    run = gate(tmp_path, script)
    assert run.returncode == 1 and says in run.stdout, run.stdout + run.stderr


def test_what_comments_and_texts_say_is_no_call(tmp_path):
    text = '/* strcpy(a, b) */\nstatic const char *const s = "system(1)";\n'
    make_tree(tmp_path, CLEAN | {"libouroboros/base/x.c": text})
    assert gate(tmp_path, "banned.py").returncode == 0


@pytest.mark.parametrize("script", ["rooms.py", "banned.py"])
def test_nothing_to_look_at_is_a_fault(tmp_path, script):
    make_tree(tmp_path, {"libouroboros/rooms.txt": ROOMS})
    assert gate(tmp_path, script).returncode == 1


def test_symbols_are_written_from_the_headers(tmp_path):
    more = HEADER + "/** Another. @since 0.1 */\nOURO_API void ouro_another(int a,\n\tint b);\n"
    make_tree(tmp_path, CLEAN | {"include/ouroboros/thing.h": more})
    assert gate(tmp_path, "symbols.py").returncode == 1
    assert gate(tmp_path, "symbols.py", "--write").returncode == 0
    assert (tmp_path / "tests/api/symbols.txt").read_text() == "ouro_another\nouro_thing\n"
    assert "\t\touro_another;\n\t\touro_thing;\n\tlocal:" in (
        tmp_path / "libouroboros/libouroboros.map"
    ).read_text()


CTEST = '<testsuite><testcase name="test_a" status="{}"><system-out>{}</system-out></testcase></testsuite>'
PYTEST = '<testsuites><testsuite><testcase classname="a" name="b">{}</testcase></testsuite></testsuites>'

COUNTS = [
    ("run", "[       OK ] a\n[       OK ] b\n[  PASSED  ] 2 test(s).", "", 0, "3 passed, 0 failed, 0 skipped"),
    ("run", "[       OK ] a\n[  SKIPPED ] b\n[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] b", "", 0,
     "2 passed, 0 failed, 1 skipped"),
    ("fail", "[  FAILED  ] a\n[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] a", "", 1,
     "1 passed, 1 failed, 0 skipped"),
    ("fail", "[       OK ] a\n[ RUN      ] b", "", 1, "2 passed, 1 failed, 0 skipped"),
    ("run", "", "", 1, "1 passed, 1 failed, 0 skipped"),
    ("notrun", "", "", 1, "1 passed, 1 failed, 0 skipped"),
    ("run", "[       OK ] a", "<failure/>", 1, "1 passed, 1 failed, 0 skipped"),
    ("run", "[       OK ] a", "<error/>", 1, "1 passed, 1 failed, 0 skipped"),
    ("run", "[       OK ] a", "<skipped/>", 0, "1 passed, 0 failed, 1 skipped"),
]  # fmt: skip


@pytest.mark.parametrize("status, output, mark, code, last", COUNTS)
def test_counts(tmp_path, status, output, mark, code, last):
    make_tree(tmp_path, {"ctest.xml": CTEST.format(status, output), "pytest.xml": PYTEST.format(mark)})
    run = gate(tmp_path, "counts.py", "--ctest", "ctest.xml", "--pytest", "pytest.xml")
    assert (run.returncode, run.stdout.splitlines()[-1]) == (code, last), run.stderr


def test_counts_of_two_runs(tmp_path):
    make_tree(tmp_path, {"a.xml": PYTEST.format(""), "b.xml": PYTEST.format("<failure/>")})
    run = gate(tmp_path, "counts.py", "--pytest", "a.xml", "--pytest-status", "0", "--pytest", "b.xml", "--pytest-status", "2")
    assert (run.returncode, run.stdout.splitlines()[-1]) == (1, "1 passed, 2 failed, 0 skipped")


def test_counts_nothing_is_a_failure(tmp_path):
    make_tree(tmp_path, {"ctest.xml": "<testsuite/>"})
    run = gate(tmp_path, "counts.py", "--ctest", "ctest.xml")
    assert (run.returncode, run.stdout.splitlines()[-1]) == (1, "0 passed, 0 failed, 0 skipped")


@pytest.mark.parametrize(
    "arguments", [("--ctest", "lost.xml"), ("--pytest-status", "2"), ("--reports", "reports")]
)
def test_counts_what_went_wrong_around_the_tests(tmp_path, arguments):
    make_tree(tmp_path, {"reports/report.1": "a race\n", "pytest.xml": PYTEST.format("")})
    run = gate(tmp_path, "counts.py", "--pytest", "pytest.xml", *arguments)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (1, "1 passed, 1 failed, 0 skipped")
