"""Phrases: what the lists of a policy hold and a text says."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from panda_addon.exchange import Exchange, Side
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.fold import steps
from panda_addon.text.nested import Lens
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
        text = Lens().feed(span.text, last=True) if span.nested else span.text
        for owner, found in _by_list(phrases, text, counts).items():
            rule = phrases.lists[owner]
            for start, end, phrase in found:
                counts[owner] += 1
                # What cannot be edited cannot be redacted: the call is refused instead.
                action = Action.BLOCK if span.fixed and rule.action is Action.REDACT else rule.action
                occurrence = finding(
                    exchange.side, span.pointer, rule, phrase, where=(start, end), folded=steps(text[start:end])
                )
                yield replace(occurrence, action=action, key=span.key)
                if counts[owner] == MAX_FINDINGS and rule.action is Action.REDACT:
                    yield too_many(exchange.side, rule)


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
        start, phrase = min(start, before), longer(phrase, other)
    found.append((start, hit.end, phrase))


def longer(phrase: str, other: str) -> str:
    """Of two phrases the one that names an occurrence of both."""
    return max(phrase, other, key=lambda phrase: (len(phrase), phrase))


def finding(
    side: Side, at: str, rule: PhraseList, phrase: str, *, where: tuple[int, int], folded: tuple[str, ...]
) -> Finding:
    """The finding of one occurrence."""
    return Finding(
        check="phrases",
        action=rule.action,
        side=side,
        code="policy_violation",
        message=f"{rule.name} phrase",
        at=at,
        start=where[0],
        end=where[1],
        rule=rule.name,
        phrase=phrase,
        folded=folded,
    )


def too_many(side: Side, rule: PhraseList) -> Finding:
    """The finding that a list has found more than is kept count of."""
    return Finding(
        check="phrases",
        action=Action.BLOCK,
        side=side,
        code="policy_violation",
        message=f"{rule.name} phrases in more than {MAX_FINDINGS} places",
        rule=rule.name,
    )
