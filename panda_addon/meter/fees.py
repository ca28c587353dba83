"""Which fees of a call are not, or not all, in what is recorded that it costs.

Knows what an answer says of itself, and names of models. The fees are those of https://developers.openai.com/api/docs/pricing
"""

import re

from panda_addon.exchange import Bill
from panda_addon.meter.models import base

# They search whenever they answer, and their answers do not say how often.
_SEARCH_MODELS = re.compile(r".*-search-(?:preview|api)(?:-[0-9-]+)?")

# Models that do not reason search at another price with the tool's preview, and the small ones of them read what is
# found at a flat rate of which no answer says whether it is in its usage.
_UNREASONING = "gpt-4"
_SMALL = re.compile(r"gpt-4(?:o|\.1)-mini(?:-[0-9-]+)?")


def left_out(bill: Bill, model: str | None) -> tuple[str, ...]:
    """The kinds of fees that are left out: `containers`, `images`, `web_search`, or those of all `tools`."""
    name = base(bill.model or model)
    found = {fee for fee in bill.unsaid if fee != "web_search_preview"}
    searched = bill.usage is not None and bill.usage.web_searches > 0
    otherwise = _SMALL.fullmatch(name) or ("web_search_preview" in bill.unsaid and name.startswith(_UNREASONING))
    if _SEARCH_MODELS.fullmatch(name) or (searched and otherwise):
        found.add("web_search")
    return tuple(sorted(found))
