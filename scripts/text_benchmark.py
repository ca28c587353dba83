"""What folding and matching cost a megabyte of text, what indexes cost to build, and how long a search holds others up.

Times are the least of several runs, and ratios are to the yardstick, which is measured beside: to casefold the same text
and split it into words (`re`), as any word filter would at least. A megabyte is a million bytes of UTF-8. English is
what Python's documentation says, and phrases are made of its words, so that it is full of their beginnings. All is the
same in every run. Needs no proxy, but Linux, whose /proc has the memory of a process.
"""

import argparse
import base64
import gc
import json
import multiprocessing
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

from benchmark import MESSAGES, ROOT

from panda_addon.policy.lists import Words, read_list
from panda_addon.text import explain
from panda_addon.text.alphabet import LETTERS
from panda_addon.text.confusables import CONFUSABLES
from panda_addon.text.phrases import PhraseIndex
from panda_addon.text.window import search

MEGABYTE = 1_000_000
# Milliseconds a megabyte that folding may take.
LIMITS = {"english": 5, "mixed": 150}
SIZES = {"20 phrases": 20, "3,000 phrases": 3_000, "100,000 phrases": 100_000}
SHIPPED = "shipped lists"
INDEXES = (*SIZES, SHIPPED)
# What one thread searches while another ticks, and how often that one would.
HELD, TICK_SECONDS = 10 * MEGABYTE, 0.001

WORD = re.compile(r"\w+")
SPACES = " \t\n\u00a0\u2003"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
MARKS = "\u0300\u0301\u0308\u0323\u0336\u0345\u20dd\u0489"
SIGNS = str.maketrans("aceilost", "@¢€!|0$+")
# First and last letters of scripts, of which texts have the more common ones only, and how long words are in them.
SCRIPTS = [
    (pair[0], pair[1], int(pair[2:]))
    for pair in "àÿ8 αω8 ая8 את5 \u0627\u064a5 कह5 กฮ12 あん9 一\u55ff9 가\ub3ff4 😀🙏2".split()  # noqa: RUF001 other scripts are meant
]


def random_() -> random.Random:
    """Chance that is the same in every run."""
    return random.Random(7)  # noqa: S311 see above


@cache
def paragraphs() -> list[str]:
    """What Python's documentation says in plain English: no code, no tables."""
    said = "\n\n".join(topics.values()).split("\n\n")
    return [one for one in said if one.isascii() and one[:1].isalpha()]


@cache
def english_words() -> list[str]:
    """The words of that, in their order."""
    return re.findall("[a-z]+", "\n\n".join(paragraphs()).lower())


def fill(parts: Iterator[str], size: int) -> str:
    """Parts, up to so many bytes of UTF-8."""
    found, length = [], 0
    while length < size:
        found.append(next(parts))
        length += len(found[-1].encode())
    return "".join(found).encode()[:size].decode(errors="ignore")


def english() -> Iterator[str]:
    """Clean ASCII."""
    chance = random_()
    while True:
        yield chance.choice(paragraphs()) + "\n\n"


def mixed() -> Iterator[str]:
    """What calls may bring in turn: English, other scripts, emoji, code, JSON, HTML and an image."""
    chance, code, said = random_(), Path(argparse.__file__).read_text(), english()
    while True:
        yield next(said)
        for first, last, length in SCRIPTS:
            letters = [chr(chance.randint(ord(first), ord(last))) for _ in range(600)]
            for at in range(length, len(letters), length + 1):
                letters[at] = " "
            yield "".join(letters) + ".\n"
        at = chance.randrange(len(code))
        yield f"```python\n{code[at : at + 4000]}\n```\n"
        yield json.dumps({"messages": MESSAGES, "seed": chance.random(), "text": "Grüße, 世界 \U0001f30d\n"}, indent=2)
        yield f'<div class="note"><p>{next(said)}</p>&nbsp;<a href="https://example.com/?q=%C3%A9">caf&eacute;</a></div>'
        yield f'<img src="data:image/png;base64,{base64.b64encode(chance.randbytes(6000)).decode()}">\n'


def _each(letter: Callable[[random.Random, str], str]) -> Callable[[random.Random, str], str]:
    """A disguise of every letter of a phrase."""
    return lambda chance, phrase: "".join(letter(chance, char) for char in phrase)


@cache
def _alike() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for point, letter in CONFUSABLES.items():
        found.setdefault(letter.lower(), []).append(chr(point))
    return found


def _escaped(chance: random.Random, char: str) -> str:
    ways = "&#{0};", "&#x{0:x};", "\\u{0:04x}", "\\x{0:02x}", "%{0:02x}", "&amp;#{0};", "%25{0:02x}"
    return chance.choice(ways).format(ord(char)) if ord(char) < 128 else char


def _encoded(chance: random.Random, phrase: str) -> str:
    """A phrase in a run, maybe of a run."""
    data = f"{chance.choice(english_words())} {phrase}".encode()
    for _ in range(chance.randint(1, 4)):
        ways = base64.b64encode(data), data.hex().encode(), data.hex(" ").encode(), base64.urlsafe_b64encode(data)
        data = chance.choice(ways)
    return data.decode()


def _missed(chance: random.Random, phrase: str) -> str:
    """What all but says a phrase."""
    word = chance.choice(english_words())
    return chance.choice([phrase[:-1], phrase + word, word + phrase, phrase.replace(" ", word), phrase[:-1] + word[0]])


# What an adversary may do to phrases: each of these by itself, and by turns.
DISGUISES: dict[str, Callable[[random.Random, str], str]] = {
    "phrases": lambda _, phrase: phrase,
    "look-alikes": _each(lambda chance, char: chance.choice(_alike().get(char, [char]))),
    "zero-width": _each(lambda chance, char: char + chance.choice(UNSEEN)),
    "marks": _each(lambda chance, char: char + "".join(chance.choices(MARKS, k=chance.randint(1, 6)))),
    "escapes": _each(_escaped),
    "tags": _each(lambda chance, char: chance.choice(["<b>{}</b>", "<i a='1'>{}", "<!-- {0} -->{0}"]).format(char)),
    "signs": lambda _, phrase: phrase.translate(SIGNS),
    "spaced out": _each(lambda chance, char: char + chance.choice([" ", "-", "._", "*"])),
    "wide gaps": _each(lambda chance, char: char + chance.choice(SPACES) * chance.randint(1, 299)),
    "near-phrases": _missed,
    "runs": _encoded,
    "run together": lambda _, phrase: "".join(phrase.split()) + "\b",
    # These read no phrase, and yet may become something until they end.
    "open escapes": lambda chance, _: chance.choice(["&amp;" * 9, "\\" * 20, "%25" * 20, "&#0", "\\u{0"]),
    "open tags": lambda chance, phrase: "<a " * chance.randint(1, 99) + phrase,
}
ONE_RUN, ANY = "one run", "any characters"
HOSTILE = (*DISGUISES, ONE_RUN, ANY)


def hostile(phrases: list[str], kinds: list[str]) -> Iterator[str]:
    """Phrases in one or several disguises, with an ordinary word now and then."""
    chance = random_()
    while True:
        phrase = DISGUISES[chance.choice(kinds)](chance, chance.choice(phrases))
        yield phrase.removesuffix("\b") if phrase.endswith("\b") else phrase + " "
        if not chance.randrange(8):
            yield chance.choice(english_words()) + " "


def text_of(kind: str, index: str, size: int = MEGABYTE) -> str:
    """A text: clean, mixed or hostile to an index, in one way or, with `hostile`, by turns in every one."""
    if kind in {"english", "mixed"}:
        return fill(english() if kind == "english" else mixed(), size)
    phrases = [one if isinstance(one, str) else one.terms[0][0] for one in words_of(index)]
    if kind == ONE_RUN:
        plain = fill(hostile(phrases, ["phrases"]), size * 3 // 4)
        return base64.b64encode(plain.encode())[:size].decode()
    if kind == ANY:
        chance = random_()
        points = [point for point in range(0x30000) if not 0xD800 <= point < 0xE000]
        return "".join(map(chr, chance.choices(points, k=size))).encode()[:size].decode(errors="ignore")
    return fill(hostile(phrases, [*DISGUISES] if kind == "hostile" else [kind]), size)


@cache
def words_of(index: str) -> Words:
    """The phrases of an index: those of the shipped lists, or such as clean English does not have."""
    if index == SHIPPED:
        files = sorted((ROOT / "policies" / "phrases").glob("*.txt"))
        return [word for file in files for word in read_list(file.read_text(), file.name)[0]]
    chance, said = random_(), english_words()
    vocabulary = sorted(set(said))
    absent: dict[str, None] = {}
    spoken = {tuple(said[at : at + count]) for count in (2, 3, 4) for at in range(len(said))}
    while len(absent) < SIZES[index]:
        phrase = tuple(chance.choices(vocabulary, k=chance.choice((2, 3, 4))))
        if phrase not in spoken:
            absent[" ".join(phrase)] = None
    return [*absent]


def resident() -> int:
    """The memory of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def build(index: str) -> tuple[float, int, int]:
    """Build an index: how long that takes, how much this process grows by it, how many phrases it has."""
    words = [(word, 0) for word in words_of(index)]
    before, began = resident(), time.perf_counter()
    built = PhraseIndex(words)
    return time.perf_counter() - began, resident() - before, len(built)


def least(work: Callable[[], int], runs: int) -> tuple[float, int]:
    """The least time that it takes, and what it gives."""
    took, given = float("inf"), 0
    for _ in range(runs):
        # What was explained before is to be explained anew: a text comes but once.
        explain._read_before.cache_clear()  # noqa: SLF001 a text is to be new each time
        began = time.perf_counter()
        given = work()
        took = min(took, time.perf_counter() - began)
    return took, given


def cost(work: Callable[[str], int], text: str, runs: int) -> dict[str, float]:
    """The milliseconds that a text takes, those as a ratio to the yardstick, and what the work gives."""
    took, given = least(lambda: work(text), runs)
    yardstick, _ = least(lambda: len(WORD.findall(text.casefold())), max(runs, 3))
    return {"ms": took * 1e3, "ratio": took / yardstick, "given": given}


def worst_first(measured: Callable[[str, int], dict[str, Any]], runs: int) -> list[dict[str, Any]]:
    """A row for clean and mixed text, for all that is hostile by turns, and for the hostile kinds by their cost.

    The worst of those is measured as often as the first three, the others once.
    """
    first = [measured(kind, runs) for kind in ("english", "mixed", "hostile")]
    alone = sorted((measured(kind, 1) for kind in HOSTILE), key=lambda row: -row["ms"])
    return [*first, measured(alone[0]["text"], runs), *alone[1:]]


def folding(runs: int) -> list[dict[str, Any]]:
    """A row for each text."""

    def measured(kind: str, times: int) -> dict[str, Any]:
        one = cost(lambda text: len(LETTERS.letters(text)), text_of(kind, SHIPPED), times)
        return {"text": kind, **one, "limit_ms": LIMITS.get(kind)}

    return worst_first(measured, runs)


def matching(name: str, runs: int) -> list[dict[str, Any]]:
    """A row for each text, searched for the phrases of one index."""
    index = PhraseIndex((word, 0) for word in words_of(name))

    def measured(kind: str, times: int) -> dict[str, Any]:
        one = cost(partial(count, index), text_of(kind, name), times)
        return {"index": name, "text": kind, **one}

    return worst_first(measured, runs)


def count(index: PhraseIndex, text: str) -> int:
    """Search a text; how much is found."""
    return sum(len(hits) for _, hits in search(index, [text]))


def gaps(work: Callable[[], object]) -> list[float]:
    """How long this thread waits from tick to tick while another is at work, shortest first."""
    ticks = [time.perf_counter()]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        while not running.done():
            time.sleep(TICK_SECONDS)
            ticks.append(time.perf_counter())
    running.result()
    return sorted(after - before for before, after in pairwise(ticks))


def holding(runs: int) -> list[dict[str, Any]]:
    """A row for each text: how long the search of ten megabytes takes, and how long others wait for a turn meanwhile."""
    index = PhraseIndex((word, 0) for word in words_of(SHIPPED))
    works: dict[str, Callable[[], object]] = {"nothing": lambda: time.sleep(2)}
    for kind in ("english", "mixed", "hostile", ONE_RUN):
        works[kind] = partial(count, index, text_of(kind, SHIPPED, HELD))
    rows = []
    for kind, work in works.items():
        found = min((gaps(work) for _ in range(runs)), key=lambda one: one[-1])
        at = len(found) // 2, int(len(found) * 0.99), -1
        rows.append({"text": kind, "seconds": sum(found), "gaps_ms": [found[place] * 1e3 for place in at]})
    return rows


def table(result: dict[str, list[dict[str, Any]]]) -> str:
    """The rows for a reader: of the hostile kinds the worst alone."""
    lines = ["folding a megabyte                            ms  x words  limit"]
    for number, row in enumerate(result["folding"][:4]):
        limit = f"{row['limit_ms']:>7} ms" if row["limit_ms"] else ""
        lines.append(f"{named(row, number):<40}{row['ms']:>8.1f}{row['ratio']:>9.2f}{limit}")
    lines += ["", "matching a megabyte                           ms  x words    found"]
    for number, row in ((number % (3 + len(HOSTILE)), row) for number, row in enumerate(result["matching"])):
        if number < 4:
            head = f"{row['index']:<17}{named(row, number):<23}"
            lines.append(f"{head}{row['ms']:>8.0f}{row['ratio']:>9.1f}{row['given']:>9}")
    lines += ["", "building           different  seconds  megabytes"]
    for row in result["building"]:
        head = f"{row['index']:<17}{row['phrases']:>11}{row['seconds']:>9.2f}"
        lines.append(f"{head}{row['bytes'] / MEGABYTE:>11.1f}")
    lines += ["", "shipped lists, ten megabytes  seconds  another's wait in ms: median  99%  most"]
    for row in result["holding"]:
        waits = "{:>29.1f}{:>7.1f}{:>7.1f}".format(*row["gaps_ms"])
        lines.append(f"{row['text']:<28}{row['seconds']:>9.1f}{waits}")
    return "\n".join(lines)


def named(row: dict[str, Any], number: int) -> str:
    """The name of a row's text, of a hostile kind by itself as such."""
    return f"worst: {row['text']}" if number == 3 else str(row["text"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What folding, matching and building indexes cost.")
    parser.add_argument("--runs", type=int, default=3, help="of which the best counts")
    parser.add_argument("--index", choices=INDEXES, action="append", help="all, if none is named")
    parser.add_argument("--json", action="store_true", help="with every hostile kind by itself")
    options = parser.parse_args()
    result: dict[str, list[dict[str, Any]]] = {"folding": folding(options.runs), "matching": [], "building": []}
    for name in options.index or INDEXES:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
            built = [pool.submit(build, name).result() for _ in range(options.runs)]
        took, size, different = map(min, zip(*built, strict=True))
        result["building"].append({"index": name, "phrases": different, "seconds": took, "bytes": size})
        result["matching"] += matching(name, options.runs)
    result["holding"] = holding(options.runs)
    setup = f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs, best of {options.runs} runs"
    note = "x words: to casefolding the text and splitting it into words"
    printed = json.dumps({"setup": setup} | result, indent=1) if options.json else f"{setup}; {note}\n\n{table(result)}"
    sys.stdout.write(f"{printed}\n")


if __name__ == "__main__":
    main()
