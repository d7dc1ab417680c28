"""Headscale's own command line used as a person: what it once said is said again, and has to be answered as it was then."""
import json

import conversation
import pytest
from harness import stack
from harness.api import Api

EXCHANGES = [json.loads(line) for line in conversation.FILE.read_text().splitlines()]


@pytest.mark.long
def test_the_same_words_get_the_same_answers(workspace, github):
    place, keys = conversation.start(workspace, github)
    token = place.tokens.make()
    words, api = conversation.Words(token, keys), Api(place.web.base, token)
    for number, exchange in enumerate(EXCHANGES):
        path = words.special(exchange["path"]).removeprefix(place.web.base.removeprefix(place.web.origin))
        headers = {n: v for n, v in exchange["headers"].items() if n != "content-length"}
        body = words.special(exchange["body"]).encode() if exchange["body"] else None
        answer = api.ask(exchange["method"], "~" + path, raw=body, headers=headers)
        where = (number, exchange["command"], answer)
        assert answer.status == exchange["status"], where
        assert answer.headers["content-type"] == exchange["content_type"], where
        assert json.loads(words.general(answer.text)) == json.loads(exchange["answer"]), where


def test_all_of_it_was_recorded():
    commands = [e["command"] for e in EXCHANGES]
    assert list(dict.fromkeys(commands)) == list(dict.fromkeys(conversation.COMMANDS))
    assert {e["status"] for e in EXCHANGES} == {200, 400, 403, 404, 409}
    assert stack.CLIENT_SECRET not in str(EXCHANGES) and "ouro_pat_0" not in str(EXCHANGES)
