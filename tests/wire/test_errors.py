import json

import pytest

from panda_addon.verdict import Refusal
from panda_addon.wire.errors import WireError, error_body, parameter


@pytest.mark.parametrize(
    ("policy", "by"), [("research", "policy 'research'"), ('say "hi"', "policy 'say \"hi\"'"), (None, "the proxy")]
)
def test_a_refusal_has_the_shape_of_openais_errors(policy, by):
    """The body names the policy, the reason, the decision and the parameter, as OpenAI's clients read it."""
    body = error_body(Refusal("policy_violation", "a reason", "messages[0].content"), policy, "01JD")
    assert json.loads(body) == {
        "error": {
            "message": f"Blocked by {by}: a reason. Decision 01JD",
            "type": "invalid_request_error",
            "param": "messages[0].content",
            "code": "policy_violation",
        }
    }


def test_a_wire_error_is_the_clients_fault_unless_said_otherwise():
    """A reason and a status go with it, 400 by default."""
    assert (WireError("why").reason, WireError("why").status, str(WireError("why", 413))) == ("why", 400, "why")
    assert WireError("why", 413).status == 413


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("", None),
        ("/model", "model"),
        ("/messages/0/content/1/text", "messages[0].content[1].text"),
        ("/0/text", "[0].text"),
        ("/metadata/*", "metadata.*"),
        ("/categories/hate~1threatening", "categories.hate/threatening"),
    ],
)
def test_a_pointer_is_shown_as_openai_names_a_parameter(pointer, name):
    """Indexes stand in brackets and names behind points."""
    assert parameter(pointer) == name
