import json

import pytest

from panda_addon.verdict import Put
from panda_addon.wire.document import open_data
from panda_addon.wire.on_demand import demand, demanded
from panda_addon.wire.route import find

CHAT, COMPLETIONS = find("POST", "/v1/chat/completions"), find("POST", "/v1/completions")
ASK = {"include_usage": True}


@pytest.mark.parametrize(
    ("target", "body", "put"),
    [
        (CHAT, {"stream": True}, ASK),
        (COMPLETIONS, {"stream": True}, ASK),
        (CHAT, {"stream": True, "stream_options": None}, ASK),
        (CHAT, {"stream": True, "stream_options": {}}, ASK),
        (CHAT, {"stream": True, "stream_options": {"include_usage": False}}, ASK),
        (CHAT, {"stream": True, "stream_options": {"include_usage": None}}, ASK),
        (CHAT, {"stream": True, "stream_options": {"include_obfuscation": False}}, {"include_obfuscation": False, **ASK}),
        (CHAT, {"stream": True, "stream_options": {"include_usage": True}}, None),
        (CHAT, {"stream": True, "stream_options": {"include_usage": "yes"}}, None),
        (CHAT, {"stream": True, "stream_options": "all"}, None),
        (CHAT, {"stream": True, "stream_options": []}, None),
        (CHAT, {"stream": False}, None),
        (CHAT, {"stream": 1}, None),
        (CHAT, {}, None),
        (CHAT, [], None),
        (find("POST", "/v1/responses"), {"stream": True}, None),
        (find("POST", "/v1/chat/completions/chatcmpl-1"), {"stream": True}, None),
        (find("GET", "/v1/chat/completions"), {"stream": True}, None),
    ],
)  # fmt: skip
def test_usage_is_asked_for_where_a_stream_would_not_report_it(target, body, put):
    """Only a stream that reports on demand, and whose client did not ask, is asked; what else the options say stays."""
    found = demand(target, open_data(json.dumps(body)))
    assert found == (None if put is None else Put("stream_options", put))


def test_what_is_written_is_the_option_and_nothing_else():
    """Every other byte of the request stays as it was."""
    document = open_data('{"stream" :true, "n":1.0, "stream_options": {"include_usage":false} }')
    put = demand(CHAT, document)
    assert document.write((), [put]) == b'{"stream" :true, "n":1.0, "stream_options": {"include_usage": true} }'
    document = open_data('{"stream" :true}')
    assert (
        document.write((), [demand(CHAT, document)]) == b'{"stream_options": {"include_usage": true}, "stream" :true}'
    )


@pytest.mark.parametrize(
    ("event", "is_it"),
    [
        ({"choices": [], "usage": {"prompt_tokens": 1}}, True),
        ({"choices": [], "usage": None}, False),
        ({"choices": []}, False),
        ({"choices": [{"index": 0}], "usage": {"prompt_tokens": 1}}, False),
        ({"usage": {"prompt_tokens": 1}}, False),
        ([], False),
    ],
)
def test_only_the_event_that_was_asked_for_is_taken_out(event, is_it):
    """It has a usage and no choices: one with choices belongs to the client."""
    assert demanded(event) is is_it
