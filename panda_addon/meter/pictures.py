"""How many tokens one picture may be, by the model that looks at it. Knows names and figures, and no picture.

The figures are those of OpenAI's guide, for the largest picture there is in the finest detail:
https://developers.openai.com/api/docs/guides/images-vision
"""

import re

from panda_addon.meter.models import base

# What was measured is sometimes more than the guide says, so a bound is that many times the guide's figure.
MARGIN = 2

# Models that look at tiles of 512 pixels, of a picture that is scaled to 2,048 by 768 at most: so many tokens for a
# picture, and so many for each tile of it.
_TILES = 8
_TILED = {
    "gpt-4o": (85, 170),
    "gpt-4.1": (85, 170),
    "gpt-4.5-preview": (85, 170),
    "gpt-4-turbo": (85, 170),
    "gpt-4o-mini": (2833, 5667),
    "gpt-5": (70, 140),
    "gpt-5-chat-latest": (70, 140),
    "o1": (75, 150),
    "o1-pro": (75, 150),
    "o3": (75, 150),
    "computer-use-preview": (65, 129),
}

# Models that look at patches of 32 pixels, so many of them at most: hundredths of a token for each. Where the guide has
# no factor it is 120, as it was measured of gpt-5.2, gpt-5.3-codex and gpt-5.4.
_PATCHED = {
    "gpt-4.1-mini": (1536, 162),
    "gpt-4.1-nano": (1536, 246),
    "gpt-5-mini": (1536, 162),
    "gpt-5-nano": (1536, 246),
    "gpt-5.2": (1536, 120),
    "gpt-5.2-chat-latest": (1536, 120),
    "gpt-5.2-codex": (1536, 120),
    "gpt-5.3-codex": (1536, 120),
    "gpt-5.4-mini": (1536, 162),
    "gpt-5.4-nano": (1536, 246),
    "gpt-5.4": (10_000, 120),
    "gpt-5.5": (10_000, 120),
    "o4-mini": (1536, 172),
}

_DATE = re.compile(r"-20\d\d-\d\d-\d\d\Z")


def most(model: str | None) -> int | None:
    """The most tokens that one picture is to a model; None where there is no bound, or none is known.

    gpt-5.6 looks at all of a picture however large it is, and of later models the guide says nothing. A name with the
    date of its release is its model's, and so is that of a fine-tuned one.
    """
    name = _DATE.sub("", base(model))
    if name in _TILED:
        whole, tile = _TILED[name]
        return MARGIN * (whole + _TILES * tile)
    if name in _PATCHED:
        patches, hundredths = _PATCHED[name]
        return MARGIN * -(-patches * hundredths // 100)
    return None
