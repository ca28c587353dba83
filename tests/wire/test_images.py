from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parent.parent / "data" / "images").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_body_says_what_its_golden_file_says_it_says(file, golden, summarise):
    """Texts, names, what is unread, model, end user, caps and usage are found where the golden file has them."""
    exchange, _, _, expected = golden(file)
    assert summarise(exchange) == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_body_without_edits_is_written_as_it_came(file, golden):
    """Writing a golden body back without an edit gives its own bytes."""
    _, document, body, _ = golden(file)
    assert document.write(()) == body
