"""The checks: each reads one exchange under one policy and says what it found. None knows a wire format."""

from collections.abc import Callable, Iterator

from panda_addon.checks import end_user, endpoints, models, output_tokens, phrases, prompt_chars, uninspected
from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.verdict import Finding

type Check = Callable[[Exchange, Policy], Iterator[Finding]]

# In the order in which a refusal should speak: what may be called, by whom, how much, and only then what it says.
CHECKS: tuple[Check, ...] = (
    endpoints.check,
    models.check,
    end_user.check,
    prompt_chars.check,
    output_tokens.check,
    uninspected.check,
    phrases.check,
)
