import json
from collections import deque

import pytest

from panda_addon import stream, waiting
from panda_addon.checks import phrases, watch
from panda_addon.exchange import Bill, Uninspected, Usage
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.stream import Session
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action, Refusal
from panda_addon.wire import sse
from panda_addon.wire.errors import WireError

REDACT, BLOCK, AUDIT = Action.REDACT, Action.BLOCK, Action.AUDIT
DONE = b"data: [DONE]\n\n"
LONG = "w " * 300


def policy(*lists, **fields):
    """A policy with phrase lists for answers, each an action and its phrases."""
    rules = tuple(PhraseList(f"list {number}", action) for number, (action, *_) in enumerate(lists))
    index = PhraseIndex((word, number) for number, (_, *words) in enumerate(lists) for word in words)
    return Policy(name="p", response_phrases=Phrases(rules, index), **fields)


MILD = policy((REDACT, "darn", "glass quagmire"))
NEVER = policy((REDACT, "darn"), (BLOCK, "glass quagmire"))


def data(value):
    """An event."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def chunk(*texts, finish=None, **more):
    """A chunk with a piece of text, or None, for each choice."""
    choices = [
        {"index": index, "delta": {"content": text}, "finish_reason": finish}
        for index, text in enumerate(texts)
        if text is not None
    ]
    return data({"choices": choices, **more})


def delta(text, number=None, output=0, **more):
    """A piece of a Responses text."""
    numbered = {} if number is None else {"sequence_number": number}
    where = {"output_index": output, "content_index": 0, "item_id": f"m{output}"}
    return data({"type": "response.output_text.delta", **numbered, **where, "delta": text, **more})


def event(kind, **members):
    """A Responses event."""
    return data({"type": f"response.{kind}", **members})


def values(sent):
    """The JSON of events."""
    lines = [line.removeprefix(b"data: ") for line in sent.split(b"\n") if line.startswith(b"data: ")]
    return [json.loads(line) for line in lines if line != b"[DONE]"]


def steps(rules, *pieces):
    """What leaves with each piece, and at the end; and the session."""
    session = Session(rules, None, "01ID")
    return [*map(session.feed, pieces), session.close()], session


def found(session):
    """Where something was found, in the order it was told."""
    return [(finding.at, finding.start, finding.end) for finding in session.findings]


# Order and liveness.


def test_clean_text_leaves_with_the_event_it_came_in():
    """Nothing waits that no phrase begins in, and it leaves byte for byte."""
    pieces = [chunk("Good "), b": keep-alive\n\n", chunk("morning, "), chunk("darned world. "), DONE]
    sent, session = steps(MILD, *pieces)
    assert sent == [*pieces, b""]
    assert (session.action, session.findings, session.refused) == (Action.ALLOW, [], None)
    assert session.events == 5
    assert session.chars == len("Good morning, darned world. ")


def test_what_is_held_leaves_with_the_event_that_decides_it():
    """The beginning of a phrase waits for the event that tells, and no longer; nothing goes ahead of it."""
    pieces = [
        chunk("a glass"),
        data({"choices": []}),
        chunk(" quag"),
        chunk("a b "),
        chunk("glass "),
        chunk("", finish="stop"),
    ]
    sent, _ = steps(MILD, *pieces)
    assert sent == [b"", b"", b"", b"".join(pieces[:4]), b"", b"".join(pieces[4:]), b""]


@pytest.mark.parametrize(
    "end",
    [
        chunk("", finish="stop"),
        DONE,
        data({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}),
        data({"type": "error", "message": "m"}),
        data({"type": "transcript.text.done", "text": ""}),
        b"data: [DONE]",
    ],
)
def test_what_ends_a_text_decides_it(end):
    """A text that will not go on is decided to its end, and its last word is a whole word."""
    (first, second, last), session = steps(MILD, chunk("darn"), end)
    assert first == b""
    assert second + last == chunk("****") + end
    assert found(session) == [("/choices/0/message/content", 0, 4)]


def test_the_end_of_one_choice_says_nothing_of_another():
    """What the other choices say stays undecided."""
    sent, _ = steps(MILD, chunk("darn"), chunk(None, "darn"), chunk(None, "", finish="stop"), DONE)
    assert sent[:3] == [b"", b"", b""]
    assert [value["choices"][0]["delta"]["content"] for value in values(sent[3])] == ["****", "****", ""]


def test_the_end_of_the_stream_decides_everything():
    """Where neither a text nor the stream says that it ends, the last byte does."""
    sent, session = steps(MILD, chunk("a darn"))
    assert sent == [b"", chunk("a ****")]
    assert session.events == 1


def test_texts_keep_their_order_while_one_is_undecided():
    """What comes behind an undecided piece waits as long as it is little."""
    pieces = [chunk("a glass "), chunk(None, "other"), chunk(None, " words"), chunk("house")]
    sent, _ = steps(MILD, *pieces)
    assert sent == [b"", b"", b"", b"".join(pieces), b""]


def test_a_text_is_overtaken_where_too_much_waits_behind_it():
    """The events of other texts go ahead of an undecided one, each text in its own order."""
    waits, behind, own = chunk("a glass "), chunk(None, LONG), chunk("quag", "more")
    sent, _ = steps(MILD, waits, behind, own, chunk(None, "later "), chunk("mire."), DONE)
    assert sent[:3] == [b"", behind, b""]
    assert sent[3] == b""
    # The second text also stands in an event with the first, and waits for its turn.
    contents = [[choice["delta"]["content"] for choice in value["choices"]] for value in values(sent[4])]
    assert contents == [["a ****"], ["", "more"], ["later "], ["."]]
    assert sent[5] == DONE


def test_a_text_is_not_overtaken_for_what_its_phrase_may_take():
    """Where phrases are long, more may wait."""
    rules = policy((REDACT, "glass " + "q " * 1000))
    sent, _ = steps(rules, chunk("glass q "), chunk(None, "w " * 900), chunk(None, "w " * 1200))
    assert sent[:2] == [b"", b""]
    assert values(sent[2]) == values(chunk(None, "w " * 900) + chunk(None, "w " * 1200))


def test_bytes_without_text_wait_no_longer_than_text(monkeypatch):
    """Pictures behind an undecided text go ahead of it too."""
    monkeypatch.setattr(waiting, "MAX_WAITING", 100)
    picture = data({"choices": [], "b64_json": "iVBORw0KGgo" * 20})
    sent, session = steps(MILD, chunk("glass "), picture)
    assert sent == [b"", picture, chunk("glass ")]
    assert session.uninspected == [Uninspected("/b64_json", "image")]


def test_sequence_numbers_stay_in_order_when_events_do_not():
    """Numbers leave in the order they came, whichever event they came with."""
    sent, _ = steps(MILD, delta("a glass ", 4), delta(LONG, 5, 1), delta("more ", 6, 1), delta("house ", 9), DONE)
    assert [[value["sequence_number"] for value in values(piece)] for piece in sent] == [[], [4], [5], [6, 9], [], []]
    assert sent[1] == delta(LONG, 4, 1)
    assert sent[2] == delta("more ", 5, 1)
    assert sent[3] == delta("a glass ", 6) + delta("house ", 9)


def test_events_without_numbers_are_none_the_worse():
    """A number that is none is left alone."""
    pieces = [delta("x ", "4"), delta("x ", True), delta("glass ", 1.5), data([1]), data("darned"), data(7)]
    sent, _ = steps(MILD, *pieces)
    assert b"".join(sent) == b"".join(pieces)


def test_many_events_alike_leave_as_they_would_singly():
    """A burst of tokens in one piece makes no difference."""
    words = ["one ", "da", "rn ", "two ", "a glass", " quag", "mire ", "three ", "\u00e9\n ", "glass"]
    pieces = [delta(word, number) for number, word in enumerate(words)]
    singly, session = steps(MILD, *pieces)
    at_once, other = steps(MILD, b"".join(pieces))
    assert b"".join(singly) == b"".join(at_once)
    assert found(session) == found(other) == [("/output/0/content/0/text", 4, 8), ("/output/0/content/0/text", 15, 29)]
    text = "".join(value["delta"] for value in values(b"".join(singly)))
    assert text == "one **** two a **** three \u00e9\n glass"
    assert (session.events, session.chars) == (other.events, other.chars) == (10, sum(map(len, words)))


def test_events_alike_go_ahead_of_what_waits():
    """A burst of tokens behind an undecided text leaves as it would if they came singly."""
    pieces = [delta("w " * 150, number, 1) for number in range(1, 7)]
    singly, _ = steps(MILD, delta("glass ", 0), *pieces)
    at_once, _ = steps(MILD, delta("glass ", 0), b"".join(pieces))
    assert b"".join(singly) == b"".join(at_once)
    assert at_once[1] == delta("w " * 150, 0, 1) + b"".join(delta("w " * 150, number, 1) for number in range(1, 6))


def test_events_behind_a_block_say_nothing():
    """The number of the last event follows what was read, however much came at once."""
    pieces = [delta(text, number) for number, text in enumerate(["a ", "b ", "glass quagmire. ", "c "])]
    singly, _ = steps(NEVER, *pieces)
    at_once, _ = steps(NEVER, pieces[0], b"".join(pieces[1:]))
    assert b"".join(singly) == b"".join(at_once)


@pytest.mark.parametrize("ends", ["\ude00 x", "\ude00"])
@pytest.mark.parametrize("rules", [policy((REDACT, "a \U0001f600")), policy((REDACT, "a \U0001f600"), enforce=False)])
def test_a_character_that_is_cut_in_two_is_one(ends, rules):
    """Half of a character waits for the other in the next event, if a phrase may have it."""
    pieces = [chunk("a \ud83d"), chunk(ends), DONE]
    sent, session = steps(rules, *pieces)
    if rules.enforce:
        assert sent[0] == b""
        assert [value["choices"][0]["delta"]["content"] for value in values(b"".join(sent))] == ["****", ends[1:]]
    else:
        assert b"".join(sent) == b"".join(pieces)
    assert found(session) == [("/choices/0/message/content", 0, 4)]


def test_half_a_character_is_half_a_character():
    """One that is not followed by its other half leaves as it came."""
    pieces = [chunk("a \ud83d"), chunk("darned "), chunk("\ude00"), chunk("\ud83d"), DONE]
    sent, _ = steps(MILD, *pieces)
    assert b"".join(sent) == b"".join(pieces)


# What ends a stream.


def refused(sent):
    """The error that a stream ends with."""
    return values(sent)[-1]["error"]


def test_a_block_ends_the_stream():
    """What was decided leaves, what is blocked and everything behind it does not."""
    sent, session = steps(NEVER, chunk("a darn glass "), chunk("quag"), chunk("mire. More"), chunk("never"), DONE)
    assert sent[:2] == [b"", b""]
    assert sent[3:] == [b"", b"", b""]
    assert values(sent[2])[0]["choices"][0]["delta"]["content"] == "a **** "
    assert refused(sent[2]) == {
        "message": "Blocked by policy 'p': list 1 phrase in choices[0].message.content. Decision 01ID",
        "type": "invalid_request_error",
        "param": "choices[0].message.content",
        "code": "policy_violation",
    }
    assert sent[2].endswith(b"\n\n" + DONE)
    assert session.refused == Refusal(
        "policy_violation", "list 1 phrase in choices[0].message.content", "choices[0].message.content"
    )
    assert (session.action, session.events) == (BLOCK, 1)
    assert session.chars == len("a darn ")
    assert found(session) == [("/choices/0/message/content", 2, 6), ("/choices/0/message/content", 7, 21)]


def test_a_block_takes_only_decided_text_of_the_others_along():
    """Of every text leaves what was decided; events without text leave, but not the last, which may hold the phrase."""
    pieces = [chunk("x glass "), chunk(None, "high"), chunk(None, None, "glass"), data({"choices": [], "id": "i"})]
    sent, _ = steps(NEVER, *pieces, chunk("quagmire "))
    *left, error = values(sent[4])
    assert left == values(chunk("x ") + pieces[1] + pieces[3])
    assert error["error"]["code"] == "policy_violation"


@pytest.mark.parametrize(
    "end", [chunk("", finish="stop"), DONE, chunk(" ", finish="stop"), chunk("."), event("completed", response={})]
)
def test_a_block_at_the_end_of_a_text(end):
    """A phrase that the end of its text makes a word ends the stream, and the end itself does not leave."""
    sent, session = steps(NEVER, chunk("never a glass quagmire"), end)
    assert sent[0] == b""
    assert sent[1].startswith(chunk("never a "))
    assert session.refused is not None
    assert b"stop" not in sent[1]
    assert session.events == 1


def test_a_block_at_the_end_of_the_stream():
    """Where nothing more comes the last word counts."""
    sent, session = steps(NEVER, chunk("a "), chunk("glass quagmire"))
    assert sent[:2] == [chunk("a "), b""]
    assert refused(sent[2])["code"] == "policy_violation"
    assert session.refused is not None


def test_a_block_in_what_comes_whole():
    """A snapshot that holds what is blocked ends the stream and does not leave."""
    added = event("output_item.added", sequence_number=3, output_index=0, item={"type": "message", "content": []})
    done = {"type": "mcp_call", "output": "a glass quagmire"}
    created = event("created", response={"id": "resp_1", "model": "m", "created_at": 5})
    sent, session = steps(NEVER, created, added, event("output_item.done", output_index=0, item=done))
    assert sent[:2] == [created, added]
    failed, error = values(sent[2])
    assert [failed["type"], error["type"]] == ["response.failed", "error"]
    assert (failed["response"]["id"], failed["sequence_number"], error["sequence_number"]) == ("resp_1", 4, 5)
    assert found(session) == [("/output/0/output", 2, 16)]
    assert session.refused.param == "output[0].output"


def test_the_first_thing_that_blocks_is_told():
    """Once an event is known to end the stream its other texts are not asked."""
    both = {"index": 0, "delta": {"content": "glass quagmire."}, "message": {"content": "glass quagmire"}}
    sent, session = steps(NEVER, data({"choices": [both]}))
    assert refused(sent[0])["param"] == "choices[0].message.content"
    assert found(session) == [("/choices/0/message/content", 0, 14)]
    sent, _ = steps(NEVER, chunk("glass quagmire.", "glass quagmire.", None))
    assert refused(sent[0])["param"] == "choices[0].message.content"


def test_more_findings_than_are_kept_end_the_stream(monkeypatch):
    """A list that would redact more than is kept count of ends the stream instead."""
    for module in (phrases, watch):
        monkeypatch.setattr(module, "MAX_FINDINGS", 3)
    sent, session = steps(MILD, chunk("darn darn "), chunk("darn darn "))
    assert (
        refused(b"".join(sent))["message"]
        == "Blocked by policy 'p': list 0 phrases in more than 3 places. Decision 01ID"
    )
    assert session.action is BLOCK
    quiet, session = steps(policy((REDACT, "darn"), enforce=False), chunk("darn darn "), chunk("darn darn "))
    assert quiet == [chunk("darn darn "), chunk("darn darn "), b""]
    assert (len(session.findings), session.action) == (4, AUDIT)


def test_what_comes_after_a_refusal_is_nothing():
    """A stream that was refused from outside ends in the words of its client, once."""
    session = Session(NEVER, "responses", "01ID")
    assert session.feed(delta("glass ", 1)) == b""
    why = Refusal("unreadable_response", "the stream has too many texts")
    failed, error = values(session.refuse(why))
    assert (failed["type"], failed["sequence_number"], error["error"]["code"]) == (
        "response.failed",
        0,
        "unreadable_response",
    )
    assert session.feed(delta("more", 2)) == session.close() == b""
    assert session.refused == why


def test_what_is_given_up_leaves_as_it_came():
    """All that is held leaves untouched, the beginning of an event too, and nothing of it twice."""
    session = Session(MILD)
    waits, rest = chunk("darn") + chunk(None, "high"), b"data: {half an ev"
    assert session.feed(waits + rest) == b""
    assert session.give_up() == waits + rest
    assert session.give_up() == b""


# What else an event says.


@pytest.mark.parametrize(
    ("came", "left"),
    [
        (b": a darn comment\n\n", b"\n"),
        (b": not fine\r\nevent: x\r\n: darn\r\ndata: {}\r\n\r\n", b"event: x\r\ndata: {}\r\n\r\n"),
        (b"event: x\nid: a darn b\ndata: {}\nwords: fine, fine\n\n", b"event: x\ndata: {}\n\n"),
        (b"darn\n\n", b"\n"),
        (b"data: [DONE]\n: darn!\n\n", b"data: [DONE]\n\n"),
    ],
)
def test_text_beside_the_data_is_left_out(came, left):
    """Comments and fields without meaning are left out if one of them holds a phrase."""
    sent, session = steps(MILD, came)
    assert b"".join(sent) == left
    assert session.action is REDACT


def test_text_beside_the_data_may_end_the_stream():
    """A comment with what is blocked does, without a look at the data."""
    sent, session = steps(NEVER, b": glass quagmire\n" + chunk("darn "))
    assert refused(sent[0])["param"] is None
    assert len(values(sent[0])) == 1
    assert len(session.findings) == 1


def test_what_repeats_is_found_once():
    """Deltas and all that repeats them are redacted alike, and found once."""
    at = {"output_index": 0, "content_index": 0, "item_id": "m0"}
    part = {"type": "output_text", "text": "a darn b", "annotations": []}
    item = {"type": "message", "content": [part]}
    sent, session = steps(
        MILD,
        delta("a da"),
        delta("rn b"),
        event("output_text.done", **at, text="a darn b", logprobs=[{"token": "a da"}]),
        event("content_part.done", **at, part=part),
        event("output_item.done", output_index=0, item=item),
        event("completed", response={"output": [item]}),
    )
    left = values(b"".join(sent))
    assert [left[0]["delta"], left[1]["delta"], left[2]["text"], left[2]["logprobs"]] == [
        "a ****",
        " b",
        "a **** b",
        [],
    ]
    assert left[3]["part"]["text"] == left[4]["item"]["content"][0]["text"] == "a **** b"
    assert left[5]["response"]["output"][0]["content"][0]["text"] == "a **** b"
    assert found(session) == [("/output/0/content/0/text", 2, 6)]


def test_findings_are_told_up_to_a_number(monkeypatch):
    """Of too many different findings the first are told."""
    monkeypatch.setattr(stream, "_MAX_NOTES", 2)
    _, session = steps(MILD, chunk("darn darn darn."))
    assert found(session) == [("/choices/0/message/content", 0, 4), ("/choices/0/message/content", 5, 9)]


def test_what_was_not_read_is_told_once(monkeypatch):
    """Pictures and sound are told of once for each place, up to a number."""
    monkeypatch.setattr(stream, "_MAX_PARTS", 2)
    picture = {"b64_json": "iVBORw0KGgo" * 5}
    pieces = [data({"type": "image_generation.partial_image", **picture})] * 2
    pieces += [data({"other": picture}), data({"third": picture})]
    sent, session = steps(MILD, *pieces)
    assert b"".join(sent) == b"".join(pieces)
    assert session.uninspected == [Uninspected("/b64_json", "image"), Uninspected("/other/b64_json", "image")]


def test_usage_is_what_was_told_last():
    """An event with usage counts, one with null does not take it back."""
    used = {"input_tokens": 3, "output_tokens": 4}
    _, session = steps(
        MILD,
        data({"choices": [], "usage": {"prompt_tokens": 1}}),
        event("completed", response={"usage": used}),
        chunk("x", usage=None),
    )
    assert session.bill.usage == Usage(3, 4)


@pytest.mark.parametrize("rules", [MILD, NEVER, policy((AUDIT, "darn")), policy()])
def test_what_was_asked_for_in_the_clients_stead_is_taken_out(rules):
    """The event with the usage that only Panda asked for does not leave, nothing waits for it, and it is read."""
    pieces = [chunk("a "), chunk("b", finish="stop", usage=None), data({"choices": [], "usage": {"prompt_tokens": 3}})]
    session = Session(rules, "chat.completions", "01ID", demanded=True)
    sent = [*map(session.feed, pieces), session.feed(DONE), session.close()]
    assert b"".join(sent) == b"".join([*pieces[:2], DONE])
    assert (sent[2], session.bill.usage, session.events) == (b"", Usage(3), 3)
    assert session.finished


def test_a_text_goes_on_past_what_is_taken_out():
    """It stands in nobody's way, wherever it comes."""
    session = Session(MILD, None, "01ID", demanded=True)
    usage = data({"choices": [], "usage": {"prompt_tokens": 3}})
    sent = session.feed(chunk("da") + usage + chunk("rn it") + usage + DONE) + session.close()
    assert [part["choices"][0]["delta"]["content"] for part in values(sent)] == ["****", " it"]


def test_an_event_with_a_piece_of_text_is_never_taken_out():
    """A choice in it is the client's, whatever it says of the usage; so is a piece of text under another name."""
    session = Session(MILD, None, "01ID", demanded=True)
    odd = data({"choices": [], "usage": {"prompt_tokens": 3}, "type": "x.delta", "delta": "more"})
    assert session.feed(odd) == odd


def test_what_is_taken_out_is_judged():
    """Text in it counts, and may end the stream."""
    session = Session(NEVER, None, "01ID", demanded=True)
    sent = session.feed(data({"choices": [], "usage": {"prompt_tokens": 3}, "note": "a glass quagmire"}))
    assert session.refused is not None
    assert b"glass" not in sent


@pytest.mark.parametrize("joined", [False, True])
def test_what_was_said_is_kept_to_be_counted(joined):
    """Each text is put together from its pieces, as the upstream said it, whatever became of it; repetitions are none."""
    pieces = [*(delta(f"darn {number} ", number) for number in range(6)), delta("x", 6, output=1)]
    pieces.append(event("output_text.done", output_index=0, content_index=0, item_id="m0", text="darn 0 "))
    session = Session(MILD, None, "01ID")
    for piece in [b"".join(pieces)] if joined else pieces:
        session.feed(piece)
    assert list(session.heard.texts()) == ["".join(f"darn {number} " for number in range(6)), "x"]


def test_citations_move_with_the_text():
    """The offsets of citations are those in the text as it left, wherever the citation comes."""
    at = {"output_index": 0, "content_index": 0, "annotation_index": 0}
    cited = {"type": "url_citation", "start_index": 16, "end_index": 19, "title": "darn", "url": "https://a.example"}
    sent, _ = steps(
        policy((REDACT, "darn"), redaction="#"),
        delta("a darn b, darn, see it. "),
        event("output_text.annotation.added", **at, annotation=cited),
        event("output_text.annotation.added", **{**at, "output_index": 7}, annotation=cited),
        event("output_text.annotation.added", **at, annotation=None),
    )
    text, first, other, nothing = values(b"".join(sent))
    assert text["delta"] == "a # b, #, see it. "
    assert text["delta"][first["annotation"]["start_index"] : first["annotation"]["end_index"]] == "see"
    assert first["annotation"]["title"] == other["annotation"]["title"] == "#"
    assert (other["annotation"]["start_index"], nothing["annotation"]) == (16, None)


def test_citations_in_a_chunk_move_with_the_text():
    """So are those that a chunk brings, with its own piece or after it."""
    cited = [{"type": "url_citation", "url_citation": {"start_index": 12, "end_index": 15, "title": "t", "url": "u:u"}}]
    bring = {"index": 0, "delta": {"annotations": cited}}
    sent, _ = steps(
        policy((REDACT, "darn"), redaction="#"),
        chunk("a darn "),
        data({"choices": [{"index": 0, "delta": {"content": "and, see it. ", "annotations": cited}}]}),
        data({"choices": [bring, "odd", {"delta": 1}]}),
    )
    _, second, third = values(b"".join(sent))
    text = "a # and, see it. "
    for value in (second, third):
        place = value["choices"][0]["delta"]["annotations"][0]["url_citation"]
        assert text[place["start_index"] : place["end_index"]] == "see"


def test_citations_that_overtake_move_with_the_text():
    """So are those whose text is held while others go ahead."""
    at = {"output_index": 0, "content_index": 0, "annotation_index": 0}
    cited = {"type": "url_citation", "start_index": 7, "end_index": 10, "title": "t", "url": "u:u"}
    sent, _ = steps(
        policy((REDACT, "darn", "glass quagmire"), redaction="#"),
        delta("a darn see, glass "),
        delta(LONG, output=1),
        event("output_text.annotation.added", **at, annotation=cited),
        delta("house"),
        DONE,
    )
    (place,) = [value["annotation"] for value in values(b"".join(sent)) if "annotation" in value]
    assert "a # see, glass house"[place["start_index"] : place["end_index"]] == "see"


def test_citations_in_events_alike_move_with_the_text():
    """So are those in events that differ in their text and nothing else."""

    def cites(text, offset):
        file = {"type": "file_path", "file_id": "f", "index": offset}
        return data({"choices": [{"index": 0, "delta": {"content": text, "annotations": [file]}}]})

    rules = policy((REDACT, "darn"), redaction="#")
    sent, _ = steps(rules, cites("x ", 5), cites("darn ", 8), *[cites("ab ", 9)] * 2)
    offsets = [value["choices"][0]["delta"]["annotations"][0]["index"] for value in values(b"".join(sent))]
    assert offsets == [5, 5, 6, 6]


def test_a_citation_of_what_was_cut_away_is_not_sent():
    """Where a stream is stopped, what is said of the text that was not sent goes with it."""
    at = {"output_index": 0, "content_index": 0, "annotation_index": 0}
    cited = {"type": "url_citation", "start_index": 2, "end_index": 7, "title": "t", "url": "u:u"}
    added = event("output_text.annotation.added", **at, annotation=cited)
    sent, session = steps(NEVER, delta("a glass "), added, delta("quagmire "))
    assert session.refused is not None
    assert b"annotation" not in b"".join(sent)


def test_what_waits_does_not_keep_events_apart_that_come_together(monkeypatch):
    """As soon as what waited has left, what came with it is judged as one piece: each by itself takes ten times as long."""
    fed = []
    feed = watch.Watch.feed
    monkeypatch.setattr(
        watch.Watch, "feed", lambda self, text, *, last=False: (fed.append(text), feed(self, text, last=last))[1]
    )
    behind = [chunk(f"{'w' * at} ") for at in range(1, 50)]
    sent, _ = steps(MILD, chunk("One "), chunk("two dar"), b"".join(behind))
    assert sent[1:3] == [b"", b"".join([chunk("two dar"), *behind])]
    assert fed[:3] == ["One ", "two dar", "w "]
    assert fed[3] == "".join(f"{'w' * at} " for at in range(2, 50))


def test_what_goes_ahead_does_not_depend_on_what_comes_together():
    """An event that lets others go ahead does so though the next, which settles it, comes in the same piece."""
    rules = policy((REDACT, "project borealis"))
    before = [chunk("x "), chunk("x "), chunk("project"), chunk(None, "b" * 508)]
    after = [chunk(" boreali"), chunk("x ")]
    singly, _ = steps(rules, *before, *after)
    together, _ = steps(rules, *before, b"".join(after))
    assert b"".join(singly) == b"".join(together)
    assert b"".join(singly).index(b"bbb") < b"".join(singly).index(b"project")


def test_usage_in_every_event_is_the_last_one():
    """Events that differ in nothing but their text are read again for what they report."""
    first, second = ({"prompt_tokens": tokens, "completion_tokens": 1} for tokens in (1, 2))
    pieces = [chunk("a ", usage=first), chunk("a ", usage=second), chunk("b ", usage=first)]
    sent, session = steps(MILD, *pieces)
    assert b"".join(sent) == b"".join(pieces)
    assert session.bill.usage == Usage(1, 1)


def test_what_other_models_took_is_kept_to_the_end():
    """A later event that says less of the bill takes nothing away from it."""
    written = {"model": "gpt-6-luna", "input_tokens": 5, "output_tokens": 6}
    _, session = steps(MILD, data({"choices": [], "model": "m", "svg_usage": written}), chunk("x"), DONE)
    assert session.bill.beside == (Bill(Usage(5, 6), "gpt-6-luna"),)
    assert session.bill.model == "m"


def test_what_comes_behind_the_end_is_read():
    """Data behind `[DONE]` is read as any other, and a text that has ended does not go on."""
    usage = data({"choices": [], "note": "darn", "usage": {"prompt_tokens": 1}})
    sent, session = steps(MILD, chunk("x"), DONE, usage, b": bye\n\n")
    assert b"".join(sent[:3]) == chunk("x") + DONE + usage.replace(b"darn", b"****")
    assert session.bill.usage == Usage(1, 0)
    for end in (DONE, chunk("", finish="stop")):
        session = Session(MILD)
        assert session.feed(chunk("x ") + end) == chunk("x ") + end
        with pytest.raises(WireError, match="goes on behind its end"):
            session.feed(chunk("more"))
        assert session.give_up() == chunk("more")


def test_tool_calls_stay_json():
    """What is redacted in arguments is so in their own JSON, in each call by itself."""
    calls = [
        {"index": number, "function": {"arguments": text}}
        for number, text in enumerate(['{"a":"da', '{"n":12,"b":["x'])
    ]
    more = [{"index": number, "function": {"arguments": text}} for number, text in enumerate(['rn"}', ' y"]}'])]
    sent, _ = steps(
        policy((REDACT, "darn", "12", "x y"), redaction='"'),
        *(data({"choices": [{"index": 0, "delta": {"tool_calls": one}}]}) for one in (calls, more)),
    )
    texts = ["", ""]
    for value in values(b"".join(sent)):
        for call in value["choices"][0]["delta"]["tool_calls"]:
            texts[call["index"]] += call["function"]["arguments"]
    assert [json.loads(text) for text in texts] == [{"a": '"'}, {"n": 99, "b": ['"']}]


# A policy without effect.


@pytest.mark.parametrize("rules", [policy((BLOCK, "darn"), enforce=False), policy((AUDIT, "darn"))])
def test_where_nothing_is_done_nothing_waits(rules):
    """In audit mode, and for lists that only audit, every event leaves as it came and when it came."""
    pieces = [chunk("a da"), chunk("rn"), b": darn\n\n", chunk(" b darn"), DONE]
    sent, session = steps(rules, *pieces)
    assert sent == [*pieces, b""]
    assert found(session) == [("", 2, 6), ("/choices/0/message/content", 2, 6), ("/choices/0/message/content", 9, 13)]
    assert (session.action, session.refused) == (AUDIT, None)


@pytest.mark.parametrize(
    ("pieces", "told", "parts"),
    [
        ([chunk("a darn")], 1, []),
        ([chunk("a darn"), b"data: {"], 1, [Uninspected("", "incomplete")]),
        ([], 0, []),
    ],
)
def test_a_stream_that_is_cut_short_is_judged_as_far_as_it_came(pieces, told, parts):
    """The last word of what came counts, and half an event is told of."""
    session = Session(policy((REDACT, "darn"), enforce=False))
    assert b"".join(map(session.feed, pieces)) == b"".join(pieces[:1])
    session.cut_short()
    assert len(session.findings) == told
    assert session.uninspected == parts


# What cannot be read, or is too much.


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"data: {half\n\n", "not valid JSON"),
        (b"data: fine words\n\n", "not valid JSON"),
        (b'data: {"a": 1, "a": 2}\n\n', "repeated key"),
        (b'data: {"a": "\xff"}\n\n', "UTF-8"),
        (b": \xff\n\n", "UTF-8"),
        (data({"type": "x.new.delta", "item_id": "i" * 5000, "delta": "x"}), "a name in the stream is too long"),
    ],
)
def test_what_cannot_be_read_is_an_error(raw, reason):
    """And is given up with what was held, each once and in order, with all that came behind it."""
    session = Session(MILD)
    behind = chunk("behind") + b"data: "
    with pytest.raises(WireError, match=reason):
        session.feed(chunk("x ") + chunk("glass") + raw + behind)
    assert session.give_up() == chunk("x ") + chunk("glass") + raw + behind
    assert session.findings == []


def test_what_cannot_be_read_at_the_end_is_an_error():
    """The last event counts, though no empty line ends it."""
    session = Session(MILD)
    assert session.feed(b"data: {half") == b""
    with pytest.raises(WireError, match="not valid JSON"):
        session.close()
    assert session.give_up() == b"data: {half"


def test_too_many_texts_are_an_error(monkeypatch):
    """A stream goes on with so many texts and no more."""
    monkeypatch.setattr(stream, "MAX_TEXTS", 2)
    session = Session(MILD)
    session.feed(chunk("a", "b") + chunk("a", "b"))
    with pytest.raises(WireError, match="too many texts"):
        session.feed(chunk(None, None, "c"))


@pytest.mark.parametrize("pieces", [[chunk("glass" + " \u200b" * 100)], [chunk("glass"), *[chunk(" \u200b")] * 100]])
def test_too_much_undecided_text_is_an_error(monkeypatch, pieces):
    """What shows nothing may stand within a phrase, but not without end; it can still be given up."""
    monkeypatch.setattr(stream, "MAX_UNDECIDED", 50)
    session = Session(MILD)
    coming = iter(pieces)
    with pytest.raises(WireError, match="too much of a text is undecided"):
        deque(map(session.feed, coming))
    assert session.give_up() + b"".join(coming) == b"".join(pieces)


def test_too_large_an_event_is_an_error(monkeypatch):
    """An event has a largest size."""
    monkeypatch.setattr(sse, "MAX_EVENT", 100)
    session = Session(MILD)
    with pytest.raises(WireError, match="too large"):
        session.feed(b"data: " + b"x" * 100)


def test_too_much_that_waits_is_an_error(monkeypatch):
    """What waits behind an undecided text is bounded, and can still be given up."""
    monkeypatch.setattr(waiting, "MAX_EVENT", 200)
    session = Session(MILD)
    pieces = [chunk("glass "), *[chunk("", id="x" * 40)] * 9]
    coming = iter(pieces)
    with pytest.raises(WireError, match="too much of the stream is undecided"):
        deque(map(session.feed, coming))
    assert session.give_up() + b"".join(coming) == b"".join(pieces)


def test_names_that_would_be_the_same_are_an_error():
    """Where two names in an event are redacted to the same it cannot leave, and can be given up with what waits."""
    session = Session(MILD)
    same = data({"choices": [], "metadata": {"darn": 1, "darn ": 2, "****": 3}})
    waits = chunk("glass ")
    assert session.feed(waits) == b""
    with pytest.raises(WireError, match="same after redaction"):
        session.feed(same + DONE)
    assert session.give_up().endswith(same + DONE)


@pytest.mark.parametrize(
    ("pieces", "finished"),
    [
        ([chunk("x ")], False),
        ([chunk("darn"), chunk("", finish="stop")], False),
        ([chunk("darn"), DONE], True),
        ([chunk("darn"), DONE, b": bye\n\n"], True),
        ([delta("darn"), event("completed", response={})], True),
        ([data({"type": "transcript.text.done", "text": "darn"})], True),
    ],
)
def test_a_stream_may_say_that_it_has_ended(pieces, finished):
    """It is finished once it has said so, whether its connection ends or not."""
    session = Session(MILD)
    assert not session.finished
    for piece in pieces:
        session.feed(piece)
    assert session.finished is finished
