import pytest

from panda_addon.text.escapes import view
from panda_addon.text.fold import FILLING, THIN
from panda_addon.text.keys import index, sort
from panda_addon.text.readings import Reading, ways


def all_ways(text, *, last=True):
    """What a text says in each way in which it may be read."""
    seen = view(text, last=last)
    return ways(text, seen, view(text, last=last, tags=False) if seen and "<" in text else None, last=last)


@pytest.mark.parametrize(
    ("text", "last", "said"),
    [
        ("darn", True, ["darn"]),
        ("d@rn", True, ["d@rn", "d4rn"]),
        ("d&#97;rn", True, ["d&#97;rn", f"da{FILLING * 4}rn"]),
        ("d@r&#110;", True, ["d@r&#110;", "d4r&#110;", f"d@rn{FILLING * 5}", f"d4rn{FILLING * 5}"]),
        ("<b>d@rn", True, ["<b>d@rn", "<b>d4rn", f"{THIN * 3}d@rn", f"{THIN * 3}d4rn"]),
        # with what may still become an escape, and a sign that may stand before a letter
        ("d@rn&", False, ["d@rn&", "d4rn&", "d@rn", "d4rn"]),
        ("d@rn", False, ["d@rn", "d4rn"]),
        ("d@", False, ["d@", "d4"]),
        ("d!", False, ["d!", "d1"]),
        ("d!", True, ["d!"]),
    ],
)
def test_a_text_is_read_in_every_way(text, last, said):
    """As it is written, with signs for letters, through its views, and both."""
    assert [way.said for way in all_ways(text, last=last)] == said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("darn", [["darn"]]),
        ("darning undarn", [[]]),
        ("darn d@rn", [["darn"], ["darn"]]),
        # each where it says something else than before, or beside that
        ("d@rn d&#97;rn", [[], ["darn"], ["darn"], []]),
        ("darn" + " so" * 100 + " d@rn", [["darn"], ["darn"]]),
        ("d@r&#110;", [[], [], [], ["darn"]]),
        ("d@rn" + " " * 200 + "d@r&#110; darn", [["darn"], ["darn"], ["darn"], ["darn"]]),
    ],
)
def test_each_way_has_what_the_others_have_not(text, found):
    """Whole words are told from parts of longer ones, and what reads alike in two ways is found in one."""
    _, entries = sort([("darn", 0)])
    keys, *_ = index(entries, [frozenset()] * 3)
    readings = [Reading(keys, keys.automaton, text, way) for way in all_ways(text)]
    assert [[key.known[0][1].phrase for _, key in one.matches if key.length == 4] for one in readings] == found
