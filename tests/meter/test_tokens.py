import random
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panda_addon.meter import tokens, vocabulary
from panda_addon.meter.tokens import bounds, count, estimate, pieces, warm
from panda_addon.meter.vocabulary import VOCABULARIES, TokenizerError, load

ENCODINGS = tuple(VOCABULARIES)

# The patches are the same for every example.
PATCHED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

# Anything that a JSON string can hold, halves of surrogate pairs among it.
ANY = st.text(st.characters(exclude_categories=()))
HALVES = st.text(st.sampled_from("a\ud83d\ude00\udfff\ud800é中😀"))
# What patterns treat differently, each often enough to stand beside each.
MARKED = st.text(st.sampled_from("aAbzé中ʰ\u0301 \u00a0\t\n\r/.!'s-19½\u0661_😀"), max_size=60)
WORDS = st.lists(st.text(st.sampled_from("abcdeABCDEéжщ"), min_size=1, max_size=9), min_size=1, max_size=60)


def whole(text, encoding):
    """The tokens of a text that is encoded at once."""
    return len(load(encoding).encode_ordinary(text))


def small(monkeypatch, piece, near):
    """Pieces so short that small texts are cut."""
    monkeypatch.setattr(tokens, "PIECE", piece)
    monkeypatch.setattr(tokens, "_NEAR", near)


def prose(chars, seed=1):
    """So many characters of made-up sentences, in several scripts and with some code."""
    rng = random.Random(seed)
    words = (
        "the of And committee, (which) привет мир слово; 12 3,456 don't x_1 naïve Größe == fn(a) {} \n \n\n\t".split(
            " "
        )
    )
    made, size = [], 0
    while size < chars:
        made.append(rng.choice(words))
        size += len(made[-1]) + 1
    return " ".join(made)[:chars]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], (0, 0)),
        ([""], (0, 0)),
        (["a"], (1, 1)),
        (["a", "b", ""], (2, 2)),
        (["a" * 128], (1, 128)),
        (["a" * 129], (2, 129)),
        (["é" * 64], (1, 128)),
        (["中" * 43], (2, 129)),
        (["😀"], (1, 4)),
        (["\ud83d"], (1, 3)),
        (["\ud83d\ude00"], (1, 4)),
        (["\ude00\ud83d"], (1, 6)),
        (["\ud83d\ud83d\ude00"], (1, 7)),
    ],
)
def test_bounds_are_bytes_and_bytes_by_128(texts, expected):
    """A text has a token for each byte at most, and one for 128 of them at least."""
    assert bounds(texts) == expected


@given(text=st.one_of(ANY, HALVES))
@settings(deadline=None)
def test_bytes_are_those_that_tiktoken_reads(text):
    """What is no Unicode text is measured as what tiktoken makes of it."""
    read = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert bounds([text])[1] == len(read.encode())


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(texts=st.lists(st.one_of(ANY, HALVES, MARKED), max_size=5))
@settings(deadline=None)
def test_a_count_lies_within_the_bounds(encoding, texts):
    """No text has fewer tokens, and none has more."""
    fewest, most = bounds(texts)
    assert fewest <= count(texts, encoding) <= most


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (" " * 128, "o200k_base", 1),
        ("-" * 128, "cl100k_base", 2),
        ("\x00", "o200k_base", 1),
        ("\x12\x13", "cl100k_base", 2),
    ],
)
def test_bounds_are_met(text, encoding, expected):
    """There are texts with the fewest tokens that are possible, and texts with the most."""
    assert count([text], encoding) == expected


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(texts=st.lists(st.one_of(ANY, MARKED), max_size=5))
@settings(deadline=None)
def test_texts_are_counted_each_by_itself(encoding, texts):
    """The count of several texts is the sum of theirs: no token reaches from one into the next."""
    assert count(texts, encoding) == sum(whole(text, encoding) for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"), [("<|endoftext|>", 7), ("a<|endofprompt|>b", 9), ("<|im_start|>", 6), ("<|fim_prefix|>", 6)]
)
def test_special_tokens_are_text(text, expected):
    """What would be a special token in a prompt of OpenAI's own is the characters that it is written with."""
    assert count([text], "o200k_base") == expected


@given(text=st.one_of(ANY, MARKED), piece=st.integers(6, 40))
@PATCHED
def test_pieces_are_the_text(monkeypatch, text, piece):
    """Nothing is lost between pieces, none is longer than it may be, and none but a whole text is empty."""
    small(monkeypatch, piece, piece // 2)
    found = list(pieces(text))
    assert "".join(found) == text
    assert all(0 < len(part) <= piece for part in found) or found == [""]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(words=WORDS, piece=st.integers(20, 80))
@PATCHED
def test_words_have_the_count_of_the_whole(monkeypatch, encoding, words, piece):
    """Text with blanks is cut where the tokenizer cuts: its count is exact."""
    small(monkeypatch, piece, 10)
    text = " ".join(words)
    assert count([text], encoding) == whole(text, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("chars", [65_535, 65_536, 65_537, 300_000])
def test_a_long_text_has_the_count_of_the_whole(encoding, chars):
    """Prose with code, digits and other scripts in it is counted exactly at any length."""
    text = prose(chars)
    assert count([text], encoding) == whole(text, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(texts=st.lists(MARKED, max_size=5), limit=st.integers(0, 100))
@settings(deadline=None)
def test_a_limit_changes_no_count_below_it(encoding, texts, limit):
    """Up to the limit the count is the exact one; beyond it, it is some number above the limit."""
    exact, limited = count(texts, encoding), count(texts, encoding, limit)
    assert limited == exact if exact <= limit else limited > limit


def test_a_limit_ends_the_work():
    """What comes long after the limit is not looked at."""
    given_out = []

    def endless():
        while True:
            given_out.append(1)
            yield "a word or two "

    assert 100 < count(endless(), "o200k_base", 100) <= 105
    assert len(given_out) <= 26
    assert 1000 < count(["ab " * 1_000_000], "o200k_base", 1000) <= tokens.PIECE


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(texts=st.lists(ANY, max_size=5))
@settings(deadline=None)
def test_short_texts_are_not_estimated(encoding, texts):
    """Up to the characters that may be looked at, an estimate is the count, and says so."""
    assert estimate(texts, encoding, sum(map(len, texts))) == (count(texts, encoding), True)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(
    texts=st.lists(st.one_of(MARKED, ANY.map(lambda text: text * 50)), min_size=1, max_size=8), most=st.integers(0, 40)
)
@settings(deadline=None)
def test_an_estimate_lies_within_the_bounds(encoding, texts, most):
    """No estimate is more or less than the texts could be, and one that is none says that it is the count."""
    fewest, top = bounds(texts)
    found, exact = estimate(texts, encoding, most)
    assert fewest <= found <= top
    assert exact == (sum(map(len, texts)) <= most)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "texts",
    [
        [prose(400_000)],
        [prose(3000, seed) for seed in range(100)],
        prose(300_000).split(),
        [prose(100_000), "中文字符测试" * 10_000, "QUJDREVGR0g5cw==" * 5000, '{"a":[1,2.5,"x"],"b":null}' * 3000],
    ],
    ids=["prose", "messages", "words", "mixture"],
)
def test_an_estimate_is_near(texts, encoding):
    """From 20,000 characters out of all of the texts, their tokens are known within a tenth."""
    exact = count(texts, encoding)
    found, is_exact = estimate(texts, encoding, 20_000)
    assert not is_exact
    assert abs(found - exact) <= exact / 10


@given(sizes=st.lists(st.integers(0, 9000), max_size=40), most=st.integers(0, 20_000))
@PATCHED
def test_an_estimate_looks_at_little(monkeypatch, sizes, most):
    """However the texts are cut, no more is encoded than may be, and one sample."""
    seen = []
    monkeypatch.setattr(tokens, "count", lambda texts, _encoding: seen.extend(map(len, texts)) or 0)
    estimate(["x" * size for size in sizes], "o200k_base", most)
    assert sum(seen) <= most + 2048


@pytest.mark.parametrize(
    ("texts", "expected"), [([], 0), (["x" * 300, "é"], 101), (["x"] * 30, 30), (["中" * 1000], 1000)]
)
def test_without_a_vocabulary_an_estimate_is_a_guess(monkeypatch, texts, expected):
    """A damaged file costs exactness and no call: three bytes are a token then, and a text is one at least."""
    monkeypatch.setattr(vocabulary, "_loaded", {"o200k_base": TokenizerError("damaged")})
    assert estimate(texts, "o200k_base", 10_000) == (expected, False)
    with pytest.raises(TokenizerError, match="damaged"):
        count(texts, "o200k_base")
    with pytest.raises(TokenizerError, match="damaged"):
        warm(["o200k_base"])


def test_warming_loads(monkeypatch):
    """What was warmed is there when it is needed."""
    loaded = {}
    monkeypatch.setattr(vocabulary, "_loaded", loaded)
    warm(["cl100k_base"])
    assert list(loaded) == ["cl100k_base"]


def test_threads_count_alike():
    """Several threads at once find what one finds."""
    texts = [prose(20_000, seed) for seed in range(8)]
    expected = [[count([text], encoding) for text in texts] for encoding in ENCODINGS]
    found = {}

    def work(number):
        found[number] = [[count([text], encoding) for text in texts] for encoding in ENCODINGS]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 6
