import random
import string
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panda_addon.meter import tokens
from panda_addon.meter.tokens import bounds, count, pieces
from panda_addon.meter.vocabulary import VOCABULARIES, TokenizerError, load

ENCODINGS = tuple(VOCABULARIES)

# The patches are the same for every example.
PATCHED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

# The most that a blind cut may add or take away: nearly twice what a search among four million found.
ERROR = 16

ANY = st.text(st.characters(exclude_categories=()))
# What patterns treat differently, each often enough to stand beside each.
MARKED = st.text(st.sampled_from("aAbzé中ʰ\u0301 \u00a0\t\n\r/.!'s-19½\u0661_😀"), max_size=60)


@pytest.fixture(scope="module")
def vocabularies():
    """The tokens of each encoding that are text, those of several characters."""
    found = {}
    for name in ENCODINGS:
        encoding = load(name)
        decoded = (encoding.decode([token]) for token in range(encoding.n_vocab))
        found[name] = [text for text in decoded if len(text) > 1 and "\ufffd" not in text]
    return found


def whole(text, encoding):
    """The tokens of a text that is encoded at once."""
    return len(load(encoding).encode_ordinary(text))


def small(monkeypatch, piece, near):
    """Pieces so short that small texts are cut."""
    monkeypatch.setattr(tokens, "PIECE", piece)
    monkeypatch.setattr(tokens, "_NEAR", near)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.one_of(MARKED, ANY))
@settings(deadline=None)
@example(text="a \n b")
@example(text=");\n// x")
@example(text="\n\n  \u2003 a")
def test_a_seam_is_where_the_tokenizer_cuts(encoding, text):
    """Where a piece may end without a difference, the tokens of both sides are those of the whole."""
    for found in tokens._SEAM.finditer(text):
        at = found.start()
        assert whole(text[:at], encoding) + whole(text[at:], encoding) == whole(text, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("prefix", ["", "x", "12x", "1.2.", "½"])
@pytest.mark.parametrize("unit", ["123", "١٢٣٤", "၂၀၁", "1½", "१२"])
def test_digits_keep_their_threes(monkeypatch, encoding, prefix, unit):
    """A run of digits is cut between two groups of three, wherever it begins: its count is exact in any script."""
    text = prefix + unit * 200
    for piece in range(20, 29):
        small(monkeypatch, piece, 5)
        assert count([text], encoding) == whole(text, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(data=st.data())
@settings(PATCHED, max_examples=50)
def test_a_blind_cut_is_off_by_a_few(monkeypatch, vocabularies, encoding, data):
    """Cuts within words, marks and blanks make the count some tokens too high or too low, and not by the text's length."""
    some = st.lists(st.sampled_from(vocabularies[encoding]), min_size=1, max_size=12)
    text = data.draw(st.one_of(some.map("".join), ANY, some.map(lambda unit: "".join(unit) * 12)))
    small(monkeypatch, data.draw(st.integers(30, 300)), 0)
    cuts = len(list(pieces(text))) - 1
    assert abs(count([text], encoding) - whole(text, encoding)) <= ERROR * cuts


HOSTILE = {
    "blanks": (" " * 1_200_000, 9_375, 9_375),
    "blanks and a letter": (" " * 1_200_000 + "x", 9_376, 9_376),
    "no-break blanks": ("\u00a0" * 400_000, 50_000, None),
    "line ends": ("\n" * 400_000, 25_000, 12_500),
    "one letter": ("a" * 600_000, 75_000, 75_000),
    "nul": ("\0" * 400_000, 200_000, 400_000),
    "emoji": ("😀" * 200_000, 200_000, 400_000),
    "half a pair": ("\ud83d" * 100_000, None, None),
    "special tokens": ("<|endoftext|>" * 50_000, None, None),
    "ideographs": ("中文" * 150_000, 150_000, 300_000),
    "digits": ("١٢٣٤" * 50_000, None, None),
    "accents": ("a" + "\u0301" * 300_000, 300_001, 300_001),
    "letters": ("".join(random.Random(5).choices(string.ascii_letters, k=400_000)), None, None),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_counted(name, encoding):
    """Runs on which tiktoken panics or dawdles are counted like others, within their bounds and near what is known."""
    text, o200k, cl100k = HOSTILE[name]
    began = time.perf_counter()
    found = count([text], encoding)
    print(f"{name}, {encoding}: {found} tokens in {time.perf_counter() - began:.3f} s")
    fewest, most = bounds([text])
    assert fewest <= found <= most
    known = o200k if encoding == "o200k_base" else cl100k
    if known is not None:
        assert abs(found - known) <= ERROR * (len(text) // tokens.PIECE)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "text", ["a" * 10_000_000, " \n" * 5_000_000, "😀" * 2_500_000], ids=["letter", "lines", "emoji"]
)
def test_ten_million_bytes_end_at_the_limit(text, encoding):
    """Text beyond any prompt costs what its limit costs."""
    assert 50_000 < count([text], encoding, 50_000) <= 50_000 + 4 * tokens.PIECE


@pytest.mark.parametrize("text", [" " * 1_200_000], ids=["blanks"])
def test_a_panic_is_an_error_like_others(text, capfd):
    """tiktoken panics on a million blanks with what is no Exception; that never leaves this module."""
    with pytest.raises(TokenizerError):
        tokens._tokens(load("o200k_base").encode_ordinary, text)
    assert "panicked" in capfd.readouterr().err


@pytest.mark.parametrize("error", [MemoryError, RuntimeError("regex"), UnicodeEncodeError("utf-8", "x", 0, 1, "no")])
def test_an_exception_of_the_tokenizer_is_an_error_of_ours(error):
    """One exception says that tokens cannot be counted, whatever it came from."""

    def fail(_text):
        raise error

    with pytest.raises(TokenizerError, match="failed on a text"):
        tokens._tokens(fail, "x")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_a_program_is_let_through(error):
    """Ctrl-C is no failure of the tokenizer."""

    def fail(_text):
        raise error

    with pytest.raises(error):
        tokens._tokens(fail, "x")
