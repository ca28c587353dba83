import base64
import html
import urllib.parse
from collections import Counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from panda_addon.text.encoded import runs
from panda_addon.text.escapes import step, view
from panda_addon.text.fold import FILLING, THIN

TRIGGERS = frozenset("&\\%<")
# What escapes are made of, and whole ones, so that they meet.
PARTS = st.one_of(
    st.text(st.sampled_from("&#;xX\\uUnr{}%<>/!b p0123456789abcdefADF2\"'-\n\r"), max_size=6),
    st.sampled_from(
        "&amp; &#105; &#x69; &lt; &eacute; &nGt; \\u0069 \\x69 \\U00000069 \\u{69} \\ud83d \\ude00 \\n %69 %25 %C3%A9 %E4%B8%AD "
        "%F0%9F%98%80 &nbsp &not &amp &lt it; <b> </b> <p> <br/> <!--x--> <!-- --> <b/x='>' é 中 😀 &#xffff; \\ufdd0 %EF%BF%BF".split()
    ),
    st.sampled_from(["\\\n", "\\\r\n", '<b x="', "<b x='>' y='>'"]),
)
ESCAPED = st.lists(PARTS, max_size=8).map("".join)
TEXTS = st.one_of(ESCAPED, st.text())


def cuts(text):
    """A text in two, at every place."""
    return [(text[:at], text[at:]) for at in range(len(text) + 1)]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_view_stands_character_by_character_beside_its_text(text):
    """A view is as long as the text, differs from it in escapes alone, and each of these begins as one does."""
    seen = view(text)
    if seen is None:
        return
    assert len(seen.text) == len(text) == seen.unfinished
    assert not seen.letter
    assert TRIGGERS & set(text)
    assert seen.tokens
    end = 0
    for start, stop in seen.tokens:
        assert seen.text[end:start] == text[end:start]
        assert step(text[start])
        assert stop - start > 1
        assert set(seen.text[start + 2 : stop]) <= {FILLING, THIN}
        end = stop
    assert seen.text[end:] == text[end:]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_characters="&\\%<", exclude_categories=())), st.booleans())
def test_a_text_without_escapes_is_its_own_view(text, last):
    """Where nothing begins as an escape does, there is nothing to undo."""
    assert view(text, last=last) is None


@settings(max_examples=200, deadline=None)
@given(ESCAPED)
def test_a_view_of_a_beginning_is_the_beginning_of_the_view(text):
    """What is certain of a text that goes on stays as it is, wherever it is cut and whatever comes."""
    whole = view(text)
    said = whole.text if whole else text
    for head, _ in cuts(text):
        seen = view(head, last=False)
        known = seen.text if seen else head
        assert said.startswith(known)
        assert len(known) == (seen.unfinished if seen else len(head))


@settings(max_examples=100, deadline=None)
@given(ESCAPED)
def test_a_character_is_known_from_its_offset_on(text):
    """With so much of the text as `known` says a character is read as in the whole of it, and with less it is not."""
    seen = view(text, last=False)
    if seen is None:
        return
    for at in range(len(seen.text)):
        known = seen.known(at)
        assert known > at
        for stop in range(at + 1, len(text) + 1):
            early = view(text[:stop], last=False)
            assert (at < (early.unfinished if early else stop)) == (stop >= known)


def in_entities(text):
    """A text as references by number."""
    return "".join(f"&#{ord(char)};" for char in text)


# Characters that show, of which each escape stands for one.
SHOWN = st.text(st.characters(exclude_categories=("C", "Z", "Mn", "Me")), min_size=1, max_size=20)


@settings(max_examples=200, deadline=None)
@given(
    SHOWN,
    st.sampled_from(
        [
            in_entities,
            html.escape,
            lambda text: "".join(f"\\u{{{ord(char):x}}}" for char in text),
            lambda text: "".join(f"\\U{ord(char):08x}" for char in text),
            lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
            lambda text: "".join(f"%25{byte:02x}" for byte in text.encode()),
            lambda text: in_entities(text).replace("&", "&amp;"),
            lambda text: f"<b>{in_entities(text)}</b>",
        ]
    ),
)
def test_what_is_escaped_is_read(text, escape):
    """However a text is escaped, its view says it."""
    # HTML has no escape for what is one elsewhere.
    assume(escape is not html.escape or not {"\\", "%"} & set(text))
    seen = view(escape(text))
    said = seen.text if seen else escape(text)
    assert said.replace(FILLING, "").replace(THIN, "") == text


@settings(max_examples=200, deadline=None)
@given(SHOWN)
def test_what_a_url_says_is_read(text):
    """What the standard library quotes is read as it was."""
    quoted = urllib.parse.quote(text, safe="")
    seen = view(quoted)
    assert (seen.text if seen else quoted).replace(FILLING, "") == text


def wrapped(text, width, between):
    """A text in lines."""
    return between.join(text[at : at + width] for at in range(0, len(text), width))


# Text of more than three bytes, whose characters can be read.
PLAIN = st.text(
    st.one_of(st.characters(categories=("L", "N", "P", "S")), st.sampled_from(" \t\n\r")), min_size=4, max_size=60
)
ENCODINGS = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode().strip(),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "hex apart": lambda text: text.encode().hex(" "),
    "hex in columns": lambda text: text.encode().hex(":").upper(),
    "hex marked": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "base64 in short lines": lambda text: wrapped(base64.b64encode(text.encode()).decode(), 4, "\n"),
    "base64 in quoted lines": lambda text: wrapped(base64.b64encode(text.encode()).decode(), 16, "\n> "),
    "base64 put together": lambda text: wrapped(base64.b64encode(text.encode()).decode(), 8, '" +\n  "'),
    "hex in lines": lambda text: wrapped(text.encode().hex(), 8, "\n    "),
    "hex in an array": lambda text: wrapped(", ".join(f"0x{byte:02X}" for byte in text.encode()), 24, "\n\t"),
    "selectors": lambda text: "".join(
        chr(0xFE00 + byte if byte < 16 else 0xE0100 - 16 + byte) for byte in text.encode()
    ),
}
# Of which the first bytes are no text in UTF-8.
LATE = {
    "behind a byte": lambda text: b"\xff" + text.encode(),
    "behind a zero": lambda text: b"\0" + text.encode(),
    "behind two bytes": lambda text: b"\xff\x1f" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "UTF-16, the other way round": lambda text: text.encode("utf-16-be"),
    "UTF-16 with a mark": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16 with the other mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
}
NO_ALPHANUMERIC = st.characters(exclude_categories=("L", "N", "Cs"), exclude_characters="=+/-_")


@settings(max_examples=300, deadline=None)
@given(
    PLAIN,
    st.sampled_from(sorted(ENCODINGS)),
    st.text(max_size=10).map(lambda text: text + "!"),
    st.one_of(st.just(""), st.sampled_from(".!?)\u00a0中\x00")),
)
def test_what_is_encoded_is_read_in_any_surroundings(text, encoding, before, behind):
    """A text in any encoding is found as a whole, behind anything that is no letter or digit."""
    written = ENCODINGS[encoding](text)
    found, unfinished = runs(before + written + behind)
    assert unfinished == len(before + written + behind)
    assert (len(before), len(before) + len(written), text) in [(run.start, run.end, run.plain) for run in found]


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=4),
    st.one_of(st.just(""), PLAIN),
    st.sampled_from(sorted(LATE)),
    st.sampled_from([bytes.hex, lambda data: base64.b64encode(data).decode()]),
    st.text(max_size=10).map(lambda text: text + "!"),
)
def test_what_begins_late_is_read_in_any_surroundings(first, more, late, encode, before):
    """A text behind a byte or two that are none is found, and so is one in UTF-16, as far as its characters are known."""
    text = first + more
    written = encode(LATE[late](text))
    found, _ = runs(f"{before}{written}.")
    assert (len(before), len(before) + len(written), text) in [(run.start, run.end, run.plain) for run in found]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=4, max_size=60), st.text(max_size=10))
def test_what_is_said_by_tags_is_read(text, before):
    """ASCII in tag characters is found whatever stands around it, if that is none itself."""
    written = "".join(chr(0xE0000 + ord(char)) for char in text)
    before = "".join(char for char in before if not 0xE0000 <= ord(char) < 0xE0080)
    [run] = [run for run in runs(f"{before}{written}!")[0] if run.step == "tags"]
    assert (run.start, run.end, run.plain) == (len(before), len(before) + len(written), text)


# What encoded runs are made of, and whole ones, so that they meet.
PIECES = st.one_of(
    st.text(st.sampled_from('ZGFybiBpdA=\r\n +/-_x0146ef,:. é"\\>n\U000e0061\U000e007f\ufe01\U000e0151'), max_size=8),
    st.builds(
        lambda text, late, encode: encode(LATE[late](text)),
        st.sampled_from(["darn it", "darn中é", "da\0rn"]),
        st.sampled_from(sorted(LATE)),
        st.sampled_from([bytes.hex, lambda data: data.hex(" "), lambda data: base64.b64encode(data).decode()]),
    ),
    st.builds(lambda text, name: ENCODINGS[name](text), st.sampled_from(["darn it", "é中😀!", "da\0rn", "a\tb\nc"]), st.sampled_from(sorted(ENCODINGS))),
    st.sampled_from(["".join(chr(0xE0000 + ord(char)) for char in "darn"), "0x", " ", "ZGFybgD/", "6461726eff"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=5).map("".join))
def test_of_a_beginning_runs_say_no_less_than_later_text_reveals(text):
    """Wherever a text is cut, each of its runs is told already, or starts where the beginning says it is not finished."""
    whole, _ = runs(text)
    for head, _ in cuts(text):
        early, unfinished = runs(head, last=False)
        assert all(run in early or run.start >= unfinished for run in whole)
        assert all(run in whole for run in early)
        assert unfinished <= len(head)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=5).map("".join))
def test_a_run_is_told_from_where_it_is_settled(text):
    """Each run is told once so much of the text is there as it says, and not before."""
    for run in runs(text)[0]:
        for stop in range(run.start, len(text) + 1):
            assert (run in runs(text[:stop], last=False)[0]) == (stop >= run.settled)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=5).map("".join), st.data())
def test_a_limit_never_makes_cuts_matter(text, data):
    """With runs of more than the limit, too, what is told of a beginning is told of the whole."""
    limit = data.draw(st.integers(240, 300))
    whole, _ = runs(text, limit=limit)
    for head, _ in cuts(text):
        early, unfinished = runs(head, last=False, limit=limit)
        assert all(run in early or run.start >= unfinished for run in whole)
        assert not Counter(early) - Counter(whole)
