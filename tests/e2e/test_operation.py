"""Starting, reloading, and a log that cannot be written."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.proxy import BIN, DOORS, PATIENCE, ROOT, clean_environment, free_port

POLICY = """
version: 1
policies:
  - name: first
    phrases:
      - {list: mine, in: [request], action: block}
"""
JSON = {"model": "m", "input": "hi"}


def run(folder, *arguments: str) -> tuple[int, str]:
    """Start a proxy that should end by itself: its exit status and output."""
    command = [*arguments, "--listen-host", "127.0.0.1", "-p", str(free_port()), "--set", f"confdir={folder}"]
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "panda_polcy=x.yaml"], "panda_polcy"),
        (["--set", "stream_large_bodies=1m"], "--set stream_large_bodies="),
        (["--set", "validate_inbound_headers=false"], "--set validate_inbound_headers=true"),
        (["--ignore-hosts", "openai"], "--set ignore_hosts="),
        (["--set", "panda_policy=nowhere.yaml"], "nowhere.yaml:1:1: cannot be read"),
        (["--mode", "reverse:tls://api.openai.com:443"], "use reverse:https://"),
        (["--set", "panda_audit=/nowhere/audit.jsonl"], "the audit log cannot be opened"),
        (["--set", "panda_upstream=somewhere"], "panda_upstream must be host:port"),
    ],
)
def test_refuses_to_start(tmp_path, door, arguments, says):
    """An unsafe, misspelled or unusable option stops the start, and the message says what to do."""
    status, output = run(tmp_path, *DOORS[door], *arguments)
    assert status == 1
    assert says in output


def test_panda_run_insists(tmp_path):
    """The option that opens the raw TCP way around the policy cannot be set on `panda run`."""
    status, output = run(tmp_path, *DOORS["panda run"], "--set", "rawtcp=true")
    assert status == 1
    assert "--set rawtcp=false" in output


def test_mitmdump_must_be_told(tmp_path):
    """Stock mitmdump's own defaults are refused, with the option to set."""
    status, output = run(tmp_path, str(BIN / "mitmdump"), "-s", str(ROOT / "panda_addon" / "addon.py"))
    assert status == 1
    assert "--set rawtcp=false" in output


@pytest.mark.parametrize(
    "arguments", [["-w", "flows"], ["-s", "script.py"], ["--anticache"], ["--set", "flow_detail=2"], ["word"]]
)
def test_left_out_options(tmp_path, arguments):
    """An option whose addon is left out says so instead of being ignored."""
    status, output = run(tmp_path, *DOORS["panda run"], *arguments)
    assert status == 1
    assert "--full" in output or "takes options only" in output


def test_full(standin, start, http):
    """With `--full` stock options are back, and calls are judged."""
    proxy = start("version: 1\npolicies: [{name: all}]\n", "--full", "--anticache", flow_detail=0)
    with proxy.recording():
        assert http(proxy).post("/v1/responses", json=JSON).status_code == 200
    assert len(standin.requests) == 1


def wait_for(proxy, event: str, count: int = 1) -> list[dict]:
    """The lines of an event in the log, once there are `count`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = [line for line in proxy.lines() if line["event"] == event]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no {event} in the log:\n{proxy.text()}")


def test_reload(standin, tmp_path, start, http, door):
    """A changed policy or list is picked up while running; a bad one is refused whole and the last good one stays."""
    proxy = start("version: 1\npolicies: [{name: before}]\n", door=door, fresh=True)
    client = http(proxy)
    assert client.post("/v1/responses", json=JSON).status_code == 200
    phrases = proxy.folder / "phrases"
    phrases.mkdir()
    (phrases / "mine.txt").write_text("hi\n")
    proxy.policy_file.write_text(POLICY)
    [loaded] = wait_for(proxy, "policy_reloaded")
    assert client.post("/v1/responses", json=JSON).status_code == 400
    assert proxy.records()[-1]["policy"] == {"name": "first", "revision": loaded["revision"], "mode": "enforce"}

    proxy.policy_file.write_text(POLICY + "    moode: audit\n")
    [rejected] = wait_for(proxy, "policy_rejected")
    assert rejected["revision"] == loaded["revision"]
    assert rejected["problems"] == [f"{proxy.policy_file}:7:5: policies[0].moode: unknown key; did you mean 'mode'?"]
    assert "moode" in proxy.text()
    assert client.post("/v1/responses", json=JSON).status_code == 400

    proxy.policy_file.write_text(POLICY)
    (phrases / "mine.txt").write_text("something else\n")
    wait_for(proxy, "policy_reloaded", 2)
    assert client.post("/v1/responses", json=JSON).status_code == 200


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk(standin, start, http, door):
    """With a log that cannot be written, calls are refused, from the second on before they leave."""
    proxy = start("version: 1\npolicies: [{name: all}]\n", panda_audit="/dev/full", door=door)
    client = http(proxy)
    answers = [client.post("/v1/responses", json=JSON) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert {answer.json()["error"]["code"] for answer in answers} == {"panda_error"}
    assert len(standin.requests) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_allowed(standin, start, http):
    """With `on_error: allow` calls go on although the log cannot be written."""
    proxy = start("version: 1\non_error: allow\npolicies: [{name: all}]\n", panda_audit="/dev/full")
    assert [http(proxy).post("/v1/responses", json=JSON).status_code for _ in range(2)] == [200, 200]
    assert len(standin.requests) == 2


def test_log_rotation(start, http):
    """A log that was moved away is begun anew at its path."""
    proxy = start("version: 1\npolicies: [{name: all}]\n", fresh=True)
    client = http(proxy)
    client.post("/v1/responses", json=JSON)
    wait_for(proxy, "exchange")
    proxy.audit_file.rename(proxy.folder / "audit.1")
    with proxy.recording():
        client.post("/v1/responses", json=JSON)
    assert len((proxy.folder / "audit.1").read_text().splitlines()) == 1


def test_client_lines(start):
    """`panda run` prints what a client needs, and makes the bundle it names."""
    proxy = start("version: 1\npolicies: [{name: all}]\n")
    wait_until = time.monotonic() + PATIENCE
    while "NODE_EXTRA" not in proxy.text() and time.monotonic() < wait_until:
        time.sleep(0.05)
    bundle = proxy.folder / "conf" / "panda-ca-bundle.pem"
    assert f"export HTTPS_PROXY={proxy.url}" in proxy.text()
    assert f"export SSL_CERT_FILE={bundle}" in proxy.text()
    assert bundle.read_text().endswith(proxy.ca_file.read_text())
    assert bundle.read_text().count("BEGIN CERTIFICATE") > 50
