import json
from collections import deque

import pytest

from panda_addon.checks.watch import Terms, Watch
from panda_addon.judge import judge
from panda_addon.policy.lists import read_line
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.explain import STEPS
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action
from panda_addon.wire.read import Head, read_request
from panda_addon.wire.route import find
from tests.evasion import BENIGN, PHRASES, REDACTION, ROWS, request

TARGET = find("POST", "/v1/chat/completions")
INDEX = PhraseIndex((phrase, 0) for line in PHRASES for phrase in read_line(line))
STREAMED = [row for row in ROWS if row.place in ("text", "arguments")]
STEPPED = [(row, step) for row in ROWS for step in row.steps]

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
each_benign = pytest.mark.parametrize("text", BENIGN, ids=range(len(BENIGN)))


def phrases(action, without=()):
    """A list with all phrases of the table."""
    return Phrases((PhraseList("list", action, without=frozenset(without)),), INDEX)


def judged(body, action, without=()):
    """The verdict on a request, and the bytes that leave."""
    exchange, document = read_request(TARGET, "POST", Head("application/json"), body)
    verdict = judge(exchange, Policy(name="p", request_phrases=phrases(action, without), redaction=REDACTION))
    return verdict, document.write(verdict.edits, verdict.puts)


def streamed(pieces, *, nested):
    """What a client is sent of a text in pieces, each as soon as it may leave, and what was found in it."""
    watch = Watch("/x", Terms(phrases(Action.REDACT), REDACTION, enforce=True, counts=[0]), nested=nested)
    start, sent, held = 0, [], deque()
    for piece in (*pieces, None):
        watch.feed(piece or "", last=piece is None)
        held += [piece] if piece else []
        while held and start + len(held[0]) <= watch.decided:
            left = held.popleft()
            edits = watch.edits("/x", start, left)
            start += len(left)
            for edit in reversed(edits):
                left = left[: edit.start] + edit.text + left[edit.end :]
            sent.append(left)
    assert not held
    return "".join(sent), [(one.phrase, one.start, one.end, one.folded) for one in watch.findings]


@each_row
def test_a_row_is_blocked(row):
    """A list that blocks refuses the request, whatever its phrase is disguised as."""
    verdict, _ = judged(request(row.place, row.says), Action.BLOCK)
    assert verdict.action is Action.BLOCK
    assert verdict.refusal.code == "policy_violation"


@each_row
def test_a_row_is_redacted_to_the_letter(row):
    """All of the disguise is replaced and nothing beside it, and the finding says by which steps it was seen through."""
    verdict, body = judged(request(row.place, row.says), Action.REDACT)
    assert json.loads(body) == json.loads(request(row.place, row.leaves))
    assert {one.phrase for one in verdict.findings} == {row.phrase}
    assert {one.folded for one in verdict.findings} == {row.steps}
    if row.place != "body":
        assert [(one.start, one.end) for one in verdict.findings] == row.places


@pytest.mark.parametrize("row", STREAMED, ids=lambda row: row.name)
def test_a_row_is_redacted_however_it_is_cut(row):
    """As a streamed text it becomes the same, with the same findings, wherever it is cut."""
    [text], [left], nested = row.says, row.leaves, row.place == "arguments"
    found = [(row.phrase, start, end, row.steps) for start, end in row.places]
    for pieces in [[text], list(text), *([text[:at], text[at:]] for at in range(1, len(text)))]:
        assert streamed(pieces, nested=nested) == (left, found), pieces


@pytest.mark.parametrize("opener", ["&", "<", "%", "\\"])
@pytest.mark.parametrize("row", [row for row in STREAMED if row.place == "text"], ids=lambda row: row.name)
def test_what_may_begin_an_escape_hides_nothing_before_it(row, opener):
    """A stream that is cut where an escape might begin loses no more and no less than the whole text."""
    [text], [left] = row.says, row.leaves
    end = row.places[-1][1]
    kept = len(left) - len(text) + end
    cut = [text[:end] + opener, " " + text[end:]]
    assert streamed(cut, nested=False)[0] == left[:kept] + opener + " " + left[kept:]


@pytest.mark.parametrize(("row", "step"), STEPPED, ids=[f"{row.name}, {step}" for row, step in STEPPED])
def test_a_list_without_a_step_does_not_see_through_it(row, step):
    """What is found by a step alone is not found for a list that does without."""
    verdict, _ = judged(request(row.place, row.says), Action.BLOCK, [step])
    assert verdict.findings == ()


@each_row
def test_a_list_with_no_steps_but_its_own_sees_through_a_row(row):
    """The steps of a row are all that it takes."""
    verdict, _ = judged(request(row.place, row.says), Action.BLOCK, STEPS - set(row.steps))
    assert verdict.action is Action.BLOCK


@pytest.mark.parametrize("row", [row for row in ROWS if row.place == "messages"], ids=lambda row: row.name)
def test_texts_of_different_voices_are_not_joined(row):
    """What one says in part and another goes on with nobody has said."""
    messages = [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(row.says)]
    verdict, _ = judged(json.dumps({"model": "m", "messages": messages}).encode(), Action.BLOCK)
    assert verdict.findings == ()


@each_benign
def test_a_benign_text_stays_as_it_is(text):
    """Nothing is found in what merely comes near a phrase: as a text, in arguments, and as a stream in pieces."""
    arguments = json.dumps({"say": text}, ensure_ascii=False)
    for body in (request("text", (text,)), request("arguments", (arguments,))):
        verdict, left = judged(body, Action.REDACT)
        assert verdict.findings == ()
        assert left == body
    assert streamed(list(text), nested=False) == (text, [])
    assert streamed(list(arguments), nested=True) == (arguments, [])


def test_the_table_is_large_and_has_each_row_once():
    """Techniques have names of their own, each phrase and each step has rows, and there are many of all."""
    assert len({row.name for row in ROWS}) == len(ROWS) >= 430
    assert len(set(BENIGN)) == len(BENIGN) >= 115
    assert {row.phrase for row in ROWS} == set(PHRASES)
    assert {step for row in ROWS for step in row.steps} == STEPS


def test_every_row_has_something_to_find():
    """A row marks what must be found, and its texts differ from what leaves."""
    assert all(row.places and row.says != row.leaves for row in ROWS)
