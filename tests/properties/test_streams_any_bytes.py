"""Whole streams: cut at any byte, and made of random texts in random deltas."""

import itertools
import json
import os
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon import waiting
from panda_addon.exchange import Exchange, Span
from panda_addon.judge import judge
from panda_addon.stream import Session
from panda_addon.verdict import Action
from panda_addon.wire.sse import Splitter
from tests import streams
from tests.properties.strategies import PLAIN, REDACTIONS, applied, cuts, policy, said, searches, whole

REDACT, BLOCK, AUDIT = Action.REDACT, Action.BLOCK, Action.AUDIT

MILD = ((REDACT, "darn"), (REDACT, "project borealis"))
POLICIES = {
    "redact": policy(*MILD),
    "block": policy(*MILD, (BLOCK, "glass quagmire")),
    "block early": policy((BLOCK, "darn"), (AUDIT, "project borealis")),
    "audit": policy((AUDIT, "darn", "glass quagmire"), (AUDIT, "project borealis")),
    "no effect": policy(*MILD, (BLOCK, "glass quagmire"), enforce=False),
    "absent": policy((REDACT, "project borealists", "glass quagmires", "darned fool"), (BLOCK, "almanac says so")),
}
UNCHANGED = ("audit", "no effect", "absent")

# How many cuts in two of each stream are tried, where not all are: PANDA_CUTS=100000 tries them all, in an hour.
CUTS = int(os.environ.get("PANDA_CUTS", "12"))


def run(pieces, rules, endpoint=None):
    """What leaves of a stream that comes in pieces, and its session."""
    session = Session(rules, endpoint, "01DECISION")
    left = [session.feed(piece) for piece in pieces]
    return b"".join((*left, session.close())), session


def told(session):
    """All that a session says of its stream."""
    return session.action, said(session.findings), session.uninspected, session.bill, session.refused, session.events


WHOLE = {}


def at_once(name, kind):
    """What becomes of a recorded stream that comes in one piece."""
    if (name, kind) not in WHOLE:
        left, session = run([streams.load(name)], POLICIES[kind], name)
        WHOLE[name, kind] = left, told(session)
    return WHOLE[name, kind]


EVERY = pytest.mark.parametrize(("name", "kind"), list(itertools.product(streams.NAMES, POLICIES)))


@EVERY
def test_a_stream_may_come_byte_by_byte(name, kind):
    """Bytes that come singly make no difference to what leaves and what is said."""
    left, session = run(streams.pieces(streams.load(name), 1), POLICIES[kind], name)
    assert (left, told(session)) == at_once(name, kind)


@EVERY
def test_a_stream_may_be_cut_in_two(name, kind):
    """Nor does one cut, in the middle of a character, of a line end, of an escape or anywhere else."""
    data = streams.load(name)
    step = 1 if len(data) < 2000 and kind == "redact" else max(1, len(data) // CUTS) | 1
    for place in range(list(POLICIES).index(kind) % step, len(data), step):
        left, session = run([data[:place], data[place:]], POLICIES[kind], name)
        assert (left, told(session)) == at_once(name, kind), place


@pytest.mark.parametrize("name", streams.NAMES)
def test_the_events_are_the_same_wherever_a_stream_is_cut(name):
    """Cut in two at every one of its bytes, a stream has the same events and the same rest."""
    data = streams.load(name)
    splitter = Splitter()
    wanted = [*splitter.feed(data), splitter.finish()]
    for place in range(len(data) + 1):
        splitter = Splitter()
        events = [*splitter.feed(data[:place]), *splitter.feed(data[place:])]
        assert [*events, splitter.finish()] == wanted


@settings(max_examples=60, deadline=None)
@given(
    st.data(), st.sampled_from([name for name in streams.NAMES if name != "responses"]), st.sampled_from([*POLICIES])
)
def test_a_stream_may_be_cut_anywhere(data, name, kind):
    """Nor do any number of cuts."""
    left, session = run(cuts(data.draw, streams.load(name), 40), POLICIES[kind], name)
    assert (left, told(session)) == at_once(name, kind)


@pytest.mark.parametrize("name", streams.NAMES)
@pytest.mark.parametrize("kind", UNCHANGED)
def test_what_calls_for_no_change_leaves_as_it_came(name, kind):
    """Where nothing is found, or nothing follows from it, every byte is the upstream's."""
    assert at_once(name, kind)[0] == streams.load(name)


@pytest.mark.parametrize("name", streams.NAMES)
def test_the_recorded_streams_say_what_they_should(name):
    """Every delta, every text it adds up to, and every repetition is redacted alike."""
    data, (left, _) = streams.load(name), at_once(name, "redact")
    wanted = {place: streams.expected(text) for place, text in streams.everything(data).items()}
    assert streams.everything(left) == wanted
    assert streams.deltas(left) == streams.expected_deltas(data)
    for place, seen in streams.snapshots(left).items():
        assert set(seen) == {wanted[place]}


# From here on: streams of random texts.

NESTED = "arguments"


def merged(draw, rows):
    """Lists merged in a random order that keeps each in its own."""
    rows = [list(row) for row in rows if row]
    while rows:
        row = draw(st.sampled_from(rows))
        yield row.pop(0)
        rows = [row for row in rows if row]


def event(value, draw, name=None):
    """An event that says this."""
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    return (f"event: {name}\n" if name else "") + f"data: {text}\n\n"


CHANNELS = (
    "content",
    "refusal",
    "reasoning_content",
    "tool_calls/0/function/arguments",
    "tool_calls/1/function/arguments",
)


def delta_of(channel, text):
    """A piece of a choice's channel, as a chunk brings it."""
    if not channel.startswith("tool_calls"):
        return {channel: text}
    return {"tool_calls": [{"index": int(channel.split("/")[1]), "function": {"arguments": text}}]}


# What hides the length of a delta.
PADDING = st.sampled_from([{}, {"obfuscation": "q"}, {"obfuscation": "0qZ"}, {"obfuscation": "q q"}])


@st.composite
def chats(draw, actions):
    """A stream of chunks: its bytes, the lists of phrases, and its texts by place."""
    count = draw(st.integers(1, 4))
    lists, drawn = draw(searches(actions, PLAIN, count))
    places = draw(st.permutations([(index, name) for index in range(3) for name in CHANNELS]))[:count]
    rows = [
        [(index, delta_of(channel, piece)) for piece in cuts(draw, text, 6)]
        for (index, channel), text in zip(places, drawn, strict=True)
    ]
    written, choices = [], []
    for index, delta in merged(draw, rows):
        choice = {"index": index, "delta": delta, "finish_reason": None, "logprobs": None}
        if choices and (draw(st.integers(0, 3)) or any(other["index"] == index for other in choices)):
            written.append(event({"id": "q", "choices": choices, **draw(PADDING)}, draw))
            choices = []
        choices.append(choice)
    written.append(event({"id": "q", "choices": choices}, draw))
    ends = [{"index": index, "delta": {}, "finish_reason": "stop"} for index in draw(st.sets(st.integers(0, 2)))]
    written += [event({"choices": [end]}, draw) for end in ends]
    written += draw(st.sampled_from([[], ["data: [DONE]\n\n"]]))
    texts = {f"/choices/{index}/message/{name}": text for (index, name), text in zip(places, drawn, strict=True)}
    return "".join(written).encode(), lists, texts


# An item by its type: the events that add to it, the member that holds the text, and how it is held.
ITEMS = {
    "message": ("output_text", "content", {"type": "output_text", "annotations": []}),
    "refusal": ("refusal", "content", {"type": "refusal"}),
    "reasoning": ("reasoning_summary_text", "summary", {"type": "summary_text"}),
    "function_call": ("function_call_arguments", "arguments", None),
    "custom_tool_call": ("custom_tool_call_input", "input", None),
    "code_interpreter_call": ("code_interpreter_call_code", "code", None),
    "mcp_call": ("mcp_call_arguments", "arguments", None),
}


def item_events(draw, kind, number, text):
    """The events of an item that says one text, without numbers; the item; and the place of its text."""
    channel, member, part = ITEMS[kind]
    where = {"output_index": number, "item_id": f"id_{number}"}
    item = {"type": "message" if kind == "refusal" else kind, "id": f"id_{number}"}
    name = "refusal" if kind == "refusal" else "text" if part else member
    if part:
        where |= {"summary_index" if member == "summary" else "content_index": 0}
        stem = "reasoning_summary_part" if member == "summary" else "content_part"
        begins = [{"type": f"response.{stem}.added", **where, "part": {**part, name: ""}}]
        ends = [{"type": f"response.{stem}.done", **where, "part": {**part, name: text}}]
        empty, done = {**item, member: []}, {**item, member: [{**part, name: text}]}
        place = f"/output/{number}/{member}/0/{name}"
    else:
        begins, ends = [], []
        empty, done = {**item, member: ""}, {**item, member: text}
        place = f"/output/{number}/{member}"
    pieces = cuts(draw, text, 6)
    events = [
        {"type": "response.output_item.added", "output_index": number, "item": empty},
        *begins,
        *({"type": f"response.{channel}.delta", **where, "delta": piece} for piece in pieces),
        {"type": f"response.{channel}.done", **where, name: text},
        *ends,
        {"type": "response.output_item.done", "output_index": number, "item": done},
    ]
    return events, done, place


@st.composite
def responses(draw, actions):
    """A stream of a response: its bytes, the lists of phrases, and its texts by place."""
    kinds = draw(st.lists(st.sampled_from([*ITEMS]), min_size=1, max_size=4))
    lists, drawn = draw(searches(actions, PLAIN, len(kinds)))
    made = [item_events(draw, kind, number, drawn[number]) for number, kind in enumerate(kinds)]
    head = {"id": "resp_q", "object": "response", "status": "in_progress"}
    events = [
        {"type": "response.created", "response": {**head, "output": []}},
        *merged(draw, [events for events, _, _ in made]),
        {"type": "response.completed", "response": {**head, "output": [item for _, item, _ in made]}},
    ]
    # The first number need not be 0, nor the steps 1.
    number, written = draw(st.integers(0, 3)), ""
    for one in events:
        written += event({"sequence_number": number, **one}, draw, one["type"])
        number += draw(st.integers(1, 2))
    return written.encode(), lists, {place: text for (_, _, place), text in zip(made, drawn, strict=True)}


# How much may wait behind an undecided text before it is overtaken: nothing but what a phrase takes, or what is usual.
BEHIND = st.sampled_from([0, 512])


def judged(texts, rules):
    """What is found in all texts of a stream."""
    spans = tuple(Span(place, text, nested=place.endswith(NESTED)) for place, text in texts.items() if text)
    return judge(Exchange(side="response", spans=spans), rules).findings


def numbers(data):
    """The sequence numbers of a stream's events."""
    return [value["sequence_number"] for value in streams.events(data) if "sequence_number" in value]


@settings(max_examples=150, deadline=None)
@given(st.data(), chats((REDACT, AUDIT)) | responses((REDACT, AUDIT)), REDACTIONS)
def test_what_a_client_adds_up_is_redacted(data, stream, redaction):
    """Texts in random deltas, by turns, are what the judge makes of the whole texts, and so is each repetition."""
    wire, lists, texts = stream
    rules = policy(*lists, redaction=redaction)
    behind = data.draw(BEHIND)
    with mock.patch.object(waiting, "MAX_BEHIND", behind):
        left, session = run(cuts(data.draw, wire), rules)
    wanted = {place: whole(text, rules, nested=place.endswith(NESTED))[1] for place, text in texts.items()}
    assert streams.texts(left) == wanted
    assert all(seen == wanted[place] for place, all_seen in streams.snapshots(left).items() for seen in all_seen)
    assert said(session.findings) == said(judged(texts, rules))
    assert session.chars == sum(map(len, texts.values()))
    assert len(streams.messages(left)) == len(streams.messages(wire)) == session.events
    assert numbers(left) == numbers(wire)
    if session.action is not REDACT and behind:
        assert left == wire


@settings(max_examples=150, deadline=None)
@given(st.data(), chats((REDACT, AUDIT, BLOCK)) | responses((REDACT, AUDIT, BLOCK)))
def test_what_leaves_before_a_block_is_the_beginning_of_each_text(data, stream):
    """A stream ends if any of its texts holds what is blocked, and nothing of that leaves in any of them."""
    wire, lists, texts = stream
    rules = policy(*lists)
    mild = policy(*((AUDIT if action is BLOCK else action, *words) for action, *words in lists))
    with mock.patch.object(waiting, "MAX_BEHIND", data.draw(BEHIND)):
        left, session = run(cuts(data.draw, wire), rules)
    found = judged(texts, rules)
    assert (session.refused is not None) == any(finding.action is BLOCK for finding in found)
    assert (session.action is BLOCK) == (session.refused is not None)
    for place, text in streams.texts(left).items():
        nested = place.endswith(NESTED)
        verdict, redacted = whole(texts[place], mild, nested=nested)
        assert redacted.startswith(text)
        first = min((one.start for one in found if one.at == place and one.action is BLOCK), default=None)
        if first is not None:
            # What leaves is at most what comes before the first of them.
            before = [replace(edit, end=min(edit.end, first)) for edit in verdict.edits if edit.start < first]
            assert len(text) <= len(applied(texts[place][:first], before))
    seen = numbers(left)
    assert all(one < other for one, other in itertools.pairwise(seen))
    # What comes behind the end could have joined some of them.
    for one in session.findings:
        assert any(
            (one.at, one.rule) == (other.at, other.rule) and other.start <= one.start < one.end <= other.end
            for other in found
        )


ENDING = b"event: response.failed"


@settings(max_examples=100, deadline=None)
@given(st.data(), chats((REDACT, AUDIT, BLOCK)) | responses((REDACT, AUDIT, BLOCK)), BEHIND, st.booleans())
def test_events_that_come_at_once_leave_as_they_would_singly(data, stream, behind, enforce):
    """Events in one piece, byte by byte and cut anywhere are the same to a session."""
    wire, lists, _ = stream
    rules = policy(*lists, enforce=enforce)
    with mock.patch.object(waiting, "MAX_BEHIND", behind):
        at_once, session = run([wire], rules)
        for pieces in (streams.pieces(wire, 1), cuts(data.draw, wire)):
            left, other = run(pieces, rules)
            # The numbers of the last events are a test's of their own.
            assert left.partition(ENDING)[0] == at_once.partition(ENDING)[0]
            assert told(other) == told(session)


@settings(max_examples=60, deadline=None)
@given(st.data(), chats((REDACT, AUDIT, BLOCK)) | responses((REDACT, AUDIT, BLOCK)))
def test_a_policy_without_effect_finds_the_same_and_changes_no_byte(data, stream):
    """In audit mode every piece leaves as it comes, and what is found is what enforcing would act on."""
    wire, lists, texts = stream
    session = Session(policy(*lists, enforce=False))
    pieces = cuts(data.draw, wire)
    assert b"".join([*map(session.feed, pieces), session.close()]) == wire
    assert said(session.findings) == said(judged(texts, policy(*lists)))
    assert session.refused is None
    assert session.action in (Action.ALLOW, AUDIT)
