from panda_addon.verdict import Action


def test_block_is_stronger_than_redact_and_redact_than_audit():
    """Actions are ordered by what they take precedence over, with writing a value below anything a text calls for."""
    assert sorted(Action) == [Action.ALLOW, Action.SET, Action.AUDIT, Action.REDACT, Action.BLOCK]
    assert max(Action.AUDIT, Action.SET, Action.REDACT) is Action.REDACT


def test_an_action_has_the_word_of_policies_and_records():
    """Labels are the words of the contract."""
    assert [action.label for action in Action] == ["allow", "set", "audit", "redact", "block"]
