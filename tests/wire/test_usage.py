import pytest

from panda_addon.exchange import Usage
from panda_addon.wire.usage import read_usage


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4)),
        ({"input_tokens": 3, "output_tokens": 4}, Usage(3, 4)),
        ({"prompt_tokens": 3, "total_tokens": 3}, Usage(3, 0)),
        ({"output_tokens": 4}, Usage(0, 4)),
        ({"input_tokens": 0, "output_tokens": 0}, Usage(0, 0)),
        (
            {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 5}, "output_tokens": 8,
             "output_tokens_details": {"reasoning_tokens": 6}},
            Usage(9, 8, 5, 6),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 5}, "completion_tokens": 8,
             "completion_tokens_details": {"reasoning_tokens": 6}},
            Usage(9, 8, 5, 6),
        ),
        ({"input_tokens": 9, "input_tokens_details": None, "output_tokens_details": []}, Usage(9, 0)),
        ({"input_tokens": -1, "prompt_tokens": 2}, Usage(2, 0)),
        ({"input_tokens": True, "output_tokens": 1.0}, None),
        ({"input_tokens": "3"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)  # fmt: skip
def test_tokens_are_read_under_either_spelling(usage, expected):
    """Whole numbers under either of their names count; anything else is as if it were not there."""
    assert read_usage({"usage": usage}) == expected


@pytest.mark.parametrize("document", [None, [], "usage", {}, {"use": 1}])
def test_a_document_without_usage_reports_none(document):
    """No usage object, no usage."""
    assert read_usage(document) is None
