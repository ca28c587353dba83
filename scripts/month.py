"""A month of an audit log that never was: a rhythm of days and weeks, refusals, unknown prices, and one spike.

The records are built as the proxy builds them. What they add up to is counted here, call by call, in whole billionths
of a dollar, and by nothing that `panda report` uses: each can be held against the other.
"""

import argparse
import gzip
import hashlib
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import zstandard

from panda_addon.audit.ids import ulid
from panda_addon.audit.record import SCHEMA, Facts, build, timestamp
from panda_addon.exchange import Bill, Uninspected, Usage
from panda_addon.meter.account import Charge, Source
from panda_addon.meter.prices import Price
from panda_addon.policy.choose import Caller
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding, Refusal

START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 30
# On these days one user leaves an agent running with the dearest model.
SPIKE = (22, 25)

# Billionths of a dollar for a token of input, of cached input and of output; None is a model of unknown price.
MODELS: dict[str, tuple[int, int, int] | None] = {
    "gpt-6-luna": (250, 25, 2000),
    "gpt-6-terra": (1250, 125, 10000),
    "gpt-6-astra": (5000, 500, 30000),
    "text-embedding-3-small": (20, 20, 0),
    "gpt-6.2-preview": None,
}
ENDPOINTS = ("chat.completions", "responses", "responses", "responses")
REVISION = "sha256:" + hashlib.sha256(b"policy").hexdigest()
PHRASES = (("prompt-injection", "ignore all previous instructions"), ("profanity", "darn"), ("codenames", "borealis"))
POLICIES = {name: Policy(name=name, enforce=name != "trial") for name in ("research", "product", "trial")}


@dataclass(frozen=True, slots=True)
class Person:
    """Who calls: as the proxy knows them, if it does, and as their programs say."""

    proxy_user: str | None
    end_user: str | None
    policy: str
    ip: str
    key: str
    weight: int
    models: tuple[str, ...]


def people() -> list[Person]:
    """A team that signs in at the proxy, a product whose users are named by it alone, and a batch job without a name."""
    found = []
    everyday = ("gpt-6-luna", "gpt-6-luna", "gpt-6-terra")
    for place, name in enumerate(("alice", "bob", "carol", "dmitri", "emine")):
        models = (*everyday, "gpt-6-astra" if place < 2 else "gpt-6.2-preview")
        found.append(Person(name, None, "research", f"10.2.0.{place + 10}", _key("research"), 6 - place, models))
    for place in range(12):
        models = ("gpt-6-luna", "gpt-6-luna", "text-embedding-3-small")
        found.append(Person(None, f"customer-{place:03}", "product", "10.3.0.5", _key("product"), 2, models))
    found.append(Person(None, "=cmd|'/c calc'!A1", "product", "10.3.0.6", _key("product"), 1, everyday))
    found.append(Person(None, None, "trial", "10.4.0.7", _key("nightly"), 8, ("text-embedding-3-small", "gpt-6-luna")))
    return found


def moments(calls: int, chance: random.Random) -> list[float]:
    """When the calls begin, in seconds of Unix time, in order: most by day and on workdays."""
    weights = []
    for hour in range(DAYS * 24):
        when = START + timedelta(hours=hour)
        day = 1.0 if when.weekday() < 5 else 0.25
        weights.append(
            day * (0.15 + max(0.0, math.sin((when.hour - 6) / 13 * math.pi)) if 6 < when.hour < 20 else 0.15)
        )
    hours = chance.choices(range(DAYS * 24), weights, k=calls)
    return sorted(START.timestamp() + hour * 3600 + chance.random() * 3600 for hour in hours)


def calls(number: int, seed: int) -> Iterator[tuple[dict[str, Any], int | None]]:
    """The records, and what each call cost in billionths of a dollar, None if that is unknown."""
    chance = random.Random(seed)  # noqa: S311 the same month every time
    everyone = people()
    weights = [person.weight for person in everyone]
    for began in moments(number, chance):
        day = (began - START.timestamp()) / 86400
        person = chance.choices(everyone, weights)[0]
        model = chance.choice(person.models)
        spike = SPIKE[0] <= day < SPIKE[1] and chance.random() < 0.25
        if spike:
            person, model = everyone[1], "gpt-6-astra"
        yield call(began, person, model, chance, times=6 if spike else 1)


def call(
    began: float, person: Person, model: str, chance: random.Random, times: int
) -> tuple[dict[str, Any], int | None]:
    """One record, built as the proxy builds it."""
    embeds = model.startswith("text-")
    facts = Facts(
        ulid(int(began * 1000), chance.randbytes(10)),
        began,
        Caller(person.ip, person.proxy_user, person.key, "org-acme", f"proj_{person.policy}", "OpenAI/Python 3.54.0"),
        "POST",
        "api.openai.com",
        "/v1/embeddings" if embeds else "/v1/responses",
        policy=POLICIES[person.policy],
        revision=REVISION,
        endpoint="embeddings" if embeds else chance.choice(ENDPOINTS),
        model=model,
        end_user=person.end_user,
        stream=chance.random() < 0.6,
        request_bytes=chance.randrange(200, 9000),
        prompt_chars=chance.randrange(20, 8000),
        own=chance.random() * 0.004,
        ended="complete",
        status=200,
    )
    if chance.random() < 0.04:
        return _refused(facts, chance)
    output = 0 if embeds else int(chance.lognormvariate(5.5, 1) * times)
    given = int(chance.lognormvariate(6.5, 1) * times) + 1
    usage = Usage(given, output, given // 2 if chance.random() < 0.3 else 0, output // 3 if times > 1 else 0)
    facts.total = 0.2 + output * chance.uniform(0.008, 0.02)
    facts.first_byte = min(facts.total, chance.lognormvariate(-1, 0.4))
    if chance.random() < 0.03:
        facts.action = Action.REDACT if chance.random() < 0.6 else Action.AUDIT
        facts.findings = [_finding(facts.action, "response", chance)]
    if chance.random() < 0.02:
        facts.uninspected = [Uninspected("/input/0/content/1", chance.choice(("image", "image", "file", "audio")))]
    if chance.random() < 0.012:
        return _failed(facts, chance)
    return _metered(facts, usage, chance)


def _refused(facts: Facts, chance: random.Random) -> tuple[dict[str, Any], int | None]:
    facts.action = Action.BLOCK
    code = chance.choice(("policy_violation", "policy_violation", "budget_exceeded", "model_not_allowed"))
    if code == "policy_violation":
        facts.findings = [_finding(Action.BLOCK, "request", chance)]
    facts.refusal = Refusal(code, "", "input")
    facts.status, facts.ended, facts.total = 400, "refused", facts.own
    return build(facts), 0


def _failed(facts: Facts, chance: random.Random) -> tuple[dict[str, Any], int | None]:
    facts.stream, facts.status = False, chance.choice((429, 429, 500, 503))
    return build(facts), 0


def _metered(facts: Facts, usage: Usage, chance: random.Random) -> tuple[dict[str, Any], int | None]:
    rates = MODELS[facts.model or ""]
    sources: tuple[Source, ...] = ("reported", "counted", "estimated")
    cost, price = None, Price(None, "unknown", None, "default", "model")
    if rates is not None:
        fresh = usage.input_tokens - usage.cached_tokens
        cost = fresh * rates[0] + usage.cached_tokens * rates[1] + usage.output_tokens * rates[2]
        price = Price(Decimal(cost).scaleb(-9), "genai-prices 0.2.3", facts.model, "default")
    facts.charge = Charge(usage, chance.choices(sources, (95, 4, 1))[0], price)
    facts.bill = Bill(usage, facts.model, "default")
    return build(facts), cost


def _finding(action: Action, side: Any, chance: random.Random) -> Finding:  # noqa: ANN401 one of two words
    name, phrase = chance.choice(PHRASES)
    return Finding(
        check="phrases",
        action=action,
        side=side,
        code="policy_violation",
        message="",
        at="/input/0/content/0/text" if side == "request" else "/output/0/content/0/text",
        start=10,
        end=10 + len(phrase),
        rule=name,
        phrase=phrase,
        folded=("case",),
    )


def _key(name: str) -> str:
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


class Sum:
    """What is counted of calls, without any of the report's code."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.billionths = 0

    def add(self, record: dict[str, Any], cost: int | None) -> None:
        """Take one more call in."""
        self.counts["calls"] += 1
        for name, count in (record["usage"] or {}).items():
            if name.endswith("_tokens"):
                self.counts[name] += count
        self.counts["unpriced"] += cost is None
        self.counts["counted"] += record["usage"] is not None and record["usage"]["source"] != "reported"
        self.counts["blocked"] += record["decision"] == "block"
        self.counts["redacted"] += record["decision"] == "redact"
        self.counts["audited"] += record["decision"] == "audit"
        self.counts["errors"] += record["response"]["status"] > 400
        self.counts["findings"] += len(record["findings"])
        self.billionths += cost or 0

    def shown(self) -> dict[str, Any]:
        """The sums by name, money as a string of dollars with all its digits."""
        return {**self.counts, "cost_usd": f"{Decimal(self.billionths).scaleb(-9):f}"}


def write(folder: Path, number: int, seed: int) -> dict[str, Any]:
    """Write the month, and give what it adds up to: in all, and by day, user and model."""
    folder.mkdir(parents=True, exist_ok=True)
    sums: dict[str, dict[str, Sum]] = {"total": {}, "day": {}, "user": {}, "model": {}}
    parts: list[list[str]] = [[], [], []]
    for place, (record, cost) in enumerate(calls(number, seed)):
        line = json.dumps({"schema": SCHEMA, "event": "exchange", **record})
        parts[place * 3 // number].append(line)
        user = record["client"]["proxy_user"] or record["end_user"] or ""
        names = {"total": "", "day": record["time"][:10], "user": user, "model": record["request"]["model"]}
        for kind, name in names.items():
            sums[kind].setdefault(name, Sum()).add(record, cost)
    reload = {"time": timestamp(START.timestamp() + 86400), "policy_file": "policy.yaml", "revision": REVISION}
    parts[0].append(json.dumps({"schema": SCHEMA, "event": "policy_reloaded", **reload}))
    oldest, older, newest = ("".join(f"{line}\n" for line in part).encode() for part in parts)
    (folder / "panda-audit.jsonl.2.zst").write_bytes(zstandard.ZstdCompressor().compress(oldest))
    (folder / "panda-audit.jsonl.1.gz").write_bytes(gzip.compress(older, 6, mtime=0))
    # The last line is torn, as a machine that was switched off leaves it.
    (folder / "panda-audit.jsonl").write_bytes(newest + parts[2][-1][:200].encode())
    return {kind: {name: found.shown() for name, found in each.items()} for kind, each in sums.items()}


def main() -> None:
    """Write a month into the folder that is named, and print its sums as JSON."""
    parser = argparse.ArgumentParser("scripts/month", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--calls", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    json.dump(write(asked.folder, asked.calls, asked.seed), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
