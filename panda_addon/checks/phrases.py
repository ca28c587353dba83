"""Phrases: what the lists of a policy hold and a text says."""

from collections import defaultdict
from collections.abc import Iterator

from panda_addon.exchange import Exchange, Span
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.fold import steps
from panda_addon.text.phrases import Hit
from panda_addon.verdict import Action, Finding

# One exchange never yields more findings than this for one list. What a list would redact beyond it is refused.
MAX_FINDINGS = 10_000


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding for every occurrence; of those of one list that overlap, one for all, named by the longest phrase."""
    phrases = policy.phrases(exchange.side)
    if not len(phrases.index):
        return
    counts = [0] * len(phrases.lists)
    for span in exchange.spans:
        for owner, found in _by_list(phrases, span.text, counts).items():
            rule = phrases.lists[owner]
            for start, end, phrase in found:
                counts[owner] += 1
                yield _finding(exchange, span, rule, phrase, (start, end))
                if counts[owner] == MAX_FINDINGS and rule.action is Action.REDACT:
                    yield _too_many(exchange, rule)


def _by_list(phrases: Phrases, text: str, counts: list[int]) -> dict[int, list[tuple[int, int, str]]]:
    """The occurrences in one text, joined where they overlap, for each list that has not had its fill."""
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for hit in phrases.index.find(text):
        for owner in hit.entry.owners:
            if counts[owner] + len(found[owner]) < MAX_FINDINGS or _overlaps(found[owner], hit):
                _join(found[owner], hit)
    return {owner: places for owner, places in found.items() if places}


def _overlaps(found: list[tuple[int, int, str]], hit: Hit) -> bool:
    return bool(found) and hit.start < found[-1][1]


def _join(found: list[tuple[int, int, str]], hit: Hit) -> None:
    """Add a hit to places in order, taking in those it overlaps. Hits come ordered by their end."""
    start, phrase = hit.start, hit.entry.phrase
    while found and start < found[-1][1]:
        before, _, other = found.pop()
        start, phrase = min(start, before), max(phrase, other, key=len)
    found.append((start, hit.end, phrase))


def _finding(exchange: Exchange, span: Span, rule: PhraseList, phrase: str, place: tuple[int, int]) -> Finding:
    start, end = place
    # What cannot be edited cannot be redacted: the call is refused instead.
    action = Action.BLOCK if span.fixed and rule.action is Action.REDACT else rule.action
    return Finding(
        check="phrases",
        action=action,
        side=exchange.side,
        code="policy_violation",
        message=f"{rule.name} phrase",
        at=span.pointer,
        key=span.key,
        start=start,
        end=end,
        rule=rule.name,
        phrase=phrase,
        folded=steps(span.text[start:end]),
    )


def _too_many(exchange: Exchange, rule: PhraseList) -> Finding:
    return Finding(
        check="phrases",
        action=Action.BLOCK,
        side=exchange.side,
        code="policy_violation",
        message=f"{rule.name} phrases in more than {MAX_FINDINGS} places",
        rule=rule.name,
    )
