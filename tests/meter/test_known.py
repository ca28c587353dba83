from decimal import Decimal
from typing import get_args

import pytest
from openai.types.chat import ChatCompletion
from openai.types.responses.service_tier import ServiceTier

from panda_addon.meter.known import ROWS, TIER_NAMES, costs_more_in_regions, regional
from panda_addon.policy.model import TIERS


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.openai.com", False),
        ("mtls.api.openai.com", False),
        ("eu.api.openai.com", True),
        ("EU.API.openai.com.", True),
        ("mtls-us.api.openai.com", True),
        ("jp.api.openai.com", True),
        ("eu.api.openai.com.example", False),
        ("a.eu.api.openai.com", False),
        ("gateway.example", False),
        ("", False),
    ],
)
def test_hosts_that_keep_data_in_a_region_are_told(host, expected):
    """A name before OpenAI's host is a region's; without one, and anywhere else, none is."""
    assert regional(host) is expected


@pytest.mark.parametrize(
    "model",
    ["gpt-4o", "gpt-4.1-mini", "gpt-5", "gpt-5-mini-2025-08-07", "gpt-5.1", "gpt-5.3-codex", "o3", "o4-mini", "o1-pro",
     "text-embedding-3-small", "whisper-1", "gpt-image-1.5", "gpt-audio-mini", "gpt-realtime-mini", "gpt-3.5-turbo",
     "ft:gpt-4o-2024-08-06:acme::1"],
)  # fmt: skip
def test_earlier_models_cost_the_same_everywhere(model):
    """What was released before 2026-03-05 has no surcharge for residency."""
    assert not costs_more_in_regions(model)


@pytest.mark.parametrize(
    "model",
    ["gpt-5.4", "gpt-5.4-nano-2026-03-17", "gpt-5.5", "gpt-5.6-sol", "gpt-5.10", "gpt-6-luna", "gpt-6.2-astra", "gpt-50",
     "gpt-image-2", "gpt-realtime-2.1-mini", "gpt-realtime-translate", "gpt-live-1", "gpt-7", "o30",
     "ft:gpt-6-luna:acme::1", "chat-latest", "gpt-transcribe"],
)  # fmt: skip
def test_later_models_cost_more_in_regions(model):
    """Since then every model has, and so has any that is not known."""
    assert costs_more_in_regions(model)


def test_every_tier_of_the_sdk_has_a_price():
    """The tiers that the installed SDK knows are priced, each as itself, as the standard one, or as one of the others."""
    optional = (ServiceTier, ChatCompletion.model_fields["service_tier"].annotation)
    named = {tier for names in optional for tier in get_args(get_args(names)[0])}
    assert {"auto", "flex", "ultrafast", "fast"} <= named
    assert named - TIER_NAMES.keys() == set()
    assert set(TIER_NAMES.values()) == {"default", "scale", *TIERS}


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("gpt-6.2-astra", "gpt-6.2-astra"),
        ("gpt-6.2-astra-2026-11-17", "gpt-6.2-astra"),
        ("gpt-6.2-astra-law", None),
        ("gpt-6.2-sol", "gpt-6.2-sol"),
        ("gpt-6.2-sol-mini", None),
        ("gpt-642-sol", None),
        ("GPT-6.2-SOL", None),
        ("gpt-4o-transcribe-diarize", "gpt-4o-transcribe"),
        ("omni-moderation-latest", "omni-moderation"),
        ("text-moderation-007", "omni-moderation"),
        ("my-omni-moderation-latest", None),
    ],
)
def test_shipped_rows_are_for_models_of_just_that_name(model, row):
    """A row fits its model, dated or not, and none that is named like it."""
    assert next((one.model for one in ROWS if one.matches.match(model)), None) == row


def test_only_moderation_is_free():
    """No other row that is shipped has a price of nothing."""
    assert [row.model for row in ROWS if row.text.input == Decimal(0)] == ["omni-moderation"]
