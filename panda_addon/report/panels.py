"""The panels of a page: who spent what, what was decided and found, and the rows, as HTML.

Every name that a caller chose goes through `_name`, or through `escape` after `named`.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

from panda_addon.report import exact
from panda_addon.report.detail import Detail, Slot, Spent
from panda_addon.report.fields import Value
from panda_addon.report.figures import changed, counted, decimals, milliseconds, named, percent, short, spent, whole
from panda_addon.report.headline import chosen, digits, unseen, unseen_rows
from panda_addon.report.summary import Report, Row

# So many lines of a panel are shown; what is behind them is summed up.
_LINES = 6
_WORDS = {"user": "users", "model": "models", "key": "keys"}
_DECISIONS = {
    "allow": "passed on",
    "audit": "passed on, with findings",
    "redact": "rewritten",
    "block": "refused",
    "reply": "answered here",
    "error": "could not be judged",
}


def spenders(report: Report, detail: Detail, name: str) -> str:
    """Who or what cost most, by one of the fields that detail is kept of."""
    values = detail.spenders[name]
    ranked = sorted(
        values.items(), key=lambda each: (each[1].cost.copy_negate(), -each[1].unpriced, -each[1].calls, str(each[0]))
    )
    largest = max((each.cost for each in values.values()), default=Decimal(0))
    total = report.total.now.cost
    lines = [_spender(report, value, each, largest, total) for value, each in ranked[:_LINES]]
    rest = ranked[_LINES:]
    left = exact.total(each.cost for _, each in rest)
    sum_ = spent(left, sum(each.unpriced for _, each in rest), most=digits(report))
    more = f"{counted(len(rest), 'other')}: {sum_}" if rest else ""
    unpriced = sorted(
        ((short(value), each.unpriced) for value, each in rest if each.unpriced), key=lambda each: -each[1]
    )
    note = "".join(f'<p class="note">{escape(text)}</p>' for text in (more, unseen(unpriced)) if text)
    legend = "calls · share · change" if report.compared else "calls · share"
    aside = f'<span class="note">{legend}</span>'
    return card(f"Top {_WORDS[name]}", aside, f'<ol class="bars">{"".join(lines)}</ol>{note}')


def decisions(report: Report, detail: Detail) -> str:
    """What was decided, and for what calls were refused."""
    total = report.total.now["calls"]
    lines = [
        _bar(
            escape(name),
            whole(count),
            f"{percent(count, total)} {_DECISIONS.get(name, '')}".strip(),
            count / total * 100,
        )
        for name, count in detail.decisions.most_common()
    ]
    refusals = ", ".join(f"{escape(code)} {count:,}" for code, count in detail.refusals.most_common(6))
    why = f'<p class="note">Refused for: {refusals}</p>' if refusals else ""
    return card("Decisions", "", f'<ol class="bars">{"".join(lines)}</ol>{why}')


def findings(detail: Detail) -> str:
    """What was found most often."""
    ranked = detail.findings.most_common(_LINES)
    lines = [_bar(escape(name), whole(count), "", count / ranked[0][1] * 100) for name, count in ranked]
    rest = len(detail.findings) - len(ranked)
    more = f'<span class="note">{counted(rest, "other")}</span>' if rest else ""
    body = f'<ol class="bars">{"".join(lines)}</ol>' if lines else '<p class="note">Nothing was found.</p>'
    return card("Findings, by list or check", more, body)


def sums(report: Report, top: int) -> str:
    """The rows of the report as a table, with `top` only so many of them; their sum is of all."""
    rows, rest = report.cut(top)
    if not rows:
        return ""
    columns = _columns(report)
    heads = "".join(f'<th scope="col" class="text">{name}</th>' for name in report.question.by)
    heads += "".join(f'<th scope="col">{title}</th>' for title, _ in columns)
    places = digits(report)
    body = []
    for row in rows:
        names = "".join(f'<th scope="row" class="text" title="{_name(value)}">{_name(value)}</th>' for value in row.key)
        body.append(f"<tr>{names}{_cells(_shown(row, columns, places))}</tr>")
    foot = f'<th scope="row" class="text" colspan="{len(report.question.by)}">All</th>'
    foot += _cells(_shown(report.total, columns, places))
    which = f": {chosen(report)}" if report.timed else ""
    left_out = (
        f"{counted(len(rest), 'more row')} not shown, in the sum below{which}. {unseen_rows(report, rest)}".strip()
    )
    note = f'<span class="note">{escape(left_out)}</span>' if rest else ""
    return card(
        f"By {' and '.join(report.question.by)}", note,
        f'<div class="scroll" role="region" tabindex="0" aria-label="Sums"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody><tfoot><tr>{foot}</tr></tfoot></table></div>", "card long",
    )  # fmt: skip


def figures(report: Report, times: Sequence[Slot]) -> str:
    """The numbers behind the charts, for those who do not see them."""
    heads = ["UTC", "spend", *(["before"] if report.compared else []), "calls", "p50", "p95"]
    lines = []
    most = decimals(max(max(slot.row.now.cost, slot.row.before.cost) for slot in times))
    for slot in times:
        now = slot.row.now
        cells = [
            spent(now.cost, now["unpriced"], most=most),
            *([spent(slot.row.before.cost, slot.row.before["unpriced"], most=most)] if report.compared else []),
            whole(now["calls"]),
        ]
        cells += [milliseconds(now.latency.at(share)) for share in (0.5, 0.95)]
        lines.append(f'<tr><th scope="row" class="text">{slot.name.replace("T", " ")}</th>{_cells(cells)}</tr>')
    head = "".join(f'<th scope="col"{" class=text" if name == "UTC" else ""}>{name}</th>' for name in heads)
    return (
        '<details><summary>The figures behind the charts</summary><div class="scroll"><table><thead><tr>'
        f"{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div></details>"
    )


def card(title: str, aside: str, body: str, kind: str = "card") -> str:
    """A panel: its title, what stands beside that, and what it holds, the last two as HTML."""
    return f'<section class="{kind}"><div class="head"><h2>{title}</h2>{aside}</div>{body}</section>\n'


def _spender(report: Report, value: Value, each: Spent, largest: Decimal, total: Decimal) -> str:
    known = exact.known(each.cost, each.unpriced)
    aside = [counted(each.calls, "call"), *([percent(each.cost, total)] if total and known else [])]
    if report.compared:
        aside.append("change unknown" if each.change is None else changed(each.change, most=digits(report)))
    if each.unpriced:
        aside.append(f"{each.unpriced:,} unpriced")
    if report.compared and each.unpriced_before:
        aside.append(f"{each.unpriced_before:,} unpriced before")
    share = float(each.cost / largest * 100) if largest else 0.0
    sum_ = spent(each.cost, each.unpriced, most=digits(report))
    return _bar(_name(value), sum_, " · ".join(aside), share)


def _columns(report: Report) -> list[tuple[str, str]]:
    """Titles and names of the columns that say something."""
    total = report.total
    found = [
        ("cost", "cost"),
        *([("before", "before"), ("change", "change")] if report.compared else []),
        ("calls", "calls"),
    ]
    names = ("input_tokens", "output_tokens", "unpriced", "background", "partial", "blocked", "errors")
    found += [(name.removesuffix("_tokens"), name) for name in names if total.now[name]]
    if report.compared and total.before["unpriced"]:
        found.append(("unpriced before", "unpriced before"))
    return [*found, ("p50", "p50"), ("p95", "p95")]


def _shown(row: Row, columns: Iterable[tuple[str, str]], places: int) -> list[str]:
    now = row.now
    known = {
        "cost": spent(now.cost, now["unpriced"], places),
        "before": spent(row.before.cost, row.before["unpriced"], places),
        "change": changed(row.known_change, places),
        "unpriced before": whole(row.before["unpriced"]),
        "p50": milliseconds(now.latency.at(0.5)),
        "p95": milliseconds(now.latency.at(0.95)),
    }
    return [known[name] if name in known else whole(now[name]) for _, name in columns]


def _bar(name: str, figure: str, aside: str, share: float) -> str:
    return (
        f'<li><div class="what"><span class="name" title="{name}"><bdi>{name}</bdi></span><span class="sum">{escape(figure)}</span>'
        f'</div><div class="track"><i style="width:{share:.1f}%"></i></div><div class="aside">{escape(aside)}</div></li>'
    )


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)


def _name(value: Value) -> str:
    return escape(named(value))
