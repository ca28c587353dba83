"""A policy that a caller gets by what it claims: it holds beside the policy that the caller would get without the claim.

Organization and project are headers, in which a caller may write what it likes. So what such a policy allows more than
the other one is not allowed, and what it forbids more is forbidden.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from panda_addon.policy.errors import Problem
from panda_addon.policy.model import Fallback, Names, OutputTokens, PhraseList, Phrases, Policy, UnknownPrice
from panda_addon.policy.tree import Plain, Tree, items, member
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action

# What a `match` may ask for that nothing proves.
CLAIMS = ("organizations", "projects")


def narrow(policy: Policy, ground: Policy) -> Policy:
    """What both allow, under the name of the first. One that only audits forbids nothing, and finds all the same."""
    enforce = policy.enforce or ground.enforce
    one, other = _under(policy, enforce=enforce), _under(ground, enforce=enforce)
    audits = next((side for side in (policy, ground) if enforce and not side.enforce), None)
    return replace(
        one,
        within=ground.name,
        watched=audits and replace(audits, request_phrases=Phrases(), response_phrases=Phrases()),
        models=_both(one.models, other.models),
        endpoints=_both(one.endpoints, other.endpoints),
        prompt_chars=_least(one.prompt_chars, other.prompt_chars),
        prompt_tokens=_least(one.prompt_tokens, other.prompt_tokens),
        request_cost_usd=_least(one.request_cost_usd, other.request_cost_usd),
        unknown_price=_unknown_price(one, other),
        output_tokens=_least_output(one.output_tokens, other.output_tokens),
        end_user_required=one.end_user_required or other.end_user_required,
        request_phrases=_joined(one.request_phrases, other.request_phrases),
        response_phrases=_joined(one.response_phrases, other.response_phrases),
    )


def narrowed(policies: tuple[Policy, ...]) -> dict[tuple[str, str], Policy]:
    """Every policy that is matched by a claim within every one behind it that is not, by the names of both."""
    return {
        (policy.name, ground.name): narrow(policy, ground)
        for index, policy in enumerate(policies)
        if policy.match.claims
        for ground in policies[index + 1 :]
        if not ground.match.claims
    }


def unfounded(tree: Tree) -> Iterator[Problem]:
    """Policies that would grant something for a claim alone, found in the bare tree so that no other mistake hides it."""
    policies = items(member(tree.value, "policies"))
    for index, policy in enumerate(policies):
        if _claims(policy) and all(_claims(later) for later in policies[index + 1 :]):
            message = (
                "organizations and projects are what a caller claims and can only narrow what another policy grants"
            )
            yield tree.problem(("policies", index, "match"), f"{message}: one without them must follow")


def _claims(policy: Plain) -> bool:
    match = member(policy, "match")
    return any(member(match, name) is not None for name in CLAIMS)


def _under(policy: Policy, *, enforce: bool) -> Policy:
    """A policy beside one that is enforced: itself, or what is left of it if it only audits."""
    if policy.enforce or not enforce:
        return policy
    return replace(
        policy,
        enforce=True,
        models=Names(),
        endpoints=Names(),
        prompt_chars=None,
        prompt_tokens=None,
        request_cost_usd=None,
        unknown_price=policy.unknown_price if isinstance(policy.unknown_price, Fallback) else None,
        output_tokens=None,
        end_user_required=False,
        request_phrases=_audited(policy.request_phrases),
        response_phrases=_audited(policy.response_phrases),
    )


def _audited(phrases: Phrases) -> Phrases:
    return Phrases(tuple(replace(rule, action=Action.AUDIT) for rule in phrases.lists), phrases.index)


def _both(names: Names, other: Names) -> Names:
    return replace(names, also=other) if names.also is None else replace(names, also=_both(names.also, other))


def _least[T: (int, Decimal)](one: T | None, other: T | None) -> T | None:
    return other if one is None else one if other is None else min(one, other)


def _least_output(one: OutputTokens | None, other: OutputTokens | None) -> OutputTokens | None:
    if one is None or other is None:
        return one or other
    return OutputTokens(min(one.max, other.max), one.set_missing and other.set_missing)


def _unknown_price(one: Policy, other: Policy) -> UnknownPrice | None:
    """What refuses all that either would refuse."""
    said = one.unknown_price, other.unknown_price
    if "block" in said:
        return "block"
    if any(policy.unknown_price is None and policy.request_cost_usd is not None for policy in (one, other)):
        # Under a limit that is a refusal too.
        return None
    figures = [price for price in said if isinstance(price, Fallback)]
    if figures:
        return Fallback(max(price.input for price in figures), max(price.output for price in figures))
    return one.unknown_price or other.unknown_price


def _joined(phrases: Phrases, other: Phrases) -> Phrases:
    """The lists of both; one that both have with the same phrases and action is one."""
    here, there = _by_list(phrases), _by_list(other)
    new = [
        owner
        for owner, rule in enumerate(other.lists)
        if (rule, there[owner]) not in zip(phrases.lists, here, strict=True)
    ]
    if not new:
        return phrases
    owners = {owner: len(phrases.lists) + place for place, owner in enumerate(new)}
    lists: tuple[PhraseList, ...] = (*phrases.lists, *(other.lists[owner] for owner in new))
    pairs = [*phrases.index.pairs, *((phrase, owners[owner]) for phrase, owner in other.index.pairs if owner in owners)]
    made = Phrases(lists, PhraseIndex(pairs))
    # Made now, not while the first stream waits.
    _ = made.acting
    return made


def _by_list(phrases: Phrases) -> list[frozenset[object]]:
    found: list[set[object]] = [set() for _ in phrases.lists]
    for phrase, owner in phrases.index.pairs:
        found[owner].add(phrase)
    return [frozenset(words) for words in found]
