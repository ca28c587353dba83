import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.report.detail import Detail
from panda_addon.report.fields import fields
from panda_addon.report.moments import Period
from panda_addon.report.page import Page, html
from panda_addon.report.summary import Question, summarize
from tests.report.recording import NAMES, NOON, hostile_records, read, record
from tests.report.test_summary import DAY, LAST_DAY

VOID = {"meta", "link", "path", "rect"}


class Tree(HTMLParser):
    """The tags of a page in their order, its words, and whether its tags close as they open."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words, self._open = [], [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        """A tag opens."""
        self.tags.append(tag)
        self.attributes += [(tag, name) for name, _ in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """A tag that closes itself."""
        self.tags.append(tag)
        self.attributes += [(tag, name) for name, _ in attrs]

    def handle_endtag(self, tag):
        """A tag closes, the one that opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data):
        """Words, but for those of the style."""
        if self._open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self):
        """What the page says, in one line."""
        return " ".join("".join(self.words).split())


def page(*found, by="user,model", span=None, where=(), warnings=(), top=0):
    """The page on some records."""
    detail = Detail()
    question = Question(fields(by), (), span or Period())
    report = summarize([read(each) for each in found], question, lambda _what: None, detail)
    now = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    return "".join(html(Page(report, detail, tuple(warnings), tuple(where), now, top)))


SPIKE = (
    record(NOON, cost="41.2", end_user="bob"), record(NOON, cost="10", decision="block", refusal={"code": "budget_exceeded"}),
    record(NOON, cost=None, price={"reason": "model"}), record(NOON - DAY, cost="1.56"),
    record(NOON, cost="0.5", findings=[{"list": "adult"}], source="estimated", uninspected=[{"reason": "image"}],
           price={"source": "fallback"}),
)  # fmt: skip


def test_a_page_tells_what_rose_and_why():
    """The change is the heading, the cause stands below it, and then come the figures."""
    text = Tree(page(*SPIKE, span=LAST_DAY, where=["user!=x<y"], warnings=["log:7: torn"])).text
    for words in (
        "OpenAI spend rose by $50.14 to $51.70",
        "4 calls (2 users, 1 model, 1 key), against $1.56 for 1 call in the stretch of the same length before it",
        "2026-11-19 00:00 to 2026-11-20 00:00",
        "Only calls with user!=x<y",
        "Main cause: user=bob model=gpt-6-luna: +$41.20, 82 % of the known increase.",
        "▲ +$50.14 (+3,214 %)",
        "▲ +3 (+300 %)",
        "Blocked1",
        "Cost unknown1calls that are in no sum",
        "Refused for: budget_exceeded 1",
        "1 call of unknown cost, in no sum of money. gpt-6-luna: no price for this model (1).",
        "1 call without a price of their own, by the policy's figures for such. gpt-6-luna (1).",
        "1 call whose tokens the API did not report. estimated (1).",
        "Parts that could not be inspected, by calls: image (1).",
        "log:7: torn.",
        "Made 2026-11-27 09:30 UTC",
    ):
        assert words in text


def test_a_page_compares_with_nothing_that_there_is_no_log_of():
    """It neither rose nor fell, and the lead says why; with a log of a part, it says that it is one."""
    text = Tree(page(record(NOON, cost="5"), record(NOON, end_user="bob"), span=LAST_DAY)).text
    assert "OpenAI spend: $5.25 2 calls (2 users, 1 model, 1 key). The log begins at 2026-11-20 12:00, so there" in text
    assert not re.search("rose|against|▲|Main cause|before change|the period before", text)
    assert (
        "to 2026-11-20 00:00. The log begins at 2026-11-19 12:00, within the period before"
        in Tree(page(*SPIKE, span=LAST_DAY)).text
    )


UNKNOWN = {"cost": None, "price": {"source": "unknown", "reason": "model"}}


def test_a_page_does_not_take_a_price_that_was_learned_for_a_rise():
    """What was not known before is nowhere a sum of nothing, and what became of it is neither a rise nor a cause."""
    text = page(
        *[record(NOON, cost="2.5")] * 5, *[record(NOON - DAY, **UNKNOWN)] * 5, record(NOON - 2 * DAY), span=LAST_DAY
    )
    said = Tree(text).text
    for words in (
        "OpenAI spend: $12.50 5 calls (1 user, 1 model, 1 key), against an unknown sum for 5 calls, 5 of unknown cost, in the stretch",
        "5 calls of unknown cost fewer than before: what has a price only now may look like a rise.",
        "Spend$12.50change unknown",
        "; before: unknown, 5 calls",
        "5 calls in the period before, 5 of unknown cost.",
    ):
        assert words in said
    assert not re.search(r"rose|fell|Main cause|\$0 for|\$0, [1-9]|\$12.50 \(|Nothing: ", said)
    assert 'class="more"' not in text


def test_a_page_does_not_take_a_price_that_is_lacking_for_a_fall():
    """It warns as a table does, and is not calm."""
    calls = [*[record(NOON, **UNKNOWN)] * 5, *[record(NOON - DAY, cost="2.5")] * 5, record(NOON - 2 * DAY)]
    text = page(*calls, span=LAST_DAY)
    said = Tree(text).text
    assert "OpenAI spend: unknown 5 calls (1 user, 1 model, 1 key), against $12.50 for 5 calls in the stretch" in said
    assert "5 calls of unknown cost more than before: what they cost is in no sum." in said
    assert not re.search(r"rose|fell|cause|The most was", said)
    text = page(*calls, record(NOON, cost="1", end_user="eve"), span=LAST_DAY)
    assert "OpenAI spend fell by $11.50 to $1.00, as far as is known 6 calls" in Tree(text).text
    assert "▼ -$11.50 (-92 %), as far as is known" in Tree(text).text
    assert (
        '<p class="cause unsure">Main cause, if it is one: <strong><bdi>user=alice model=gpt-6-luna</bdi></strong>: '
        "an unknown sum, against $12.50 for 5 calls before.</p>"
    ) in text
    assert 'class="less"' not in text


@pytest.mark.parametrize(("now", "before", "kind"), [("1", "2", "less"), ("2", "1", "more")])
def test_a_change_that_is_known_has_its_colour(now, before, kind):
    """A fall is calm."""
    text = page(record(NOON, cost=now), record(NOON - DAY, cost=before), record(NOON - 2 * DAY), span=LAST_DAY)
    assert f'<span class="{kind}">' in text
    assert ('<p class="cause calm">' in text) is (kind == "less")
    assert ("as far as is known" in text) is False


def test_what_is_not_known_of_the_period_before_is_told():
    """Its calls that are in no sum, that are billed later, and that cost more than shown."""
    later = {"cost": None, "price": {"source": "unknown", "reason": "background"}}
    before = [UNKNOWN, UNKNOWN, later, {"price": {"without": ["tools"]}}]
    calls = [record(NOON), *(record(NOON - DAY, **changes) for changes in before), record(NOON - 2 * DAY)]
    assert (
        "What is not known 4 calls in the period before, 2 of unknown cost, 1 in the background (billed when fetched), "
        "1 that costs more than shown."
    ) in Tree(page(*calls, span=LAST_DAY)).text.replace("What is not known4", "What is not known 4")


def test_a_page_may_have_nothing_to_tell():
    """Of no calls, of calls without a cost, a price or a time there is a page all the same."""
    assert "OpenAI spend: $0" in Tree(page()).text
    assert "Nothing: every call has its tokens, its cost and its text." in Tree(page(record())).text
    text = Tree(page(record(cost=None, end_user=None, key=None))).text
    assert "OpenAI spend: unknown" in text
    assert "No call is known to have cost anything." in text
    text = page(record(cost="0.000123"))
    assert "OpenAI spend: $0.000123" in Tree(text).text
    assert text.count("0.00012") == text.count("0.000123") > 8
    later = {"cost": None, "price": {"source": "unknown", "reason": "background"}}
    text = Tree(page(record(), record(**later), record(**later))).text
    assert "Cost unknown02 are in the background" in text
    assert "2 calls in the background, billed with the record of the answer when it is fetched." in text
    assert (
        "Cost unknown1calls that are in no sum; 1 is in the background"
        in Tree(page(record(cost=None), record(**later))).text
    )
    text = Tree(page(record(), record(price={"without": ["<b>", "tools"]}))).text
    assert "2 calls (1 user, 1 model, 1 key). 1 call cost more than shown (<b>, tools)." in text
    assert "1 call that cost more than shown, by fees that no answer tells. <b> (1), tools (1)." in text
    assert "Cost unknown01 costs more than shown" in text
    assert "Spend by the" not in Tree(page(record(time=None, id=None))).text
    assert "OpenAI spend fell by $2.00 to $0" in Tree(page(record(NOON - DAY, cost="2"), span=LAST_DAY)).text
    assert "as before" in Tree(page(record(NOON), record(NOON - DAY), span=LAST_DAY)).text


def test_what_a_sum_lacks_is_beside_it():
    """No call that costs more than is known counts as priced, nor one that is billed later."""
    later = record(cost=None, price={"source": "unknown", "reason": "background"})
    partial = record(price={"without": ["tools"]})
    assert "Cost unknown0every call is priced" in Tree(page(record())).text
    assert "Cost unknown02 cost more than shown" in Tree(page(partial, partial)).text
    assert (
        "Cost unknown1calls that are in no sum; 1 is in the background; 1 costs more than shown"
        in Tree(page(record(cost=None), later, partial)).text
    )


def test_a_name_of_a_fee_is_cut():
    """However long it is, and two that are cut to the same are still two."""
    text = Tree(page(record(price={"without": ["a" * 500, "a" * 400, "\u202e"]}))).text
    assert f"more than shown ({'a' * 39}…, {'a' * 39}…, \\u202e)." in text
    assert f"that no answer tells. {'a' * 39}… (1), {'a' * 39}… (1), \\u202e (1)." in text
    long = record(cost=None, price={"reason": "r" * 500}, request__model="m" * 500, uninspected=[{"reason": "i" * 500}])
    text = Tree(page(long)).text
    assert f"in no sum of money. {'m' * 79}… (1)." in text
    assert f"by calls: {'i' * 79}… (1)." in text


@pytest.mark.parametrize(("tokens", "shown"), [(7, "7"), (1234, "1.2 k"), (34_600_000, "34.6 M"), (2 * 10**9, "2.0 B")])
def test_many_tokens_are_told_in_short(tokens, shown):
    """A tile has room for few digits."""
    assert f"Tokens{shown}{shown} in, 0 out" in Tree(page(record(usage=(tokens, 0, 0, 0)))).text


@pytest.mark.parametrize("span", [None, LAST_DAY])
def test_a_page_asks_for_nothing(span):
    """No address, script, import or picture is in it, and a policy that forbids them all comes before anything else."""
    text = page(*SPIKE, span=span)
    tree = Tree(text)
    assert not {"script", "img", "iframe", "object", "embed", "form", "base", "image", "use", "a", "link"} & set(
        tree.tags
    )
    loading = ("src", "href", "srcset", "action", "data", "background", "poster", "xlink:href")
    assert not [name for _, name in tree.attributes if name in loading or name.startswith("on")]
    assert not re.search(r"https?:|//\w|url\(|@import|@font-face", text)
    assert tree.tags.index("meta") == tree.tags.index("head") + 1
    policies = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert "prefers-color-scheme: dark" in text


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, min_size=9, max_size=9))
def test_no_name_becomes_a_part_of_the_page(names):
    """Whatever a caller chose, the tags and attributes are those of a page with harmless names."""

    def made(parts):
        user, model, key, check, code, reason, price, condition, fee = parts
        found = record(
            end_user=user, request__model=model, key=key, findings=[{"check": check, "list": check}], refusal={"code": code},
            uninspected=[{"reason": reason}], price={"reason": price}, cost=None, decision=code,
        )  # fmt: skip
        return page(
            found,
            record(end_user="other", cost="2", price={"without": [fee]}),
            where=[condition],
            warnings=[f"{condition}: torn"],
            by="user,model,key,decision",
        )

    hostile = Tree(made([name or "x" for name in names]))
    harmless = Tree(made(["x" if name in (None, "") else f"x{place}" for place, name in enumerate(names)]))
    assert (hostile.tags, hostile.attributes) == (harmless.tags, harmless.attributes)


@settings(max_examples=60, deadline=None)
@given(st.lists(hostile_records(), max_size=3))
def test_any_log_has_a_page(records):
    """Whatever a log holds, its page is well formed and can be written."""
    text = page(*records, span=LAST_DAY)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    Tree(text)
