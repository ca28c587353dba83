"""A report as one page that stands by itself: no script, no font, no picture, nothing that is fetched.

Everything that a caller chose is escaped twice over: for the eye by `named`, and for the browser by `_name`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape

from panda_addon.report import charts
from panda_addon.report.detail import SPENDERS, Detail, Slot, Spent, slots
from panda_addon.report.fields import Value
from panda_addon.report.figures import counted, decimals, milliseconds, money, named, percent, plain, spent, whole
from panda_addon.report.headline import cause, span
from panda_addon.report.style import STYLE
from panda_addon.report.summary import Report, Row

# Nothing may be loaded or run, whatever finds its way into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_SPENDERS = 6
_WORDS = {"user": "users", "model": "models", "key": "keys"}


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
    yield '<div class="row">' + "".join(_spenders(report, page.detail, name) for name in SPENDERS) + "</div>\n"
    yield '<div class="row">' + _decisions(page) + _findings(page.detail) + "</div>\n"
    if times and report.total.now["calls"]:
        yield _latency(times)
    yield _table(report, page.top)
    yield _unknown(page)
    yield _foot(page)
    yield "</main>\n</body>\n</html>\n"


def _head(page: Page) -> str:
    report = page.report
    total, before = report.total.now, report.total.before
    calls = counted(total["calls"], "call")
    lead = f"<strong>{escape(calls)}</strong>{_whose(page.detail)}"
    if report.compared:
        since, start = (report.question.period.before or "")[:16], (report.question.period.since or "")[:16]
        lead += (
            f", against {escape(money(before.cost))} for {escape(counted(before['calls'], 'call'))} in the stretch of the same "
            f"length before it, <span class=date>{since.replace('T', ' ')}</span> to "
            f"<span class=date>{start.replace('T', ' ')}</span>"
        )
    chosen = f'<p class="mark">Only calls with {escape(plain(", ".join(page.where)))}</p>\n' if page.where else ""
    title, colon, told = cause(report).partition(": ")
    name, again, figures = told.rpartition(": ")
    sentence = (
        f"{escape(title + colon)}<strong><bdi>{escape(name)}</bdi></strong>{escape(again + figures)}" if told else ""
    )
    calm = " calm" if not report.compared or report.total.change <= 0 else ""
    because = f'<p class="cause{calm}">{sentence}</p>\n' if sentence else ""
    return (
        f'<header>\n<p class="mark">{escape(span(report))}</p>\n<h1>{escape(_title(report))}</h1>\n{chosen}'
        f'<p class="lead">{lead}.</p>\n{because}</header>\n'
    )


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
    now, change = report.total.now, report.total.change
    sum_ = spent(now.cost, now["unpriced"])
    if not report.compared or not change:
        return f"OpenAI spend: {sum_}"
    return f"OpenAI spend {'rose' if change > 0 else 'fell'} by {money(abs(change))} to {sum_}"


def _tiles(report: Report) -> str:
    now, before = report.total.now, report.total.before
    compared = report.compared
    mid, high = now.latency.at(0.5), now.latency.at(0.95)
    tokens = now["input_tokens"] + now["output_tokens"]
    tiles = [
        ("Spend", spent(now.cost, now["unpriced"]), _change(now.cost, before.cost, compared, report.total.change)),
        ("Calls", whole(now["calls"]), _change(now["calls"], before["calls"], compared)),
        ("Tokens", _short(tokens), f"{_short(now['input_tokens'])} in, {_short(now['output_tokens'])} out"),
        ("Blocked", whole(now["blocked"]), f"{percent(now['blocked'], now['calls'])} of the calls"),
        ("Failed", whole(now["errors"]), f"{percent(now['errors'], now['calls'])} of the calls"),
        ("Latency", milliseconds(mid), f"half of the calls; p95 {escape(milliseconds(high))}"),
    ]
    tiles.append(
        (
            "Cost unknown",
            whole(now["unpriced"]),
            "calls that are in no sum" if now["unpriced"] else "every call is priced",
        )
    )
    shown = "".join(
        f'<div class="tile{"" if place else " first"}"><dt>{title}</dt><dd>{escape(figure)}</dd><dd class="aside">{aside}</dd></div>'
        for place, (title, figure, aside) in enumerate(tiles)
    )
    return f'<dl class="tiles">{shown}</dl>\n'


def _change(now: Decimal | int, before: Decimal | int, compared: bool, amount: Decimal | None = None) -> str:  # noqa: FBT001
    if not compared:
        return "&nbsp;"
    change = now - before
    if not change:
        return "as before"
    kind, arrow = ("more", "▲") if change > 0 else ("less", "▼")
    shown = f"{change:+,}" if amount is None else money(amount, sign=True)
    share = f" ({'+' if change > 0 else ''}{percent(change, before)})" if before else ""
    # A rise in calls is neither good nor bad.
    return f'<span class="{kind if amount is not None else ""}">{arrow} {escape(shown + share)}</span>'


def _spend(report: Report, times: Sequence[Slot]) -> str:
    each = {13: "hour", 10: "day", 7: "month"}[len(times[0].name)]
    if not report.total.now.cost and not report.total.before.cost:
        note = '<p class="note">No call is known to have cost anything.</p>'
        return _card(f"Spend by the {each}", "", note + _figures(report, times))
    entries = [("now", "this period")] + ([("was", "the period before")] if report.compared else [])
    return _card(
        f"Spend by the {each}", charts.legend(*entries) if report.compared else "",
        charts.spend(times, compared=report.compared) + _figures(report, times),
    )  # fmt: skip


def _figures(report: Report, times: Sequence[Slot]) -> str:
    """The numbers behind the charts, for those who do not see them."""
    heads = ["UTC", "spend", *(["before"] if report.compared else []), "calls", "p50", "p95"]
    lines = []
    for slot in times:
        now = slot.row.now
        cells = [money(now.cost), *([money(slot.row.before.cost)] if report.compared else []), whole(now["calls"])]
        cells += [milliseconds(now.latency.at(share)) for share in (0.5, 0.95)]
        lines.append(f'<tr><th scope="row" class="text">{slot.name.replace("T", " ")}</th>{_cells(cells)}</tr>')
    head = "".join(f'<th scope="col"{" class=text" if name == "UTC" else ""}>{name}</th>' for name in heads)
    return (
        '<details><summary>The figures behind the charts</summary><div class="scroll"><table><thead><tr>'
        f"{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div></details>"
    )


def _spenders(report: Report, detail: Detail, name: str) -> str:
    values = detail.spenders[name]
    ranked = sorted(values.items(), key=lambda each: (-each[1].cost, -each[1].calls, str(each[0])))
    largest = max((each.cost for each in values.values()), default=Decimal(0))
    total = report.total.now.cost
    lines = [_spender(report, value, each, largest, total) for value, each in ranked[:_SPENDERS]]
    rest = [each for _, each in ranked[_SPENDERS:]]
    more = f"{counted(len(rest), 'other')}: {money(sum((each.cost for each in rest), Decimal(0)))}" if rest else ""
    note = f'<p class="note">{escape(more)}</p>' if more else ""
    legend = "calls · share · change" if report.compared else "calls · share"
    aside = f'<span class="note">{legend}</span>'
    return _card(f"Top {_WORDS[name]}", aside, f'<ol class="bars">{"".join(lines)}</ol>{note}')


def _spender(report: Report, value: Value, each: Spent, largest: Decimal, total: Decimal) -> str:
    aside = [counted(each.calls, "call"), *([percent(each.cost, total)] if total else [])]
    if report.compared:
        aside.append(f"{money(each.cost - each.before, sign=True)}")
    if each.unpriced:
        aside.append(f"{each.unpriced:,} unpriced")
    share = float(each.cost / largest * 100) if largest else 0.0
    sum_ = spent(each.cost, each.unpriced)
    return _bar(_name(value), sum_, " · ".join(aside), share)


def _decisions(page: Page) -> str:
    total = page.report.total.now["calls"]
    words = {
        "allow": "passed on", "audit": "passed on, with findings", "redact": "rewritten", "block": "refused",
        "reply": "answered here", "error": "could not be judged",
    }  # fmt: skip
    lines = [
        _bar(escape(name), whole(count), f"{percent(count, total)} {words.get(name, '')}".strip(), count / total * 100)
        for name, count in page.detail.decisions.most_common()
    ]
    refusals = ", ".join(f"{escape(code)} {count:,}" for code, count in page.detail.refusals.most_common(6))
    why = f'<p class="note">Refused for: {refusals}</p>' if refusals else ""
    return _card("Decisions", "", f'<ol class="bars">{"".join(lines)}</ol>{why}')


def _findings(detail: Detail) -> str:
    ranked = detail.findings.most_common(_SPENDERS)
    lines = [_bar(escape(name), whole(count), "", count / ranked[0][1] * 100) for name, count in ranked]
    rest = len(detail.findings) - len(ranked)
    more = f'<span class="note">{counted(rest, "other")}</span>' if rest else ""
    body = f'<ol class="bars">{"".join(lines)}</ol>' if lines else '<p class="note">Nothing was found.</p>'
    return _card("Findings, by list or check", more, body)


def _latency(times: Sequence[Slot]) -> str:
    entries = charts.legend(("mid", "half of the calls (p50)"), ("high", "nineteen of twenty (p95)"))
    return _card("Latency", entries, charts.latency(times))


def _table(report: Report, top: int) -> str:
    rows = report.rows[:top] if top else report.rows
    if not rows:
        return ""
    columns = _columns(report)
    heads = "".join(f'<th scope="col" class="text">{name}</th>' for name in report.question.by)
    heads += "".join(f'<th scope="col">{title}</th>' for title, _ in columns)
    places = decimals(max(row.now.cost for row in report.rows))
    body = []
    for row in rows:
        names = "".join(f'<th scope="row" class="text" title="{_name(value)}">{_name(value)}</th>' for value in row.key)
        body.append(f"<tr>{names}{_cells(_shown(row, columns, places))}</tr>")
    foot = f'<th scope="row" class="text" colspan="{len(report.question.by)}">All</th>'
    foot += _cells(_shown(report.total, columns, places))
    rest = len(report.rows) - len(rows)
    note = f'<span class="note">{counted(rest, "more row")} not shown, in the sum below</span>' if rest else ""
    return _card(
        f"By {' and '.join(report.question.by)}", note,
        f'<div class="scroll" role="region" tabindex="0" aria-label="Sums"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody><tfoot><tr>{foot}</tr></tfoot></table></div>", "card long",
    )  # fmt: skip


def _columns(report: Report) -> list[tuple[str, str]]:
    """Titles and names of the columns that say something."""
    total = report.total
    found = [
        ("cost", "cost"),
        *([("before", "before"), ("change", "change")] if report.compared else []),
        ("calls", "calls"),
    ]
    names = ("input_tokens", "output_tokens", "unpriced", "blocked", "errors")
    found += [(name.removesuffix("_tokens"), name) for name in names if total.now[name]]
    return [*found, ("p50", "p50"), ("p95", "p95")]


def _shown(row: Row, columns: Iterable[tuple[str, str]], places: int) -> list[str]:
    now = row.now
    figures = {
        "cost": spent(now.cost, now["unpriced"], places),
        "before": money(row.before.cost, places),
        "change": money(row.change, places, sign=True),
        "p50": milliseconds(now.latency.at(0.5)),
        "p95": milliseconds(now.latency.at(0.95)),
    }
    return [figures[name] if name in figures else whole(now[name]) for _, name in columns]


def _unknown(page: Page) -> str:
    now, detail = page.report.total.now, page.detail
    lines = []
    if now["unpriced"]:
        lines.append(
            f"{counted(now['unpriced'], 'call')} of unknown cost, in no sum of money. {_most(detail.unpriced)}"
        )
    if detail.fallback:
        count = counted(detail.fallback.total(), "call")
        lines.append(
            f"{count} without a price of their own, by the policy's figures for such. {_most(detail.fallback)}"
        )
    if now["counted"]:
        lines.append(f"{counted(now['counted'], 'call')} whose tokens the API did not report. {_most(detail.sources)}")
    if detail.unread:
        lines.append(f"Parts that could not be inspected, by calls: {_most(detail.unread)}")
    lines += [f"{plain(what)}." for what in page.warnings]
    if not lines:
        lines = ["Nothing: every call has its tokens, its cost and its text."]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return _card("What is not known", "", f'<ul class="plain">{items}</ul>')


def _foot(page: Page) -> str:
    return (
        f"<footer><p>Made {page.now:%Y-%m-%d %H:%M} UTC. All times are UTC, of when a call began. Money is what the log says each "
        "call cost, summed exactly. A user is the proxy user, who is proved, or else the end user whom the caller claims. "
        "Latencies are within half a percent.</p></footer>\n"
    )


def _most(counts: Counter[str]) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in counts.most_common(5))
    return f"{shown}{' and others' if len(counts) > 5 else ''}."


def _card(title: str, aside: str, body: str, kind: str = "card") -> str:
    return f'<section class="{kind}"><div class="head"><h2>{title}</h2>{aside}</div>{body}</section>\n'


def _bar(name: str, figure: str, aside: str, share: float) -> str:
    return (
        f'<li><div class="what"><span class="name" title="{name}"><bdi>{name}</bdi></span><span class="sum">{escape(figure)}</span>'
        f'</div><div class="track"><i style="width:{share:.1f}%"></i></div><div class="aside">{escape(aside)}</div></li>'
    )


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)


def _name(value: Value) -> str:
    return escape(named(value))


def _short(number: int) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:,.1f} {unit}"
    return whole(number)
