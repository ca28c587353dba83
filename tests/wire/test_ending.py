import json

import pytest

from panda_addon.verdict import Refusal
from panda_addon.wire.ending import Progress, ending, numbered
from panda_addon.wire.sse import Splitter, read_event

REFUSAL = Refusal("policy_violation", "a reason", "output[0].content[0].text")
ERROR = {
    "message": "Blocked by policy 'research': a reason. Decision 01JD",
    "type": "invalid_request_error",
    "param": "output[0].content[0].text",
    "code": "policy_violation",
}


def noted(*values, kind="chunks"):
    """What is known of a stream after some events."""
    progress = Progress(kind)
    for value in values:
        progress.note(value)
        progress.sent(numbered(value))
    return progress


def strict(text):
    """JSON as other readers take it, who know no NaN and no Infinity."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def ended(progress):
    """The events that end a stream: the lines before the data, and what the data says."""
    events = [read_event(raw) for raw in Splitter().feed(ending(progress, REFUSAL, "research", "01JD"))]
    return [
        (event.raw.split(b"data:")[0].decode(), event.data if event.data == "[DONE]" else strict(event.data))
        for event in events
    ]


def test_a_stream_of_chunks_ends_in_an_error_and_is_done():
    """The error stands alone in a chunk, in OpenAI's shape, and nothing follows but the mark of the end."""
    assert ended(noted({"id": "c", "choices": []})) == [("", {"error": ERROR}), ("", "[DONE]")]


def test_a_response_fails_and_then_there_is_an_error():
    """First the event that Codex ends on, then the one on which the SDKs raise, each with its name and its number."""
    head = {"id": "resp_1", "model": "gpt-6", "created_at": 17, "status": "in_progress", "output": ["x"]}
    progress = noted(
        {"type": "response.created", "sequence_number": 0, "response": head},
        {"type": "response.output_text.delta", "sequence_number": 5, "delta": "x"},
    )
    (first, failed), (second, error) = ended(progress)
    assert (first, second) == ("event: response.failed\n", "event: error\n")
    assert error == {
        "type": "error",
        "sequence_number": 7,
        "code": "policy_violation",
        "message": ERROR["message"],
        "param": ERROR["param"],
        "error": ERROR,
    }
    assert (failed["type"], failed["sequence_number"]) == ("response.failed", 6)
    response = failed["response"]
    assert (response["id"], response["model"], response["created_at"]) == ("resp_1", "gpt-6", 17)
    assert (response["status"], response["output"], response["object"]) == ("failed", [], "response")
    assert response["error"] == {"code": "invalid_prompt", "message": ERROR["message"]}


def test_a_response_that_has_said_nothing_fails_too():
    """What is known of an endpoint before its first event is enough, with a made-up head and the first numbers."""
    (_, failed), (_, error) = ended(noted(kind="responses"))
    assert (failed["sequence_number"], error["sequence_number"]) == (0, 1)
    response = failed["response"]
    assert (response["id"], response["model"], response["created_at"]) == ("resp_blocked", "unknown", 0)


@pytest.mark.parametrize(("number", "then"), [({}, 0), ({"sequence_number": 3}, 4)])
def test_any_other_typed_stream_ends_in_an_error_event(number, then):
    """Transcriptions and pictures know no failed response."""
    ((head, error),) = ended(noted({"type": "transcript.text.delta", "delta": "x", **number}))
    assert head == "event: error\n"
    assert (error["type"], error["sequence_number"], error["error"]) == ("error", then, ERROR)


def test_a_refusal_without_policy_or_place_is_written_too():
    """The proxy itself may be who refuses, and the whole answer what is at fault."""
    written = ending(Progress(), Refusal("c", "why"), None, "1")
    assert written.startswith(b'data: {"error": {"message": "Blocked by the proxy: why. Decision 1"')
    assert b'"param": null' in written


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], "chunks"),
        ([{"choices": []}], "chunks"),
        ([{"type": 5}], "chunks"),
        ([{"type": None}], "chunks"),
        ([{"type": "transcript.text.delta"}], "typed"),
        ([{"type": "response.created"}], "responses"),
        ([{"type": "responses"}], "typed"),
        ([{"type": "keepalive"}, {"type": "response.created"}], "responses"),
        ([{"type": "response.created"}, {"type": "keepalive"}], "responses"),
        ([{"type": "keepalive"}, {}], "typed"),
    ],
)
def test_the_kind_of_a_stream_is_told_by_its_events(values, kind):
    """One event of a response makes it a stream of one, before or behind events of other types."""
    assert noted(*values).kind == kind


def test_a_stream_of_responses_stays_one():
    """What the endpoint is known to send no event of another type changes."""
    assert noted({"type": "error"}, {"choices": []}, kind="responses").kind == "responses"


@pytest.mark.parametrize(
    ("numbers", "last"),
    [([], -1), ([0], 0), ([3, 5, 4], 5), ([2, None, "9", 7.5, True], 2), ([-7], -1)],
)
def test_the_last_number_is_the_largest_whole_one(numbers, last):
    """Numbers may come in any order; what is no whole number is none."""
    assert noted(*({"sequence_number": number} for number in numbers)).number == last


def test_the_head_of_a_response_is_that_of_its_first_event():
    """Only what ends the stream is kept of it, once."""
    first = {"id": "a", "model": "m", "created_at": 1, "instructions": "long"}
    progress = noted({"response": "x"}, {"response": {}}, {"response": first}, {"response": {"id": "b", "model": "n"}})
    assert progress.response == {"id": "a", "model": "m", "created_at": 1}
    assert noted({"response": {"id": "a"}}).response == {"id": "a"}


@pytest.mark.parametrize("name", ["", "a b", "a\n", "a" * 129, "na\u00efve", 'a"b', 5, None, ["a"]])
def test_a_head_of_another_shape_is_not_repeated(name):
    """What might be text is not, as nobody has judged it."""
    (_, failed), _ = ended(noted({"type": "response.created", "response": {"id": name, "model": name}}))
    assert (failed["response"]["id"], failed["response"]["model"]) == ("resp_blocked", "unknown")


@pytest.mark.parametrize(("created", "shown"), [(5, 5), (1.5, 1.5), ("5", 0), (None, 0), ([5], 0)])
def test_the_time_of_a_response_is_a_number(created, shown):
    """A time of another type is written as zero."""
    (_, failed), _ = ended(noted({"type": "response.created", "response": {"created_at": created}}))
    assert failed["response"]["created_at"] == shown


def test_a_time_beyond_all_numbers_is_not_repeated():
    """JSON has no infinity, which is what `1e999` is read as."""
    (_, failed), _ = ended(noted(json.loads('{"type": "response.created", "response": {"created_at": 1e999}}')))
    assert failed["response"]["created_at"] == 0


def test_a_number_of_the_most_digits_can_be_followed():
    """The largest number that can be read is no reason not to end a stream."""
    assert (
        ended(noted({"type": "response.created", "sequence_number": 10**4300 - 1}))[0][0] == "event: response.failed\n"
    )
