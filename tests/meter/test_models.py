import pytest
from tiktoken.model import MODEL_PREFIX_TO_ENCODING, MODEL_TO_ENCODING

from panda_addon.meter.models import base, encoding_for

# tiktoken takes any fine-tuned model that begins with gpt-4 for gpt-4 itself, but for gpt-4o.
TABLE = {**MODEL_TO_ENCODING, **{f"{prefix}x": name for prefix, name in MODEL_PREFIX_TO_ENCODING.items()}}
TABLE.pop("ft:gpt-4x")


@pytest.mark.parametrize(("model", "encoding"), sorted(TABLE.items()))
def test_models_that_tiktoken_knows_are_as_it_has_them(model, encoding):
    """tiktoken's table holds; encodings that are not kept here are replaced by the nearer one."""
    nearest = {"o200k_harmony": "o200k_base", "o200k_base": "o200k_base"}
    assert encoding_for(model) == nearest.get(encoding, "cl100k_base")


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4", "cl100k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("gpt-4-32k-0314", "cl100k_base"),
        ("gpt-4-turbo-2024-04-09", "cl100k_base"),
        ("gpt-4-1106-preview", "cl100k_base"),
        ("gpt-4o", "o200k_base"),
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("gpt-4o-transcribe", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("gpt-4.1-nano-2025-04-14", "o200k_base"),
        ("gpt-4.5-preview", "o200k_base"),
        ("gpt-5", "o200k_base"),
        ("gpt-5.6-luna", "o200k_base"),
        ("gpt-6.2-astra", "o200k_base"),
        ("gpt-40", "o200k_base"),
        ("o1", "o200k_base"),
        ("o3-mini-2025-01-31", "o200k_base"),
        ("o4-mini", "o200k_base"),
        ("chatgpt-4o-latest", "o200k_base"),
        ("gpt-oss-120b", "o200k_base"),
        ("gpt-3.5-turbo-instruct", "cl100k_base"),
        ("text-embedding-3-large", "cl100k_base"),
        ("GPT-4-Turbo", "cl100k_base"),
        ("GPT-4O", "o200k_base"),
        (" gpt-4 ", "cl100k_base"),
        ("ft:gpt-4-0613:org::id", "cl100k_base"),
        ("ft:gpt-4.1-mini:org::id", "o200k_base"),
        ("ft:gpt-4.1-2025-04-14:org:name:id", "o200k_base"),
        ("ft:gpt-4o-mini-2024-07-18:org:gpt-4:id", "o200k_base"),
        ("ft:gpt-3.5-turbo-0613:org::id", "cl100k_base"),
        ("ft:davinci-002:org::id", "cl100k_base"),
        ("FT:GPT-4-0613:org::id", "cl100k_base"),
        ("davinci:ft-org-2023-01-01-00-00-00", "cl100k_base"),
        ("davinci-003", "cl100k_base"),
        ("adamant", "o200k_base"),
        ("my-gpt-4", "o200k_base"),
        ("omni-moderation-latest", "o200k_base"),
        ("gpt-4\n", "cl100k_base"),
        ("gpt-4\nx", "o200k_base"),
        ("", "o200k_base"),
        ("ft:", "o200k_base"),
        (None, "o200k_base"),
    ],
)  # fmt: skip
def test_a_model_counts_by_its_encoding(model, encoding):
    """Prefixes are told apart, dates and case do not matter, and what is fine-tuned counts as what it was made of."""
    assert encoding_for(model) == encoding


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o", "gpt-4o"),
        (" GPT-4o ", "gpt-4o"),
        ("ft:gpt-4o-2024-08-06:org::id", "gpt-4o-2024-08-06"),
        ("davinci:ft-org", "davinci"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_fine_tuned_model_is_known_by_the_one_it_was_made_of(model, name):
    """Whoever it belongs to, it is of that kind."""
    assert base(model) == name
