"""How many tokens one picture may be, by its size and the model that looks at it. Knows figures, and no picture.

The figures are those of OpenAI's guide, for a picture in the finest detail, and where its size is not known for the
largest there is: https://developers.openai.com/api/docs/guides/images-vision
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
# no factor it is 120, as it was measured of gpt-5.2, gpt-5.3-codex and gpt-5.4. Of gpt-5.6 it is the largest of all. A
# picture of more than 30,000 patches is refused there ("requires 35721 patches after processing, exceeding the limit of
# 30000", of 6,048 by 6,048 pixels: https://github.com/NousResearch/hermes-agent/pull/106186).
_PATCH = 32
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
    "gpt-5.6-luna": (30_000, 246),
    "gpt-5.6-sol": (30_000, 246),
    "gpt-5.6-terra": (30_000, 246),
    "o4-mini": (1536, 172),
}

# What stands around a picture nobody says: it is no less than the whole of one is to most models that look at tiles.
_LEAST = 85

# Models of which it is not known what they look at: patches of whatever factor, or tiles.
_OTHERS = re.compile(r"gpt-(?:[5-9]|[1-9]\d)(?:[.-](?!.*image).*)?")
_FACTOR = max(hundredths for _, hundredths in _PATCHED.values())
_LEAST_OF_OTHERS = 85 + _TILES * 170

_DATE = re.compile(r"-20\d\d-\d\d-\d\d\Z")


def most(model: str | None, size: tuple[int, int] | None = None) -> int | None:
    """The most tokens that one picture is to a model; None where there is no bound, or none is known.

    `size` is its width and height in pixels, if they are known. Of gpt-6 and later the guide does not say how much of a
    picture they look at. A name with the date of its release is its model's, and so is that of a fine-tuned one.
    """
    name = _DATE.sub("", base(model))
    if name in _TILED:
        whole, tile = _TILED[name]
        return MARGIN * (whole + _TILES * tile)
    patches = None if size is None else -(-size[0] // _PATCH) * -(-size[1] // _PATCH)
    if name in _PATCHED:
        limit, hundredths = _PATCHED[name]
        # A picture that has more is made smaller, or refused.
        return MARGIN * max(_LEAST, _share(min(limit, patches or limit), hundredths))
    if patches is None or not _OTHERS.fullmatch(name):
        return None
    return MARGIN * max(_LEAST_OF_OTHERS, _share(patches, _FACTOR))


def _share(patches: int, hundredths: int) -> int:
    return -(-patches * hundredths // 100)
