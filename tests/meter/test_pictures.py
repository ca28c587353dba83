import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.meter.pictures import MARGIN, most

# By the guide: so many tokens are the largest picture, for 1,536 patches rounded up. Of gpt-5.6 it is 30,000 patches at
# the largest factor of any model.
GUIDE = {
    "gpt-4o": 85 + 8 * 170,
    "gpt-4.1": 1445,
    "gpt-4.5-preview": 1445,
    "gpt-4-turbo": 1445,
    "gpt-4o-mini": 48_169,
    "gpt-5": 1190,
    "gpt-5-chat-latest": 1190,
    "o1": 1275,
    "o1-pro": 1275,
    "o3": 1275,
    "computer-use-preview": 1097,
    "gpt-4.1-mini": 2489,
    "gpt-4.1-nano": 3779,
    "gpt-5-mini": 2489,
    "gpt-5-nano": 3779,
    "gpt-5.4-mini": 2489,
    "gpt-5.4-nano": 3779,
    "gpt-5.2": 1844,
    "gpt-5.2-chat-latest": 1844,
    "gpt-5.2-codex": 1844,
    "gpt-5.3-codex": 1844,
    "gpt-5.4": 12_000,
    "gpt-5.5": 12_000,
    "gpt-5.6-luna": 73_800,
    "gpt-5.6-sol": 73_800,
    "gpt-5.6-terra": 73_800,
    "o4-mini": 2642,
}
# Those that look at tiles: how large a picture is plays no part in their bound.
TILED = {name for name, tokens in GUIDE.items() if tokens in (1445, 48_169, 1190, 1275, 1097)}

# Of which nothing is known but that they look at pictures.
LATER = (
    "gpt-5.1",
    "gpt-5-pro",
    "gpt-5.4-pro",
    "gpt-5.6-cyber",
    "gpt-6-luna",
    "gpt-6.2-sol",
    "ft:gpt-6-luna:org::id",
    "gpt-99",
)

WRITTEN = ("{}", "{}-2025-08-07", "ft:{}:org::id", "ft:{}-2024-08-06:org:suffix:id", " {} ")


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(("model", "tokens"), GUIDE.items())
def test_a_picture_is_at_most_twice_what_the_guide_says(model, tokens, written):
    """Under the model's own name, that of a release, and that of a model that was tuned."""
    assert most(written.format(model)) == MARGIN * tokens
    assert most(written.format(model.upper())) == MARGIN * tokens


# Billed for one of the largest pictures by users' own measurements, some of them against the guide.
# https://community.openai.com/t/introducing-gpt-5-4-mini-and-nano-our-most-capable-small-models-yet/1377015
@pytest.mark.parametrize(
    ("model", "tokens"),
    [("gpt-5-mini", 1843), ("gpt-5-nano", 2304), ("gpt-5.4-mini", 1843), ("gpt-5.4-nano", 1843)],
)
def test_what_was_measured_is_below_the_bound(model, tokens):
    """With room for what nobody measured."""
    assert tokens < most(model)


@pytest.mark.parametrize(
    "model",
    [
        None, "", "gpt-4", "gpt-4o-2", "gpt-4o-audio-preview", "gpt-4o-2024-08", "gpt-4o-2024-08-06-x", "gpt-4.1-micro",
        "o3-pro", "o4", "gpt-image-1", "gpt-image-2.5-mini", "chatgpt-image-latest", "xgpt-4o", "gpt-5-image",
        "gpt-5.4-image-2", "gpt-100", "gpt-5x", "gpt-05",
    ],
)  # fmt: skip
def test_of_all_other_models_there_is_no_bound(model):
    """Nothing is known of them, or nothing for certain, whatever the size."""
    assert most(model) is None
    assert most(model, (1, 1)) is None


@pytest.mark.parametrize("model", LATER)
@pytest.mark.parametrize(
    ("size", "tokens"),
    [
        ((1, 1), 1445),
        ((1024, 1024), 2520),
        ((1024, 1025), 2598),
        ((1025, 1024), 2598),
        ((4032, 3024), 29_447),
        ((6048, 6048), 87_874),
    ],
)
def test_later_models_look_at_all_of_a_picture(model, size, tokens):
    """As many patches as it has, at the largest factor of any model; and no less than tiles may be."""
    assert most(model) is None
    assert most(model, size) == MARGIN * tokens


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("gpt-5.4-mini", (1024, 768), 1245),
        ("gpt-5.4-nano", (1024, 768), 1890),
        ("gpt-5.5", (1024, 768), 922),
        ("gpt-5.5", (10_000, 10_000), 12_000),
        ("gpt-5.6-terra", (1024, 768), 1890),
        ("gpt-5.6-terra", (5536, 5536), 73_626),
        ("gpt-5.6-terra", (6048, 6048), 73_800),
        ("o4-mini", (32, 32), 85),
        ("o4-mini", (2048, 2048), 2642),
    ],
)
def test_of_a_picture_whose_size_is_known_no_more_than_that_counts(model, size, tokens):
    """Where a model looks at patches: as many as there are, at its factor, up to its limit."""
    assert most(model, size) == MARGIN * tokens


@given(st.sampled_from([*GUIDE, *LATER]), st.integers(1, 70_000), st.integers(1, 70_000))
def test_a_smaller_picture_is_no_more(model, width, height):
    """Turned round it is the same, and no size is more than none."""
    tokens = most(model, (width, height))
    assert tokens == most(model, (height, width))
    assert tokens <= most(model, (width + 32, height))
    assert tokens <= (most(model) or tokens)
    assert (tokens == most(model)) or model not in TILED


@given(st.one_of(st.text(), st.builds("{}{}".format, st.sampled_from(sorted(GUIDE)), st.text(min_size=1))))
def test_a_name_that_is_not_known_has_no_bound(name):
    """Nor has one that only begins like a known one: what a bound is there for is that nothing is above it."""
    known = name.strip().lower().split(":")[0] in GUIDE
    assert (most(name) is not None) == known
