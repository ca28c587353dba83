import json

import pytest

from panda_addon.verdict import Edit, Put
from panda_addon.wire.document import open_data
from panda_addon.wire.on_demand import demand, demanded
from panda_addon.wire.route import find

CHAT, COMPLETIONS = find("POST", "/v1/chat/completions"), find("POST", "/v1/completions")
NEW = Put("stream_options", {"include_usage": True})
INTO = Put("include_usage", True, within="stream_options")


@pytest.mark.parametrize(
    ("target", "body", "put"),
    [
        (CHAT, {"stream": True}, NEW),
        (COMPLETIONS, {"stream": True}, NEW),
        (CHAT, {"stream": True, "stream_options": None}, NEW),
        (CHAT, {"stream": True, "stream_options": {}}, INTO),
        (CHAT, {"stream": True, "stream_options": {"include_usage": False}}, INTO),
        (CHAT, {"stream": True, "stream_options": {"include_usage": None}}, INTO),
        (CHAT, {"stream": True, "stream_options": {"include_obfuscation": False}}, INTO),
        (CHAT, {"stream": True, "stream_options": {"include_usage": 0}}, None),
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
    assert demand(target, open_data(json.dumps(body))) == put


def test_what_is_written_is_the_option_and_nothing_else():
    """Every other byte of the request stays as it was."""
    document = open_data('{"stream" :true, "n":1.0, "stream_options": {"include_usage":false} }')
    put = demand(CHAT, document)
    assert document.write((), [put]) == b'{"stream" :true, "n":1.0, "stream_options": {"include_usage":true} }'
    document = open_data('{"stream" :true, "stream_options": { "x":1e400}}')
    put = demand(CHAT, document)
    assert document.write((), [put]) == b'{"stream" :true, "stream_options": {"include_usage": true,  "x":1e400}}'
    document = open_data('{"stream" :true}')
    assert (
        document.write((), [demand(CHAT, document)]) == b'{"stream_options": {"include_usage": true}, "stream" :true}'
    )


def test_what_is_redacted_in_the_options_stays_redacted():
    """An edit beside the option is made."""
    document = open_data('{"stream": true, "stream_options": {"note": "oh darn it"}}')
    written = document.write([Edit("/stream_options/note", 3, 7, "****")], [demand(CHAT, document)])
    assert written == b'{"stream": true, "stream_options": {"include_usage": true, "note": "oh **** it"}}'


def test_it_is_put_into_an_object_or_nowhere():
    """What there is not cannot be written into."""
    for source in ('{"a": 1}', '{"o": [1]}'):
        with pytest.raises(ValueError, match="no object"):
            open_data(source).write((), [Put("b", 5, "o")])


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
