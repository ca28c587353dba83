"""From the bytes of a request or an answer to an exchange."""

import math
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

from panda_addon.exchange import Exchange, OutputCap, Span, Uninspected
from panda_addon.text.fold import shows
from panda_addon.wire.document import Document, open_json, open_text
from panda_addon.wire.encodings import decode, hides
from panda_addon.wire.errors import WireError
from panda_addon.wire.form import form_model
from panda_addon.wire.order import read_order
from panda_addon.wire.route import Target
from panda_addon.wire.shape import Shape
from panda_addon.wire.strictjson import Json
from panda_addon.wire.usage import read_bill
from panda_addon.wire.walk import MAX_STRINGS, Texts, integers

# OpenAI takes some 50 MB in all in one request, most of it pictures; text alone stays far below this.
MAX_REQUEST = 45 << 20
MAX_ANSWER = 64 << 20

_READ_ONLY = ("GET", "HEAD", "OPTIONS")
# An `n` above what OpenAI takes is OpenAI's to refuse.
_MAX_ANSWERS = 128


@dataclass(frozen=True, slots=True)
class Head:
    """The header fields that say how a body is to be read."""

    content_type: str = ""
    content_encoding: str = ""

    @property
    def kind(self) -> str:
        """The media type, without parameters: `application/json`."""
        return self.content_type.split(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The charset it states, if it states one. What may be read in two ways is the name of none."""
        times = self.content_type.lower().count("charset")
        if not times:
            return None
        message = Message()
        message["content-type"] = self.content_type
        charset = message.get_param("charset")
        if times > 1 or charset is None:
            return "ambiguous"
        # A triple is RFC 2231's way to write it (`charset*=''utf-16`).
        return (charset if isinstance(charset, str) else charset[2]).strip().lower()

    @property
    def form(self) -> bool:
        """Whether it may be taken for that of a form, as browsers send them."""
        written = self.content_type.lower()
        return "x-www-form-urlencoded" in written or "multipart/" in written


def read_request(
    target: Target, method: str, head: Head, body: bytes, query: str = ""
) -> tuple[Exchange, Document | None]:
    """What a request says. Raises WireError where a known endpoint's body cannot be read for certain."""
    if not body and (target.shape is None or method in _READ_ONLY):
        known = target.known or method in _READ_ONLY
        asked = parse_qsl(query)
        stream = ("stream", "true") in asked
        # What was streamed before that point does not come by again, and belongs to the same texts.
        resumed = stream and any(name == "starting_after" for name, _ in asked)
        exchange = Exchange(
            side="request",
            endpoint=target.endpoint,
            known=known,
            spans=_query(query),
            uninspected=(Uninspected("", "resumed"),) if resumed else (),
            stream=stream,
            free=target.free,
        )
        return exchange, None
    if not target.known:
        return _read_unknown(target, head, body, query)
    if head.form:
        # Whoever goes by the label reads other texts in it than those of its JSON.
        raise WireError("the body is labelled as a form, and not as JSON")
    document = open_json(decode(body, head.content_encoding, MAX_REQUEST), head.charset)
    members = document.value
    if not isinstance(members, dict):
        raise WireError("the body is not a JSON object")
    shape = target.shape or Shape(model=False)
    texts = document.texts()
    for name in shape.tokens:
        texts.uninspected.extend(integers(members.get(name), f"/{name}"))
    # Text that OpenAI keeps and adds to the prompt: no part of what goes by here.
    stored = (name for name in shape.stored if members.get(name) is not None)
    texts.uninspected.extend(Uninspected(f"/{name}", "reference") for name in stored)
    model = members.get("model")
    exchange = Exchange(
        side="request",
        endpoint=target.endpoint,
        spans=(*_query(query), *texts.spans),
        uninspected=tuple(texts.uninspected),
        takes_model=shape.model,
        model=model if isinstance(model, str) else None,
        takes_end_user=bool(shape.end_user),
        end_user=_end_user(shape, members),
        output_cap=_output_cap(shape, members),
        stream=members.get("stream") is True,
        order=read_order(shape, members, texts.pictures),
    )
    return exchange, document


def _query(query: str) -> tuple[Span, ...]:
    """The text in a query: names and values, for a caller chooses both. Raises WireError for too many."""
    if query.count("&") > MAX_STRINGS:
        raise WireError("the query or form has too many members")
    return tuple(Span("", text, fixed=True) for pair in parse_qsl(query, keep_blank_values=True) for text in pair)


def _read_unknown(target: Target, head: Head, body: bytes, query: str) -> tuple[Exchange, Document | None]:
    document: Document | None = None
    uninspected: tuple[Uninspected, ...] = ()
    form: tuple[Span, ...] = ()
    model: Json = None
    try:
        plain = decode(body, head.content_encoding, MAX_REQUEST)
        if "multipart/" in head.content_type.lower():
            uninspected = (Uninspected("", "multipart"),)
            model = form_model(head.content_type, plain)
        else:
            document = _open_any(plain, head)
            form = _query(document.source) if head.form else ()
            model = document.value.get("model") if isinstance(document.value, dict) else None
    except WireError:
        document = None
        uninspected = (Uninspected("", "unknown_endpoint"),)
    texts = document.texts() if document else Texts(uninspected=list(uninspected))
    exchange = Exchange(
        side="request",
        endpoint=target.endpoint,
        known=False,
        spans=(*_query(query), *form, *texts.spans),
        uninspected=tuple(texts.uninspected),
        # For its record and its price alone: whether a server reads the same is not known.
        model=model if isinstance(model, str) else None,
        free=target.free,
    )
    return exchange, document


def read_answer(target: Target, head: Head, body: bytes) -> tuple[Exchange, Document | None]:
    """What an answer says. Raises WireError where it says it is text and cannot be read."""
    if not body:
        return Exchange(side="response", endpoint=target.endpoint), None
    plain = decode(body, head.content_encoding, MAX_ANSWER)
    if is_media(head):
        uninspected = (Uninspected("", media_reason(head)),)
        return Exchange(side="response", endpoint=target.endpoint, uninspected=uninspected), None
    document = _open_any(plain, head)
    texts = document.texts()
    exchange = Exchange(
        side="response",
        endpoint=target.endpoint,
        spans=tuple(texts.spans),
        uninspected=tuple(texts.uninspected),
        bill=read_bill(document.value),
    )
    return exchange, document


def _open_any(plain: bytes, head: Head) -> Document:
    """A body of any label: JSON if it says so or looks so, else text."""
    if is_json(head):
        return open_json(plain, head.charset)
    if plain.lstrip()[:1] in (b"{", b"["):
        try:
            return open_json(plain, head.charset)
        except WireError:
            pass
    if hides(plain, MAX_ANSWER):
        raise WireError("the body is packed, and its head does not say so")
    return open_text(plain, head.charset)


def is_json(head: Head) -> bool:
    """Whether a head announces JSON."""
    return head.kind == "application/json" or head.kind.endswith("+json")


def is_media(head: Head) -> bool:
    """Whether a head announces sound, pictures or film."""
    return head.kind.split("/")[0] in ("audio", "image", "video")


def media_reason(head: Head) -> str:
    """The word for what a body that is not text is."""
    return head.kind.split("/")[0] if is_media(head) else "binary"


def _end_user(shape: Shape, members: dict[str, Json]) -> str | None:
    for name in shape.end_user:
        value = members.get(name)
        if isinstance(value, str) and shows(value):
            return value
    return None


def _output_cap(shape: Shape, members: dict[str, Json]) -> OutputCap | None:
    if not shape.caps:
        return None
    given = tuple((name, members[name]) for name in shape.caps if members.get(name) is not None)
    counts = [members.get(name) for name in shape.answers]
    # `2.0` may pass for a whole number.
    answers = max((math.ceil(n) for n in counts if isinstance(n, (int, float)) and 1 < n <= _MAX_ANSWERS), default=1)
    prompts = max((_prompts(members.get(name)) for name in shape.tokens), default=1)
    return OutputCap(shape.caps, given, answers * prompts)


def _prompts(value: Json) -> int:
    """How many prompts one member holds, each of which is answered. A list of numbers is one, as token ids."""
    if not isinstance(value, list) or any(isinstance(item, (int, float)) for item in value):
        return 1
    return max(1, len(value))
