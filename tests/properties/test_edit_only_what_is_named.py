import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from panda_addon.verdict import Edit
from panda_addon.wire.names import escape
from panda_addon.wire.splice import splice
from panda_addon.wire.strictjson import parse

SPACE = st.text(" \t\r\n", max_size=2)
CHARS = st.one_of(
    st.sampled_from('ab/\\"\n\t\x00é€😀\U0010ffff\u2028'),
    st.characters(exclude_categories=()),
    st.sampled_from("\ud83d\ude00\ud800\udfff"),
)
# Two surrogates side by side are one character once they have been through JSON.
TEXTS = st.lists(CHARS, max_size=8).map(lambda chars: json.loads(json.dumps("".join(chars))))
NEW = st.text(st.characters(exclude_categories=("Cs",)), max_size=4)
# A number or constant is the one item of a tuple, as it is written.
NUMBERS = st.sampled_from(["0", "-0", "1.10", "1e2", "1E+02", "12345678901234567890", "null", "true"]).map(
    lambda n: (n,)
)
TREES = st.recursive(
    TEXTS | NUMBERS, lambda kids: st.lists(kids, max_size=4) | st.dictionaries(TEXTS, kids, max_size=4), max_leaves=10
)


def character(draw, char):
    """One character as JSON may write it."""
    point = ord(char)
    ways = [json.dumps(char)[1:-1], json.dumps(char)[1:-1].upper().replace("\\U", "\\u") if point > 0x7F else None]
    if point <= 0xFFFF:
        ways.append(f"\\u{point:04x}")
    if char == "/":
        ways.append("\\/")
    if point >= 0x20 and char not in '"\\' and not 0xD800 <= point <= 0xDFFF:
        ways.append(char)
    return draw(st.sampled_from([way for way in ways if way]))


def literal(draw, text):
    """A string literal that says `text`, with any escapes."""
    return '"' + "".join(character(draw, char) for char in text) + '"'


def write(draw, value, pointer, pieces, strings):
    """Append the pieces of a value as JSON may write it; note the place of each string in them, and its pointer."""

    def say(text, at, key):
        strings.append((len(pieces), at, key))
        pieces.append(literal(draw, text))

    pieces.append(draw(SPACE))
    if isinstance(value, str):
        say(value, pointer, False)
    elif isinstance(value, (list, dict)):
        steps = list(value.items() if isinstance(value, dict) else enumerate(value))
        pieces.append("{" if isinstance(value, dict) else "[")
        for number, (step, child) in enumerate(steps):
            below = f"{pointer}/{escape(step) if isinstance(step, str) else step}"
            pieces.append("," if number else "")
            if isinstance(step, str):
                pieces.append(draw(SPACE))
                say(step, below, True)
                pieces.append(draw(SPACE) + ":")
            write(draw, child, below, pieces, strings)
        pieces.append("}" if isinstance(value, dict) else "]")
    else:
        pieces.append(value[0])
    pieces.append(draw(SPACE))


@st.composite
def edited(draw, length):
    """Edits of a string of this length that do not overlap, as (start, end, text)."""
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=6)))
    return [(start, end, draw(NEW)) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]


def changed(text, edits):
    """A string with edits made, the plain way."""
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text


def applied(value, pointer, wanted):
    """A tree with the edits made, as JSON would give it back; None for one in which two names became the same."""
    if isinstance(value, str):
        return json.loads(json.dumps(changed(value, wanted.get((pointer, False), []))))
    if isinstance(value, list):
        return [applied(child, f"{pointer}/{index}", wanted) for index, child in enumerate(value)]
    if isinstance(value, dict):
        pairs = []
        for name, child in value.items():
            below = f"{pointer}/{escape(name)}"
            fresh = json.loads(json.dumps(changed(name, wanted.get((below, True), []))))
            pairs.append((fresh, applied(child, below, wanted)))
        assume(len(dict(pairs)) == len(pairs))
        return dict(pairs)
    return parse(value[0])


def texts_of(value, pointer):
    """Every string of a tree with its pointer and whether it is a name."""
    if isinstance(value, str):
        yield pointer, False, value
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from texts_of(child, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, child in value.items():
            yield f"{pointer}/{escape(name)}", True, name
            yield from texts_of(child, f"{pointer}/{escape(name)}")


@settings(max_examples=200, deadline=None)
@given(tree=TREES, data=st.data())
def test_edits_change_the_strings_they_name_and_no_other_byte(tree, data):
    """The parsed result is the tree with the edits made, and outside the edited literals every byte is the source's."""
    pieces, strings = [], []
    write(data.draw, tree, "", pieces, strings)
    source = "".join(pieces)
    wanted = {}
    for pointer, key, text in texts_of(tree, ""):
        if edits := data.draw(edited(len(text))):
            wanted[pointer, key] = edits
    expected = applied(tree, "", wanted)
    edits = [Edit(at, start, end, new, key) for (at, key), found in wanted.items() for start, end, new in found]
    result = splice(source, edits)
    assert parse(result) == expected
    rest = result
    touched = {index for index, at, key in strings if (at, key) in wanted}
    for index, piece in enumerate(pieces):
        if index in touched:
            _, end = json.decoder.scanstring(rest, 1)
            rest = rest[end:]
        else:
            assert rest.startswith(piece)
            rest = rest[len(piece) :]
    assert rest == ""
