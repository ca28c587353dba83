"""Streams that say what they used only on demand: asking for it, and taking out what only Panda asked for.

With `stream_options.include_usage` the API sends one chunk more, with no choices in it, before the end.
"""

from panda_addon.verdict import Put
from panda_addon.wire.document import Document
from panda_addon.wire.route import Target
from panda_addon.wire.strictjson import Json

_OPTIONS, _ASKED = "stream_options", "include_usage"


def demand(target: Target, document: Document) -> Put | None:
    """What to write into a request so that its stream says what it used; None where it does, or is no stream."""
    members = document.value
    if target.shape is None or not target.shape.reports_on_demand or not isinstance(members, dict):
        return None
    options = members.get(_OPTIONS)
    # What is neither is refused by the API, in its own words.
    if members.get("stream") is not True or not (options is None or isinstance(options, dict)):
        return None
    if options is None:
        return Put(_OPTIONS, {_ASKED: True})
    asked = options.get(_ASKED)
    return Put(_ASKED, True, within=_OPTIONS) if asked is None or asked is False else None


def demanded(event: Json) -> bool:
    """Whether an event is the one that there is on demand only: what was used, and no choices."""
    return isinstance(event, dict) and event.get("choices") == [] and isinstance(event.get("usage"), dict)
