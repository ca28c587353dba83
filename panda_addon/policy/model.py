"""A policy as calls are judged by it: frozen, compiled, without a trace of YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import Literal

from panda_addon.exchange import Side
from panda_addon.text.phrases import Hit, PhraseIndex
from panda_addon.verdict import Action

type OnError = Literal["block", "allow"]


@dataclass(frozen=True, slots=True)
class Globs:
    """Shell patterns, matched whole and without regard to case."""

    patterns: tuple[re.Pattern[str], ...] = ()

    def match(self, name: str) -> bool:
        """Whether any of them fits."""
        return any(pattern.fullmatch(name) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Names:
    """An allow list (None: everything) and a deny list, which wins; and others that a name must pass `also`."""

    allow: Globs | None = None
    deny: Globs = Globs()
    also: "Names | None" = None

    def allows(self, name: str) -> bool:
        """Whether a name may be used."""
        if self.deny.match(name) or (self.also is not None and not self.also.allows(name)):
            return False
        return self.allow is None or self.allow.match(name)

    @property
    def select(self) -> bool:
        """Whether only some names may be used."""
        return self.allow is not None or (self.also is not None and self.also.select)


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a policy is for; a field that is None fits everyone. Keys are prefixes of fingerprints."""

    clients: tuple[IPv4Network | IPv6Network, ...] | None = None
    proxy_users: frozenset[str] | None = None
    keys: tuple[str, ...] | None = None
    organizations: frozenset[str] | None = None
    projects: frozenset[str] | None = None

    @property
    def claims(self) -> bool:
        """Whether it asks for anything that a caller may claim without proof."""
        return self.organizations is not None or self.projects is not None


@dataclass(frozen=True, slots=True)
class OutputTokens:
    """At most `max` tokens an answer; `set_missing` writes that into a request that sets no cap, else it is refused."""

    max: int
    set_missing: bool


@dataclass(frozen=True, slots=True)
class PhraseList:
    """A list at work on one side of a call. What is only found by a step that it does `without` is not its business."""

    name: str
    action: Action
    confidential: bool = False
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Phrases:
    """All lists of one side in one index, whose owners are positions in `lists`."""

    lists: tuple[PhraseList, ...] = ()
    index: PhraseIndex = field(default_factory=lambda: PhraseIndex(()))

    def owners(self, hit: Hit) -> list[int]:
        """The lists for which a hit is one."""
        return [owner for owner in hit.entry.owners if self.lists[owner].without.isdisjoint(hit.steps)]

    @cached_property
    def acting(self) -> PhraseIndex:
        """The phrases of those lists alone that redact or block: a stream waits for no others."""
        return self.index.only({owner for owner, rule in enumerate(self.lists) if rule.action > Action.AUDIT})


# What the service tiers cost in multiples of the standard one, where a policy's row does not say.
# https://developers.openai.com/api/docs/pricing
TIERS: Mapping[str, Decimal] = MappingProxyType(
    {"flex": Decimal("0.5"), "batch": Decimal("0.5"), "priority": Decimal(2), "ultrafast": Decimal(6)}
)


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """What one kind of token costs, in USD per million; None where it is not said."""

    input: Decimal | None = None
    cached: Decimal | None = None
    output: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LongPrompts:
    """A prompt of more than `over` tokens makes its whole call dearer by these factors."""

    over: int
    input: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PriceRow:
    """What a model costs: USD per million tokens, and per minute of sound; factors for all that changes them.

    Two rows are equal only if they are one: looking a row up by itself is all that is ever done.
    """

    model: str
    matches: Globs = Globs()
    text: TokenPrices = TokenPrices()
    cache_write: Decimal | None = None
    audio: TokenPrices = TokenPrices()
    image: TokenPrices = TokenPrices()
    minute: Decimal | None = None
    tiers: Mapping[str, Decimal] = TIERS
    long: LongPrompts | None = None
    residency: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Fallback:
    """What a call is taken to cost whose price is not known, in USD per million tokens."""

    input: Decimal
    output: Decimal


type UnknownPrice = Literal["block", "warn"] | Fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy with the file's settings that a call is judged by.

    `within` names the policy that it narrows, where its caller gets it by a claim. What the one of the two that only audits
    would find, its lists aside, is noted beside: that is `watched`.
    """

    name: str
    within: str | None = None
    watched: "Policy | None" = None
    enforce: bool = True
    on_error: OnError = "block"
    unknown_endpoint: Literal["block", "audit", "allow"] = "block"
    match: Match = Match()
    models: Names = Names()
    endpoints: Names = Names()
    prompt_chars: int | None = None
    prompt_tokens: int | None = None
    output_tokens: OutputTokens | None = None
    request_cost_usd: Decimal | None = None
    prices: tuple[PriceRow, ...] = ()
    unknown_price: UnknownPrice | None = None
    end_user_required: bool = False
    request_phrases: Phrases = field(default_factory=Phrases)
    response_phrases: Phrases = field(default_factory=Phrases)
    redaction: str = "****"

    def phrases(self, side: Side) -> Phrases:
        """The lists at work on one side."""
        return self.request_phrases if side == "request" else self.response_phrases

    def acts_on_text(self, side: Side) -> bool:
        """Whether text on this side could be redacted or refused, so that not reading it would matter."""
        return any(rule.action > Action.AUDIT for rule in self.phrases(side).lists)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A policy file as a whole: what is decrypted, who gets which policy, and which bytes all this came from.

    `narrowed` has the policies that are matched by a claim, by their own name and that of the one without the claim.
    """

    hosts: tuple[str, ...]
    policies: tuple[Policy, ...]
    revision: str
    on_error: OnError = "block"
    narrowed: Mapping[tuple[str, str], Policy] = field(default_factory=dict)

    def covers(self, host: str | None) -> bool:
        """Whether a host is a policy host. `*.a.b` fits every name below `a.b`."""
        name = (host or "").lower().rstrip(".")
        return any(
            name.endswith(pattern[1:]) and len(name) >= len(pattern) if pattern.startswith("*.") else name == pattern
            for pattern in self.hosts
        )
