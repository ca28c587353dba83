"""The record of one call: what goes into the log, and what never does.

No prompt, no completion, no key: pointers are public ones, phrases are the lists' own, a key is its fingerprint.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from panda_addon.exchange import Bill, Uninspected, Usage
from panda_addon.meter.account import Charge
from panda_addon.policy.choose import Caller
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding, Refusal
from panda_addon.wire.names import public

SCHEMA = 1

# A record lists this many findings; `findings_total` says how many there were if there were more.
MAX_FINDINGS = 100

_MAX_NAME = 256
_USUAL = asdict(Usage())
# What has the look of one of OpenAI's keys, which have digits in them. A caller's own is known whatever it looks like,
# unless it is as short as a name.
_KEY = re.compile(r"(?<![A-Za-z0-9])sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}")
_SHORTEST_KEY = 20
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


@dataclass(slots=True)
class Facts:
    """Everything that becomes known about a call while it runs. Times are seconds, sizes are bytes on the wire."""

    id: str
    began: float
    caller: Caller
    method: str
    host: str
    path: str
    secret: str | None = field(default=None, repr=False)
    policy: Policy | None = None
    revision: str | None = None
    endpoint: str | None = None
    trace_id: str | None = None
    model: str | None = None
    end_user: str | None = None
    stream: bool = False
    max_output_tokens: int | None = None
    prompt_chars: int | None = None
    request_bytes: int = 0
    action: Action = Action.ALLOW
    failed: bool = False
    findings: list[Finding] = field(default_factory=list)
    uninspected: list[Uninspected] = field(default_factory=list)
    refusal: Refusal | None = None
    error: dict[str, str] | None = None
    charge: Charge = field(default_factory=Charge)
    bill: Bill = field(default_factory=Bill)
    status: int | None = None
    upstream_request_id: str | None = None
    response_bytes: int = 0
    events: int | None = None
    chars: int | None = None
    ended: str | None = None
    total: float = 0.0
    first_byte: float | None = None
    own: float = 0.0


def build(facts: Facts) -> dict[str, Any]:
    """The record as the members of its JSON object, in the order in which they are written."""
    policy = facts.policy
    confidential = _confidential(policy)
    name = partial(short, secret=facts.secret)
    record: dict[str, Any] = {
        "time": timestamp(facts.began),
        "id": facts.id,
        "trace_id": facts.trace_id,
        "policy": {
            "name": policy.name if policy else None,
            "revision": facts.revision,
            "mode": ("enforce" if policy.enforce else "audit") if policy else None,
            **({"within": policy.within} if policy and policy.within else {}),
        },
        "client": {
            "ip": facts.caller.ip,
            "proxy_user": name(facts.caller.proxy_user),
            "user_agent": name(facts.caller.user_agent),
        },
        "key": facts.caller.key,
        "organization": name(facts.caller.organization),
        "project": name(facts.caller.project),
        "end_user": name(facts.end_user),
        **_identity(facts),
        "request": {
            "method": short(facts.method),
            "host": short(facts.host),
            "path": name(facts.path),
            "endpoint": facts.endpoint,
            "model": name(facts.model),
            "stream": facts.stream,
            "bytes": facts.request_bytes,
            "prompt_chars": facts.prompt_chars,
            "max_output_tokens": facts.max_output_tokens,
        },
        "decision": decision(facts),
        "findings": [_finding(finding, confidential) for finding in facts.findings[:MAX_FINDINGS]],
        "uninspected": [{"at": public(part.at), "reason": part.reason} for part in facts.uninspected[:MAX_FINDINGS]],
        "usage": _usage(facts.charge),
        **_price(facts.charge, name),
        "response": {
            "status": facts.status,
            "upstream_request_id": name(facts.upstream_request_id),
            "bytes": facts.response_bytes,
            "ended": facts.ended,
        },
        "latency_ms": {
            "total": _ms(facts.total),
            "first_byte": None if facts.first_byte is None else _ms(facts.first_byte),
            "panda": _ms(facts.own),
        },
    }
    answered = {"model": name(facts.bill.model), "service_tier": name(facts.bill.tier)}
    record["response"] |= {name: value for name, value in answered.items() if value is not None}
    if facts.events is not None:
        record["response"] |= {"events": facts.events, "chars": facts.chars}
    if len(facts.findings) > MAX_FINDINGS:
        record["findings_total"] = len(facts.findings)
    if len(facts.uninspected) > MAX_FINDINGS:
        record["uninspected_total"] = len(facts.uninspected)
    if facts.refusal is not None:
        record["refusal"] = {"code": facts.refusal.code, "param": facts.refusal.param}
    if facts.error is not None:
        record["error"] = facts.error
    return record


def decision(facts: Facts) -> str:
    """The word for what was done: an error of Panda's own outranks what it had found by then."""
    if facts.failed:
        return "error"
    return "allow" if facts.action is Action.SET else facts.action.label


def fingerprint(secret: str) -> str:
    """A key's fingerprint, which tells keys apart and does not tell the key."""
    return f"sha256:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()}"


def trace_id(traceparent: str | None) -> str | None:
    """The trace id of a W3C `traceparent` header, or None."""
    match = _TRACE.fullmatch(traceparent or "")
    return match[1] if match else None


def timestamp(seconds: float) -> str:
    """Unix time as UTC in ISO 8601, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def short(value: str | None, secret: str | None = None) -> str | None:
    """A name that a caller chose, cut to what a log can bear; a key in it, a `secret` or not, is its fingerprint."""
    if value is None:
        return None
    if secret and len(secret) >= _SHORTEST_KEY:
        value = value.replace(secret, fingerprint(secret))
    if "sk-" in value:
        value = _KEY.sub(lambda key: fingerprint(key[0]), value)
    return value if len(value) <= _MAX_NAME else value[:_MAX_NAME] + "…"


def _confidential(policy: Policy | None) -> frozenset[str]:
    if policy is None:
        return frozenset()
    lists = (*policy.request_phrases.lists, *policy.response_phrases.lists)
    return frozenset(rule.name for rule in lists if rule.confidential)


def _finding(finding: Finding, confidential: frozenset[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "check": finding.check,
        "action": finding.action.label,
        "in": finding.side,
        "at": finding.at,
    }
    if finding.key:
        shown["key"] = True
    if finding.rule is not None:
        shown["list"] = finding.rule
    if finding.start is not None:
        phrase = finding.phrase or ""
        shown["start"], shown["end"] = finding.start, finding.end
        shown["phrase"] = fingerprint(phrase) if finding.rule in confidential else phrase
        shown["folded"] = list(finding.folded)
    else:
        shown["code"] = finding.code
    return shown


def _identity(facts: Facts) -> dict[str, list[str]]:
    """Which of the names in the record are proved, by the connection or by being held, and which are a caller's word."""
    caller = facts.caller
    proved = {"client.ip": caller.ip, "client.proxy_user": caller.proxy_user, "key": caller.key}
    claimed = {
        "client.user_agent": caller.user_agent,
        "organization": caller.organization,
        "project": caller.project,
        "end_user": facts.end_user,
    }
    return {
        "proved": [name for name, value in proved.items() if value is not None],
        "claimed": [name for name, value in claimed.items() if value is not None],
    }


def _usage(charge: Charge) -> dict[str, Any] | None:
    """What was used; kinds of tokens that few calls have stand there only if this one has them."""
    if charge.usage is None:
        return None
    counts = {name: getattr(charge.usage, name) for name in _USUAL}
    always = {name: counts.pop(name) for name in ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")}
    special = {name: count for name, count in counts.items() if count != _USUAL[name]}
    return {**always, **special, "source": charge.source}


def _price(charge: Charge, name: Callable[[str | None], str | None]) -> dict[str, Any]:
    """What it cost, None if that is not known, by which price, and without which fees."""
    price = charge.price
    if price is None:
        return {"cost_usd": 0, "price": None}
    if price.usd is None:
        return {"cost_usd": None, "price": {"source": price.source, "reason": price.reason}}
    return {
        "cost_usd": float(price.usd),
        "price": {
            "source": price.source,
            "model": name(price.model),
            "tier": name(price.tier),
            **({"without": list(price.without)} if price.without else {}),
        },
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
