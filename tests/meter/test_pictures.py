import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.meter.pictures import MARGIN, most

# By the guide: so many tokens are the largest picture, for 1,536 patches rounded up.
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
    "o4-mini": 2642,
}
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
        "gpt-5.1", "gpt-5.4-pro", "gpt-5.6-sol", "gpt-5.6-luna", "gpt-6-luna", "gpt-6.2-sol", "gpt-50", "gpt-99", "o3-pro",
        "o4", "gpt-image-1", "gpt-image-2.5-mini", "chatgpt-image-latest", "xgpt-4o", "ft:gpt-6-luna:org::id",
    ],
)  # fmt: skip
def test_of_all_other_models_there_is_no_bound(model):
    """gpt-5.6 looks at all of a picture however large it is; of others nothing is known, or nothing for certain."""
    assert most(model) is None


@given(st.one_of(st.text(), st.builds("{}{}".format, st.sampled_from(sorted(GUIDE)), st.text(min_size=1))))
def test_a_name_that_is_not_known_has_no_bound(name):
    """Nor has one that only begins like a known one: what a bound is there for is that nothing is above it."""
    known = name.strip().lower().split(":")[0] in GUIDE
    assert (most(name) is not None) == known
