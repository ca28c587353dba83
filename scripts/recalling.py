"""What the shipped phrase lists find in corpora of attacks, and what they find in everybody else's texts.

A corpus is a file of JSON lines, `{"text": ...}`, plain or packed with xz. `index.json` beside it says what it holds
and whether the lists were written with it in view. Of a held-out corpus nothing but numbers is ever shown.
"""

import argparse
import json
import lzma
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from panda_addon.exchange import Exchange, Span
from panda_addon.judge import judge
from panda_addon.policy.load import load
from panda_addon.policy.model import Policy

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT / "tests" / "corpora"
LISTS = ("prompt-injection", "profanity", "adult")
_POLICY = PurePath("recall.yaml")
# So much of a text is shown.
_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts of one kind. `hidden`: held out, so that its texts are not shown. `wanted`: the list that is to find them."""

    title: str
    kind: str
    hidden: bool
    wanted: str
    texts: tuple[str, ...]


def policies() -> dict[str, Policy]:
    """A policy for each shipped list, which does nothing but look for its phrases."""
    found = {}
    for name in LISTS:
        source = f"""
            version: 1
            hosts: [api.openai.com]
            policies:
              - name: {name}
                phrases: [{{list: {name}, in: [request], action: audit}}]
        """.encode()

        def read(path: PurePath, source: bytes = source) -> bytes:
            return source if path == _POLICY else Path(path).read_bytes()

        found[name] = load(_POLICY, read, ROOT / "policies").policies[0]
    return found


def finds(policy: Policy, text: str) -> list[str]:
    """What a policy finds in a text that a user sends: the phrases of the list."""
    exchange = Exchange(side="request", endpoint="chat.completions", spans=(Span("/messages/0/content", text),))
    return [finding.phrase or "" for finding in judge(exchange, policy).findings if finding.check == "phrases"]


def corpora(folder: Path) -> Iterator[Corpus]:
    """The corpora of a folder, in the order of its index."""
    for entry in json.loads((folder / "index.json").read_text("utf-8")):
        path = folder / entry["file"]
        data = path.read_bytes()
        lines = (lzma.decompress(data) if path.suffix == ".xz" else data).decode().split("\n")
        texts = tuple(json.loads(line)["text"] for line in lines if line)
        yield Corpus(entry["title"], entry["kind"], entry["use"] != "development", entry.get("wanted", ""), texts)


def measure(corpus: Corpus, found: dict[str, Policy], show: int) -> dict[str, Any]:
    """The row of a corpus: of how many of its texts each list finds something in."""
    row: dict[str, Any] = {"corpus": corpus.title, "kind": corpus.kind}
    row |= {"use": "held out" if corpus.hidden else "development", "size": len(corpus.texts)}
    for name, policy in found.items():
        hits = {text: finds(policy, text) for text in corpus.texts}
        row[name] = sum(map(bool, hits.values()))
        if show and not corpus.hidden:
            wrong = [text for text in corpus.texts if bool(hits[text]) != (corpus.wanted == name)]
            told = wrong if corpus.wanted in {"", name} else []
            for text in told[:show]:
                sys.stderr.write(f"[{corpus.title}, {name}] {text[:_SHOWN]!r} {hits[text][:3]}\n")
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as text: counts with their shares."""
    head = ("corpus", "kind", "use", "size", *LISTS)
    lines = [head]
    for row in rows:
        shares = (f"{row[name]} ({row[name] / row['size']:.1%})" for name in LISTS)
        lines.append((row["corpus"], row["kind"], row["use"], str(row["size"]), *shares))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=0, metavar="N", help="texts of development corpora judged wrongly")
    parser.add_argument("--more", type=Path, action="append", default=[], metavar="FOLDER", help="a folder of corpora")
    options = parser.parse_args()
    found = policies()
    folders = (CORPORA, *options.more)
    rows = [measure(corpus, found, options.show) for folder in folders for corpus in corpora(folder)]
    sys.stdout.write(table(rows) + "\n")


if __name__ == "__main__":
    main()
