"""Records for the tests of reports: good ones made by what the proxy makes them with, and such as nobody should write."""

import bz2
import json
import lzma
from decimal import Decimal

from hypothesis import strategies as st

from panda_addon.audit.ids import ulid
from panda_addon.audit.record import Facts, build
from panda_addon.policy.choose import Caller
from panda_addon.report.fields import fields
from panda_addon.report.moments import Period
from panda_addon.report.records import parsed
from panda_addon.report.summary import Question, summarize
from tests.packing import PACK

NOON = 1795176000.0  # 2026-11-20T12:00:00Z

PACKERS = {
    "plain": lambda data: data,
    "gzip": PACK["gzip"],
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": PACK["zstd"],
}

# What a caller may put into a name: what a terminal obeys, what turns writing round, tags, formulas, halves of pairs.
HOSTILE = "\x1b[31m \x9b2J \x07\b\r\n\t\0 \u202e\u2066\u200f\u2028 <script>alert(1)</script> \"'&amp;=+-@ \ud800 é 中 \u0301 …"
NAMES = st.one_of(st.none(), st.text(alphabet=st.sampled_from(HOSTILE), max_size=12), st.text(max_size=12))

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


def record(at=NOON, *, usage=(30, 5, 70, 6), source="reported", cost="0.25", **changes):
    """A record as it is written, `at` in Unix time; `changes` are members by name, `request__model` being a part's."""
    caller = Caller("10.0.0.1", None, "sha256:" + "ab" * 32, "org", "proj", "OpenAI/Python")
    facts = Facts(ulid(int(at * 1000), bytes(10)), at, caller, "POST", "api.openai.com", "/v1/responses")
    facts.endpoint, facts.model, facts.status, facts.ended = "responses", "gpt-6-luna", 200, "complete"
    facts.total, facts.first_byte, facts.end_user = 0.8124, 0.24, "alice"
    found = {"schema": 1, "event": "exchange", **build(facts)}
    if usage:
        names = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
        found["usage"] = dict(zip(names, usage, strict=True)) | {"source": source}
    found["cost_usd"] = None if cost is None else float(cost)
    for name, value in changes.items():
        part, _, member = name.partition("__")
        if member:
            found[part] = {**(found.get(part) or {}), member: value}
        else:
            found[part] = value
    return found


def line(found):
    """A record as a line of a log."""
    return json.dumps(found).encode() + b"\n"


def read(found):
    """A record as a report reads it."""
    return parsed(line(found))


def report(*found, by="user", where=(), period=None, warn=None):
    """The report on some records."""
    question = Question(fields(by), tuple(where), period or Period())
    return summarize([read(each) for each in found], question, warn or (lambda _what: None))


def hostile_records():
    """Records of which any member may be anything."""
    names = sorted(record())
    whole = st.dictionaries(st.sampled_from(names), JSON, max_size=4)
    chosen = st.fixed_dictionaries(
        {},
        optional={
            "end_user": NAMES,
            "key": NAMES,
            "organization": NAMES,
            "decision": NAMES,
            "request__model": NAMES,
            "request__endpoint": NAMES,
            "client__proxy_user": NAMES,
            "policy__name": NAMES,
            "refusal__code": NAMES,
            "findings": st.lists(st.fixed_dictionaries({"check": NAMES, "list": NAMES}), max_size=2),
            "uninspected": st.lists(st.fixed_dictionaries({"reason": NAMES}), max_size=2),
            "price__reason": NAMES,
            "price__without": st.lists(NAMES, max_size=2),
            "response__model": NAMES,
        },
    )
    return st.one_of(whole.map(lambda changes: {**record(), **changes}), chosen.map(lambda changes: record(**changes)))


def dollars(*amounts):
    """An exact sum of money."""
    return sum(map(Decimal, amounts), Decimal(0))
