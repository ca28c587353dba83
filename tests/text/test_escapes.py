import pytest

from panda_addon.text.escapes import step, view
from panda_addon.text.fold import FILLING, THIN


def said(text, **how):
    """What the view of a text says, with `.` for filling and `^` for what a tag within a line is; None for no view."""
    seen = view(text, **how)
    return seen and seen.text.replace(FILLING, ".").replace(THIN, "^")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&#105;", "i....."),
        ("&#105", "i...."),
        ("&#105x", "i....x"),
        ("&#9;", "\t..."),
        ("&#x69;", "i....."),
        ("&#X69 ", "i.... "),
        ("&#x1F600;", "😀........"),
        ("&#0;", "\0..."),
        # zeros before it are no other number, however many
        ("&#0000105;", "i........."),
        ("&#00000105;", "i.........."),
        ("&#x0000069;", "i.........."),
        (f"&#{'105':0>23};", "i" + "." * 25),
        (f"&#x{'69':0>22};", "i" + "." * 25),
        # names
        ("&amp;", "&...."),
        ("&lt;b&gt;", "<...b>..."),
        ("&eacute;&Auml;", "é.......Ä....."),
        ("&zwnj;", "\u200c....."),
        ("&frac12;", "½......."),
        ("&fjlig;", "fj....."),
        ("&nGt;", "≫\u20d2..."),
        ("&there4;", "∴......."),
        ("&CounterClockwiseContourIntegral;", "∳" + "." * 32),
        ("&GT;", ">..."),
        # names that need no semicolon, also where others go on as they do
        ("&lt", "<.."),
        ("&nbsp x", "\u00a0.... x"),
        ("&nbspborealis", "\u00a0....borealis"),
        ("&nbspborealis;", "\u00a0....borealis;"),
        ("&notin;", "∉......"),
        ("&notit;", "¬...it;"),
        ("&ampersand;", "&...ersand;"),
        ("&sup1", "¹...."),
        ("&copycat, &COPY", "©....cat, ©...."),
        ("&eacute" + "a" * 40, "é......" + "a" * 40),
        ("&amp#105;", "i........"),
        ("&ampamplt", "<........"),
        # escapes of escapes
        ("&amp;#105;", "i........."),
        ("&amp;lt;", "<......."),
        ("&amp;amp;", "&........"),
        ("&amp;amp;amp;amp;#x69;", "i....................."),
        ("&amp;amp;amp;amp;amp;#105;", "&....................#105;"),
        # noncharacters of the program's own and half characters
        ("&#xfdd0;&#xFDD1;", "\ufdd2.......\ufdd2......."),
        ("&#65535;", "\ufdd2......."),
        ("&#xd800;", "\ud800......."),
        ("&#1114111;", "\U0010ffff........."),
        # several, with text around
        ("a&#98;c &#100;", "ab....c d....."),
    ],
)
def test_html_entities_are_undone(text, expected):
    """A reference by number or name is the character it stands for, also where its ampersand is a reference."""
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *["&", "a & b", "&&", "AT&T;", "&nosuch;", "&a;", "&;", "&#;", "&#x;", "&#xg;", "& #105;", "&Eacut", "&nbs", "&hearts", "&hearts "],
        *["&#1114112;", "&#x110000;", f"&#{'105':0>24};", f"&#x{'69':0>23};", f"&{'a' * 33};", "&Eacut;", "&GREATERTHAN;"],
    ],
)  # fmt: skip
def test_what_is_no_entity_stays(text):
    """Ampersands by themselves, names that nothing has and numbers that are no characters are text."""
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\u0069", "i....."),
        (r"\u00e9\u00E9", "é.....é....."),
        (r"\x69", "i..."),
        (r"\U00000069", "i........."),
        (r"\U0001f600", "😀........."),
        (r"\u{69}", "i....."),
        (r"\u{1F600}", "😀........"),
        (r"a\nb\rc\td", "a\n.b\r.c\t.d"),
        # a line that goes on
        ("ig\\\nnore", "ig^^nore"),
        ("ig\\\r\nnore", "ig^^^nore"),
        (f"ig\\{FILLING}\n{FILLING}nore", "ig^^^.nore"),
        # escapes of escapes, up to sixteen
        (r"\\u0069", "i......"),
        (r"\\\\n", "\n...."),
        ("\\" * 16 + "u0069", "i" + "." * 20),
        ("\\" * 17 + "u0069", "\\i" + "." * 20),
        # two halves of a character
        (r"\ud83d\ude00", "😀..........."),
        (r"\uD83D\\uDE00", "😀............"),
        (r"\ud83d", "\ud83d....."),
        (r"\ude00", "\ude00....."),
        (r"\ud83d \ude00", "\ud83d..... \ude00....."),
        (r"\ud83d\u0041", "\ud83d.....A....."),
        (r"\ud83d\ud83d\ude00", "\ud83d.....😀..........."),
        # noncharacters of the program's own
        (r"\ufdd0\uffff", "\ufdd2.....\ufdd2....."),
        (r"\U0000fdd1", "\ufdd2........."),
        (r"\u{10ffff}", "\U0010ffff........."),
        (r"\u00691", "i.....1"),
    ],
)
def test_backslash_escapes_are_undone(text, expected):
    """Escapes of JSON, of Python and of JavaScript are the characters they stand for, however often escaped."""
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    ["\\", "\\\\", r"\b", r"\q", r"\x6", r"\xg0", r"\u006", r"\u{}", r"\u{110000}", r"\U0000006", r"\U00110000", r"\N", r"\X69", "\\\r", "\\\\\n", "\\ \n"],
)  # fmt: skip
def test_what_is_no_escape_stays(text):
    """Backslashes by themselves and escapes that are cut short or stand for no character are text."""
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%69", "i.."),
        ("%7e%20%00", "~.. ..\0.."),
        ("%C3%A9%c3%a9", "é.....é....."),
        ("%E4%B8%AD", "中........"),
        ("%F0%9F%98%80", "😀..........."),
        # escapes of escapes
        ("%2569", "i...."),
        ("%25C3%25A9", "é........."),
        ("%25C3%A9", "é......."),
        ("%2525252569", "i.........."),
        ("%252525252569", "%..........69"),
        ("%25", "%.."),
        ("%25%36", "%..6.."),
        # bytes that continue nothing
        ("%C3%28", "%C3(.."),
        ("%E4%B8%41", "%E4%B8A.."),
        ("%C3 %A9%41", "%C3 %A9A.."),
        # noncharacters of the program's own
        ("d%EF%BF%BFa", "d\ufdd2........a"),
        ("%ef%b7%90", "\ufdd2........"),
        ("%EF%B7%91", "\ufdd2........"),
        ("5%41", "5A.."),
    ],
)
def test_percent_encoding_is_undone(text, expected):
    """What a URL says in UTF-8 is read, also where its percent signs are encoded."""
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *["%", "100% sure", "100 %", "%2", "%5", "%g1", "%zz", "% 41", "%C3", "%ff", "%80", "%A9", "%F8%80%80%80"],
        # bytes that look like UTF-8 and are none: too long a form, a half character, past the last
        *["%C0%AF", "%C1%A4", "%E0%80%AF", "%ED%A0%80", "%F4%90%80%80"],
    ],
)
def test_what_is_no_percent_encoding_stays(text):
    """Percent signs by themselves and bytes that are no UTF-8 are text."""
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d<b>arn</b>", "d^^^arn^^^^"),
        ("<B>", "^^^"),
        ("<a href='x' title=\"y\">", "^" * 22),
        ("<SPAN\nclass=x>", "^" * 14),
        ("<b/>", "^^^^"),
        ("con<wbr>text", "con^^^^^text"),
        ("<h1>", " ..."),
        ("</p>", " ..."),
        ("<br>", " ..."),
        ("<br />", " ....."),
        ("<div class=a>x", " ............x"),
        ("<bx>", " ..."),
        ("<x-y>", " ...."),
        ("<a1>", " ..."),
        # what has no name is no element: a comment, a declaration, an instruction
        ("a<!-- x -->b", "a" + "^" * 10 + "b"),
        ("<!DOCTYPE html>", "^" * 15),
        ("<?php x ?>", "^" * 10),
        ("<-b>", "^^^^"),
        # what is in quotes ends no tag, unless they are not closed before the next
        ("<b x='>'>c", "^^^^^^^^^c"),
        ('<b x="a > b" y=">" z="c">d', "^" * 25 + "d"),
        ('<b x=">" y=">" z=">">d', "^" * 7 + '" y=">" z=">">d'),
        ("<p title='>'>c", " ............c"),
        ('<b x=">c', "^^^^^^^c"),
        ('<b x=">c<i>"', '^^^^^^^c^^^"'),
        ("<b it's>c", "^^^^^^^^c"),
        ("<b '>" + "c" * 127 + "'>", "^" * 134),
        ("<b '>" + "c" * 128 + "'>", "^" * 5 + "c" * 128 + "'>"),
        # a comment ends with two hyphens, unless there are none before the next tag
        ("a<!-- > -->b", "a" + "^" * 10 + "b"),
        ("a<!-- x -> y > --->b", "a" + "^" * 18 + "b"),
        ("a<!-->b-->", "a^^^^^b-->"),
        ("a<!--->b-->", "a^^^^^^b-->"),
        ("a<!-- x > y", "a^^^^^^^^ y"),
        ("a<!-- x > <b> -->", "a^^^^^^^^ ^^^ -->"),
        ("<!--" + "x>" * 128 + "-->", "^" * 263),
        ("<!--" + "x>" * 128 + "x-->", "^" * 6 + "x>" * 127 + "x-->"),
        # the innermost of several
        ("<b<i>", "<b^^^"),
        ("<b><p>", "^^^ .."),
        # at most so long
        ("<" + "b" * 257 + ">", " " + "." * 258),
        ("<b" + " " * 256 + ">", "^" * 259),
        # what is in a tag goes with it
        ("<b title='&#105;'>", "^" * 18),
    ],
)
def test_tags_are_nothing_or_a_blank(text, expected):
    """A tag that stands within a line parts nothing that can be seen; any other separates."""
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    ["<", ">", "1 < 2 > 3", "<1>", "< b>", "<>", "</>", "</ b>", "a <b", "<b<", "<3", "<éa>", "<" + "b" * 258 + ">"],
)
def test_what_is_no_tag_stays(text):
    """Angle brackets by themselves, and what is too long for a tag, are text."""
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"\\{FILLING}u0069", "i......"),
        (f"\\{FILLING}\\{FILLING}n", "\n...."),
        (f"\\{FILLING}ud83d\\{FILLING}ude00", "😀............."),
        (f"\\{FILLING * 15}n", "\n" + "." * 16),
        (f"&{FILLING * 5}#105;", "i.........."),
        (f"&{FILLING * 5}amp;lt;", "<............"),
        (f"%{FILLING * 5}41", "A......."),
        (f"%{FILLING}C3%{FILLING * 5}A9", "é..........."),
        (f"%{FILLING * 16}41", "A" + "." * 18),
    ],
)
def test_what_json_within_a_text_left_is_seen_through(text, expected):
    """Where JSON in a text was undone before, escapes that it hid are undone with the filling that it left."""
    assert said(text) == expected
    assert view(text[:-1], last=False).unfinished == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>&#105;</b>", "<b>i.....</b>"),
        ("<p title='&#105;'>", "<p title='i.....'>"),
        ("<p>%41", "<p>A.."),
        ("<p>", None),
        ("a < b", None),
    ],
)
def test_tags_may_be_left_as_they_are(text, expected):
    """For the sake of what is escaped in a tag, there is a view with tags in it, in which none is ever open."""
    assert said(text, tags=False) == expected
    assert said(text + "<b", tags=False, last=False) == (expected and expected + "<b")


@pytest.mark.parametrize("text", ["", "plain", "more; than #105; {x69} u0069", "é > ü"])
def test_a_text_without_escapes_has_no_view(text):
    """Where nothing could be one there is nothing to see, be it the end or not."""
    assert view(text) is None
    assert view(text, last=False) is None


@pytest.mark.parametrize(
    ("char", "name"), [("&", "entity"), ("\\", "escape"), ("%", "percent"), ("<", "tag")]
)  # fmt: skip
def test_an_escape_is_named_by_its_first_character(char, name):
    """What undid it is told by how it begins."""
    assert step(char) == name


@pytest.mark.parametrize(
    "begun",
    [
        *["&", "&a", "&am", "&amp", "&amp;", "&amp;a", "&amp;#", "&amp;amp;amp;amp;#1", "&#", "&#1", "&#1234567", "&x1"],
        *["&#105", "&#x", "&#X1", "&#xabcdef", "&abcdefghijklmnopqrstuvwxyzabcdef", "&lt", "&CounterClockwiseContourIntegra"],
        *["&nbsp", "&nbspborealis", "&ampamp", "\\\r"],
        *["\\", "\\\\", "\\" * 8, "\\u", "\\u0", "\\u00", "\\u006", "\\\\u0", "\\x", "\\x6", "\\U", "\\U0000006"],
        *["\\u{", "\\u{6", "\\u{10ffff", "\\ud83d", "\\ud83d\\", "\\ud83d\\\\u", "\\ud83d\\ud", "\\uD83D\\uDE", "\\ud83d\\ude0"],
        *["%", "%2", "%25", "%252", "%2525", "%25252525", "%C", "%C3", "%C3%", "%C3%A", "%C3%2", "%C3%25", "%C3%252", "%E4%B8%2", "%25C3%25A", "%e"],
        *["%E4%B8", "%E4%B8%", "%E4%B8%A", "%F0%9F%98", "%F0%9F%98%8", "%6", "%7"],
    ],
)  # fmt: skip
def test_what_may_become_an_escape_is_left_open(begun):
    """As long as more text may complete an escape, the view ends before its first character."""
    assert said(f"a{begun}") in (None, f"a{begun}", said(f"a{begun}", last=True))
    seen = view(f"a{begun}", last=False)
    assert (seen.text, seen.unfinished, seen.letter) == ("a", 1, True)
    assert list(seen.tokens) == []


@pytest.mark.parametrize(
    "begun",
    [
        "<",
        "<b",
        "</",
        "</b",
        "<!",
        "<!-",
        "<!--",
        "<!---",
        "<?",
        "<-",
        "<b x='1 & %2 \\",
        "<" + "b" * 257,
        "<b x='>",
        '<b x=">" ',
        "<b x='>' y='>",
        "<!-- > -",
        "<!--" + "x>" * 128 + "--",
    ],
)
def test_what_may_become_a_tag_is_left_open_and_no_letter(begun):
    """No tag becomes a letter, so that nothing waits for its end for the sake of one."""
    seen = view(f"a{begun}", last=False)
    assert (seen.text, seen.unfinished, seen.letter) == ("a", 1, False)


@pytest.mark.parametrize(
    ("text", "expected", "unfinished"),
    [
        # complete
        ("a&#105;", "ai.....", 7),
        ("a&#1051;", "aЛ......", 8),
        ("a%41", "aA..", 4),
        ("a<b>", "a^^^", 4),
        (r"a\x41", "aA...", 5),
        (r"a\ud83d\ude00", "a😀...........", 13),
        ("a%C3%A9", "aé.....", 7),
        ("a%C3%A9%2", "aé.....", 7),
        ("a%C3%A9%25", "aé.....", 7),
        ("a%E4%B8%AD%25", "a中........", 10),
        ("a%F0%9F%98%80%25", "a😀...........", 13),
        # one after the other
        ("&#105;&#1", "i.....", 6),
        ("%41%4", "A..", 3),
        (r"\x41\\", "A...", 4),
        ("%C3%A9%C3", "é.....", 6),
        # the half that stands before something else is one
        (r"\ud83dx", "\ud83d.....x", 7),
        # the first that is open
        ("<b &#1", "", 0),
        (r"\ud83d&a", "\ud83d.....", 6),
        ("%C3&a", "%C3", 3),
        ("\\" * 17, "\\", 1),
        ("&&", "&", 1),
        ("<<", "<", 1),
        ("x" * 400 + "<b", "x" * 400, 400),
    ],
)
def test_a_view_of_a_text_that_goes_on_ends_where_it_is_open(text, expected, unfinished):
    """What is certain is undone; what is not is left for later."""
    assert said(text, last=False) == expected
    assert view(text, last=False).unfinished == unfinished


@pytest.mark.parametrize(
    "text",
    [
        *["& ", "&a b", "&#a", "&#xg", "&.", f"&{'a' * 33}"],
        *["\\q", "\\ ", "\\xg", "\\u00g", "\\u{g", "\\U0g"],
        *["%g", "% ", "100%!", "%8 ", "%C3%4x", "%C3 "],
        *["<1", "< ", "<<1", "</1", "<b<1", "<" + "b" * 258, "a > b < 3"],
    ],
)
def test_what_cannot_become_an_escape_is_not_left_open(text):
    """Text waits for nothing that cannot come."""
    assert view(text, last=False) is None


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a&#105;b&lt;", [(1, 7), (8, 12)]),
        ("%41%42", [(0, 3), (3, 6)]),
        ("<b>x</b>", [(0, 3), (4, 8)]),
        ("&nosuch;&#1114112;%C3%28", [(21, 24)]),
        ("&#105;&#1", [(0, 6)]),
    ],
)
def test_a_view_tells_what_was_undone(text, tokens):
    """Every escape and tag is told by its place, in order, and each character of it leads to it."""
    seen = view(text, last=text[-1] in ";28>")
    assert list(seen.tokens) == tokens
    for at in range(len(seen.text)):
        assert seen.token(at) == next(((start, end) for start, end in tokens if start <= at < end), (at, at))


@pytest.mark.parametrize(
    ("text", "at", "known"),
    [
        # as soon as it is there
        ("&#105;x", 6, 7),
        ("a&#105;", 0, 1),
        ("<b>x", 3, 4),
        # with the end of its escape
        ("&#105;x", 0, 6),
        ("&#105;x", 3, 6),
        ("a%C3%A9x", 1, 7),
        (r"\ud83d\ude00", 0, 12),
        ("<b>", 0, 3),
        # with what shows that it ends or is none
        ("&#105x", 0, 6),
        ("a&#105 x", 3, 7),
        ("x&.%41", 1, 3),
        ("x&ab %41", 1, 5),
        (r"x\q%41", 1, 3),
        ("<1%41", 0, 2),
        ("<b<%41", 0, 3),
        ("<b<%41", 1, 3),
        (r"\ud83dx", 0, 7),
        # not yet: past the end
        ("%41&", 3, 5),
        ("%41<b c", 3, 8),
        (r"%41\ud83d", 3, 10),
        ("&#105", 0, 6),
    ],
)
def test_a_view_tells_from_when_on_a_character_is_read_rightly(text, at, known):
    """A character is certain with the one that shows that what it is part of, or begins, is complete or is nothing."""
    seen = view(text, last=False)
    assert seen.known(at) == known
