"""How many characters of an answer Panda holds back, because they may become a phrase. Needs no proxy."""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark import ROOT
from stream_benchmark import redacting, spread
from streaming import KINDS, PROSE, Plan, events, text

from panda_addon import stream
from panda_addon.policy.lists import read_list
from panda_addon.policy.model import Policy
from panda_addon.source import PolicySource

ENDPOINTS = dict(zip(KINDS, ("chat.completions", "responses"), strict=True))
STARTS = 400


def hold_back(feed: Callable[[bytes], bytes], sent: list[bytes]) -> list[int]:
    """By how many characters of text a client is behind the upstream, after each event."""
    behind, found = 0, []
    for event in sent:
        behind += len(text(event)) - len(text(feed(event)))
        found.append(behind)
    return found


def near_misses(policy: Policy, phrases: list[str]) -> str:
    """Beginnings of phrases, none of which is completed."""
    chance = random.Random(7)  # noqa: S311 the same text in every run
    starts = [phrase[: chance.randint(2, len(phrase) - 1)] for phrase in phrases if len(phrase) > 4]
    missed = [start for start in chance.sample(starts, STARTS) if not any(policy.response_phrases.index.find(start))]
    return " ".join(missed)


def rows(folder: Path) -> list[dict[str, Any]]:
    """A row for each policy, text and kind of stream: the median, the 99th percentile and the most held back."""
    path, found = redacting(folder), []
    profanity, many = ROOT / "policies" / "phrases" / "profanity.txt", folder / "many.txt"
    for redacted in ([profanity], [profanity, many]):
        if many in redacted:
            path.write_text(
                path.read_text().replace("- action: audit\n    list: many.txt", "- action: redact\n    list: many.txt")
            )
        policy = PolicySource(path).ruleset.policies[0]
        lines = [line for one in redacted for line in read_list(one.read_text(), one.name)[0]]
        phrases = [phrase for phrase in lines if isinstance(phrase, str)]
        for name, words in {"prose": PROSE, "near misses": near_misses(policy, phrases)}.items():
            for kind in KINDS:
                held = hold_back(stream.Session(policy, ENDPOINTS[kind]).feed, events(Plan(kind, 0, words=words)))
                lists = ", ".join(one.stem for one in redacted)
                median, p99 = spread(held)
                found.append(
                    {"redacts": lists, "text": name, "kind": kind, "median": median, "p99": p99, "most": max(held)}
                )
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How many characters of streamed answers are held back.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panda-bench-") as folder:
        found = rows(Path(folder))
    if options.json:
        lines = [json.dumps(found, indent=1)]
    else:
        lines = ["redacts          text         kind       median   p99  most"]
        lines += ["{redacts:<17}{text:<13}{kind:<11}{median:>6.0f}{p99:>6}{most:>6}".format(**row) for row in found]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
