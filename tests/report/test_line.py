import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.figures import plain
from panda_addon.report.line import rendered
from tests.report.recording import HOSTILE, JSON, NOON, hostile_records, read, record

ID = "01JD0000000000000000000000"
USUAL = "responses         alice             30→70   $0.2500   812 ms"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, f"11-20 12:00:00Z  allow   200  gpt-6-luna      {USUAL}"),
        ({"response__model": "gpt-6-luna-2026-10-01"},
         "11-20 12:00:00Z  allow   200  gpt-6-luna-2026-10-01  responses  alice             30→70   $0.2500   812 ms"),
        ({"decision": "block", "response__status": 400, "response__ended": "refused", "usage": None, "cost": "0",
          "refusal": {"code": "policy_violation", "param": "input"}, "findings": [{"check": "phrases", "list": "adult"}] * 3},
         "11-20 12:00:00Z  block   400  gpt-6-luna      responses         alice                 -        $0   812 ms  policy_violation, adult \u00d73"),
        ({"decision": "redact", "findings": [{"check": "reflection"}], "source": "estimated"},
         "11-20 12:00:00Z  redact  200  gpt-6-luna      responses         alice            ~30→70   $0.2500   812 ms  reflection"),
        ({"decision": "error", "response__status": None, "end_user": None, "cost": None, "usage": None,
          "error": {"type": "KeyError", "at": "gate.py:7"}, "request__endpoint": None},
         "11-20 12:00:00Z  error     -  gpt-6-luna      -                 -                     -        $?   812 ms  KeyError at gate.py:7"),
        ({"response__ended": "client_gone", "cost": "0.00001"},
         "11-20 12:00:00Z  allow   200  gpt-6-luna      responses         alice             30→70  <$0.0001   812 ms  client_gone"),
        ({"uninspected": [{"reason": "image"}, {"reason": "image"}, {"reason": "file"}], "cost": "1234.5"},
         "11-20 12:00:00Z  allow   200  gpt-6-luna      responses         alice             30→70  $1,234.50   812 ms  not read: image and file"),
        ({"cost": None, "usage": None, "price": {"source": "unknown", "reason": "background"}},
         "11-20 12:00:00Z  allow   200  gpt-6-luna      responses         alice                 -        $?   812 ms  billed when fetched"),
        ({"price": {"without": ["containers"]}, "cost": "0.00121"},
         "11-20 12:00:00Z  allow   200  gpt-6-luna      responses         alice             30→70  $0.0012+   812 ms"),
        ({"price": {"without": ["tools"]}, "cost": "0"},
         "11-20 12:00:00Z  allow   200  gpt-6-luna      responses         alice             30→70       $0+   812 ms"),
        ({"time": None, "id": None, "findings": [{}], "uninspected": [7]}, f"-                allow   200  gpt-6-luna      {USUAL}"),
        ({"event": "policy_reloaded", "policy_file": "p.yaml", "revision": "sha256:" + "ab" * 32},
         "11-20 12:00:00Z  policy reloaded: p.yaml sha256:abababababab…"),
        ({"event": "policy_rejected", "problems": ["p.yaml:1:1: mode: unknown key", "x"]},
         "11-20 12:00:00Z  policy rejected, the last good one stays: p.yaml:1:1: mode: unknown key"),
        ({"event": "policy_rejected"}, "11-20 12:00:00Z  policy rejected, the last good one stays: no reason given"),
        ({"event": "answer_withheld", "time": None, "id": ID, "reason": "the audit log cannot be written"},
         f"11-18 15:59:22Z  answer withheld from {ID}: the audit log cannot be written"),
        ({"event": "records_lost", "time": None, "id": None, "count": 3}, "-                3 records lost: the log has no room for them"),
        ({"event": "moved", "time": None, "id": None}, "-                event moved"),
    ],
)  # fmt: skip
def test_a_record_is_a_line(changes, line):
    """A call says who asked what and what became of it; other events say what they are."""
    assert rendered(read(record(NOON, **changes)), colour=False) == line


@pytest.mark.parametrize("found", [None, {}, {"level": "info", "msg": "hello"}, {"event": None}, {"event": {"a": 1}}])
def test_a_line_that_is_no_record_is_told(found):
    """Its content, which could be anything, is not shown; JSON that other programs write is none of ours."""
    assert rendered(found, colour=False) == "                 a line that is no record"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"decision": "block"}, "31"), ({"decision": "redact"}, "33"), ({"decision": "audit"}, "36"), ({"decision": "reply"}, "34"),
        ({"decision": "error"}, "35"), ({}, "32"), ({"event": "records_lost"}, "1;31"), ({"event": "policy_reloaded"}, "2"),
    ],
)  # fmt: skip
def test_decisions_have_their_colours(changes, code):
    """With colours the words and the columns are the same."""
    found = read(record(**changes))
    shown = rendered(found, colour=True)
    assert f"\x1b[{code}m" in shown
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == rendered(found, colour=False)


NAMED = st.text(alphabet=st.sampled_from(HOSTILE), max_size=8)
EVENTS = st.fixed_dictionaries(
    {"event": st.sampled_from(["policy_reloaded", "policy_rejected", "answer_withheld", "records_lost"]) | NAMED},
    optional=dict.fromkeys(("time", "id", "policy_file", "revision", "problems", "reason", "count"), NAMED | JSON),
)


@given(hostile_records() | EVENTS)
def test_nothing_in_a_line_is_obeyed(found):
    """Whatever a log holds, it is one line in which only colours of our own are not letters."""
    record = read(found)
    assert rendered(record, colour=False).isprintable()
    colours = re.compile(r"\x1b\[(3[1-6]|2|1;31|0)m")
    assert colours.sub("", rendered(record, colour=True)).isprintable()
    assert plain(rendered(record, colour=False)).encode()
