"""`ouroboros doctor` in front of a real server: what it says of Headscale is true, and so is what it says of a key that is refused."""
import json
import subprocess

import pytest
from cli.test_doctor import program
from harness.process import plain_environment


def doctor(web, **changes):
    settings = {k: v for k, v in {**web.settings, **changes}.items() if v is not None}
    done = subprocess.run([program(), "doctor", "--json"], env=plain_environment(**settings), capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.stdout, done.stderr
    for secret in ("HS_API_KEY", "SESSION_KEY"):
        assert not settings.get(secret) or settings[secret] not in done.stdout + done.stderr
    return [(f["level"], f["topic"], f["text"] + " -> " + f["advice"]) for f in json.loads(done.stdout)["findings"]]


def test_a_server_as_it_should_be(web, real):
    found = doctor(web)
    about = [f for f in found if f[1] == "headscale"]
    assert about and not [f for f in found if f[0] == "wrong" and f[1] in ("headscale", "api key", "people", "address", "socket")], found
    assert any(real.generation in text for _, _, text in about), found


def test_a_key_that_is_refused(web, real):
    if "HS_API_KEY" not in web.settings:
        pytest.skip("the socket asks for none")
    key = real.api_key
    wrong = key[:-4] + ("AAAA" if not key.endswith("AAAA") else "BBBB")
    found = doctor(web, HS_API_KEY=wrong)
    assert [f for f in found if f[0] == "wrong" and "refuses the API key" in f[2]], found
