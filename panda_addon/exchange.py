"""What one half of a call says, whatever endpoint it came by.

Knows no wire format, no policy and no I/O. `wire` fills these in, `checks` read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

type Side = Literal["request", "response"]


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of text and where it stands.

    `pointer` is an RFC 6901 JSON pointer, or `""` for a body that is text as a whole. With `key` the text is the
    *name* of the member the pointer leads to, not its value: text hides in names as well. Text that is `fixed`, in a
    query, cannot be edited. Text that is `nested` is JSON itself, as a tool call's arguments are. `voice` is the role in
    which a message says it, where it is a message's: a model reads the pieces of one message as one text.
    """

    pointer: str
    text: str
    key: bool = False
    fixed: bool = False
    nested: bool = False
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Uninspected:
    """Something that was there and could not be read. `text` says that it is, or may be, text."""

    at: str
    reason: str
    text: bool = False


@dataclass(frozen=True, slots=True)
class OutputCap:
    """The fields that limit how many tokens an endpoint may answer with.

    `fields` are the names it understands, the one to write first; `given` those present and not null, with their raw
    values; `answers` how many answers the caller asks for at once (`n`, `best_of`, a list of prompts), each of which may
    use the cap.
    """

    fields: tuple[str, ...]
    given: tuple[tuple[str, object], ...] = ()
    answers: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """What a request asks for that its price depends on, beside its text, its model and its cap.

    `tier` is the service tier; `messages` counts the calls of tools in them too, and `names` those that say whose
    they are; `token_ids` is the length of prompts given as such; `hosted` says that tools of OpenAI's own may be at
    work, which add to the prompt; `sound` that the answer may be sound, `text` that it is text, or nothing that is
    billed; `opaque` is the length of what OpenAI alone can read, in characters, and `kept` that items go by their
    ids alone; `numbers` is the length of all numbers in messages; `characters` is the length of what is to be
    spoken, which some models bill; `declared` are the members that a model is shown as JSON, by their pointers, and
    `pictures` the URLs of pictures, by the pointers of these: most of them hold all of the picture.
    """

    tier: str | None = None
    messages: int = 0
    names: int = 0
    token_ids: int = 0
    tools: int = 0
    hosted: bool = False
    sound: bool = False
    text: bool = True
    opaque: int = 0
    kept: bool = False
    numbers: int = 0
    characters: int = 0
    declared: Mapping[str, object] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took, in tokens. Everything but `input_tokens` and `output_tokens` is a part of one of the two.

    Cache writes that live for twelve hours are counted twice, as `cache_write_tokens` and on their own. `web_searches`
    and `file_searches` count the calls of tools that are billed each; `seconds` is sound that is billed by its length,
    and `characters` text that is. `requests` is how many calls all this was taken by, for a batch is billed call by call.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_tokens: int = 0
    long_cache_write_tokens: int = 0
    input_audio_tokens: int = 0
    input_image_tokens: int = 0
    cached_audio_tokens: int = 0
    cached_image_tokens: int = 0
    output_audio_tokens: int = 0
    output_image_tokens: int = 0
    web_searches: int = 0
    file_searches: int = 0
    seconds: float = 0.0
    characters: int = 0
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Bill:
    """What an answer says of its price: what it took, which model answered, and in which service tier.

    `once` names what is billed where its bill comes by as often as it is asked for: an answer made in the
    background, a batch. None where it comes by once. `end_user` is for whom that was made, as its request said.
    `beside` is what other models took on the way, each at its own price. `unsaid` are words for what was at work at
    a fee that it does not tell.
    """

    usage: Usage | None = None
    model: str | None = None
    tier: str | None = None
    once: str | None = None
    beside: tuple["Bill", ...] = ()
    unsaid: tuple[str, ...] = ()
    end_user: str | None = None

    def then(self, later: "Bill") -> "Bill":
        """What this and a later event say of one price; the later one's word counts."""
        return Bill(
            later.usage or self.usage,
            later.model or self.model,
            later.tier or self.tier,
            later.once or self.once,
            later.beside or self.beside,
            later.unsaid or self.unsaid,
            later.end_user or self.end_user,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One half of a call, read.

    `endpoint` is the API's name for what is called (`chat.completions`), None where the path names nothing known;
    `known` says whether this version knows how to read it. `takes_model` and `takes_end_user` say whether this call
    has a place for a model and an end user at all; a `model` of a call that is not known is what its sender says, and
    enough for its price. `order` is None where nobody is billed for what is asked, or that is not known; what is `free`
    is known to cost nothing by itself though it is not read.
    """

    side: Side
    endpoint: str | None = None
    known: bool = True
    spans: tuple[Span, ...] = ()
    uninspected: tuple[Uninspected, ...] = ()
    takes_model: bool = False
    model: str | None = None
    takes_end_user: bool = False
    end_user: str | None = None
    output_cap: OutputCap | None = None
    stream: bool = False
    order: Order | None = None
    free: bool = False
    bill: Bill | None = None

    @property
    def chars(self) -> int:
        """The length of all text in its body, in characters."""
        return sum(len(span.text) for span in self.spans if not span.fixed)
