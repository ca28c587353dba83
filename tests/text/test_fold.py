# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text import fold as module
from panda_addon.text.fold import fold, original_end, origins, steps

# The planes with scripts and symbols, the compatibility ideographs, and the tags.
ASSIGNED = [
    chr(point) for points in (range(0x20000), range(0x2F800, 0x2FA20), range(0xE0000, 0xE1001)) for point in points
]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("DARN it", "darn it"),
        ("DÄRN", "darn"),
        ("da\u0308rn", "darn"),
        ("Straße", "strasse"),
        ("ΣΑΣ", "σασ"),
        ("\u212a", "k"),
        ("İ", "i"),
        ("ﬁne ｄａｒｎ 𝐝𝐚𝐫𝐧 ⓓⓐⓡⓝ", "fine darn darn darn"),
        ("한", "\u1112\u1161\u11ab"),
        ("\u1112\u1161\u11ab", "\u1112\u1161\u11ab"),
        ("😀", "😀"),
        ("中文", "中文"),
        ("\ud800", "\ud800"),
    ],
)
def test_what_reads_the_same_becomes_the_same(text, folded):
    """Case, marks, width, style and composition do not tell two texts apart."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    "char",
    [
        *("\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u061c"),  # format characters
        *("\x00", "\x1b", "\x7f", "\x9f"),  # controls
        *("\u034f", "\u115f", "\u1160", "\u17b4", "\u180b"),  # fillers and joiners
        *("\u2065", "\ufff0", "\ufff8", "\U000e0000", "\U000e0fff"),  # kept free by Unicode for characters like these
        *("\ufe0f", "\U000e0041", "\U000e0100"),  # variation selectors and tags
        *("\u0301", "\u0336", "\u20d2"),  # combining marks
        *("\u20dd", "\u20e3", "\u0489"),  # enclosing marks, which have no combining class
    ],
)
def test_what_does_not_show_or_only_decorates_is_dropped(char):
    """A character that shows nothing of its own cannot break up a word."""
    assert fold(f"d{char}ar{char}n") == "darn"


@pytest.mark.parametrize(
    "blank", ["\t", "\n", "\r\n", "\x1f", "\x85", "\u00a0", "\u2003", "\u2028", "\u3000", " \u200b "]
)
def test_any_run_of_white_space_becomes_one_blank(blank):
    """White space of any kind and length is one blank, also where something invisible stands in it."""
    assert fold(f"a{blank}b") == "a b"


def test_vowel_signs_stay():
    """A mark without a combining class is a letter's vowel, not an ornament: dropping it would change the word."""
    assert fold("रामू") == "रामू"


def test_folding_every_character_twice_changes_nothing_more():
    """The folded form of every character there is folds to itself."""
    folded = list(map(module._fold_char, ASSIGNED))
    assert [text for text in folded if any(module._fold_char(char) != char for char in text)] == []


def test_ascii_takes_a_short_cut_to_the_same_result():
    """The fast way for ASCII says what the table says."""
    text = "".join(map(chr, range(128)))
    assert fold(text + "中") == fold(text) + "中"


def test_the_table_does_not_grow_for_good(monkeypatch):
    """A caller who sends every code point there is fills a bounded table, and folding stays right meanwhile."""
    monkeypatch.setattr(module, "_TABLE_LIMIT", 100)
    module._table.clear()
    text = "".join(chr(point) for point in range(0x4E00, 0x4E00 + 1000))
    assert fold(text) == text
    assert len(module._table) <= 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("abc", [0, 1, 2]),
        ("a \t\n b", [0, 1, 5]),
        ("a\u200bb", [0, 2]),
        ("a \u200b b", [0, 1, 4]),
        ("ß!", [0, 0, 1]),
        ("e\u0301a", [0, 2]),
        ("\u3000 \u3000", [0]),
        ("😀x", [0, 1]),
    ],
)
def test_origins_lead_back_to_the_original(text, expected):
    """Every folded character has the index of the one it came from."""
    assert origins(text) == expected


@pytest.mark.parametrize(
    ("text", "index", "end"),
    [
        ("abc", 0, 1),
        ("abc", 2, 3),
        ("e\u0301x", 0, 2),
        ("e\u0301\u0336", 0, 3),
        ("1\ufe0f\u20e3x", 0, 1),
        ("n\u20dd x", 0, 2),
    ],
)
def test_the_end_of_a_character_is_behind_its_marks(text, index, end):
    """Marks that sit on a character go with it; what stands behind them does not."""
    assert original_end(text, index) == end


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("darn it", ()),
        ("😀 中文", ()),
        ("Darn", ("case",)),
        ("ÄRN", ("case", "marks")),
        ("därn", ("marks",)),
        ("da\u0308rn", ("marks",)),
        ("d\u20ddarn", ("marks",)),
        ("ｄarn", ("form",)),
        ("𝐝arn", ("form",)),
        ("da\u200brn", ("ignorable",)),
        ("da\x00rn", ("ignorable",)),
        ("darn\u00a0it", ("space",)),
        ("darn\nit", ("space",)),
        ("darn  it", ("space",)),
        ("darn \u200b it", ("ignorable", "space")),
    ],
)
def test_steps_name_what_folding_did(text, names):
    """A record can say how a text was disguised."""
    assert steps(text) == names


@pytest.mark.parametrize("char", ["\u3164", "\uffa0", "\u2800"])
def test_what_shows_as_a_blank_is_one(char):
    """A letter or symbol that only looks like a blank separates words as one does."""
    assert fold(f"darn{char} {char}it") == "darn it"
