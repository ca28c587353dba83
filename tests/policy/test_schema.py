from textwrap import dedent

import pytest

from panda_addon.policy.schema import UNSERVED, FilePart, validate
from panda_addon.policy.tree import read_tree
from panda_addon.text.explain import STEPS


def told(text):
    """What is wrong with a policy file, as sorted lines of `line:column: path: message`."""
    found = validate(read_tree(dedent(text), "f"))
    return [] if isinstance(found, FilePart) else [str(problem).removeprefix("f:") for problem in sorted(found)]


def in_policy(text):
    """A file with one policy that ends in a line of its own, line 4."""
    return f"version: 1\npolicies:\n  - name: a\n    {text}\n"


def test_a_small_file_means_the_defaults():
    """What a file leaves out has its safe default."""
    file = validate(read_tree("version: 1\npolicies: [{name: a}]", "f"))
    assert (file.hosts, file.on_error, file.unknown_endpoint) == (
        ["api.openai.com", "*.api.openai.com"],
        "block",
        "block",
    )
    [policy] = file.policies
    assert (policy.mode, policy.end_user, policy.phrases, policy.redaction) == ("enforce", "optional", [], "****")
    assert (policy.limits.prompt_chars, policy.models.allow, policy.endpoints.deny) == (None, None, None)


def test_every_key_that_is_served_may_be_used_at_once():
    """The whole language in one file is valid."""
    text = """
        version: 1
        hosts: [API.openai.com, "*.example.com", localhost, 127.0.0.1]
        on_error: allow
        unknown_endpoint: audit
        prices:
          - model: "gpt-7*"
            input: 2
            cached: 0.1
            cache_write: 2.5
            output: 10
            audio: {input: 32, cached: 0.4, output: 64}
            image: {input: 5, cached: 0, output: 0.0}
            minute: 0.006
            tiers: {flex: 0.5, batch: 0.5, priority: 2, ultrafast: 6}
            long: {over: 272000, input: 2, output: 1.5}
            residency: 1.1
        unknown_price: warn
        policies:
          - name: research
            mode: audit
            unknown_price: {input: 10, output: 50.5}
            match:
              clients: [10.2.0.0/16, "2001:db8::/32", 192.0.2.1]
              proxy_users: [alice]
              keys: ["sha256:3f9a1c0b2d4e"]
              organizations: [org-abc]
              projects: [proj_abc]
            models: {allow: ["gpt-6*"], deny: ["*-pro"]}
            endpoints: {allow: [chat, chat.completions, images.edits], deny: [audio, audio.speech, realtime]}
            limits:
              prompt_chars: 0
              prompt_tokens: 0
              request_cost_usd: 0.5
              output_tokens: {max: 4000, missing: set}
            end_user: required
            phrases:
              - {list: profanity, in: [request, response], action: redact, confidential: true}
              - {list: codenames, words: ["project borealis"], in: [request], action: block}
              - {list: adult, without: [leet, rot13, leet], action: audit}
            redaction: ""
    """
    file = validate(read_tree(dedent(text), "f"))
    assert isinstance(file, FilePart)
    assert file.hosts == ["api.openai.com", "*.example.com", "localhost", "127.0.0.1"]
    assert [rule.sides for rule in file.policies[0].phrases] == [
        ["request", "response"],
        ["request"],
        ["request", "response"],
    ]
    assert [rule.without for rule in file.policies[0].phrases] == [None, None, ["leet", "rot13", "leet"]]


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_list_may_do_without_any_step(step):
    """Every name that a finding gives a step may be named in a policy."""
    assert told(in_policy(f"phrases: [{{list: a, action: block, without: [{step}]}}]")) == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["1:1: should be a mapping, not empty"]),
        ("[]", ["1:1: should be a mapping, not a list"]),
        ("word", ["1:1: should be a mapping, not 'word'"]),
        ("\n\n{}", ["3:1: policies: this key is missing", "3:1: version: this key is missing"]),
        ("version: 2\npolicies: [{name: a}]", ["1:10: version: should be 1, not 2"]),
        ("version: '1'\npolicies: [{name: a}]", ["1:10: version: should be a valid integer, not '1'"]),
        ("version: 1\npolicies: []", ["2:11: policies: list should have at least 1 item after validation, not 0"]),
        ("version: 1\npolicies: {}", ["2:11: policies: should be a valid list, not a mapping"]),
        ("version: 1\npolicies:\n  - name: a\n  - {}", ["4:5: policies[1].name: this key is missing"]),
        ("version: 1\npolicies:\n  - a", ["3:5: policies[0]: should be a mapping, not 'a'"]),
        (
            "version: 1\npolicies: [{name: a}]\nhosts: [a b]",
            ["3:9: hosts[0]: must be a host name, or '*.' and a host name"],
        ),
        (
            "version: 1\npolicies: [{name: a}]\non_error: no",
            ["3:11: on_error: should be 'block' or 'allow', not False"],
        ),
        (
            "version: 1\npolicies: [{name: a}]\nmodes: 1\npolicys: []",
            ["3:1: modes: unknown key", "4:1: policys: unknown key; did you mean 'policies'?"],
        ),
    ],
)
def test_a_mistake_of_the_file_is_told_at_its_place(text, problems):
    """Each mistake points at the key or value at fault; what is missing at what it is missing from."""
    assert told(text) == problems


WORDS = "should be 'block', 'warn' or a mapping of 'input' and 'output'"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mod: audit", "4:5: policies[0].mod: unknown key; did you mean 'mode'?"),
        ("mode: Audit", "4:11: policies[0].mode: should be 'enforce' or 'audit', not 'Audit'"),
        ("match:", "4:11: policies[0].match: should be a mapping, not empty"),
        ("match: {client: []}", "4:13: policies[0].match.client: unknown key; did you mean 'clients'?"),
        ("match: {keys: [abc]}", "4:20: policies[0].match.keys[0]: must be 'sha256:' and at least 12 of the hex digits that the audit log prints"),
        ("match: {keys: ['sha256:3f9']}", "4:20: policies[0].match.keys[0]: must be 'sha256:' and at least 12 of the hex digits that the audit log prints"),
        ("match: {clients: [10.2.0.1/16]}", "4:23: policies[0].match.clients[0]: 10.2.0.1/16 has host bits set"),
        ("match: {clients: ['::ffff:10.0.0.0/104']}", "4:23: policies[0].match.clients[0]: must be written as an IPv4 network"),
        ("match: {clients: [me]}", "4:23: policies[0].match.clients[0]: 'me' does not appear to be an IPv4 or IPv6 network"),
        ("match: {clients: []}", "4:22: policies[0].match.clients: list should have at least 1 item after validation, not 0"),
        ("match: {projects: ['']}", "4:24: policies[0].match.projects[0]: string should have at least 1 character"),
        ("models: {allow: [1]}", "4:22: policies[0].models.allow[0]: should be a valid string, not 1"),
        ("models: [a]", "4:13: policies[0].models: should be a mapping, not a list"),
        ("endpoints: {deny: [chat.completion]}", "4:24: policies[0].endpoints.deny[0]: no endpoint is called 'chat.completion'; did you mean 'chat.completions'?"),
        ("endpoints: {deny: [zzz]}", "4:24: policies[0].endpoints.deny[0]: no endpoint is called 'zzz'"),
        ("limits: {prompt_chars: -1}", "4:28: policies[0].limits.prompt_chars: should be greater than or equal to 0"),
        ("limits: {prompt_chars: '5'}", "4:28: policies[0].limits.prompt_chars: should be a valid integer, not '5'"),
        ("limits: {prompt_chars: 1.5}", "4:28: policies[0].limits.prompt_chars: should be a valid integer, not 1.5"),
        ("limits: {prompt_chars: true}", "4:28: policies[0].limits.prompt_chars: should be a valid integer, not True"),
        ("limits: {output_tokens: {}}", "4:29: policies[0].limits.output_tokens.max: this key is missing"),
        ("limits: {output_tokens: {max: 0}}", "4:35: policies[0].limits.output_tokens.max: should be greater than or equal to 1"),
        ("limits: {output_tokens: {maxi: 1, max: 1}}", "4:30: policies[0].limits.output_tokens.maxi: unknown key; did you mean 'max'?"),
        ("limits: {prompt_tokens: -1}", "4:29: policies[0].limits.prompt_tokens: should be greater than or equal to 0"),
        ("limits: {prompt_tokens: 1.0}", "4:29: policies[0].limits.prompt_tokens: should be a valid integer, not 1.0"),
        ("limits: {request_cost_usd: 0}", "4:32: policies[0].limits.request_cost_usd: should be greater than 0"),
        ("limits: {request_cost_usd: '1'}", "4:32: policies[0].limits.request_cost_usd: should be a number, not '1'"),
        ("limits: {request_cost_usd: .nan}", "4:32: policies[0].limits.request_cost_usd: should be a finite number"),
        ("limits: {request_cost_usd: 1.0e+10}", "4:32: policies[0].limits.request_cost_usd: should be less than or equal to 1000000000"),
        ("limits: {request_costs_usd: 1}", "4:14: policies[0].limits.request_costs_usd: unknown key; did you mean 'request_cost_usd'?"),
        ("unknown_price: blok", f"4:20: policies[0].unknown_price: {WORDS}, not 'blok'"),
        ("unknown_price: [warn]", f"4:20: policies[0].unknown_price: {WORDS}, not a list"),
        ("unknown_price: true", f"4:20: policies[0].unknown_price: {WORDS}, not True"),
        ("unknown_price: {input: 1}", "4:20: policies[0].unknown_price.output: this key is missing"),
        ("unknown_price: {input: 1, output: x}", "4:39: policies[0].unknown_price.output: should be a number, not 'x'"),
        ("unknown_price: {input: 1, output: 1, cahced: 1}", "4:42: policies[0].unknown_price.cahced: unknown key"),
        ("end_user: yes", "4:15: policies[0].end_user: should be 'required' or 'optional', not True"),
        ("phrases: {}", "4:14: policies[0].phrases: should be a valid list, not a mapping"),
        ("phrases: [{list: a}]", "4:15: policies[0].phrases[0].action: this key is missing"),
        ("phrases: [{action: block}]", "4:15: policies[0].phrases[0].list: this key is missing"),
        ("phrases: [{list: a, action: block, in: [requests]}]", "4:45: policies[0].phrases[0].in[0]: should be 'request' or 'response', not 'requests'"),
        ("phrases: [{list: a, action: block, in: []}]", "4:44: policies[0].phrases[0].in: list should have at least 1 item after validation, not 0"),
        ("phrases: [{list: a, action: block, words: []}]", "4:47: policies[0].phrases[0].words: list should have at least 1 item after validation, not 0"),
        ("phrases: [{list: a, action: block, inn: [request]}]", "4:40: policies[0].phrases[0].inn: unknown key; did you mean 'in'?"),
        ("phrases: [{list: a, action: block, without: []}]", "4:49: policies[0].phrases[0].without: list should have at least 1 item after validation, not 0"),
        ("phrases: [{list: a, action: block, without: leet}]", "4:49: policies[0].phrases[0].without: should be a valid list, not 'leet'"),
        ("phrases: [{list: a, action: block, without: ['']}]", "4:50: policies[0].phrases[0].without[0]: string should have at least 1 character"),
        ("phrases: [{list: a, action: block, without: [leet, 13]}]", "4:56: policies[0].phrases[0].without[1]: should be a valid string, not 13"),
        ("phrases: [{list: a, action: block, without: [leat]}]", "4:50: policies[0].phrases[0].without[0]: no folding step is called 'leat'; did you mean 'leet'?"),
        ("phrases: [{list: a, action: block, without: [case, ROT13]}]", "4:56: policies[0].phrases[0].without[1]: no folding step is called 'ROT13'"),
        ("phrases: [{list: a, action: block, witout: [leet]}]", "4:40: policies[0].phrases[0].witout: unknown key; did you mean 'without'?"),
        ("phrases: [{list: a, action: block, sides: [request]}]", "4:40: policies[0].phrases[0].sides: unknown key"),
        ("redaction: '\"'", "4:16: policies[0].redaction: must be printable and without quotes or backslashes, which could break JSON inside a text"),
        ("redaction: a\\b", "4:16: policies[0].redaction: must be printable and without quotes or backslashes, which could break JSON inside a text"),
        ('redaction: "\\n"', "4:16: policies[0].redaction: must be printable and without quotes or backslashes, which could break JSON inside a text"),
        (f"redaction: {'x' * 65}", "4:16: policies[0].redaction: string should have at most 64 characters"),
        (f"mode: {'x' * 65}", "4:11: policies[0].mode: should be 'enforce' or 'audit', not this"),
        ("hosts: [a]", "4:5: policies[0].hosts: unknown key"),
    ],
    ids=lambda value: value[:50],
)  # fmt: skip
def test_a_mistake_of_a_policy_is_told_at_its_place(text, problem):
    """Each mistake has its own line, column and words, and shows no more of the value than fits into a line."""
    assert told(in_policy(text)) == [problem]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a", "3:10: prices[0]: should be a mapping, not 'a'"),
        ("{input: 1}", "3:10: prices[0].model: this key is missing"),
        ("{model: a}", "3:10: prices[0]: needs a price: 'input' or 'minute'"),
        ("{model: a, output: 1, audio: {output: 1}}", "3:10: prices[0]: needs a price: 'input' or 'minute'"),
        ("{model: '', input: 1}", "3:18: prices[0].model: string should have at least 1 character"),
        ("{model: a, input: -1}", "3:28: prices[0].input: should be greater than or equal to 0"),
        ("{model: a, input: .inf}", "3:28: prices[0].input: should be a finite number"),
        ("{model: a, input: true}", "3:28: prices[0].input: should be a number, not True"),
        ("{model: a, input: 1000001}", "3:28: prices[0].input: should be less than or equal to 1000000"),
        ("{model: a, input: 1, cache: 1}", "3:31: prices[0].cache: unknown key; did you mean 'cached'?"),
        ("{model: a, audio: {input: x}}", "3:36: prices[0].audio.input: should be a number, not 'x'"),
        ("{model: a, input: 1, image: {inptu: 1}}", "3:39: prices[0].image.inptu: unknown key; did you mean 'input'?"),
        ("{model: a, input: 1, tiers: {fast: 2}}", "3:39: prices[0].tiers.fast: unknown key; did you mean 'ultrafast'?"),
        ("{model: a, input: 1, tiers: {flex: 0}}", "3:45: prices[0].tiers.flex: should be greater than 0"),
        ("{model: a, input: 1, long: {over: 0}}", "3:44: prices[0].long.over: should be greater than or equal to 1"),
        ("{model: a, input: 1, long: {input: 2}}", "3:37: prices[0].long.over: this key is missing"),
        ("{model: a, input: 1, residency: 1001}", "3:42: prices[0].residency: should be less than or equal to 1000"),
    ],
    ids=lambda value: value[:50],
)  # fmt: skip
def test_a_mistake_of_a_price_is_told_at_its_place(row, problem):
    """A row says what it is for and costs something; money and factors are numbers of a size that they may have."""
    assert told(f"version: 1\npolicies: [{{name: a}}]\nprices: [{row}]") == [problem]


def test_an_unknown_price_of_a_file_is_told_at_its_place():
    """One mistake is one line, whichever of its forms was meant."""
    said = told("version: 1\npolicies: [{name: a}]\nunknown_price: {inputs: 1, output: 2}")
    assert said == [
        "3:16: unknown_price.input: this key is missing",
        "3:17: unknown_price.inputs: unknown key; did you mean 'input'?",
    ]


@pytest.mark.parametrize("host", ["", "*", "*.", "a.*.b", "a..b", "a.", "-a.b", "a-.b", "http://a.b", "a.b:443", "a_b"])
def test_what_is_no_host_name_is_refused(host):
    """A host that could never match, or would match more than it says, is a mistake."""
    assert len(told(f"version: 1\npolicies: [{{name: a}}]\nhosts: ['{host}']")) == 1


@pytest.mark.parametrize("key", sorted(UNSERVED))
def test_a_key_of_a_later_version_is_refused_as_such(key):
    """A key that this version would not act on is refused and never ignored."""
    assert told(in_policy(f"{key}: 1")) == [f"4:5: policies[0].{key}: this version does not serve this key yet"]


def test_all_mistakes_are_told_at_once():
    """No mistake hides another, be it of the same policy, of another one, or between two."""
    text = """\
        version: 3
        policies:
          - name: a
            mode: off
            limits: {prompt_chars: x}
          - name: a
            phrases: [{list: 1, action: no}, {}]
          - name: b
          - name: a
    """
    assert told(text) == [
        "1:10: version: should be 1, not 3",
        "4:11: policies[0].mode: should be 'enforce' or 'audit', not False",
        "5:28: policies[0].limits.prompt_chars: should be a valid integer, not 'x'",
        "6:11: policies[1].name: another policy has this name already",
        "7:22: policies[1].phrases[0].list: should be a valid string, not 1",
        "7:33: policies[1].phrases[0].action: should be 'audit', 'redact' or 'block', not False",
        "7:38: policies[1].phrases[1].action: this key is missing",
        "7:38: policies[1].phrases[1].list: this key is missing",
        "9:11: policies[3].name: another policy has this name already",
    ]


def test_two_policies_of_one_name_are_a_mistake():
    """A refusal and a record name a policy, so a name must stand for one."""
    assert told("version: 1\npolicies:\n  - name: a\n  - name: b\n  - name: a\n") == [
        "5:11: policies[2].name: another policy has this name already"
    ]
