from dataclasses import replace

import pytest

from panda_addon.checks.neighbours import Joined, Piece, joined
from panda_addon.exchange import Span
from panda_addon.text.fold import BARRIER, FILLING, SEAM

# What is looked at of a long text on either side.
REACH = 1024
REST = BARRIER * 2048


def spans(*texts):
    """Texts and their voices."""
    return [Span(f"/{number}", text, voice=voice) for number, (voice, text) in enumerate(texts)]


def texts(*said):
    """What the texts of some voices are joined to."""
    return [one.text for one in joined(spans(*said))]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], []),
        # a voice that says one thing has no neighbours, nor has what nobody says
        ([("user", "a")], []),
        ([("", "a"), ("", "b")], []),
        ([("user", "a"), ("", "b")], []),
        ([("user", "a"), ("system", "b")], []),
        # in the order in which they stand, whatever is between
        ([("user", "a."), ("user", "b")], [f"a.{SEAM}b"]),
        ([("user", "a."), ("", "x"), ("system", "y"), ("user", "b")], [f"a.{SEAM}b"]),
        ([("user", "a "), ("tool", "x "), ("user", "b"), ("tool", "y")], [f"a {SEAM}b", f"x {SEAM}y"]),
        # an empty one is none
        ([("user", ""), ("user", "b")], []),
        ([("user", "a "), ("user", ""), ("user", "b")], [f"a {SEAM}b"]),
        # by nothing where an escape reaches over the seam, or a tag
        ([("user", "a"), ("user", "b")], [f"a{SEAM}b"]),
        ([("user", "so"), ("user", "g&"), ("user", "lt;")], [f"so{SEAM}g&{SEAM}lt;", f"so{SEAM}g&lt;"]),
        ([("user", "g&"), ("user", ""), ("user", "9")], [f"g&{SEAM}9"]),
        ([("user", "100%"), ("user", "41")], [f"100%{SEAM}41", "100%41"]),
        ([("user", "g\\"), ("user", "u0061")], [f"g\\{SEAM}u0061", "g\\u0061"]),
        ([("user", "a <b"), ("user", "> c"), ("user", "d")], [f"a <b{SEAM}> c{SEAM}d", f"a <b> c{SEAM}d"]),
        # whichever text it began in, and whatever else is open
        (
            [("user", "so"), ("user", "&"), ("user", "#"), ("user", "97"), ("user", ";")],
            [f"so{SEAM}&{SEAM}#{SEAM}97{SEAM};", f"so{SEAM}&#97;"],
        ),
        ([("user", "a <b"), ("user", "d&#9"), ("user", "7;")], [f"a <b{SEAM}d&#9{SEAM}7;", f"a <b{SEAM}d&#97;"]),
        # or what belongs to the letter before or behind it
        ([("user", "gé"), ("user", "\u0301b")], [f"gé{SEAM}\u0301b", "gé\u0301b"]),
        ([("user", "e"), ("user", "&#769; b")], [f"e{SEAM}&#769; b", "e&#769; b"]),
        ([("user", "so !"), ("user", "gnore")], [f"so !{SEAM}gnore", "so !gnore"]),
        ([("user", "d"), ("user", "@"), ("user", "rn")], [f"d{SEAM}@{SEAM}rn", "d@rn"]),
        # encoded runs that reach over one are texts of their own, whatever they stand behind
        ([("user", "aWdub3Jl\n"), ("user", "IGFsbCB0")], [f"aWdub3Jl\n{SEAM}IGFsbCB0", "aWdub3Jl\nIGFsbCB0"]),
        ([("user", "69 67 6"), ("user", "e 6f z")], [f"69 67 6{SEAM}e 6f z", "69 67 6e 6f"]),
        (
            [("user", "with"), ("user", "aWdub3Jl"), ("user", "IGFsbCB0"), ("user", "aGF0 it")],
            [
                f"with{SEAM}aWdub3Jl{SEAM}IGFsbCB0{SEAM}aGF0 it",
                # they may begin in any, and in some with bytes that cannot be read
                "withaWdub3JlIGFsbCB0aGF0",
                "aWdub3JlIGFsbCB0aGF0",
                "IGFsbCB0aGF0",
            ],
        ),
        # noncharacters of the program's own are none in a text
        (
            [("user", f"{BARRIER}&"), ("user", f"{SEAM}{FILLING}")],
            [f"\ufdd2&{SEAM}\ufdd2\ufdd2"],
        ),
    ],
)
def test_the_texts_of_a_voice_are_joined(said, expected):
    """What one voice says is joined by what does not show, so that words stay apart, and by nothing where they touch."""
    assert texts(*said) == expected


@pytest.mark.parametrize("length", [2 * REACH, 2 * REACH + 1, 3 * REACH, 100_000])
def test_of_a_long_text_what_is_near_its_neighbours_is_looked_at(length):
    """A text is joined as a whole up to twice the reach; of a longer one its head and its tail, with nothing across."""
    long = ("(" * REACH).ljust(length - REACH, "-") + ")" * REACH
    middle = long if length <= 2 * REACH else "(" * REACH + REST + ")" * REACH
    assert texts(("user", "x"), ("user", long), ("user", "y")) == [f"x{SEAM}{middle}{SEAM}y"]
    [other] = texts(("user", "x"), ("user", f"{long}!"), ("user", "y"))[1:]
    assert other == f"x{SEAM}{middle if length < 2 * REACH else '(' * REACH + REST + ')' * (REACH - 1)}!y"


@pytest.mark.parametrize(
    ("start", "end", "pieces"),
    [
        (0, 3, [Piece(0, 0, 3)]),
        (1, 2, [Piece(0, 1, 2)]),
        (2, 5, [Piece(0, 2, 3), Piece(2, 0, 1)]),
        (0, 8, [Piece(0, 0, 3), Piece(2, 0, 2), Piece(3, 0, 1)]),
        (3, 4, []),
        (3, 5, [Piece(2, 0, 1)]),
        (2, 4, [Piece(0, 2, 3)]),
        (4, 6, [Piece(2, 0, 2)]),
        (5, 6, [Piece(2, 1, 2)]),
        (6, 8, [Piece(3, 0, 1)]),
        (2, 2, []),
        (9, 12, []),
    ],
)
def test_what_is_found_is_told_by_its_pieces(start, end, pieces):
    """A stretch of the whole is a stretch of each text it reaches into; the seams are of none."""
    [first] = joined(spans(("user", "abc"), ("", "x"), ("user", "de"), ("user", "f")))
    assert first.text == f"abc{SEAM}de{SEAM}f"
    assert first.pieces(start, end) == pieces


def test_thousands_of_pieces_are_told_apart_at_once():
    """A stretch is looked for where it is, not from the beginning of what may be thousands of texts."""
    first, *_ = joined(spans(*[("user", "ab.")] * 5000))

    class Watched(list):
        """Parts that count how often one is looked at."""

        looks = 0

        def __getitem__(self, at):
            Watched.looks += 1
            return super().__getitem__(at)

    assert replace(first, parts=Watched(first.parts)).pieces(4 * 4000, 4 * 4000 + 2) == [Piece(4000, 0, 2)]
    assert Watched.looks < 100


def test_without_a_seam_pieces_meet():
    """Where nothing stands between two texts, one begins where the other ends; an empty one has no piece."""
    _, second = joined(spans(("user", "ab!"), ("user", ""), ("user", "de")))
    assert second.pieces(2, 4) == [Piece(0, 2, 3), Piece(2, 0, 1)]
    assert second.pieces(0, 3) == [Piece(0, 0, 3)]
    assert second.pieces(3, 5) == [Piece(2, 0, 2)]


def test_the_pieces_of_a_long_text_have_their_own_places():
    """What is found in its tail is told by where it is in the text itself."""
    long = "a" * 5000 + "bc&"
    _, second = joined(spans(("user", long), ("user", "lt;")))
    at = second.text.index("bc&")
    assert at == 2 * REACH + len(REST) - 3
    assert second.pieces(at, at + 4) == [Piece(0, 5000, 5003), Piece(1, 0, 1)]
    assert second.pieces(0, 1) == [Piece(0, 0, 1)]
    behind = REACH + len(REST)
    assert second.pieces(REACH - 1, behind + 1) == [Piece(0, REACH - 1, REACH), Piece(0, 5003 - REACH, 5004 - REACH)]
    assert second.pieces(REACH, behind) == []


def test_nothing_is_part_of_no_text():
    """Texts that are joined of nothing have no pieces."""
    assert Joined("", ()).pieces(0, 1) == []


def test_of_runs_over_each_other_a_few_are_followed():
    """A run may begin in any of many parts, and at any of many places of one: the earliest few are tried."""
    assert len(texts(*[("user", "IGFsbCB0")] * 9)) < 9
    assert len(texts(("user", "so 69 6e 69 6e 69 6e 69 6e 69 6e"), ("user", "20 61"))) < 9
