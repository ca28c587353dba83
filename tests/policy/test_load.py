import errno
import re
from decimal import Decimal
from pathlib import PurePath
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.policy.choose import Caller, choose
from panda_addon.policy.errors import PolicyError
from panda_addon.policy.load import load
from panda_addon.policy.model import TIERS, Fallback, LongPrompts, OutputTokens, TokenPrices
from panda_addon.policy.schema import UNSERVED
from panda_addon.verdict import Action

POLICY = PurePath("/etc/panda/p.yaml")
LIBRARY = PurePath("/lib")


def loaded(policy, files=None):
    """The ruleset of a policy file, with list files by their paths; an exception in the place of one is raised."""
    text = dedent(policy).encode() if isinstance(policy, str) else policy
    there = {str(POLICY): text, **(files or {})}

    def read(path):
        if "\0" in str(path):
            raise ValueError("embedded null byte")
        content = there.get(str(path), FileNotFoundError(errno.ENOENT, "No such file or directory"))
        if isinstance(content, Exception):
            raise content
        return content

    return load(POLICY, read, LIBRARY)


def refused(policy, files=None):
    """The lines of the error that a policy file is."""
    with pytest.raises(PolicyError) as caught:
        loaded(policy, files)
    return [line.replace(f"{POLICY}:", "p:") for line in str(caught.value).splitlines()]


def complaint(policy, files):
    """The text of the error that a policy file is, or None if it is good."""
    try:
        loaded(policy, files)
    except PolicyError as error:
        return str(error)
    return None


def one(text, files=None):
    """The single policy of a file that has this much more of it."""
    [policy] = loaded(f"version: 1\npolicies:\n  - name: a\n{text}", files).policies
    return policy


def finds(phrases, text):
    """The names of the lists that find something in a text."""
    owners = {owner for hit in phrases.index.find(text) for owner in hit.entry.owners}
    return [phrases.lists[owner].name for owner in sorted(owners)]


def test_the_smallest_policy_lets_everything_pass():
    """A policy that says nothing fits everyone, limits nothing and enforces."""
    rules = loaded("version: 1\npolicies: [{name: a}]")
    [policy] = rules.policies
    assert rules.hosts == ("api.openai.com", "*.api.openai.com")
    assert choose(rules, Caller()) is policy
    assert (policy.enforce, policy.on_error, policy.unknown_endpoint) == (True, "block", "block")
    assert (policy.prompt_chars, policy.output_tokens, policy.end_user_required) == (None, None, False)
    assert (policy.models.allow, policy.endpoints.allow) == (None, None)
    assert not policy.models.deny.match("anything")
    assert not policy.endpoints.deny.match("chat.completions")
    assert not policy.acts_on_text("request")


def test_what_a_file_says_is_what_calls_are_judged_by():
    """Every setting arrives in the compiled policy."""
    rules = loaded("""\
        version: 1
        hosts: [a.example]
        on_error: allow
        unknown_endpoint: audit
        policies:
          - name: a
            mode: audit
            match: {clients: [10.0.0.0/8], proxy_users: [u], keys: ["sha256:0123456789ab"], organizations: [o], projects: [p]}
            limits: {prompt_chars: 7, prompt_tokens: 8, request_cost_usd: 0.5, output_tokens: {max: 9, missing: set}}
            end_user: required
            redaction: "[gone]"
          - {name: b, limits: {output_tokens: {max: 9}}}
    """)
    first, second = rules.policies
    assert (rules.hosts, rules.on_error) == (("a.example",), "allow")
    assert (first.name, first.enforce, first.on_error, first.unknown_endpoint) == ("a", False, "allow", "audit")
    assert (first.prompt_chars, first.output_tokens) == (7, OutputTokens(9, set_missing=True))
    assert (first.prompt_tokens, first.request_cost_usd) == (8, Decimal("0.5"))
    assert (second.prompt_tokens, second.request_cost_usd) == (None, None)
    assert (first.end_user_required, first.redaction) == (True, "[gone]")
    everything = {
        "ip": "10.1.1.1",
        "proxy_user": "u",
        "key": "sha256:0123456789abc",
        "organization": "o",
        "project": "p",
    }
    assert choose(rules, Caller(**everything)) is rules.narrowed["a", "b"]
    for fact in everything:
        assert choose(rules, Caller(**{**everything, fact: None})) is second
    assert second.output_tokens == OutputTokens(9, set_missing=False)


def test_prices_arrive_in_every_policy():
    """A row's figures are exact, what it leaves out is left to whoever prices, and factors have their defaults."""
    rules = loaded("""\
        version: 1
        prices:
          - {model: "gpt-7*", input: 2, cached: 0.1, cache_write: 2.5, output: 1.0e-7, minute: 0.006,
             audio: {input: 32, cached: 0.4, output: 64}, image: {input: 5},
             tiers: {flex: 0.25}, long: {over: 272000, output: 3}, residency: 1.1}
          - {model: other, minute: 1}
        policies: [{name: a}, {name: b}]
    """)
    first, second = rules.policies
    assert first.prices == second.prices
    full, bare = first.prices
    assert (full.model, full.matches.match("GPT-7-mini"), full.matches.match("gpt-6")) == ("gpt-7*", True, False)
    assert full.text == TokenPrices(Decimal(2), Decimal("0.1"), Decimal("0.0000001"))
    assert (full.cache_write, full.minute, full.residency) == (Decimal("2.5"), Decimal("0.006"), Decimal("1.1"))
    assert full.audio == TokenPrices(Decimal(32), Decimal("0.4"), Decimal(64))
    assert full.image == TokenPrices(Decimal(5))
    assert full.tiers == {**TIERS, "flex": Decimal("0.25")}
    assert full.long == LongPrompts(272000, Decimal(2), Decimal(3))
    assert (bare.text, bare.audio, bare.image, bare.cache_write) == (*[TokenPrices()] * 3, None)
    assert (bare.tiers, bare.long, bare.residency) == (TIERS, None, Decimal(1))


@pytest.mark.parametrize(
    ("file", "policy", "expected"),
    [
        (None, None, None),
        ("warn", None, "warn"),
        (None, "block", "block"),
        ("warn", "block", "block"),
        ("block", "{input: 10, output: 0.5}", Fallback(Decimal(10), Decimal("0.5"))),
        ("{input: 0, output: 0}", None, Fallback(Decimal(0), Decimal(0))),
    ],
)
def test_a_policy_says_what_becomes_of_unknown_prices(file, policy, expected):
    """The file's word holds for every policy that has none of its own."""
    text = f"unknown_price: {file}\n" if file else ""
    own = f", unknown_price: {policy}" if policy else ""
    [made] = loaded(f"version: 1\n{text}policies: [{{name: a{own}}}]").policies
    assert made.unknown_price == expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("gpt-6*", "gpt-6-luna", True),
        ("gpt-6*", "GPT-6", True),
        ("gpt-6*", "x-gpt-6", False),
        ("gpt-?", "gpt-6", True),
        ("gpt-[67]", "gpt-7", True),
        ("gpt-6", "gpt-6\n", False),
        ("gpt.6", "gpt-6", False),
        ("[", "[", True),
    ],
)
def test_models_are_shell_patterns(pattern, name, expected):
    """A pattern fits a model's name as a whole and without regard to case."""
    policy = one(f"    models: {{allow: ['{pattern}'], deny: ['{pattern}']}}")
    assert policy.models.allow.match(name) is expected
    assert policy.models.deny.match(name) is expected


@pytest.mark.parametrize(
    ("name", "endpoint", "expected"),
    [
        ("chat", "chat.completions", True),
        ("chat", "chat", True),
        ("chat", "chatkit", False),
        ("chat.completions", "chat.completions", True),
        ("chat.completions", "chat", False),
        ("images.edits", "images.generations", False),
    ],
)
def test_an_endpoint_family_stands_for_all_of_it(name, endpoint, expected):
    """A name in the policy is that endpoint and everything below it."""
    policy = one(f"    endpoints: {{allow: [{name}], deny: [{name}]}}")
    assert policy.endpoints.allow.match(endpoint) is expected
    assert policy.endpoints.deny.match(endpoint) is expected


def test_phrase_rules_work_on_their_sides():
    """Each side has the lists that name it, in the order of the file and each with its action."""
    policy = one("""\
    phrases:
      - {list: both, words: [one], action: audit}
      - {list: asked, words: ["{two,three} times"], in: [request], action: block, confidential: true}
      - {list: said, words: [one, four], in: [response], action: redact}
""")
    assert [(rule.name, rule.action, rule.confidential) for rule in policy.request_phrases.lists] == [
        ("both", Action.AUDIT, False),
        ("asked", Action.BLOCK, True),
    ]
    assert [rule.name for rule in policy.response_phrases.lists] == ["both", "said"]
    text = "One, three TIMES, four"
    assert finds(policy.request_phrases, text) == ["both", "asked"]
    assert finds(policy.response_phrases, text) == ["both", "said"]


@pytest.mark.parametrize(
    ("without", "steps"),
    [
        ("", ()),
        (", without: [leet]", ("leet",)),
        (", without: [leet, rot13, leet]", ("leet", "rot13")),
    ],
)
def test_a_list_may_do_without_steps(without, steps):
    """What a rule says about folding steps arrives on both sides."""
    policy = one(f"    phrases: [{{list: l, words: [darn], action: block{without}}}]")
    assert [side.lists[0].without for side in (policy.request_phrases, policy.response_phrases)] == [
        frozenset(steps)
    ] * 2


def test_a_decoy_does_not_hide_a_combination():
    """What a list does without neither makes a combination nor keeps one from being seen."""
    words = 'words: ["within 4 words: bad & idea"], action: block'
    policy = one(f"    phrases: [{{list: a, {words}, without: [leet]}}, {{list: b, {words}}}]").request_phrases
    for text, owners in (("a bad b4d idea", {0, 1}), ("a b4d idea", {1}), ("a bad idea", {0, 1})):
        assert {owner for hit in policy.index.find(text) for owner in policy.owners(hit)} == owners, text


COMBINED = "within 4 words: {bad,worse} & idea"


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        ('{list: l, words: ["within 4 words: {bad,worse} & idea"], action: block}', None),
        ("{list: l.txt, action: block}", {"/etc/panda/l.txt": f"# c\n{COMBINED}\n".encode()}),
        ("{list: l.txt, action: audit}", {"/etc/panda/l.txt": f"{COMBINED}\nbeside it\n{COMBINED}".encode()}),
    ],
)
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("what a bad idea", [COMBINED]),
        ("an idea that is worse", [COMBINED]),
        ("bad, as far as any of us can see, is no idea", []),
        ("bad", []),
        ("worse or bad", []),
    ],
)
def test_a_list_may_hold_combinations(rule, files, text, found):
    """A line of a list, or of the words of a rule, may be of several phrases that stand near each other."""
    policy = one(f"    phrases: [{rule}]", files)
    for phrases in (policy.request_phrases, policy.response_phrases):
        hits = phrases.index.find(text)
        assert [hit.entry.phrase for hit in hits] == found
        assert all(phrases.owners(hit) == [0] for hit in hits)


def test_a_combination_with_a_mistake_is_told_at_its_place():
    """What is wrong with a combination is told as what is wrong with a phrase is."""
    text = "version: 1\npolicies: [{name: a, phrases: [{list: l, words: [ok, 'within 4 words: bad'], action: block}]}]"
    terms = "a combination has 2 to 8 terms, with ' & ' between them"
    assert refused(text) == [f"p:2:54: policies[0].phrases[0].words[1]: {terms}"]
    assert refused(RULE % "l.txt", {"/etc/panda/l.txt": b"ok\n within 0 words: a & b"}) == [
        "/etc/panda/l.txt:2:2: the terms of a combination stand within 1 to 200 words"
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("mine", "/etc/panda/phrases/mine.txt"),
        ("mine", "/lib/phrases/mine.txt"),
        ("mine.txt", "/etc/panda/mine.txt"),
        ("lists/mine", "/etc/panda/lists/mine"),
        ("/srv/mine", "/srv/mine"),
        ("../mine.txt", "/etc/panda/../mine.txt"),
    ],
)
def test_a_list_is_found_by_name_or_path(name, path):
    """A bare name is looked for beside the policy and then among the shipped lists; a path starts at the policy."""
    policy = one(f"    phrases: [{{list: {name}, action: block}}]", {path: "\ufeff# head\n\n{dárn,heck} it\n".encode()})
    assert finds(policy.request_phrases, "Darn it") == [name]
    assert finds(policy.request_phrases, "# head") == []


def test_a_list_beside_the_policy_wins():
    """One's own list of a shipped list's name stands in its place."""
    files = {"/etc/panda/phrases/l.txt": b"mine", "/lib/phrases/l.txt": b"shipped"}
    policy = one("    phrases: [{list: l, action: block}]", files)
    assert finds(policy.request_phrases, "mine") == ["l"]
    assert finds(policy.request_phrases, "shipped") == []


def test_something_else_in_the_place_of_the_folder_is_no_list():
    """Where `phrases` is a file the shipped list is still found."""
    files = {
        "/etc/panda/phrases/l.txt": NotADirectoryError(errno.ENOTDIR, "Not a directory"),
        "/lib/phrases/l.txt": b"shipped",
    }
    assert finds(one("    phrases: [{list: l, action: block}]", files).request_phrases, "shipped") == ["l"]


def test_rules_share_the_reading_of_a_list():
    """A list that several rules name is read once, and a mistake in it is told once."""
    text = "version: 1\npolicies: [{name: a, phrases: &p [{list: l.txt, action: block}]}, {name: b, phrases: *p}]"
    rules = loaded(text, {"/etc/panda/l.txt": b"darn"})
    assert [finds(policy.request_phrases, "darn") for policy in rules.policies] == [["l.txt"], ["l.txt"]]
    assert len(refused(text, {"/etc/panda/l.txt": b"{"})) == 1


def test_the_revision_is_that_of_all_bytes():
    """The same files have the same revision; any change in any of them gives another."""
    text = "version: 1\npolicies: [{name: a, phrases: [{list: l.txt, action: block}]}]"
    revisions = [
        loaded(text, {"/etc/panda/l.txt": b"darn"}).revision,
        loaded(text, {"/etc/panda/l.txt": b"darn\n"}).revision,
        loaded(text + "\n", {"/etc/panda/l.txt": b"darn"}).revision,
    ]
    assert len(set(revisions)) == 3
    assert (
        loaded(text + "#d", {"/etc/panda/l.txt": b"arn"}).revision
        != loaded(text + "#", {"/etc/panda/l.txt": b"darn"}).revision
    )
    assert loaded(text, {"/etc/panda/l.txt": b"darn"}).revision == revisions[0]
    assert re.fullmatch("sha256:[0-9a-f]{64}", revisions[0])


@pytest.mark.parametrize(
    ("policy", "problems"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), ["p:1:1: cannot be read: No such file"]),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), ["p:1:1: cannot be read: Is a directory"]),
        (b"version: 1\n# \xc3\xa9\xe9\n", ["p:2:4: not valid UTF-8"]),
        (b"\xff\xfev\0", ["p:1:1: not valid UTF-8"]),
        (b"a: [", ["p:1:5: while parsing a flow node, expected the node content, but found '<stream end>'"]),
        (b"", ["p:1:1: should be a mapping, not empty"]),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(policy, problems):
    """Bytes that are no policy at all are one problem, at its place."""
    assert refused(policy) == problems


RULE = "version: 1\npolicies:\n  - name: a\n    phrases:\n      - {list: %s, action: block}\n"


@pytest.mark.parametrize(
    ("name", "files", "problems"),
    [
        ("l", {}, ["p:5:16: policies[0].phrases[0].list: there is no such list at /etc/panda/phrases/l.txt or /lib/phrases/l.txt"]),
        ("./l", {}, ["p:5:16: policies[0].phrases[0].list: there is no such list at /etc/panda/l"]),
        ("l.txt", {"/etc/panda/l.txt": PermissionError(errno.EACCES, "Permission denied")}, ["p:5:16: policies[0].phrases[0].list: /etc/panda/l.txt cannot be read: Permission denied"]),
        ("l.txt", {"/etc/panda/l.txt": b"ok\n{a\n  b}\n"}, ["/etc/panda/l.txt:2:1: an opening brace without a closing one", "/etc/panda/l.txt:3:3: a closing brace without an opening one"]),
        ("l.txt", {"/etc/panda/l.txt": b"ok\n\xc3\xa9 \xff"}, ["/etc/panda/l.txt:2:3: not valid UTF-8"]),
        ("l.txt", {"/etc/panda/l.txt": b"# nothing yet\n"}, ["/etc/panda/l.txt:1:1: there is no phrase in it"]),
        ('"a\\0b"', {}, ["p:5:16: policies[0].phrases[0].list: no file can have this name"]),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_an_error(name, files, problems):
    """A list is at fault at its own line, or the rule that names it at its."""
    assert refused(RULE % name, files) == problems


def test_all_mistakes_of_all_files_are_told_at_once():
    """YAML, schema, patterns and lists complain together, each once at every place that is at fault."""
    text = """\
        version: 1
        mode: x
        policies:
          - name: a
            name: b
            phrases:
              - {list: gone, action: block}
              - {list: bad.txt, action: block}
              - {list: own, words: ["{a", ok, 3, "b}"], action: redacted}
          - name: a
            phrases: [{list: gone, action: block}, {list: bad.txt, action: audit}]
    """
    missing = "there is no such list at /etc/panda/phrases/gone.txt or /lib/phrases/gone.txt"
    assert refused(text, {"/etc/panda/bad.txt": b"{"}) == [
        "/etc/panda/bad.txt:1:1: an opening brace without a closing one",
        "p:2:1: mode: unknown key",
        "p:5:5: policies[0].name: this key stands here twice, first on line 4",
        f"p:7:16: policies[0].phrases[0].list: {missing}",
        "p:9:29: policies[0].phrases[2].words[0]: an opening brace without a closing one",
        "p:9:39: policies[0].phrases[2].words[2]: should be a valid string, not 3",
        "p:9:42: policies[0].phrases[2].words[3]: a closing brace without an opening one",
        "p:9:57: policies[0].phrases[2].action: should be 'audit', 'redact' or 'block', not 'redacted'",
        "p:10:11: policies[1].name: another policy has this name already",
        f"p:11:22: policies[1].phrases[0].list: {missing}",
    ]


KEYS = st.sampled_from(
    "version hosts on_error unknown_endpoint policies name mode match clients keys models allow deny endpoints limits "
    "prompt_chars prompt_tokens request_cost_usd prices unknown_price model input minute tiers long over output_tokens max missing end_user phrases list words in action without confidential redaction <<".split()
)
SCALARS = st.sampled_from(
    [
        "1",
        "a",
        "block",
        "*x",
        "&x",
        "~",
        "",
        "true",
        "0x_",
        "1:1.5",
        "!!int ''",
        "!t z",
        "'{a,'",
        "{a",
        "[",
        '"\\ud800"',
        '"\\0"',
        "request",
        "10.0.0.0/8",
        "l.txt",
        "..",
        "- a",
        "|",
        "%",
        "9" * 30,
        ".nan",
        "2026-01-01",
        "!!set {a}",
    ]
) | st.text(max_size=5)
LINES = st.builds(
    lambda indent, dash, key, value: f"{'  ' * indent}{dash}{key}: {value}",
    st.integers(0, 4),
    st.sampled_from(["", "- ", "? "]),
    KEYS | st.sampled_from(sorted(UNSERVED)),
    SCALARS,
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.lists(LINES, max_size=8).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")),
        st.lists(LINES, max_size=4).map(
            lambda lines: ("version: 1\npolicies:\n- &x\n  name: a\n  " + "\n  ".join(lines)).encode("utf-8", "replace")
        ),
    ),
    st.binary(max_size=20),
)
def test_any_bytes_are_a_policy_or_an_error(policy, phrases):
    """Whatever the files hold, loading gives a ruleset or a PolicyError whose lines all have a place."""
    said = complaint(policy, {"/etc/panda/l.txt": phrases})
    assert said is None or all(
        re.match(r"/etc/panda/[lp]\.\w+:[1-9]\d*:[1-9]\d*: \S", line) for line in said.split("\n")
    )
