"""How an endpoint family describes itself to the rest of the room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The members of a request body that mean something beyond being text.

    `caps` limit the answer's tokens, the one to write first; `answers` multiply it; `end_user` name who is behind the
    call; `tokens` may hold text as token ids; `stored` name text that OpenAI already has; `spoken` name text to be said
    aloud. A stream of one that `reports_on_demand` says what it used only if its request asks for that. What is `free` is
    billed to nobody.
    """

    model: bool = True
    caps: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    end_user: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    reports_on_demand: bool = False
    free: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path, what the API calls it, and the shape of its body; None where it needs none.

    `{}` in a path stands for one segment.
    """

    method: str
    path: str
    endpoint: str
    shape: Shape | None = None
