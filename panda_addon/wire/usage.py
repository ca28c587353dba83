"""What an answer says of its price: its `usage` in all the shapes that OpenAI gives it, its model and its service tier.

The shapes are those of openai 3.54's types. Knows no prices. A number that is none counts as if it were not there, and a
part that is said to be larger than its whole is as large as that.
"""

from collections.abc import Iterator

from panda_addon.exchange import Bill, Usage
from panda_addon.text.fold import shows
from panda_addon.wire.strictjson import Json

# Above this a JSON number is not the same number to all who read it.
_MAX = 1 << 53

# With these a batch, or a response made in the background, has taken all that it will.
_ENDED = frozenset("cancelled completed expired failed incomplete".split())

# What a `web_search_call` may do, of which only searching is billed.
_SEARCH = "search"

# Where a batch calls these, no tools are at work.
_WITHOUT_TOOLS = ("/v1/completions", "/v1/embeddings", "/v1/moderations")


def read_bill(document: Json) -> Bill | None:
    """What an answer, or an event of one, says of its price; None if it says nothing of it."""
    if not isinstance(document, dict):
        return None
    usage, model, tier = read_usage(document), _word(document, "model"), _word(document, "service_tier")
    beside, unsaid = tuple(_beside(document)), tuple(_unsaid(document))
    once = end_user = None
    if document.get("object") == "batch":
        # A batch's own answers say `default`.
        tier, once = "batch", _word(document, "id")
    elif document.get("background") is True:
        once, end_user = _word(document, "id"), _end_user(document)
    if once is not None and document.get("status") not in _ENDED:
        # What it took by then, often nothing, is not its bill.
        usage, beside, unsaid = None, (), ()
    if usage is None and model is None and tier is None and not beside and not unsaid:
        return None
    return Bill(usage, model, tier, once, beside, unsaid, end_user)


def _end_user(document: dict[str, Json]) -> str | None:
    """For whom a response was made: it repeats what its request said."""
    names = (_word(document, name) for name in ("safety_identifier", "user"))
    return next((name for name in names if name and shows(name)), None)


def read_usage(document: Json) -> Usage | None:
    """What an answer reports to have taken, or None if it reports nothing."""
    usage = _member(document, "usage")
    read = _tokens(
        usage,
        web_searches=_web_searches(document),
        file_searches=len(_items(document, "file_search_call")),
        requests=_count(_member(document, "request_counts"), "completed") or 1,
    )
    if read is not None:
        return read
    seconds = _member(usage, "seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= _MAX:
        return None
    return Usage(seconds=float(seconds))


def _tokens(usage: Json, *, web_searches: int = 0, file_searches: int = 0, requests: int = 1) -> Usage | None:
    """A usage object that counts tokens; None for any other."""
    if not isinstance(usage, dict):
        return None
    sent = _first((usage, "input_tokens"), (usage, "prompt_tokens"))
    answered = _first((usage, "output_tokens"), (usage, "completion_tokens"))
    if (sent is None and answered is None) or _garbled(usage, sent, answered):
        return None
    whole, answer = sent or 0, answered or 0
    given, said = _details(usage, "input", "prompt"), _details(usage, "output", "completion")
    kept = _member(given, "cached_tokens_details") or _member(usage, "cached_tokens_details")
    lives = _member(given, "cache_write_tokens_details")
    cached = _part(whole, (given, "cached_tokens"), (usage, "cached_tokens"))
    long = _part(whole - cached, (lives, "ttl_12h_tokens"))
    short = _part(whole - cached - long, (lives, "ttl_30m_tokens"))
    audio = _part(whole, (given, "audio_tokens"))
    image = _part(whole - audio, (given, "image_tokens"))
    cached_audio = _part(min(cached, audio), (kept, "audio_tokens"))
    spoken = _part(answer, (said, "audio_tokens"))
    drawn = answer if _draws(usage) else _part(answer - spoken, (said, "image_tokens"))
    return Usage(
        input_tokens=whole,
        output_tokens=answer,
        cached_tokens=cached,
        reasoning_tokens=_part(answer, (said, "reasoning_tokens"), (usage, "reasoning_tokens")),
        cache_write_tokens=max(_part(whole - cached, (given, "cache_write_tokens")), long + short),
        long_cache_write_tokens=long,
        input_audio_tokens=audio,
        input_image_tokens=image,
        cached_audio_tokens=cached_audio,
        cached_image_tokens=_part(
            min(cached - cached_audio, image), (kept, "image_tokens"), (kept, "cached_image_tokens")
        ),
        output_audio_tokens=spoken,
        output_image_tokens=drawn,
        web_searches=web_searches,
        file_searches=file_searches,
        requests=requests,
    )


def _garbled(usage: Json, sent: int | None, answered: int | None) -> bool:
    """Whether one side is said in a way that is no count: then nobody knows it, and it is not nothing."""
    sides = (sent, ("input_tokens", "prompt_tokens")), (answered, ("output_tokens", "completion_tokens"))
    return any(count is None and any(_member(usage, name) is not None for name in names) for count, names in sides)


def _details(usage: Json, *whose: str) -> Json:
    """What a usage object has to say of the tokens on one side."""
    names = (*(f"{side}_tokens_details" for side in whose), *(f"{side}_token_details" for side in whose))
    return next((details for name in names if isinstance(details := _member(usage, name), dict)), None)


def _draws(usage: Json) -> bool:
    """Whether this is the usage of an image model that does not say what its output is: then it is the picture."""
    given = _member(usage, "input_tokens_details")
    if not isinstance(given, dict) or not {"image_tokens", "text_tokens"} <= given.keys():
        return False
    return _member(usage, "output_tokens_details") is None


def _web_searches(document: Json) -> int:
    """The web searches that are billed. Where the answer does not count them itself, its calls that search are."""
    counted = _count(_member(_member(document, "tool_usage"), "web_search"), "num_requests")
    if counted is not None:
        return counted
    actions = (_member(call, "action") for call in _items(document, "web_search_call"))
    # Before it could do anything else, a call had no action.
    return sum(action is None or _member(action, "type") == _SEARCH for action in actions)


def _beside(document: dict[str, Json]) -> Iterator[Bill]:
    """What other models took: those that drew the pictures a tool was asked for, and those that wrote SVG."""
    drawn = _tokens(_member(_member(document, "tool_usage"), "image_gen"))
    if drawn is not None and drawn != Usage():
        tools = document.get("tools")
        models = (
            _word(tool, "model")
            for tool in (tools if isinstance(tools, list) else ())
            if _member(tool, "type") == "image_generation"
        )
        yield Bill(drawn, next(models, None))
    for part in (document, *_items(document, "image_generation_call")):
        written = _member(part, "svg_usage")
        usage = _tokens(written)
        if usage is not None:
            yield Bill(usage, _word(written, "model"))


def _unsaid(document: dict[str, Json]) -> Iterator[str]:
    """What worked for an answer at a fee that the answer does not tell, or that depends on the model."""
    kind = document.get("object")
    if kind == "batch" and document.get("endpoint") not in _WITHOUT_TOOLS:
        # It sums up the tokens of its calls, and nothing of what their tools did.
        yield "tools"
    if kind != "response":
        return
    tools = document.get("tools")
    tools = tools if isinstance(tools, list) else []
    shells = [_where(tool) for tool in tools if _member(tool, "type") == "shell"]
    declared = "local" if shells and set(shells) == {"local"} else None
    ran = (_where(call) or declared for call in _items(document, "shell_call"))
    if _items(document, "code_interpreter_call") or any(where != "local" for where in ran):
        yield "containers"
    drawn = any(_member(call, "svg_usage") is None for call in _items(document, "image_generation_call"))
    if drawn and _tokens(_member(_member(document, "tool_usage"), "image_gen")) is None:
        yield "images"
    names = (_word(tool, "type") or "" for tool in tools)
    if any(name.startswith("web_search_preview") for name in names):
        yield "web_search_preview"


def _where(shell: Json) -> str | None:
    """Where a shell runs, or a call of one, if that says so."""
    return _word(_member(shell, "environment"), "type")


def _items(document: Json, kind: str) -> list[Json]:
    """The items of one kind in a response's output. Those of a compacted one are from earlier responses."""
    output = _member(document, "output") if _member(document, "object") == "response" else None
    return [item for item in output if _member(item, "type") == kind] if isinstance(output, list) else []


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None


def _word(value: Json, name: str) -> str | None:
    word = _member(value, name)
    return word if isinstance(word, str) else None


def _first(*places: tuple[Json, str]) -> int | None:
    for value, name in places:
        count = _count(value, name) if value else None
        if count is not None:
            return count
    return None


def _part(whole: int, *places: tuple[Json, str]) -> int:
    return min(whole, _first(*places) or 0) if whole else 0


def _count(value: Json, name: str) -> int | None:
    count = _member(value, name)
    return count if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MAX else None
