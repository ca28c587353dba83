"""A report as one page that stands by itself: no script, no font, no picture, nothing that is fetched.

Everything that a caller chose is escaped twice over: for the eye by `named`, and for the browser by `escape`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape

from panda_addon.report import charts
from panda_addon.report.detail import SPENDERS, Detail, Slot, slots
from panda_addon.report.figures import changed, counted, cut, milliseconds, money, percent, plain, short, spent, whole
from panda_addon.report.headline import as_known, cause, cautions, digits, lacking, span, sum_of
from panda_addon.report.panels import card, decisions, figures, findings, spenders, sums
from panda_addon.report.style import STYLE
from panda_addon.report.summary import Report

# Nothing may be loaded or run, whatever finds its way into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

# What stands where a tile has nothing beside its figure.
_BLANK = "&nbsp;"

# What a list within a sentence names is cut to so many columns: room for a model and why it has no price.
_LONG = 80


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is made of. `warnings` are what reading the log had to say; `where` the conditions as they were given."""

    report: Report
    detail: Detail
    warnings: tuple[str, ...]
    where: tuple[str, ...]
    now: datetime
    top: int = 0


def html(page: Page) -> Iterable[str]:
    """The page, piece by piece."""
    report, times = page.report, slots(page.detail, page.report)
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>OpenAI spend, {escape(span(report))}</title>\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    yield _head(page)
    yield _tiles(report)
    if times:
        yield _spend(report, times)
    yield '<div class="row">' + "".join(spenders(report, page.detail, name) for name in SPENDERS) + "</div>\n"
    yield '<div class="row">' + decisions(page.report, page.detail) + findings(page.detail) + "</div>\n"
    if times and report.total.now["calls"]:
        yield _latency(times)
    yield sums(report, page.top)
    yield _unknown(page)
    yield _foot(page)
    yield "</main>\n</body>\n</html>\n"


def _head(page: Page) -> str:
    report = page.report
    total, before = report.total.now, report.total.before
    calls = counted(total["calls"], "call")
    lead = f"<strong>{escape(calls)}</strong>{_whose(page.detail)}"
    if report.compared:
        lacks = lacking(before)
        since, start = (report.question.period.before or "")[:16], (report.question.period.since or "")[:16]
        lead += (
            f", against {escape(sum_of(report, before))} for {escape(counted(before['calls'], 'call') + (lacks and f'{lacks},'))} "
            "in the stretch of the same length before it, "
            f"<span class=date>{since.replace('T', ' ')}</span> to "
            f"<span class=date>{start.replace('T', ' ')}</span>"
        )
    chosen = f'<p class="mark">Only calls with {escape(plain(", ".join(page.where)))}</p>\n' if page.where else ""
    title, colon, told = cause(report).partition(": ")
    name, again, figures = told.rpartition(": ")
    sentence = (
        f"{escape(title + colon)}<strong><bdi>{escape(name)}</bdi></strong>{escape(again + figures)}" if told else ""
    )
    because = f'<p class="cause{_mood(report)}">{sentence}</p>\n' if sentence else ""
    doubts = "".join(f" {escape(doubt)}" for doubt in cautions(report))
    return (
        f'<header>\n<p class="mark">{escape(span(report))}</p>\n<h1>{escape(_title(report))}</h1>\n{chosen}'
        f'<p class="lead">{lead}.{doubts}</p>\n{because}</header>\n'
    )


def _mood(report: Report) -> str:
    """How alarming a cause is: that something rose is, that it is not known whether it did is less, the rest is not."""
    if not report.compared:
        return " calm"
    return " unsure" if report.total.unsure else " calm" if report.total.change <= 0 else ""


def _whose(detail: Detail) -> str:
    """Of how many users, models and keys the calls are; what a record does not say is none."""
    known = {
        name: sum(value is not None and each.calls > 0 for value, each in detail.spenders[name].items())
        for name in SPENDERS
    }
    shown = [counted(number, name) for name, number in known.items() if number]
    return f" ({', '.join(shown)})" if shown else ""


def _title(report: Report) -> str:
    """The page's first sentence."""
    now, change = report.total.now, report.total.known_change
    sum_ = spent(now.cost, now["unpriced"], most=digits(report))
    if not report.compared or not change:
        return f"OpenAI spend: {sum_}"
    way = "rose" if change > 0 else "fell"
    return f"OpenAI spend {way} by {money(change.copy_abs(), most=digits(report))} to {sum_}{as_known(report)}"


def _tiles(report: Report) -> str:
    now, before = report.total.now, report.total.before
    more = now["calls"] - before["calls"]
    mid, high = now.latency.at(0.5), now.latency.at(0.95)
    tokens = now["input_tokens"] + now["output_tokens"]
    tiles = [
        (
            "Spend",
            spent(now.cost, now["unpriced"], most=digits(report)),
            _dearer(report),
        ),
        (
            "Calls",
            whole(now["calls"]),
            _change(f"{more:+,}", more, before["calls"]) if report.compared else _BLANK,
        ),
        ("Tokens", _short(tokens), f"{_short(now['input_tokens'])} in, {_short(now['output_tokens'])} out"),
        ("Blocked", whole(now["blocked"]), f"{percent(now['blocked'], now['calls'])} of the calls"),
        ("Failed", whole(now["errors"]), f"{percent(now['errors'], now['calls'])} of the calls"),
        ("Latency", milliseconds(mid), f"half of the calls; p95 {escape(milliseconds(high))}"),
    ]
    unknown = [
        *(["calls that are in no sum"] if now["unpriced"] else []),
        *([counted(now["background"], "is", "are") + " in the background"] if now["background"] else []),
        *([counted(now["partial"], "costs", "cost") + " more than shown"] if now["partial"] else []),
    ]
    tiles.append(("Cost unknown", whole(now["unpriced"]), "; ".join(unknown) or "every call is priced"))
    shown = "".join(
        f'<div class="tile{"" if place else " first"}"><dt>{title}</dt><dd>{escape(figure)}</dd><dd class="aside">{aside}</dd></div>'
        for place, (title, figure, aside) in enumerate(tiles)
    )
    return f'<dl class="tiles">{shown}</dl>\n'


def _dearer(report: Report) -> str:
    """How much more was spent than before."""
    change = report.total.known_change
    if not report.compared:
        return _BLANK
    if change is None:
        return "change unknown"
    told = _change(changed(change, most=digits(report)), change, report.total.before.cost)
    if report.total.unsure:
        return f"{told}{as_known(report)}"
    return f'<span class="{"more" if change > 0 else "less"}">{told}</span>' if change else told


def _change(shown: str, change: Decimal | int, before: Decimal | int) -> str:
    """How much more it is. That alone is neither good nor bad."""
    if not change:
        return "as before"
    share = f" ({'+' if change > 0 else ''}{percent(change, before)})" if before else ""
    return f"{'▲' if change > 0 else '▼'} {escape(shown + share)}"


def _spend(report: Report, times: Sequence[Slot]) -> str:
    each = {13: "hour", 10: "day", 7: "month"}[len(times[0].name)]
    if not report.total.now.cost and not report.total.before.cost:
        note = '<p class="note">No call is known to have cost anything.</p>'
        return card(f"Spend by the {each}", "", note + figures(report, times))
    entries = [("now", "this period")] + ([("was", "the period before")] if report.compared else [])
    return card(
        f"Spend by the {each}", charts.legend(*entries) if report.compared else "",
        charts.spend(times, compared=report.compared) + figures(report, times),
    )  # fmt: skip


def _latency(times: Sequence[Slot]) -> str:
    entries = charts.legend(("mid", "half of the calls (p50)"), ("high", "nineteen of twenty (p95)"))
    return card("Latency", entries, charts.latency(times))


def _unknown(page: Page) -> str:
    now, detail = page.report.total.now, page.detail
    lines = []
    if now["unpriced"]:
        lines.append(
            f"{counted(now['unpriced'], 'call')} of unknown cost, in no sum of money. {_most(detail.unpriced.most_common())}"
        )
    if now["background"]:
        lines.append(
            f"{counted(now['background'], 'call')} in the background, billed with the record of the answer when it is fetched."
        )
    if now["partial"]:
        fees = [(short(name), count) for name, count in page.report.fees.most_common()]
        lines.append(
            f"{counted(now['partial'], 'call')} that cost more than shown, by fees that no answer tells. {_most(fees)}"
        )
    if detail.fallback:
        count = counted(detail.fallback.total(), "call")
        lines.append(
            f"{count} without a price of their own, by the policy's figures for such. {_most(detail.fallback.most_common())}"
        )
    if now["counted"]:
        lines.append(
            f"{counted(now['counted'], 'call')} whose tokens the API did not report. {_most(detail.sources.most_common())}"
        )
    if detail.unread:
        lines.append(f"Parts that could not be inspected, by calls: {_most(detail.unread.most_common())}")
    before = page.report.total.before
    if page.report.compared and (before["unpriced"] or before["background"] or before["partial"]):
        partial = (
            f", {counted(before['partial'], 'that costs', 'that cost')} more than shown" if before["partial"] else ""
        )
        lines.append(f"{counted(before['calls'], 'call')} in the period before{lacking(before)}{partial}.")
    lines += [f"{plain(what)}." for what in page.warnings]
    if not lines:
        lines = ["Nothing: every call has its tokens, its cost and its text."]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return card("What is not known", "", f'<ul class="plain">{items}</ul>')


def _foot(page: Page) -> str:
    return (
        f"<footer><p>Made {page.now:%Y-%m-%d %H:%M} UTC. All times are UTC, of when a call began. Money is what the log says each "
        "call cost, summed exactly. A user is the proxy user, who is proved, or else the end user whom the caller claims. "
        "Latencies are within half a percent.</p></footer>\n"
    )


def _most(ranked: Sequence[tuple[str, int]]) -> str:
    shown = ", ".join(f"{cut(name, _LONG)} ({count:,})" for name, count in ranked[:5])
    return f"{shown}{' and others' if len(ranked) > 5 else ''}."


def _short(number: int) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:,.1f} {unit}"
    return whole(number)
