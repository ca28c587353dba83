"""The reference beside the policies speaks of what there is."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from panda_addon.policy import prices, schema
from panda_addon.source import read_policy, shipped
from panda_addon.wire.route import ENDPOINTS

REFERENCE = (shipped() / "README.md").read_text()
PARTS = [
    part
    for module in (schema, prices)
    for part in vars(module).values()
    if isinstance(part, type) and issubclass(part, BaseModel)
]


def keys() -> set[str]:
    """Every key of the policy language."""
    return {field.alias or name for part in PARTS for name, field in part.model_fields.items()}


def test_every_key_is_explained():
    """Every key that a policy may have stands in the reference as code."""
    spoken = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", REFERENCE))))
    assert keys() - spoken == set()


def test_every_endpoint_is_named():
    """Every endpoint that this version reads stands in the reference."""
    assert [name for name in ENDPOINTS if f"`{name}`" not in REFERENCE] == []


@pytest.mark.parametrize("name", ["default.yaml", "strict.yaml"])
def test_shipped_policies_are_valid(name):
    """What is shipped can be used as it is."""
    assert read_policy(shipped() / name).policies


def test_the_default_policy_only_audits():
    """The policy that is used when none is named gets in nobody's way."""
    default = yaml.safe_load((shipped() / "default.yaml").read_text())
    assert {rule["action"] for policy in default["policies"] for rule in policy["phrases"]} == {"audit"}
    ruleset = read_policy(shipped() / "default.yaml")
    assert not any(policy.acts_on_text(side) for policy in ruleset.policies for side in ("request", "response"))


def test_examples_are_valid(tmp_path):
    """The policy in the front door's README, and the rules and rows in the reference, can be used as they are written."""
    front = (Path(shipped()).parent / "README.md").read_text()
    [example] = re.findall(r"```yaml\n(version.*?)```", front, re.DOTALL)
    (tmp_path / "front.yaml").write_text(example)
    assert read_policy(tmp_path / "front.yaml").policies[0].name == "research"
    [rules] = re.findall(r"```yaml\n(phrases.*?)```", REFERENCE, re.DOTALL)
    [rows] = re.findall(r"```yaml\n(prices.*?)```", REFERENCE, re.DOTALL)
    policy = {"version": 1, **yaml.safe_load(rows), "policies": [{"name": "a", **yaml.safe_load(rules)}]}
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "legal.txt").write_text("privileged\n")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(policy))
    [policy] = read_policy(tmp_path / "rules.yaml").policies
    assert (len(policy.request_phrases.lists), len(policy.prices)) == (2, 3)
