"""Keys: the letters of phrases, in all their forms, and the automata that look for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import ahocorasick

from panda_addon.text.alphabet import LETTERS, Alphabet
from panda_addon.text.combine import Combination
from panda_addon.text.forms import MARKS, Form, forms, symbols

# Of a larger index no form is turned round or shifted: that would take four times the time and the memory.
_MOST_TURNED = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase as its list writes it, and the lists (numbers the caller chose) that hold it.

    `terms` are the combinations (by number) that it is a term of, and which. It may be a combination itself.
    """

    phrase: str
    owners: tuple[int, ...]
    terms: tuple[tuple[int, int], ...] = ()
    combined: bool = False


# A form, whose it is, and how it is written in plain ASCII.
type Known = tuple[Form, Entry, str]


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """Letters to look for, so many, and all that they may be; `terms` are those of combinations."""

    length: int
    known: tuple[Known, ...]
    terms: tuple[tuple[int, int], ...]


type Automaton = ahocorasick.Automaton[Key]


@dataclass(frozen=True, slots=True)
class Keys:
    """An automaton for the letters of phrases, in the alphabet in which they are compared; None where there are none.

    `initials` are their first letters, `longest` is the length of the longest, and `closed` are those that are not the
    beginning of another.
    """

    alphabet: Alphabet
    automaton: "Automaton | None"
    initials: frozenset[str]
    longest: int
    closed: frozenset[str]


def sort(
    pairs: Sequence[tuple[str | Combination, int]],
) -> tuple[tuple[tuple[Combination, Entry], ...], dict[Entry, tuple[Form, ...]]]:
    """The combinations among phrases with their owners, and the entries of all phrases and terms with their forms.

    Phrases that are compared by the same letters are one entry.
    """
    combined: dict[Combination, list[int]] = {}
    phrases: dict[str, tuple[list[int], list[tuple[int, int]]]] = {}
    for phrase, owner in pairs:
        if isinstance(phrase, Combination):
            combined.setdefault(phrase, []).append(owner)
        else:
            phrases.setdefault(phrase, ([], []))[0].append(owner)
    for number, combination in enumerate(combined):
        for term, choices in enumerate(combination.terms):
            for phrase in choices:
                phrases.setdefault(phrase, ([], []))[1].append((number, term))
    merged: dict[tuple[Form, ...], tuple[str, list[int], list[tuple[int, int]]]] = {}
    for phrase, (owners, terms) in phrases.items():
        ways = tuple(dict.fromkeys(way for way in forms(phrase, turned=len(phrases) <= _MOST_TURNED) if way.letters))
        if ways:
            _, its_owners, its_terms = merged.setdefault(ways, (phrase, [], []))
            its_owners += owners
            its_terms += terms
    entries = {
        Entry(phrase, tuple(dict.fromkeys(owners)), tuple(dict.fromkeys(terms))): ways
        for ways, (phrase, owners, terms) in merged.items()
    }
    return tuple((one, Entry(one.text, tuple(owners), combined=True)) for one, owners in combined.items()), entries


def index(entries: dict[Entry, tuple[Form, ...]], kept: Sequence[frozenset[str]]) -> tuple[Keys, Keys, Keys]:
    """The keys of phrases of letters alone, of those with symbols, and of such that are nothing but marks texts may leave out.

    In each group the symbols that its phrases have count, and those that are `kept` beside them.
    """
    groups: tuple[dict[str, list[Known]], ...] = ({}, {}, {})
    symbols_of = [*kept]
    for entry, ways in entries.items():
        own = symbols(entry.phrase)
        group = 0 if not own else 2 if own <= MARKS else 1
        symbols_of[group] |= own
        for way in ways:
            groups[group].setdefault(way.key, []).append((way, entry, way.plain))
    plain, hard, soft = zip(groups, symbols_of, strict=True)
    return _keys(plain[0], LETTERS), _keys(hard[0], Alphabet(hard[1])), _keys(soft[0], Alphabet(soft[1]))


def _keys(found: dict[str, list[Known]], alphabet: Alphabet) -> Keys:
    automaton: Automaton | None = None
    if found:
        automaton = ahocorasick.Automaton()
        for key, known in found.items():
            terms = dict.fromkeys(term for _, entry, _ in known for term in entry.terms)
            automaton.add_word(key, Key(len(key), tuple(known), tuple(terms)))
        automaton.make_automaton()
    return Keys(
        alphabet,
        automaton,
        frozenset(key[0] for key in found),
        max(map(len, found), default=0),
        frozenset(key for key, after in pairwise((*sorted(found), "")) if not after.startswith(key)),
    )
