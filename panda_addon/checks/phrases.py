"""Phrases: what the lists of a policy hold and a text says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import itemgetter

from panda_addon.checks.neighbours import Joined, Piece, joined
from panda_addon.checks.places import Place, Places
from panda_addon.exchange import Exchange, Side, Span
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.fold import neutral
from panda_addon.text.nested import Lens
from panda_addon.text.phrases import Hit
from panda_addon.text.window import search
from panda_addon.verdict import Action, Finding

# One exchange never yields more findings than this for one list. What a list would redact beyond it is refused.
MAX_FINDINGS = 10_000


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding for every occurrence; of those of one list that overlap, one for all, named by the longest phrase."""
    phrases = policy.phrases(exchange.side)
    if not len(phrases.index):
        return
    counts = [0] * len(phrases.lists)
    for number, by_list in _places(phrases, exchange, counts):
        span = exchange.spans[number]
        for owner, places in by_list.items():
            rule = phrases.lists[owner]
            # What cannot be edited cannot be redacted: the call is refused instead.
            action = Action.BLOCK if span.fixed and rule.action is Action.REDACT else rule.action
            for place in places.take():
                counts[owner] += 1
                yield replace(finding(exchange.side, span.pointer, rule, place), action=action, key=span.key)
                if counts[owner] == MAX_FINDINGS and rule.action is Action.REDACT:
                    yield too_many(exchange.side, rule)


def _places(phrases: Phrases, exchange: Exchange, counts: Sequence[int]) -> Iterator[tuple[int, dict[int, Places]]]:
    """What is found in each text, alone and with its neighbours, for each list that has not had its fill."""
    # The texts of one voice in an answer are alternatives.
    together = [*joined(exchange.spans)] if exchange.side == "request" else []
    texts = chain((text.text for text in together), map(_said, exchange.spans))
    hits_by_text = (
        chain.from_iterable(hits for _, hits in found)
        for _, found in groupby(search(phrases.index, texts), key=itemgetter(0))
    )
    across = _across(zip(together, hits_by_text, strict=False))
    for number, found in enumerate(hits_by_text):
        by_list: dict[int, Places] = {}
        combined: set[str] = set()
        for hit in found:
            combined |= {hit.entry.phrase} if hit.entry.combined else set()
            if not _take(phrases, hit, by_list, counts) and _full(phrases, by_list, counts):
                yield number, by_list
                return
        for hit in sorted(across.get(number, ()), key=lambda hit: (hit.end, hit.start)):
            if hit.entry.phrase not in combined:
                _take(phrases, hit, by_list, counts)
        yield number, by_list


def _take(phrases: Phrases, hit: Hit, by_list: dict[int, Places], counts: Sequence[int]) -> bool:
    """Take a hit for the lists that it is one of; whether any of them had place for it."""
    taken = False
    for owner in phrases.owners(hit):
        places = by_list.setdefault(owner, Places())
        if counts[owner] + len(places) < MAX_FINDINGS or places.overlaps(hit):
            places.add(hit)
            taken = True
    return taken


def _full(phrases: Phrases, by_list: dict[int, Places], counts: Sequence[int]) -> bool:
    """Whether every list has had its fill."""
    return all(counts[owner] + len(by_list.get(owner, ())) >= MAX_FINDINGS for owner in range(len(phrases.lists)))


def _said(span: Span) -> str:
    """What a text says, as far as it is read as something else than text."""
    text = neutral(span.text)
    return Lens().feed(text, last=True) if span.nested else text


def _across(together: Iterable[tuple[Joined, Iterable[Hit]]]) -> dict[int, list[Hit]]:
    """What is found in neighbouring texts together: by the number of the span, the stretch of it that is in it."""
    found: dict[int, list[Hit]] = {}
    known: set[tuple[str, tuple[Piece, ...]]] = set()
    for text, hits in together:
        for hit in hits:
            pieces = tuple(text.pieces(hit.start, hit.end))
            if (len(pieces) > 1 or hit.entry.combined) and (hit.entry.phrase, pieces) not in known:
                known.add((hit.entry.phrase, pieces))
                steps = tuple(sorted({*hit.steps, "parts"}))
                for piece in pieces:
                    found.setdefault(piece.span, []).append(Hit(piece.start, piece.end, hit.entry, steps))
    return found


def finding(side: Side, at: str, rule: PhraseList, place: Place) -> Finding:
    """The finding of one occurrence."""
    return Finding(
        check="phrases",
        action=rule.action,
        side=side,
        code="policy_violation",
        message=f"{rule.name} phrase",
        at=at,
        start=place.start,
        end=place.end,
        rule=rule.name,
        phrase=place.phrase,
        folded=tuple(sorted(place.folded)),
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
