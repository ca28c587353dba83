"""What Panda costs where answers are streamed: events a second, CPU time an event, and how late events arrive.

Compared with stock mitmdump that passes streams on (`stream = True`), within a round only, as in `benchmark.py`. The
upstream sends as fast as it can, one event a chunk and a TLS record (`single`) or sixteen (`joined`), or an event every
20 ms in each stream (`paced`); then each event says when it was sent. Every body is compared byte for byte, and each
log must hold one record for each stream.
"""

import argparse
import asyncio
import itertools
import json
import multiprocessing
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from benchmark import PHRASES, Proxy, started, write_certificate, write_policy
from streaming import KINDS, PROSE, Plan, Tunnel, differs, events, serve, trusting

STOCK, REDACTS, AUDITS = "mitmdump, stream", "panda run, redacts", "panda run, audits"
DELTAS, PAUSE = 400, 0.02
MODES = {"joined": Plan("", DELTAS, joined=16), "single": Plan("", DELTAS), "paced": Plan("", DELTAS, PAUSE)}
STREAM_ALL = "def responseheaders(flow):\n    flow.response.stream = True\n"

type Case = tuple[str, str, int]  # kind, mode, streams


@dataclass(frozen=True, slots=True)
class Sample:
    """What a proxy did in one round: events a second, CPU microseconds an event, seconds that events took."""

    rate: float
    cost: float
    first: tuple[float, float] = (0, 0)
    later: tuple[float, float] = (0, 0)


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process, finer than the ticks of `benchmark.py`: a paced stream costs few of those."""
    return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Their median and their 99th percentile."""
    return (statistics.median(values), sorted(values)[int(len(values) * 0.99)]) if values else (0, 0)


def redacting(folder: Path) -> Path:
    """The policy of `write_policy` with the shipped profanity list redacting answers."""
    path = write_policy(folder, PROSE)
    policy = yaml.safe_load(path.read_text())
    rules = policy["policies"][0]["phrases"]
    rules.append({"list": "profanity", "in": ["response"], "action": "redact"})
    next(rule for rule in rules if rule["list"] == "profanity")["in"] = ["request"]
    path.write_text(yaml.safe_dump(policy))
    return path


def start_all(stack: ExitStack, folder: Path) -> list[Proxy]:
    """Start every proxy, each to end with the stack."""
    authority, redacts, audits = write_certificate(folder), redacting(folder), folder / "audits.yaml"
    audits.write_text(redacts.read_text().replace("- name: default", "- mode: audit\n  name: default"))
    (folder / "pass_on.py").write_text(STREAM_ALL)
    common = [f"--set=confdir={folder}", f"--set=ssl_verify_upstream_trusted_ca={authority}"]
    stock = ["mitmdump", "-q", "--set=flow_detail=0", "--listen-host=127.0.0.1", "-s", str(folder / "pass_on.py")]
    proxies: list[Proxy] = []
    for name, policy in {STOCK: None, REDACTS: redacts, AUDITS: audits}.items():
        audit = folder / f"audit-{len(proxies)}.jsonl" if policy else None
        command = ["panda", "run", f"--set=panda_policy={policy}", f"--set=panda_audit={audit}"] if policy else stock
        pid, port = stack.enter_context(started([*command, *common], folder / f"output-{len(proxies)}"))
        proxies.append(Proxy(name, pid, port, folder / "mitmproxy-ca-cert.pem", audit))
    return proxies


@contextmanager
def upstream(folder: Path) -> Iterator[int]:
    """Run the upstream until the end of the block; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(listener, folder / "upstream.pem"), daemon=True
        )
        process.start()
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()


async def sample(proxy: Proxy, tunnels: list[Tunnel], plan: Plan, seconds: float) -> tuple[Sample, int]:
    """Hear streams in every tunnel for a while; how many there were, too. Raises RuntimeError if one is not as sent."""
    if plan.pause:
        plan = replace(plan, deltas=max(1, round(seconds / plan.pause)))
    first: list[float] = []
    later: list[float] = []

    async def keep_hearing(tunnel: Tunnel, delay: float) -> int:
        streams = 0
        await asyncio.sleep(delay)
        while not streams or (not plan.pause and time.perf_counter() - began < seconds):
            heard = await tunnel.hear(plan)
            if differs(plan, heard.body):
                raise RuntimeError(f"{proxy.name} passed on something else: {heard.body[:2000]!r}")
            first.extend(heard.waits[:1])
            later.extend(heard.waits[1:])
            streams += 1
        return streams

    delays = [seconds / 4 * at / len(tunnels) if plan.pause else 0 for at in range(len(tunnels))]
    cpu, began = cpu_seconds(proxy.pid), time.perf_counter()
    streams = sum(await asyncio.gather(*map(keep_hearing, tunnels, delays)))
    elapsed, cpu = time.perf_counter() - began, cpu_seconds(proxy.pid) - cpu
    made = streams * len(events(plan))
    return Sample(made / elapsed, cpu / made * 1e6, spread(first), spread(later)), streams


async def measure(
    folder: Path,
    rounds: int,
    seconds: float,
    cases: list[Case],
    start: Callable[[ExitStack, Path], list[Proxy]],
) -> dict[tuple[Case, str], list[Sample]]:
    """The samples of every case and proxy, one a round. Raises RuntimeError, OSError and EOFError."""
    made: Counter[Path | None] = Counter()
    samples: dict[tuple[Case, str], list[Sample]] = defaultdict(list)
    with ExitStack() as stack:
        proxies = start(stack, folder)
        port = stack.enter_context(upstream(folder))
        tunnels = {
            proxy.name: [
                await Tunnel.to(proxy, port, trusting(proxy)) for _ in range(max(streams for _, _, streams in cases))
            ]
            for proxy in proxies
        }
        for turn in range(rounds + 1):
            for case in cases:
                kind, mode, streams = case
                for proxy in proxies[:: -1 if turn % 2 else 1]:
                    plan = replace(MODES[mode], kind=kind)
                    one, heard = await sample(proxy, tunnels[proxy.name][:streams], plan, seconds if turn else 0.1)
                    made[proxy.audit] += heard
                    if turn:
                        samples[case, proxy.name].append(one)
        for tunnel in itertools.chain(*tunnels.values()):
            tunnel.close()
    for audit, streams in made.items():
        records = [json.loads(line) for line in audit.read_text().splitlines()] if audit else []
        calls = [(one["decision"], one["response"]["ended"]) for one in records if one["event"] == "exchange"]
        if audit and (len(calls) != streams or set(calls) != {("allow", "complete")}):
            raise RuntimeError(f"{Counter(calls)} in the audit log for {streams} streams")
    return samples


def compare(samples: dict[tuple[Case, str], list[Sample]], base: str = STOCK) -> list[dict[str, Any]]:
    """A row for each case and proxy; its values are a median, the least and the most of all rounds.

    Ratios are to the proxy called `base`.
    """
    rows = []
    for (case, name), own in sorted(samples.items(), key=lambda item: item[0][0]):
        pairs = list(zip(own, samples[case, base], strict=True))
        columns = {
            "events_per_second": [mine.rate for mine in own],
            "throughput_ratio": [mine.rate / stock.rate for mine, stock in pairs],
            "cpu_us_per_event": [mine.cost for mine in own],
            "cpu_ratio": [mine.cost / stock.cost for mine, stock in pairs],
            "first_us": [mine.first[0] * 1e6 for mine in own],
            "first_us_added": [(mine.first[0] - stock.first[0]) * 1e6 for mine, stock in pairs],
            "first_p99_us_added": [(mine.first[1] - stock.first[1]) * 1e6 for mine, stock in pairs],
            "later_us": [mine.later[0] * 1e6 for mine in own],
            "later_us_added": [(mine.later[0] - stock.later[0]) * 1e6 for mine, stock in pairs],
            "later_p99_us_added": [(mine.later[1] - stock.later[1]) * 1e6 for mine, stock in pairs],
        }
        spreads = {column: (statistics.median(all_), min(all_), max(all_)) for column, all_ in columns.items()}
        rows.append(dict(zip(("kind", "mode", "streams"), case, strict=True)) | {"proxy": name, **spreads})
    return rows


def table(rows: list[dict[str, Any]], base: str = "stock") -> str:
    """The rows for a reader."""
    ratio_to = f"x {base}"
    lines = [f"kind       mode    streams  proxy                 events/s  {ratio_to:<17}  CPU us  {ratio_to}"]
    for row in rows:
        ratios = ["{:.2f} ({:.2f}-{:.2f})".format(*row[name]) for name in ("throughput_ratio", "cpu_ratio")]
        head = f"{row['kind']:<11}{row['mode']:<8}{row['streams']:>7}  {row['proxy']:<20}"
        rate, cost = row["events_per_second"][0], row["cpu_us_per_event"][0]
        lines.append(f"{head}{rate:>10.0f}  {ratios[0]:<17}{cost:>8.0f}  {ratios[1]}")
    if all(row["mode"] != "paced" for row in rows):
        return "\n".join(lines)
    names = "first_us first_us_added first_p99_us_added later_us later_us_added later_p99_us_added".split()
    lines += [
        "",
        "paced, us on the way                            first   added  p99 added    later   added  p99 added",
    ]
    for row in rows:
        if row["mode"] == "paced":
            head = f"{row['kind']:<11}{row['streams']:>7} streams  {row['proxy']:<20}"
            lines.append(
                head + "{:>10.0f}{:>8.0f}{:>11.0f}{:>9.0f}{:>8.0f}{:>11.0f}".format(*(row[n][0] for n in names))
            )
    return "\n".join(lines)


def main() -> None:
    """Measure and print. Raises RuntimeError, OSError and EOFError if the numbers could not be believed."""
    parser = argparse.ArgumentParser(description="Panda's cost where answers are streamed, as ratios to mitmdump.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of each proxy and case in each round, at least")
    parser.add_argument("--streams", "--connections", default="1,64", help="how many at a time")
    parser.add_argument("--kind", choices=KINDS, action="append", help="both, if none is named")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    loads = [int(number) for number in options.streams.split(",")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends, what was written goes
    with tempfile.TemporaryDirectory(prefix="panda-bench-") as folder:
        kinds = options.kind or list(KINDS)
        cases = [(kind, mode, streams) for kind in kinds for mode in MODES for streams in loads]
        rows = compare(asyncio.run(measure(Path(folder), options.rounds, options.seconds, cases, start_all)))
    sizes = {kind: sum(map(len, events(Plan(kind, DELTAS)))) // len(events(Plan(kind, DELTAS))) for kind in kinds}
    setup = f"""Python {sys.version.split()[0]}, mitmproxy {version("mitmproxy")}, {os.cpu_count()} CPUs, \
{options.rounds} rounds of {options.seconds:g} s, mean bytes an event {sizes}, {PHRASES} more phrases"""
    result = json.dumps({"setup": setup, "rows": rows}, indent=1) if options.json else f"{setup}\n\n{table(rows)}"
    sys.stdout.write(f"{result}\n")


if __name__ == "__main__":
    main()
