"""The judge: one exchange under one policy, to a verdict. Pure: no clock, no file, no network, no randomness."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from panda_addon.checks import CHECKS, Check
from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.text.nested import Lens
from panda_addon.text.spans import merge
from panda_addon.verdict import Action, Edit, Finding, Refusal, Verdict
from panda_addon.wire.errors import parameter
from panda_addon.wire.names import public


def judge(exchange: Exchange, policy: Policy, more: Sequence[Check] = ()) -> Verdict:
    """The verdict on one half of a call, by the checks that there are for all, and by `more` for this one if it passes those.

    The strongest finding decides: block over redact over audit. Of several refusals the first check's speaks. A policy
    in audit mode finds the same and changes nothing.
    """
    findings = [finding for check in CHECKS for finding in check(exchange, policy)]
    if not (policy.enforce and any(finding.action is Action.BLOCK for finding in findings)):
        # What is more takes more time, and changes nothing for a call that is refused.
        findings += [finding for check in more for finding in check(exchange, policy)]
    if policy.watched is not None:
        noticed = (finding for check in (*CHECKS, *more) for finding in check(exchange, policy.watched))
        findings += [replace(finding, action=Action.AUDIT, put=None) for finding in noticed]
    # A pointer may be long and lead to thousands of findings.
    distinct = {(finding.at, finding.key): finding for finding in findings}
    places = {place: _public(finding) for place, finding in distinct.items()}
    shown = tuple(replace(finding, at=places[finding.at, finding.key]) for finding in findings)
    action = max((finding.action for finding in findings), default=Action.ALLOW)
    if not policy.enforce:
        return Verdict(min(action, Action.AUDIT), shown)
    if action is Action.BLOCK:
        first = next(finding for finding in shown if finding.action is Action.BLOCK)
        return Verdict(action, shown, refusal=refusal_for(first))
    puts = tuple(finding.put for finding in findings if finding.put is not None)
    return Verdict(action, shown, tuple(_edits(exchange, findings, policy.redaction)), puts)


def _public(finding: Finding) -> str:
    """A finding's pointer, fit for a log. That of a name ends in what was found, which may look like an index."""
    return f"{public(finding.at.rpartition('/')[0])}/*" if finding.key else public(finding.at)


def refusal_for(finding: Finding) -> Refusal:
    """What a finding's refusal says."""
    param = parameter(finding.at)
    place = f" in {param}" if finding.start is not None and param else ""
    return Refusal(finding.code, finding.message + place, param)


def _edits(exchange: Exchange, findings: Iterable[Finding], redaction: str) -> Iterator[Edit]:
    """One edit for each stretch of a string that a redacting rule found something in."""
    places: dict[tuple[str, bool], list[tuple[int, int]]] = defaultdict(list)
    for finding in findings:
        if finding.action is Action.REDACT and finding.start is not None and finding.end is not None:
            places[finding.at, finding.key].append((finding.start, finding.end))
    nested = {span.pointer: span.text for span in exchange.spans if span.nested and (span.pointer, False) in places}
    for (pointer, key), intervals in places.items():
        if not key and pointer in nested:
            yield from _nested_edits(pointer, nested[pointer], merge(intervals), redaction)
        else:
            for start, end in merge(intervals):
                yield Edit(pointer, start, end, redaction, key)


def _nested_edits(pointer: str, text: str, intervals: list[tuple[int, int]], redaction: str) -> Iterator[Edit]:
    """Edits that leave JSON in text JSON."""
    lens = Lens()
    lens.feed(text, last=True)
    for first, last in intervals:
        for start, end in lens.pieces(text[first:last], first, last):
            yield Edit(pointer, start, end, lens.replacement(text[start:end], start, redaction))
