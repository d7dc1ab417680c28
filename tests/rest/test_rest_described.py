"""The description itself: valid, the same in both forms, complete; and a machine that reads it and tries to break the server."""
import json
import re
import subprocess
import sys

import openapi_spec_validator
import pytest
import yaml
from harness.api import SOURCE, described
from harness.process import SLOWER, TESTS, build_directory

TABLE = TESTS.parent / "frontends" / "web" / "api_table.c"
MAKER = TESTS.parent / "libouroboros" / "cmake" / "openapi.py"
SECONDS = 120


def test_it_is_valid():
    openapi_spec_validator.validate(described().document)


def test_json_says_the_same_as_yaml():
    made = json.loads((build_directory() / "frontends" / "web" / "openapi.json").read_text())
    assert made == yaml.safe_load(SOURCE.read_text())


@pytest.mark.parametrize("text,fault", [
    ("a: [x]\n", "1: write flow values as JSON"), ("a: b: c\n", "1: quote this text"), ("a: 1\na: 2\n", "2: a is here twice"),
    ("a:\n    b: 1\n  c: 2\n", "3: this is indented too far"), ("a: 1\n  b: 2\n", "2: this is indented too far"),
    ("a:\nb: 1\n", "2: a value is missing"), ("a: &x 1\n", "1: quote this text"), ("- a\n", "1: a key is expected here"),
    ("a:\n  - b: 1\n    c\n", "3: a key is expected here")])
def test_what_is_not_understood_is_named(tmp_path, text, fault):
    (tmp_path / "x.yaml").write_text(text)
    done = subprocess.run([sys.executable, MAKER, tmp_path / "x.yaml", tmp_path / "x.json"], capture_output=True, text=True)
    assert done.returncode == 1 and "openapi.yaml:" + fault in done.stderr, done.stderr
    assert not (tmp_path / "x.json").exists()


def test_every_address_is_described():
    rows = re.findall(r'\{WEB_(\w+), "(/v1/[^"]*)"', TABLE.read_text())
    assert len(rows) > 30
    there = {(method.upper(), re.sub(r"\{\w+\}", "{}", path.removeprefix("/api")))
             for path, item in described().document["paths"].items() for method in item if method != "parameters"}
    assert there - {("GET", "/version")} == set(rows)


def test_every_operation_says_what_can_go_wrong():
    for path, item in described().document["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or path == "/version":
                continue
            assert {"400", "429", "default"} <= set(operation["responses"]), (method, path)
            if operation.get("security") != []:
                assert {"401", "403"} <= set(operation["responses"]), (method, path)


# Where a machine that guesses would only ever hear 404: a device to change, and another to remove.
CONFIG = """[parameters]
"path.nodeId" = "%(change)s"

[[operations]]
include-name = "DELETE /api/v1/node/{nodeId}"
parameters = { "path.nodeId" = "%(remove)s" }
"""


@pytest.mark.long
def test_a_machine_finds_nothing(newest, workspace):
    """every answer has a status, a content type, headers and a body as described, and none is a failure of the server"""
    nodes = newest.devices(change={"routes": ["10.61.0.0/24"]}, remove={})
    workspace.file("schemathesis.toml", CONFIG % {name: node["id"] for name, node in nodes.items()})
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", newest.web.base + "/api/v1/openapi.json", "--url", newest.web.base,
         "--header", "Authorization: Bearer " + newest.tokens.make(), "--seed", "7", "--max-examples", "10",
         "--phases", "coverage,fuzzing", "--generation-database", "none", "--no-color",
         # two at a time trip over Python 3.11: "AST constructor recursion depth mismatch"
         "--workers", "1",
         # it would be without a token from then on; and a POST to a page's address is a form
         "--exclude-path", "/api/v1/logout", "--exclude-path", "/version",
         "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
         "response_headers_conformance,unsupported_method"],
        capture_output=True, text=True, timeout=SECONDS * SLOWER, cwd=workspace.path)
    assert done.returncode == 0, done.stdout[:6000] + done.stdout[-2000:] + done.stderr[-2000:]
    generated, passed = re.search(r"(\d+) generated, (\d+) passed", done.stdout.replace(",", "").replace(" generated ", " generated, ")
                                  ).groups()
    assert int(generated) > 300 
    # it has been at the device, and what it did there was no surprise
    assert newest.now(nodes["change"]) is not None and newest.now(nodes["remove"]) is None
