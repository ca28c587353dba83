import fnmatch
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.exchange import Bill, Usage
from panda_addon.meter import prices
from panda_addon.meter.known import TIER_NAMES
from panda_addon.meter.prices import Price, price, total, warm, window, worst
from panda_addon.policy.model import Fallback, Globs, LongPrompts, Policy, PriceRow, TokenPrices
from panda_addon.wire.usage import read_bill

D = Decimal
M = D("0.000001")
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LISTED = f"genai-prices {version('genai-prices')}"
API, EU = "api.openai.com", "eu.api.openai.com"
BARE = Policy(name="p")
FALLBACK = Policy(name="p", unknown_price=Fallback(D(10), D(50)))


def chat(model, sent, answered, tier="default", given=None, said=None):
    """A chat completion's answer, its message left out."""
    usage = {"prompt_tokens": sent, "completion_tokens": answered, "total_tokens": sent + answered}
    usage["prompt_tokens_details"] = {"cached_tokens": 0, "audio_tokens": 0, **(given or {})}
    usage["completion_tokens_details"] = {"reasoning_tokens": 0, "audio_tokens": 0, **(said or {})}
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": model, "service_tier": tier, "usage": usage}


def response(model, sent, answered, tier="default", given=None, **more):
    """A response, its text left out."""
    usage = {
        "input_tokens": sent,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, **(given or {})},
        "output_tokens": answered,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": sent + answered,
    }
    return {"id": "resp_1", "object": "response", "model": model, "service_tier": tier, "usage": usage, **more}


# What is sent, by whom it is answered, and what that costs by the table of prices in November 2026.
CALLS = {
    "plain": (chat("gpt-6-sol", 1000, 300), API, M * (1000 * 2 + 300 * 10)),
    "dated": (chat("gpt-4o-2024-08-06", 1000, 300), API, M * (1000 * D("2.5") + 300 * 10)),
    "cached": (chat("gpt-6-sol", 1500, 300, given={"cached_tokens": 500}), API, M * (1000 * 2 + 500 * D("0.2") + 300 * 10)),
    "reasoning": (chat("o4-mini", 1000, 300, said={"reasoning_tokens": 250}), API, M * (1000 * D("1.1") + 300 * D("4.4"))),
    "cache writes": (
        response("gpt-6-astra", 2000, 100, given={"cached_tokens": 300, "cache_write_tokens": 1200}), API,
        M * (500 * 10 + 300 * 1 + 1200 * D("12.5") + 100 * 50),
    ),
    "cache writes of both kinds": (
        response("gpt-6.1-terra", 2000, 100, given={
            "cache_write_tokens": 1500, "cache_write_tokens_details": {"ttl_30m_tokens": 500, "ttl_12h_tokens": 1000}}), API,
        M * (500 * 1 + 500 * D("1.25") + 1000 * D("2.50") + 100 * 5),
    ),
    "cache writes for long, in flex": (
        response("gpt-6-luna", 1000, 0, "flex", {
            "cache_write_tokens": 1000, "cache_write_tokens_details": {"ttl_30m_tokens": 0, "ttl_12h_tokens": 1000}}), API,
        M * (1000 * D("0.0625") * 2),
    ),
    "cache writes where they cost nothing more": (
        response("gpt-5.5", 1000, 10, given={"cache_write_tokens": 600}), API, M * (1000 * 5 + 10 * 30),
    ),
    "flex": (response("gpt-5.6-sol", 1000, 300, "flex"), API, M * (1000 * 2 + 300 * 10)),
    "priority": (response("gpt-5.5", 1000, 300, "priority"), API, M * (1000 * D("12.5") + 300 * 75)),
    "fast": (response("gpt-6.1-terra", 1000, 300, "fast"), API, M * (1000 * 2 + 300 * 10)),
    "ultrafast": (
        response("gpt-6.1-sol", 1000, 300, "ultrafast", {"cached_tokens": 400}), API,
        M * (600 * 12 + 400 * D("0.1") * 6 + 300 * 60),
    ),
    "ultrafast, long": (response("gpt-6-astra", 272_001, 10, "ultrafast"), API, M * (272_001 * 20 * 6 + 10 * 75 * 6)),
    "scale": (chat("gpt-4.1", 1000, 300, "scale"), API, M * (1000 * 2 + 300 * 8)),
    "as long as it may be": (response("gpt-6-luna", 272_000, 100), API, M * (272_000 * D("0.1") + 100 * D("0.5"))),
    "long": (
        response("gpt-6-luna", 300_000, 100, given={"cached_tokens": 100_000, "cache_write_tokens": 50_000}), API,
        M * (150_000 * D("0.2") + 100_000 * D("0.02") + 50_000 * D("0.25") + 100 * D("0.75")),
    ),
    "long and longer kept": (
        response("gpt-6-luna", 300_000, 0, given={
            "cache_write_tokens": 300_000, "cache_write_tokens_details": {"ttl_30m_tokens": 0, "ttl_12h_tokens": 300_000}}),
        API, M * (300_000 * D("0.25") * 2),
    ),
    "long in priority": (response("gpt-6-sol", 300_000, 100, "priority"), API, M * (300_000 * 8 + 100 * 30)),
    "residency": (response("gpt-6-luna", 1000, 300), EU, M * (1000 * D("0.1") + 300 * D("0.5")) * D("1.1")),
    "residency, in priority": (response("gpt-6-sol", 1000, 300, "priority"), EU, M * (1000 * 4 + 300 * 20) * D("1.1")),
    "residency of an earlier model": (chat("gpt-4o", 1000, 300), EU, M * (1000 * D("2.5") + 300 * 10)),
    "tuned": (chat("ft:gpt-4o-mini-2024-07-18:acme::a1", 1000, 300), API, M * (1000 * D("0.3") + 300 * D("1.2"))),
    "pictures as text": (chat("gpt-4o", 1000, 10, given={"image_tokens": 900}), API, M * (1000 * D("2.5") + 10 * 10)),
    "sound in and out": (
        chat("gpt-audio", 200, 300, given={"audio_tokens": 150}, said={"audio_tokens": 250}), API,
        M * (50 * D("2.5") + 150 * 32 + 50 * 10 + 250 * 64),
    ),
    "embeddings": (
        {"object": "list", "data": [], "model": "text-embedding-3-small", "usage": {"prompt_tokens": 800, "total_tokens": 800}},
        API, M * 800 * D("0.02"),
    ),
    "web searches": (
        response("gpt-6-sol", 5000, 200, output=[
            {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
            {"type": "web_search_call", "id": "ws_2", "status": "completed", "action": {"type": "open_page", "url": "u"}},
            {"type": "web_search_call", "id": "ws_3", "status": "completed", "action": {"type": "search", "queries": []}}]),
        API, M * (5000 * 2 + 200 * 10) + 2 * D(10) / 1000,
    ),
    "file searches": (
        response("gpt-6-sol", 5000, 200, "flex", output=[{"type": "file_search_call", "id": "fs_1", "queries": ["q"]}]),
        API, M * (5000 * 1 + 200 * 5) + D("2.5") / 1000,
    ),
    "a batch": (
        {"id": "batch_1", "object": "batch", "endpoint": "/v1/responses", "status": "completed", "model": "gpt-6-sol",
         "request_counts": {"total": 50, "completed": 40, "failed": 10},
         "usage": {"input_tokens": 500_000, "input_tokens_details": {"cached_tokens": 50_000}, "output_tokens": 9000,
                   "output_tokens_details": {"reasoning_tokens": 100}, "total_tokens": 509_000}},
        API, M * (450_000 * 1 + 50_000 * D("0.1") + 9000 * 5),
    ),
    "a batch of long prompts": (
        {"id": "batch_1", "object": "batch", "status": "completed", "model": "gpt-6-sol", "request_counts": {"total": 2, "completed": 2, "failed": 0},
         "usage": {"input_tokens": 600_000, "output_tokens": 9000}},
        API, M * (600_000 * 2 + 9000 * D("7.5")),
    ),
    "a small batch": (
        {"id": "batch_1", "object": "batch", "status": "cancelled", "model": "gpt-4o-mini-2024-07-18",
         "usage": {"input_tokens": 5000, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 900,
                   "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 5900}},
        API, M * (5000 * D("0.075") + 900 * D("0.3")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("document", "host", "usd"), CALLS.values(), ids=CALLS)
def test_an_answer_costs_what_openai_charges(document, host, usd):
    """From the JSON of an answer to dollars: every price is written out here."""
    told = total(BARE, read_bill(document), model=None, tier=None, host=host, at=NOW)
    source = "panda" if told.tier == "ultrafast" else LISTED
    assert (told.usd, told.source, told.reason) == (usd, source, None)


# Answers that do not say which model made them, and which model was asked for.
UNNAMED = {
    "picture": (
        "gpt-image-2.5-sunburst",
        {"created": 1, "data": [], "usage": {
            "input_tokens": 250, "input_tokens_details": {"text_tokens": 50, "image_tokens": 200}, "output_tokens": 4160,
            "output_tokens_details": {"image_tokens": 4160, "text_tokens": 0}, "total_tokens": 4410}},
        M * (50 * 5 + 200 * 8 + 4160 * 30),
    ),
    "picture with thoughts": (
        "gpt-image-1.5",
        {"created": 1, "usage": {
            "input_tokens": 50, "input_tokens_details": {"text_tokens": 50, "image_tokens": 0}, "output_tokens": 1100,
            "output_tokens_details": {"image_tokens": 1000, "text_tokens": 100}, "total_tokens": 1150}},
        M * (50 * 5 + 1000 * 32 + 100 * 10),
    ),
    "picture, streamed": (
        "gpt-image-1.5",
        {"type": "image_generation.completed", "usage": {
            "input_tokens": 50, "input_tokens_details": {"text_tokens": 50, "image_tokens": 0}, "output_tokens": 1000,
            "total_tokens": 1050}},
        M * (50 * 5 + 1000 * 32),
    ),
    "transcription by tokens": (
        "gpt-4o-transcribe",
        {"text": "", "usage": {"type": "tokens", "input_tokens": 140, "output_tokens": 45, "total_tokens": 185,
                               "input_token_details": {"text_tokens": 20, "audio_tokens": 120}}},
        M * (20 * D("2.5") + 120 * 6 + 45 * 10),
    ),
    "transcription by length": (
        "whisper-1",
        {"text": "", "duration": 90.0, "usage": {"type": "duration", "seconds": 90}},
        D("0.006") * 90 / 60,
    ),
    "transcription by length of a later model": (
        "gpt-transcribe",
        {"text": "", "usage": {"type": "duration", "seconds": 61.5}},
        D("0.0045") * D("61.5") / 60,
    ),
    "speech": (
        "gpt-4o-mini-tts",
        {"type": "speech.audio.done", "usage": {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115}},
        M * (14 * D("0.6") + 101 * 12),
    ),
    "realtime": (
        "gpt-realtime-2.1",
        {"object": "realtime.response", "usage": {
            "total_tokens": 253, "input_tokens": 132, "output_tokens": 121,
            "input_token_details": {"text_tokens": 60, "audio_tokens": 62, "image_tokens": 10, "cached_tokens": 64,
                                    "cached_tokens_details": {"text_tokens": 40, "audio_tokens": 20, "image_tokens": 4}},
            "output_token_details": {"text_tokens": 30, "audio_tokens": 91}}},
        M * (20 * 4 + 42 * 32 + 6 * 5 + 40 * D("0.4") + 20 * D("0.4") + 4 * D("0.5") + 30 * 24 + 91 * 64),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("model", "document", "usd"), UNNAMED.values(), ids=UNNAMED)
def test_the_model_asked_for_counts_where_the_answer_names_none(model, document, usd):
    """Sound and pictures are priced as the model that was asked for."""
    told = total(BARE, read_bill(document), model=model, tier=None, host=API, at=NOW)
    assert (told.usd, told.source, told.reason) == (usd, LISTED, None)


@pytest.mark.parametrize(
    ("usage", "model", "tier", "usd", "row"),
    [
        (Usage(1000, 300, 400), "gpt-6.2-astra", None, M * (600 * 8 + 400 * D("0.4") + 300 * 40), "gpt-6.2-astra"),
        (Usage(1000, 300, 400), "gpt-6.2-sol", "priority", M * (600 * 4 + 400 * D("0.2") + 300 * 20), "gpt-6.2-sol"),
        (Usage(300_000, 10), "gpt-6.2-sol-2026-11-17", "batch", M * (300_000 * 2 + 10 * D("7.5")), "gpt-6.2-sol"),
        (Usage(1000, 0, 0, 0, 1000, 400), "gpt-6.2-astra", None, M * (600 * 10 + 400 * 20), "gpt-6.2-astra"),
        (Usage(seconds=30.0), "gpt-4o-transcribe", None, D("0.003"), "gpt-4o-transcribe"),
        (Usage(500), "omni-moderation-latest", None, D(0), "omni-moderation"),
        (Usage(), "omni-moderation-2024-09-26", None, D(0), "omni-moderation"),
    ],
)
def test_what_the_list_lacks_is_shipped(usage, model, tier, usd, row):
    """Models that are newer than the installed list, and what costs nothing for certain."""
    told = price(BARE, usage, model=model, tier=tier, host=API, at=NOW)
    assert (told.usd, told.source, told.model) == (usd, "panda", row)


def test_what_is_shipped_costs_more_in_regions():
    """A row of Panda's own has the surcharge for residency as well."""
    told = price(BARE, Usage(1000), model="gpt-6.2-astra", tier=None, host=EU, at=NOW)
    assert told.usd == M * 1000 * 8 * D("1.1")


UNKNOWN = [
    ("gpt-7", None, Usage(10, 10), "model"),
    ("gpt-6-luna-mini", None, Usage(10, 10), "model"),
    ("GPT-6-LUNA", None, Usage(10, 10), "model"),
    ("ft:gpt-6-luna:acme::1", None, Usage(10, 10), "model"),
    (None, None, Usage(10, 10), "model"),
    ("", None, Usage(10, 10), "model"),
    ("m" * 257, None, Usage(10, 10), "model"),
    ("gpt-6-luna", "warp", Usage(10, 10), "tier"),
    ("gpt-6-luna", "Default", Usage(10, 10), "tier"),
    ("gpt-6-luna", "", Usage(10, 10), "tier"),
    ("gpt-5.4-nano", "priority", Usage(10, 10), "tier"),
    ("gpt-5.5-pro", "priority", Usage(10, 10), "tier"),
    ("o3-mini", "priority", Usage(10, 10), "tier"),
    ("text-embedding-3-small", "priority", Usage(10), "tier"),
    ("gpt-4.1", "flex", Usage(10, 10), "tier"),
    ("gpt-4o", "ultrafast", Usage(10, 10), "tier"),
    ("gpt-6.2-astra", "ultrafast", Usage(10, 10), "tier"),
    ("gpt-4o-transcribe", "flex", Usage(10, 10), "tier"),
    ("gpt-7", "priority", Usage(10, 10), "model"),
    ("gpt-4o-audio-preview", None, Usage(10, 10, input_audio_tokens=5), "audio"),
    ("text-embedding-3-small", None, Usage(10, 10, output_audio_tokens=10), "audio"),
    ("whisper-1", None, Usage(10), "input"),
]


@pytest.mark.parametrize(("model", "tier", "usage", "reason"), UNKNOWN, ids=lambda value: str(value)[:40])
def test_what_is_not_known_has_no_price(model, tier, usage, reason):
    """An unknown model, tier or kind of token is not free, and not the standard price either."""
    told = price(BARE, usage, model=model, tier=tier, host=API, at=NOW)
    shown = "default" if tier is None else tier if tier in TIER_NAMES else "unknown"
    assert told == Price(None, "unknown", None, shown, reason)


@pytest.mark.parametrize(("model", "tier", "usage", "reason"), UNKNOWN, ids=lambda value: str(value)[:40])
def test_a_policy_has_figures_for_what_is_not_known(model, tier, usage, reason):
    """With a fallback a call costs that, whatever its tier, and the reason is told all the same."""
    told = price(FALLBACK, usage, model=model, tier=tier, host=API, at=NOW)
    assert (told.usd, told.source, told.reason) == (
        M * (usage.input_tokens * 10 + usage.output_tokens * 50),
        "fallback",
        reason,
    )


@pytest.mark.parametrize("word", ["block", "warn"])
def test_a_word_is_no_price(word):
    """What to do with a call is the gate's business; its price is still unknown."""
    policy = Policy(name="p", unknown_price=word)
    assert price(policy, Usage(1), model="gpt-7", tier=None, host=API, at=NOW).usd is None
    assert worst(policy, model="gpt-7", tier=None, host=API, input_tokens=1, output_tokens=1, at=NOW) is None


def test_figures_for_tokens_price_no_sound():
    """A fallback says nothing of what is billed by the minute or the character; its searches are billed as any."""
    told = price(FALLBACK, Usage(seconds=3.0), model="new-ears", tier=None, host=API, at=NOW)
    assert (told.usd, told.source, told.reason) == (None, "unknown", "model")
    told = price(FALLBACK, Usage(characters=3), model="new-voice", tier=None, host=API, at=NOW)
    assert (told.usd, told.source, told.reason) == (None, "unknown", "model")
    told = price(FALLBACK, Usage(10, 0, web_searches=1), model="gpt-7", tier=None, host=API, at=NOW)
    assert told.usd == M * 100 + D("0.01")


def row(pattern, **figures):
    """A policy's row."""
    return PriceRow(model=pattern, matches=Globs((re.compile(fnmatch.translate(pattern), re.IGNORECASE),)), **figures)


OWN = Policy(
    name="p",
    prices=(
        row("gpt-7*", text=TokenPrices(D(3), D("0.3"), D(12)), cache_write=D(4), residency=D("1.2"),
            long=LongPrompts(1000, D(3), D(2))),
        row("gpt-7-mini", text=TokenPrices(D(100), None, D(100))),
        row("gpt-6-luna", text=TokenPrices(D(1)), tiers={"flex": D("0.25"), "batch": D(1)}),
        row("free-*", text=TokenPrices(D(0), None, D(0))),
        row("ears", minute=D("0.6")),
        row("*-image", text=TokenPrices(D(5)), image=TokenPrices(D(8), None, D(30)), audio=TokenPrices(D(1), D(2), D(3))),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("usage", "model", "tier", "host", "usd", "name"),
    [
        (Usage(100, 10), "GPT-7-mini", None, API, M * (100 * 3 + 10 * 12), "gpt-7*"),
        (Usage(100, 10, 40, 0, 50, 20), "gpt-7", None, API, M * (10 * 3 + 40 * D("0.3") + 30 * 4 + 20 * 8 + 10 * 12), "gpt-7*"),
        (Usage(1001, 10), "gpt-7", "ultrafast", API, M * (1001 * 3 * 3 + 10 * 12 * 2) * 6, "gpt-7*"),
        (Usage(100, 10), "gpt-7", "priority", EU, M * (100 * 3 + 10 * 12) * 2 * D("1.2"), "gpt-7*"),
        (Usage(100), "gpt-6-luna", "flex", EU, M * 100 * D("0.25"), "gpt-6-luna"),
        (Usage(100), "gpt-6-luna", "batch", API, M * 100, "gpt-6-luna"),
        (Usage(100, 0, 50, 0, 50, 50), "gpt-6-luna", None, API, M * 100, "gpt-6-luna"),
        (Usage(100, 10), "free-llm", None, API, D(0), "free-*"),
        (Usage(seconds=90.0), "ears", None, API, D("0.9"), "ears"),
        (Usage(100, 85, 0, 0, 0, 0, 20, 30, 0, 0, 5, 80), "my-image", None, API,
         M * (50 * 5 + 20 * 1 + 30 * 8 + 5 * 3 + 80 * 30), "*-image"),
    ],
)  # fmt: skip
def test_a_policys_own_rows_go_first(usage, model, tier, host, usd, name):
    """The first row that fits is what a call is priced by, with its factors, before anything that is brought along."""
    assert price(OWN, usage, model=model, tier=tier, host=host, at=NOW) == Price(usd, "policy", name, tier or "default")


def test_a_policys_row_stands_alone():
    """What a row has no figure for is not looked for elsewhere: its price is not known."""
    told = price(OWN, Usage(100, 1), model="gpt-6-luna", tier=None, host=API, at=NOW)
    assert (told.usd, told.source, told.reason) == (None, "unknown", "output")


def test_a_price_is_that_of_the_day_in_greenwich():
    """A call is priced by the day on which it was made, whichever time zone its time is told in."""
    change = datetime(2026, 8, 21, tzinfo=UTC)
    for at, usd in (
        (change - timedelta(seconds=1), 5),
        (change, 4),
        (change.astimezone(timezone(timedelta(hours=-9))), 4),
    ):
        assert price(BARE, Usage(1_000), model="gpt-5.6-sol", tier=None, host=API, at=at).usd == M * 1000 * usd


PICTURE = Bill(Usage(50, 90, output_image_tokens=90), "gpt-image-2")


@pytest.mark.parametrize(
    ("bill", "usd", "source", "reason"),
    [
        (Bill(Usage(100, 10), None, None, None, (PICTURE,)), M * (100 * 2 + 10 * 10 + 50 * 5 + 90 * 30), LISTED, None),
        (Bill(Usage(100), "gpt-6-luna", None, None, (PICTURE, PICTURE)), M * (10 + 2 * (250 + 2700)), LISTED, None),
        (Bill(Usage(100), None, "priority", None, (Bill(),)), None, "unknown", "model"),
        (Bill(Usage(100), "gpt-7", None, None, (PICTURE,)), None, "unknown", "model"),
        (Bill(Usage(100), None, None, None, (Bill(Usage(1), "gpt-image-9"),)), None, "unknown", "model"),
        (Bill(None, "gpt-6-luna", "flex"), None, "unknown", "usage"),
        (Bill(None, "gpt-7"), None, "unknown", "usage"),
        (Bill(None, "omni-moderation-latest"), D(0), "panda", None),
    ],
)
def test_what_other_models_took_is_part_of_the_cost(bill, usd, source, reason):
    """A bill is as much as all its parts, and unknown if one of them is."""
    told = total(BARE, bill, model="gpt-6-sol", tier=None, host=API, at=NOW)
    assert (told.usd, told.source, told.reason) == (usd, source, reason)


@pytest.mark.parametrize(
    ("policy", "model", "tier", "sent", "answered", "usd"),
    [
        (BARE, "gpt-6-luna", None, 1000, 100, M * (1000 * D("0.25") + 100 * D("0.5"))),
        (BARE, "gpt-5.5", "priority", 1000, 100, M * (1000 * D("12.5") + 100 * 75)),
        (BARE, "gpt-6-luna", None, 272_001, 0, M * 272_001 * D("0.5")),
        (BARE, "gpt-6.1-sol", "ultrafast", 10, 1, M * (10 * 30 + 60)),
        (BARE, "gpt-6.2-sol", "ultrafast", 10, 1, M * (10 * 15 + 30)),
        (BARE, "gpt-6.2-astra", "ultrafast", 10, 1, None),
        (BARE, "text-embedding-3-small", None, 1000, 10, M * 20),
        (BARE, "omni-moderation-latest", None, 1000, 10, D(0)),
        (BARE, "whisper-1", None, 10, 10, None),
        (BARE, "gpt-7", None, 10, 10, None),
        (BARE, "gpt-6-luna", "warp", 10, 10, None),
        (FALLBACK, "gpt-7", None, 10, 10, M * 600),
        (OWN, "gpt-7", "flex", 1001, 10, M * (1001 * 8 * 3 + 10 * 24) / 2),
        (OWN, "gpt-6-luna", None, 10, 1, None),
        (replace(OWN, unknown_price=Fallback(D("0.1"), D("0.1"))), "gpt-6-luna", None, 1000, 1, M * 1000),
        (replace(OWN, unknown_price=Fallback(D(5), D(5))), "gpt-6-luna", None, 1000, 1, M * 5005),
    ],
)
def test_the_most_that_a_call_can_cost_is_told_before(policy, model, tier, sent, answered, usd):
    """Prompts are taken to be written to the cache for long where that is billed, and answers to be as long as they may."""
    assert worst(policy, model=model, tier=tier, host=API, input_tokens=sent, output_tokens=answered, at=NOW) == usd


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-6-luna", 1_050_000),
        ("gpt-4o", 128_000),
        ("gpt-6.2-sol", 1_050_000),
        ("gpt-6.2-sol-2026-11-17", 1_050_000),
        ("gpt-6.2-astra", None),
        ("gpt-6.2-sol-mini", None),
        ("gpt-7", None),
        (None, None),
        ("m" * 300, None),
    ],
)
def test_a_window_is_that_of_the_list(model, expected):
    """How much a model can hold is known of the models of the list, and of one that it lacks."""
    assert window(model) == expected


@pytest.mark.parametrize(
    ("at", "tier", "factor"),
    [
        (NOW, "ultrafast", 3),
        (datetime(2027, 2, 28, 23, 59, tzinfo=UTC), "ultrafast", 3),
        (datetime(2027, 3, 1, tzinfo=UTC), "ultrafast", 6),
        (datetime(2027, 3, 1, tzinfo=timezone(timedelta(hours=9))), "ultrafast", 3),
        (NOW, "priority", 2),
        (NOW, "default", 1),
    ],
)
def test_an_offer_ends_with_its_last_day(at, tier, factor):
    """Until then a tier costs less; the others cost what they always do, and other models too."""

    def usd(model):
        return price(BARE, Usage(1000, 100), model=model, tier=tier, host=API, at=at).usd

    assert usd("gpt-6.2-sol") == M * (1000 * 2 + 100 * 10) * factor
    assert usd("gpt-6.1-sol") == M * (1000 * 2 + 100 * 10) * (6 if tier == "ultrafast" else factor)


def test_looking_up_is_done_once_a_day():
    """Rates are worked out once for a model, tier, region and day; a second call only counts."""
    warm()
    before = prices._resolved.cache_info()
    for hour in range(3):
        at = datetime(2026, 12, 24, hour, tzinfo=UTC)
        price(BARE, Usage(hour), model="gpt-6-luna", tier="default", host=API, at=at)
    after = prices._resolved.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)


NAMES = st.sampled_from(
    ["gpt-6-luna", "gpt-6-astra", "gpt-6.2-sol", "gpt-5.5", "gpt-5.5-pro", "gpt-5-nano", "gpt-4o", "gpt-audio", "o3",
     "ft:gpt-4o-2024-08-06:a::1", "text-embedding-3-large", "omni-moderation-latest", "gpt-7", "gpt-7-mini", "free-1"]
)  # fmt: skip
TIERS = st.sampled_from([None, "auto", "default", "flex", "scale", "batch", "fast", "priority", "ultrafast"])
COUNTS = st.integers(0, 400_000) | st.integers(0, 1 << 53)


@st.composite
def usages(draw):
    """What a call may have taken of text."""
    sent, answered = draw(COUNTS), draw(COUNTS)
    cached = draw(st.integers(0, sent))
    written = draw(st.integers(0, sent - cached))
    return Usage(sent, answered, cached, 0, written, draw(st.integers(0, written)))


@given(NAMES, TIERS, st.sampled_from([API, EU]), usages(), COUNTS, COUNTS)
def test_no_call_costs_more_than_was_told_before(model, tier, host, usage, sent, answered):
    """Any call of no more text than was reckoned with costs something, and no more than was said."""
    for policy in (BARE, OWN, FALLBACK, replace(OWN, unknown_price=Fallback(D("0.1"), D("0.1")))):
        most = worst(
            policy,
            model=model,
            tier=tier,
            host=host,
            input_tokens=usage.input_tokens + sent,
            output_tokens=usage.output_tokens + answered,
            at=NOW,
        )
        told = price(policy, usage, model=model, tier=tier, host=host, at=NOW)
        assert most is None or 0 <= told.usd <= most
