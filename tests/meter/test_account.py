from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from panda_addon.exchange import Bill, Exchange, Order, Span, Uninspected, Usage
from panda_addon.meter import account
from panda_addon.meter.account import Account, Booked, Charge
from panda_addon.meter.tokens import count
from panda_addon.policy.model import Policy
from panda_addon.transcript import MAX_KEPT, Transcript
from panda_addon.wire.read import Head, read_request
from panda_addon.wire.route import find

AT = datetime(2026, 11, 27, tzinfo=UTC)
POLICY = Policy(name="all")
CHAT = find("POST", "/v1/chat/completions")
RESPONSES = find("POST", "/v1/responses")
SPEECH = find("POST", "/v1/audio/speech")
# USD for a token of gpt-6-luna.
SENT, SAID = Decimal("0.0000001"), Decimal("0.0000005")


def chat(*texts, **members):
    """A request for a chat completion, with a message each for some texts."""
    order = Order(messages=len(texts), **{name: members.pop(name) for name in ("tier", "tools") if name in members})
    spans = tuple(Span(f"/messages/{number}/content", text) for number, text in enumerate(texts))
    return Exchange(
        side="request", endpoint="chat.completions", model="gpt-6-luna", spans=spans, order=order, **members
    )


def charged(
    asked=None, bill=None, *, target=CHAT, method="POST", status=200, heard=None, left=False, sent=True, booked=None
) -> Charge:
    """What a call comes to."""
    one = Account(method, "api.openai.com", AT, booked or Booked())
    if asked is not None:
        one.ask(target, asked)
    one.sent, one.status, one.bill = sent, status, bill or Bill()
    return one.charge(POLICY, heard, left=left)


def said(*texts):
    """What a stream said."""
    transcript = Transcript()
    for number, text in enumerate(texts):
        transcript.add(str(number), text)
    return transcript


def tokens(*texts):
    """How many tokens texts have, each by itself."""
    return count(texts, "o200k_base")


def test_what_is_reported_is_what_it_comes_to():
    """The API's own figures, priced for the model that answered."""
    charge = charged(chat("hello"), Bill(Usage(1000, 200), "gpt-6-luna", "default"))
    assert (charge.usage, charge.source) == (Usage(1000, 200), "reported")
    assert charge.price.usd == 1000 * SENT + 200 * SAID
    assert (charge.price.model, charge.price.tier) == ("gpt-6-luna", "default")


@pytest.mark.parametrize(
    ("asked", "answered", "factor"),
    [
        (None, None, 1),
        ("flex", None, "0.5"),
        ("priority", "default", 1),
        (None, "priority", 2),
        ("flex", "flex", "0.5"),
    ],
)
def test_the_tier_is_that_in_which_it_was_served(asked, answered, factor):
    """The answer's word counts; the request's only where the answer says nothing."""
    charge = charged(chat("hello", tier=asked), Bill(Usage(1000, 0), "gpt-6-luna", answered))
    assert charge.price.usd == 1000 * SENT * Decimal(factor)


def test_the_model_that_was_asked_for_counts_where_the_answer_names_none():
    """An answer need not repeat it."""
    assert charged(chat("hello"), Bill(Usage(10, 0))).price.usd == 10 * SENT


@pytest.mark.parametrize("status", [400, 401, 429, 500, 302])
def test_an_error_costs_nothing(status):
    """OpenAI bills answers, whatever an error says."""
    assert charged(chat("hello"), Bill(Usage(10, 0)), status=status) == Charge()


def test_what_did_not_go_out_costs_nothing():
    """A call that Panda refused used nothing."""
    assert charged(chat("hello"), status=None, sent=False) == Charge()


def test_a_stream_without_a_report_is_counted():
    """The texts of the prompt with what OpenAI adds to two messages, and all that was said."""
    charge = charged(chat("hello there", "general"), heard=said("Nine boards", "of larch"))
    assert charge.usage == Usage(tokens("hello there", "general") + 3 + 2 * 4, tokens("Nine boards", "of larch"))
    assert charge.source == "counted"
    assert charge.price.usd == charge.usage.input_tokens * SENT + charge.usage.output_tokens * SAID


def test_whose_a_message_is_counts():
    """From the bytes of a request to its tokens: three, four for the message, its text, and its name with one more."""
    body = b'{"model":"gpt-6-luna","stream":true,"messages":[{"role":"user","content":"Nine boards","name":"bob"}]}'
    asked, _ = read_request(CHAT, "POST", Head("application/json"), body)
    sent = 3 + 4 + tokens("Nine boards") + 1 + tokens("bob")
    assert charged(asked, heard=said("x")).usage.input_tokens == sent


def test_what_is_in_the_address_is_no_prompt():
    """A query is text that nobody is billed for."""
    asked = chat("hello")
    query = replace(asked, spans=(Span("", "x" * 99, fixed=True), *asked.spans))
    assert charged(query, heard=said("")).usage == charged(asked, heard=said("")).usage


def test_what_no_model_reads_is_not_counted():
    """Metadata is kept beside the call."""
    asked = chat("hello")
    noted = replace(
        asked, spans=(*asked.spans, Span("/metadata/a b", "a b", key=True), Span("/metadata/a b", "x" * 99))
    )
    assert charged(noted, heard=said("")).usage == charged(asked, heard=said("")).usage


@pytest.mark.parametrize(
    "asked",
    [
        chat("hello", uninspected=(Uninspected("/messages/0/content/1", "image"),)),
        chat("hello", tools=2),
        chat("x " * MAX_KEPT),
    ],
    ids=["picture", "tools", "long"],
)
def test_a_count_of_more_than_text_is_an_estimate(asked):
    """Pictures and tools have tokens of their own, and of long texts only the beginning is looked at."""
    assert charged(asked, heard=said("a")).source == "estimated"


def test_a_count_says_nothing_of_what_tools_cost():
    """A stream that broke off did not say what OpenAI's own tools had done by then."""
    asked = chat("hello")
    assert charged(asked, heard=said("x")).price.without == ()
    hosted = replace(asked, order=replace(asked.order, hosted=True, tools=1))
    assert charged(hosted, heard=said("x")).price.without == ("tools",)
    assert charged(hosted, Bill(Usage(1, 1))).price.without == ()


def test_a_long_text_is_taken_to_go_on_as_it_began():
    """The estimate grows with the text."""
    text = "Nine boards of larch. " * (3 * MAX_KEPT // 22)
    charge = charged(chat("hello"), heard=said(text))
    assert charge.source == "estimated"
    assert charge.usage.output_tokens == pytest.approx(tokens(text), rel=0.01)


def test_an_answer_that_was_not_read_whole_is_an_estimate():
    """What of it was no text has tokens too."""
    one = Account("POST", "api.openai.com", AT, Booked())
    one.ask(CHAT, chat("hello"))
    one.sent, one.status = True, 200
    assert one.charge(POLICY, said("x"), whole=False).source == "estimated"
    assert one.charge(POLICY, said("x")).source == "counted"


def test_token_ids_are_counted_as_such():
    """A prompt in token ids has as many tokens."""
    asked = chat("hello")
    ids = replace(asked, order=replace(asked.order, token_ids=100))
    assert charged(ids, heard=said("")).usage.input_tokens == charged(asked, heard=said("")).usage.input_tokens + 100


def speech(text="hello", model="tts-1"):
    """A request for speech."""
    order = Order(messages=1, text=False, characters=len(text))
    return Exchange(side="request", endpoint="audio.speech", model=model, spans=(Span("/input", text),), order=order)


@pytest.mark.parametrize(("model", "million"), [("tts-1", 15), ("tts-1-hd", 30)])
def test_speech_costs_what_its_text_does(model, million):
    """It is billed by the character, and its answer reports nothing; whoever does not hear it out pays all the same."""
    for left in (False, True):
        charge = charged(speech("h" * 1001, model), target=SPEECH, left=left)
        assert (charge.usage, charge.source) == (Usage(characters=1001), "counted")
        assert (charge.price.usd, charge.price.model) == (Decimal(million * 1001) / 1_000_000, model)


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        (speech(), None, "no_answer"),
        (speech(model="gpt-4o-mini-tts"), 200, "no_usage"),
        (speech(model="new-voice"), 200, "no_usage"),
        (speech(""), 200, "no_usage"),
    ],
)
def test_speech_without_an_answer_or_a_price_for_its_text_is_unknown(asked, status, reason):
    """What is billed by the token is not told by the text."""
    charge = charged(asked, target=SPEECH, status=status)
    assert (charge.usage, charge.price.usd, charge.price.reason) == (None, None, reason)
    assert charged(asked, target=SPEECH, status=400) == Charge()


def test_speech_that_reports_is_as_it_reports():
    """The API's own word goes before any count."""
    charge = charged(speech(model="gpt-4o-mini-tts"), Bill(Usage(5, 10)), target=SPEECH)
    assert (charge.usage, charge.source) == (Usage(5, 10), "reported")


@pytest.mark.parametrize(("asked", "target", "heard"), [(chat("hello"), CHAT, True), (speech(), SPEECH, False)])
def test_a_count_of_a_text_that_was_changed_is_an_estimate(asked, target, heard):
    """What is counted is what the client sent, and something else went out."""
    for edited, source in ((False, "counted"), (True, "estimated")):
        one = Account("POST", "api.openai.com", AT, Booked())
        one.ask(target, asked, edited=edited)
        one.sent, one.status = True, 200
        assert one.charge(POLICY, said("x") if heard else None).source == source


def test_pictures_are_not_kept_until_the_answer_ends():
    """They are large, and what they cost is reported."""
    one, asked = Account("POST", "api.openai.com", AT, Booked()), chat("hello", tier="flex")
    one.ask(CHAT, replace(asked, order=replace(asked.order, pictures={"/messages/0/content/1": "data:"})))
    assert one._asked.order == asked.order


def test_what_is_counted_ahead_is_charged():
    """The count may be made before, in a thread; what is to be counted is known beforehand."""
    heard, known = said("Nine boards"), chat("hello")

    def one(**facts):
        made = Account("POST", "api.openai.com", AT, Booked())
        made.ask(facts.pop("target", CHAT), facts.pop("asked", known))
        made.sent, made.status, made.bill = facts.get("sent", True), facts.get("status", 200), facts.get("bill", Bill())
        return made

    assert one().to_count(heard, left=False) == len("hello") + len("Nine boards")
    assert one(status=None).to_count(None, left=True) == len("hello")
    for facts in (
        {"sent": False},
        {"status": 500},
        {"bill": Bill(Usage(1))},
        {"target": RESPONSES, "bill": Bill(once="x")},
    ):
        assert one(**facts).to_count(heard, left=True) == 0
    assert one(asked=Exchange(side="request")).to_count(heard, left=False) == 0
    assert one().to_count(None, left=True) == 0
    assert one(status=None).to_count(heard, left=False) == 0
    ahead = one()
    ahead.count(heard)
    assert ahead.charge(POLICY, heard) == one().charge(POLICY, heard)
    free = one(asked=Exchange(side="request"))
    free.count(heard)
    assert free.charge(POLICY, heard) == Charge()


def test_a_client_that_does_not_wait_pays_for_what_it_sent():
    """Without an answer there is the prompt; of one that was to come whole nobody knows how long it had become."""
    charge = charged(chat("hello", stream=True), status=None, left=True)
    assert (charge.usage, charge.source) == (Usage(tokens("hello") + 7, 0), "counted")
    charge = charged(chat("hello"), status=None, left=True)
    assert (charge.usage, charge.source) == (Usage(tokens("hello") + 7, 0), "estimated")


@pytest.mark.parametrize(
    ("asked", "more", "reason"),
    [
        (chat("hello"), {"status": None}, "no_answer"),
        (chat("hello"), {}, "no_usage"),
        (chat("hello"), {"target": RESPONSES, "bill": Bill(once="resp_1")}, "background"),
        (
            chat("hello", stream=True),
            {"target": RESPONSES, "bill": Bill(once="resp_1"), "heard": said("x")},
            "background",
        ),
        (chat("hello"), {"left": True}, "no_usage"),
        (Exchange(side="request", known=False), {"target": find("POST", "/v1/batches")}, "unread"),
        (None, {}, "unread"),
        (Exchange(side="request", order=Order(text=False)), {"heard": said("x"), "left": True}, "no_usage"),
    ],
    ids=[
        "no answer",
        "no report",
        "background",
        "background stream",
        "whole answer left",
        "unknown endpoint",
        "not judged",
        "not text",
    ],
)
def test_what_cannot_be_told_is_unknown(asked, more, reason):
    """Nothing is taken to be free because nobody knows what it costs."""
    charge = charged(asked, **more)
    assert (charge.usage, charge.source, charge.price.usd, charge.price.source) == (None, None, None, "unknown")
    assert charge.price.reason == reason


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("GET", "/v1/responses/resp_1"),
        ("GET", "/v1/chat/completions/chatcmpl-1"),
        ("POST", "/v1/chat/completions/chatcmpl-1"),
        ("DELETE", "/v1/responses/resp_1"),
        ("GET", "/v1/files"),
        ("DELETE", "/v1/files/file-1"),
    ],
)
def test_what_is_read_back_is_not_billed_again(method, path):
    """It costs nothing, though the answer says once more what it took when it was made."""
    asked = Exchange(side="request")
    assert charged(asked, Bill(Usage(1, 2), "gpt-6-luna"), target=find(method, path), method=method) == Charge()
    assert charged(asked, target=find(method, path), method=method) == Charge()


def test_an_unread_path_that_is_free_costs_nothing():
    """Unless its answer reports what it took."""
    asked, target = Exchange(side="request", known=False), find("POST", "/v1/batches/batch_1/cancel")
    assert charged(asked, target=target) == Charge()
    assert charged(asked, Bill(Usage(1000, 0), "gpt-6-luna"), target=target).price.usd == 1000 * SENT


def test_an_unknown_endpoint_that_reports_is_billed():
    """A usage in the answer to a POST is a bill, whatever the path."""
    asked = Exchange(side="request", known=False)
    charge = charged(asked, Bill(Usage(1000, 0), "gpt-6-luna"), target=find("POST", "/v1/evals"))
    assert charge.price.usd == 1000 * SENT


def test_a_file_is_no_bill():
    """What has the look of an answer made in the background is one only where such answers are fetched."""
    booked, asked = Booked(), Exchange(side="request", known=False)
    forged = Bill(Usage(1_000_000, 0), "gpt-6-luna", once="resp_1", end_user="bob")
    target = find("GET", "/v1/files/file-1/content")
    assert charged(asked, forged, target=target, method="GET", booked=booked) == Charge()
    one = Account("GET", "api.openai.com", AT, booked)
    one.ask(target, asked)
    one.bill = forged
    assert one.bill.end_user is None
    fetched = {"target": find("GET", "/v1/responses/resp_1"), "method": "GET", "booked": booked}
    assert charged(asked, replace(forged, usage=Usage(5, 0)), **fetched).usage == Usage(5, 0)


def test_what_was_made_in_the_background_is_billed_once():
    """Whoever asks for it first brings the bill; others with another name have their own."""
    booked, asked, bill = Booked(), Exchange(side="request"), Bill(Usage(1000, 0), "gpt-6-luna", once="resp_1")
    read = {"target": find("GET", "/v1/responses/resp_1"), "method": "GET", "booked": booked}
    assert charged(asked, bill, **read).price.usd == 1000 * SENT
    assert charged(asked, bill, **read) == Charge()
    assert charged(asked, Bill(Usage(1, 0), once="resp_2"), **read).usage == Usage(1, 0)


def test_only_so_many_bills_are_remembered(monkeypatch):
    """The oldest is forgotten first."""
    monkeypatch.setattr(account, "_MAX_BOOKED", 2)
    booked = Booked()
    assert [booked.first(name) for name in ("a", "b", "a", "c", "b", "a")] == [True, True, False, True, False, True]


def test_what_other_models_took_is_paid_too():
    """A bill beside the bill is added to it."""
    beside = (Bill(Usage(100, 0), "gpt-6-luna"),)
    assert charged(chat("x"), Bill(Usage(1000, 0), "gpt-6-luna", beside=beside)).price.usd == 1100 * SENT


def test_a_text_is_counted_as_the_model_does_that_answered():
    """Which vocabulary that is depends on its name."""
    text = "Переведите, пожалуйста, это предложение на английский язык"
    other = charged(chat(text), Bill(model="gpt-4"), heard=said(text))
    assert other.usage.output_tokens == count([text], "cl100k_base") != tokens(text)
    assert charged(chat(text), heard=said(text)).usage.output_tokens == tokens(text)


def test_a_count_is_priced_by_the_model_that_answered():
    """A stream names it in every event, long before it would say what it used."""
    assert charged(chat("x"), Bill(model="gpt-6-sol"), heard=said("")).price.usd == 8 * 20 * SENT
