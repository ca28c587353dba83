"""Many paced streams at once through one `panda run` for a while: every text must be right, and memory stay level.

A few percent of the streams hold a phrase that the policy redacts, split over events, and a few percent of the clients
leave in the middle; each client starts its next stream when one ends. Exit status 1 if a text is wrong, a stream fails,
the log lacks a record, or the proxy's memory was a tenth larger in the last third of the time than in the second.
"""

import argparse
import asyncio
import json
import random
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from benchmark import Proxy, started, write_certificate
from stream_benchmark import redacting, upstream
from streaming import KINDS, Plan, Tunnel, deltas, differs, text, trusting

PHRASE, REDACTION = "Project Borealis", "****"
AUDIT = "audit.jsonl"
WITH_PHRASE, LEAVE = 0.05, 0.03
LEAST, MOST = 20, 40
LOOK_SECONDS, GROWTH = 5, 1.1
# So many clients connect at a time: a handshake costs the proxy much more than an event.
DOORS = 32


@dataclass(slots=True)
class Soak:
    """What has happened so far."""

    seconds: float
    pause: float
    plain: bool
    until: float = float("inf")
    waited: set[int] = field(default_factory=set)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    opened: int = 0
    done: int = 0
    left: int = 0
    events: int = 0
    redacted: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def plan(self, chance: random.Random) -> Plan:
        """The next stream of a client."""
        phrase = PHRASE if not self.plain and chance.random() < WITH_PHRASE else ""
        number = chance.randint(LEAST, MOST)
        return Plan(chance.choice(KINDS), number, self.pause, seed=chance.randrange(1, 1 << 30), phrase=phrase)

    def check(self, plan: Plan, body: bytes) -> None:
        """Count a stream that was heard to its end, and whether it was right."""
        self.done += 1
        self.events += body.count(b"\n\n")
        if not plan.phrase:
            wrong = differs(plan, body)
        else:
            expected = "".join(deltas(plan)).replace(PHRASE, REDACTION)
            wrong = text(body) != expected or PHRASE.encode() in body
            self.redacted += not wrong
        self.errors["wrong text"] += wrong

    async def client(self, number: int, proxy: Proxy, port: int, doors: asyncio.Semaphore) -> None:
        """Hear one stream after the other; where something fails, count it and go on in a new tunnel."""
        chance, context = random.Random(number), trusting(proxy)  # noqa: S311 the same streams in every run
        tunnel: Tunnel | None = None
        while time.monotonic() < self.until:
            try:
                if tunnel is None:
                    async with doors:
                        tunnel = await Tunnel.to(proxy, port, context)
                    self.waited.discard(number)
                    if not self.waited:
                        self.ready.set()
                    await asyncio.sleep(chance.random() * self.pause)
                plan = self.plan(chance)
                self.opened += 1
                if chance.random() < LEAVE:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(chance.uniform(1, LEAST) * self.pause):
                            await tunnel.hear(plan)
                    self.left += 1
                    tunnel.close()
                    tunnel = None
                else:
                    self.check(plan, (await tunnel.hear(plan)).body)
            except (OSError, EOFError, RuntimeError, ValueError) as error:
                self.errors[f"{type(error).__name__}: {error}"[:300]] += 1
                self.ready.set()
                if tunnel:
                    tunnel.close()
                tunnel = None
        if tunnel:
            tunnel.close()


@dataclass(frozen=True, slots=True)
class Look:
    """A proxy at a moment: megabytes in memory, open descriptors."""

    memory: float
    descriptors: int


def look(pid: int) -> Look:
    """How a process is now."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = int(status.partition("VmRSS:")[2].split()[0])
    return Look(kilobytes / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())))


@contextmanager
def proxied(folder: Path) -> Iterator[tuple[Proxy, int]]:
    """A proxy whose policy redacts the phrase, and the upstream's port, until the end of the block."""
    authority, path = write_certificate(folder), redacting(folder)
    policy = yaml.safe_load(path.read_text())
    rule = {"list": "codenames", "words": [PHRASE.lower()], "in": ["response"], "action": "redact"}
    policy["policies"][0] |= {"redaction": REDACTION}
    policy["policies"][0]["phrases"].append(rule)
    path.write_text(yaml.safe_dump(policy))
    audit = folder / AUDIT
    options = {
        "confdir": folder,
        "ssl_verify_upstream_trusted_ca": authority,
        "panda_policy": path,
        "panda_audit": audit,
    }
    command = ["panda", "run", *(f"--set={name}={value}" for name, value in options.items())]
    with started(command, folder / "output") as (pid, port), upstream(folder) as upstream_port:
        yield Proxy("panda run", pid, port, folder / "mitmproxy-ca-cert.pem", audit), upstream_port
    sys.stdout.write((folder / "output").read_text().partition("panda: a client needs")[0])


async def soak(state: Soak, proxy: Proxy, port: int, streams: int) -> list[Look]:
    """Keep so many streams going; what the proxy looked like before, every few seconds, and when all had gone."""
    looks, doors, began = [look(proxy.pid)], asyncio.Semaphore(DOORS), time.monotonic()
    state.waited.update(range(streams))
    clients = [asyncio.ensure_future(state.client(number, proxy, port, doors)) for number in range(streams)]
    await state.ready.wait()
    sys.stdout.write(f"{streams - len(state.waited)} clients after {time.monotonic() - began:.0f} s\n")
    state.until = time.monotonic() + state.seconds
    while time.monotonic() < state.until:
        await asyncio.sleep(LOOK_SECONDS)
        looks.append(now := look(proxy.pid))
        finished = f"{state.done:>7} streams done {state.events:>9} events {state.errors.total():>4} errors"
        sys.stdout.write(f"{now.memory:>8.1f} MB {now.descriptors:>6} descriptors {finished}\n")
        sys.stdout.flush()
    await asyncio.gather(*clients)
    await asyncio.sleep(1)
    return [*looks, look(proxy.pid)]


def main() -> int:
    """Soak, print, and judge."""
    parser = argparse.ArgumentParser(
        description="Many streams at once through one proxy: are they right, does it leak?"
    )
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0.5, help="between two events of a stream, on average")
    parser.add_argument("--plain", action="store_true", help="no phrases in the texts")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends, what was written goes
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    state = Soak(options.seconds, options.pause, options.plain)
    with tempfile.TemporaryDirectory(prefix="panda-soak-") as folder:
        with proxied(Path(folder)) as (proxy, port):
            before, *looks, after = asyncio.run(soak(state, proxy, port, options.streams))
        records = [json.loads(line) for line in (Path(folder) / AUDIT).read_text().splitlines()]
    ends = Counter(one["response"]["ended"] for one in records if one["event"] == "exchange")
    third = max(1, len(looks) // 3)
    middle, last = (
        statistics.mean(one.memory for one in part) for part in (looks[third:-third] or looks, looks[-third:])
    )
    faults = [f"{number} x {what}" for what, number in state.errors.items() if number]
    if ends.total() != state.opened:
        faults.append(f"{ends.total()} records for {state.opened} streams")
    if last > middle * GROWTH:
        faults.append(f"memory grew from {middle:.1f} to {last:.1f} MB")
    redacted = "no phrases" if state.plain else f"{state.redacted} redacted right"
    sys.stdout.write(f"""
streams      {state.opened} opened, {state.done} finished, {state.left} left by the client; {redacted}
events       {state.events}
memory (MB)  {before.memory:.1f} before, {looks[0].memory:.1f} after warm-up, {looks[-1].memory:.1f} at the end, \
{after.memory:.1f} when all had left; {middle:.1f} in the second third, {last:.1f} in the last
descriptors  {before.descriptors} before, {max(one.descriptors for one in looks)} at most, {after.descriptors} after
records      {ends.total()}: {dict(ends)}
errors       {"; ".join(faults) or "none"}
""")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
