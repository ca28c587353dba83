"""What was found in an exchange and what follows from it. Knows nothing of how either came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from panda_addon.exchange import Side


class Action(IntEnum):
    """What a finding asks for, weakest first: the strongest of a call decides it."""

    ALLOW = 0
    SET = 1
    AUDIT = 2
    REDACT = 3
    BLOCK = 4

    @property
    def label(self) -> str:
        """The word a policy and the audit log use."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters `start` to `end` (code points, end exclusive) of one string by `text`."""

    pointer: str
    start: int
    end: int
    text: str
    key: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """Write a value of JSON as a member of the body's outermost object, over whatever stands there.

    Or of the object that its member `within` is: of that, nothing else is changed.
    """

    member: str
    value: int | Mapping[str, object]
    within: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that applied, and where.

    `code` and `message` are what a refusal would say; the message names the rule and the place, never the text.
    `start` and `end` are offsets into the original string, in code points; None where a finding has no place in text.
    """

    check: str
    action: Action
    side: Side
    code: str
    message: str
    at: str = ""
    key: bool = False
    start: int | None = None
    end: int | None = None
    rule: str | None = None
    phrase: str | None = None
    folded: tuple[str, ...] = ()
    put: Put | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is refused: a code of the contract, a sentence, and the parameter at fault as OpenAI writes it."""

    code: str
    message: str
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one half of a call. Edits and puts are empty where it is refused or only audited."""

    action: Action
    findings: tuple[Finding, ...] = ()
    edits: tuple[Edit, ...] = ()
    puts: tuple[Put, ...] = ()
    refusal: Refusal | None = None
