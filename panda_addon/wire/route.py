"""From a method and a path to the endpoint it names."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from panda_addon.wire import batches, chat, completions, embeddings, images, models, moderations, responses, speech
from panda_addon.wire.errors import WireError
from panda_addon.wire.free import FREE
from panda_addon.wire.shape import Route, Shape

ROUTES: tuple[Route, ...] = (
    *chat.ROUTES,
    *responses.ROUTES,
    *completions.ROUTES,
    *embeddings.ROUTES,
    *moderations.ROUTES,
    *images.ROUTES,
    *speech.ROUTES,
    *models.ROUTES,
    *batches.ROUTES,
)

# Families this version cannot read yet, by the first part of their path: a policy may still name them.
UNREAD = (
    "agents", "assistants", "audio", "batches", "chat", "chatkit", "containers", "conversations", "decisions", "evals",
    "files", "fine_tuning", "images", "live", "organization", "projects", "realtime", "responses", "skills", "threads",
    "uploads", "vaults", "vector_stores", "videos", "webhook_endpoints",
)  # fmt: skip

ENDPOINTS = tuple(sorted({route.endpoint for route in ROUTES}))

_READ_ONLY = ("GET", "HEAD", "OPTIONS")

# An id in a path. It may be written with escapes, but none that could be taken for more of the path.
_SEGMENT = r"(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9_.:~@!$'()*+,=&-]|%(?!2[EeFf]|5[Cc]|00)[0-9A-Fa-f]{2})+"

# What may stand in a refusal and the log as an endpoint's name: a path is its sender's own words.
_NAME = re.compile(r"[a-z_]{1,32}")


@dataclass(frozen=True, slots=True)
class Target:
    """What a request line names. `endpoint` is None where the path is none of OpenAI's known ones.

    One that is not known may be known to be `free` all the same.
    """

    endpoint: str | None
    known: bool
    shape: Shape | None = None
    free: bool = False


def find(method: str, path: str) -> Target:
    """The target of a request line; `path` without its query.

    Raises WireError for a path that is written in an odd way and may still reach a known endpoint (`//v1/responses`,
    `/v1/%72esponses`): whether it does is up to servers that Panda does not know.
    """
    route = _match("GET" if method == "HEAD" else method, path)
    if route is not None:
        return Target(route.endpoint, True, route.shape)
    route = _match(None, path)
    if route is not None:
        return Target(route.endpoint, method in _READ_ONLY)
    plain = re.sub(r"/(?:\.?/)+", "/", unquote(path).replace("\\", "/").split(";")[0]).lower()
    if "/.." in plain or any(loose.fullmatch(plain.rstrip("/.")) for _, _, loose in _PATTERNS):
        raise WireError("the path is not written in its plain form")
    free = method == "POST" and any(pattern.fullmatch(path) for pattern in _FREE)
    return Target(_family(plain), known=False, free=free)


def _match(method: str | None, path: str) -> Route | None:
    """The route for a path; for any method if `method` is None."""
    for route, pattern, _ in _PATTERNS:
        if (method is None or route.method == method) and pattern.fullmatch(path):
            return route
    return None


def _family(path: str) -> str | None:
    parts = path.split("/")
    if len(parts) > 2 and parts[1] == "v1" and parts[2] in UNREAD:
        # Named like the known ones: `/v1/images/edits` is `images.edits`.
        below = parts[2] in ("audio", "images") and len(parts) > 3 and _NAME.fullmatch(parts[3])
        return ".".join(parts[2:4]) if below else parts[2]
    return None


def _pattern(path: str, segment: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\{\}", segment))


# Fixed paths come before those with a placeholder: `/v1/responses/compact` is not a response's id. The second pattern
# tells what might be a known path for a server that reads paths more freely.
_PATTERNS = [
    (route, _pattern(route.path, _SEGMENT), _pattern(route.path, "[^/]+"))
    for route in sorted(ROUTES, key=lambda route: "{}" in route.path)
]
# Of these only ids in plain letters: a server may undo escapes twice.
_FREE = [_pattern(path, "[A-Za-z0-9_-]+") for path in FREE]
