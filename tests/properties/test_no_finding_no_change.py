import json

from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.exchange import OutputCap
from panda_addon.judge import judge
from panda_addon.policy.model import OutputTokens, PhraseList, Phrases, Policy
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action
from panda_addon.wire.read import Head, read_request
from panda_addon.wire.route import find

TARGET = find("POST", "/v1/responses")
JSON = Head("application/json")
LISTS = Phrases((PhraseList("list", Action.REDACT),), PhraseIndex([("the words nobody says", 0)]))
POLICY = Policy(name="p", request_phrases=LISTS)
CAPPED = Policy(name="p", request_phrases=LISTS, output_tokens=OutputTokens(77, set_missing=True))

SPACE = st.text(" \t\r\n", max_size=3)
NUMBERS = st.sampled_from(
    ["0", "-0", "1.10", "1e2", "1E+02", "12345678901234567890", "0.1000000000000000055", "-1.0e-7"]
)


def written(char, how):
    """One character of a JSON string, in one of the ways to write it."""
    point = ord(char)
    if how == "plain" and point >= 0x20 and char not in '"\\' and not 0xD800 <= point < 0xE000:
        return char
    if how == "short" and char in '"\\/\b\f\n\r\t':
        return "\\" + '"\\/bfnrt'['"\\/\b\f\n\r\t'.index(char)]
    return json.dumps(char)[1:-1] if point > 0xFFFF else f"\\u{point:04{'X' if how == 'short' else 'x'}}"


@st.composite
def literals(draw, text=None):
    """A JSON string literal with any escapes, surrogates alone among them."""
    text = draw(st.text(st.characters(), max_size=12)) if text is None else text
    return (
        '"' + "".join(written(char, draw(st.sampled_from(["plain", "plain", "short", "code"]))) for char in text) + '"'
    )


def containers(children):
    """Lists and objects, with white space wherever it may stand."""

    @st.composite
    def make(draw):
        if draw(st.booleans()):
            items = [f"{draw(SPACE)}{child}{draw(SPACE)}" for child in draw(st.lists(children, max_size=4))]
            return f"[{','.join(items) or draw(SPACE)}]"
        return draw(objects(children))

    return make()


@st.composite
def objects(draw, children, taken=()):
    """An object whose keys differ, none of them among those taken."""
    keys = draw(st.lists(st.text(st.characters(exclude_categories=()), max_size=5), unique=True, max_size=4))
    members = [
        f"{draw(SPACE)}{draw(literals(key))}{draw(SPACE)}:{draw(SPACE)}{draw(children)}{draw(SPACE)}"
        for key in keys
        if key not in taken
    ]
    return f"{{{','.join(members) or draw(SPACE)}}}"


VALUES = st.recursive(literals() | NUMBERS | st.sampled_from(["null", "true", "false"]), containers, max_leaves=12)
BODIES = objects(VALUES, taken=("max_output_tokens",))


@settings(max_examples=150, deadline=None)
@given(body=BODIES, before=SPACE, after=SPACE)
def test_a_body_in_which_nothing_is_found_stays_as_it_is(body, before, after):
    """Without a finding there is no edit, and writing the document gives its own bytes."""
    source = f"{before}{body}{after}".encode()
    exchange, document = read_request(TARGET, "POST", JSON, source)
    verdict = judge(exchange, POLICY)
    assert (verdict.action, verdict.edits, verdict.puts) == (Action.ALLOW, (), ())
    assert document.write(verdict.edits, verdict.puts) == source


@settings(max_examples=150, deadline=None)
@given(body=BODIES, null=st.booleans())
def test_where_a_cap_is_set_only_the_cap_is_written(body, null):
    """A cap that is put in changes no byte but its own member's."""
    if null:
        empty = body[1:].strip(" \t\r\n") == "}"
        body = body[:-1] + ('"max_output_tokens":null}' if empty else ',"max_output_tokens":null}')
    exchange, document = read_request(TARGET, "POST", JSON, body.encode())
    assert exchange.output_cap == OutputCap(("max_output_tokens",))
    verdict = judge(exchange, CAPPED)
    result = document.write(verdict.edits, verdict.puts).decode()
    assert json.loads(result) == {**json.loads(body), "max_output_tokens": 77}
    if null:
        assert result == body[: -len("null}")] + "77}"
    else:
        start = result.index("77") + 2
        assert result[start:].removeprefix(", ") == body[1:]
