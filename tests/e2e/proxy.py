"""A Panda process, started and stopped as a user would, and its audit log."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

DOORS = {
    "panda run": [str(BIN / "panda"), "run"],
    "mitmdump -s": [str(BIN / "mitmdump"), "-s", str(ROOT / "panda_addon" / "addon.py"), "--set", "rawtcp=false"],
}

# A proxy that has not come up by then is not going to.
PATIENCE = 30.0


class Proxy:
    """A running proxy in a folder of its own: its policy can be rewritten, its log read."""

    def __init__(self, folder: Path, door: str, policy: str, arguments: tuple[str, ...], settings: dict) -> None:
        self.folder = folder
        self.policy_file = folder / "policy.yaml"
        self.policy_file.write_text(policy)
        self.audit_file = folder / "audit.jsonl"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {
            "confdir": folder / "conf",
            "panda_policy": self.policy_file,
            "panda_audit": self.audit_file,
            **settings,
        }
        where = ("--listen-host", "127.0.0.1", "-p", str(self.port))
        given = [argument for name, value in settings.items() for argument in ("--set", f"{name}={value}")]
        self.command = [*DOORS[door], *where, *given, *arguments]
        self.output = (folder / "output.txt").open("w+")
        self.process = subprocess.Popen(
            self.command, stdout=self.output, stderr=self.output, cwd=folder, env=clean_environment()
        )

    @property
    def ca_file(self) -> Path:
        """The proxy's own CA."""
        return self.folder / "conf" / "mitmproxy-ca-cert.pem"

    def wait(self) -> "Proxy":
        """Wait until it listens. Raises RuntimeError with its output if it ends instead."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.02)
        raise RuntimeError(f"the proxy did not start:\n{self.text()}")

    def text(self) -> str:
        """What it has printed so far."""
        return (self.folder / "output.txt").read_text()

    def stop(self) -> int:
        """End it as a service manager would; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.output.close()
        return self.process.wait()

    def lines(self) -> list[dict]:
        """Everything in the log."""
        if not self.audit_file.exists():
            return []
        # A last line that is being written is none yet.
        return [json.loads(line) for line in self.audit_file.read_text().split("\n")[:-1]]

    def records(self) -> list[dict]:
        """The records of calls in the log."""
        return [line for line in self.lines() if line["event"] == "exchange"]

    @contextlib.contextmanager
    def recording(self, count: int = 1) -> Iterator[list[dict]]:
        """Gives the records of the calls made meanwhile; there must be exactly `count` of them."""
        before = len(self.records())
        fresh: list[dict] = []
        yield fresh
        deadline = time.monotonic() + PATIENCE
        while len(self.records()) < before + count and time.monotonic() < deadline:
            time.sleep(0.02)
        fresh += self.records()[before:]
        assert len(fresh) == count, f"{len(fresh)} records instead of {count}"


def clean_environment() -> dict[str, str]:
    """This process's environment without what would send a proxy's own connections elsewhere."""
    dropped = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")
    return {name: value for name, value in os.environ.items() if name.lower() not in dropped}


def free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
