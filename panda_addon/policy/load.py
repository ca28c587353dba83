"""Loading a policy file: read it and the lists it names, validate all of it, compile it.

Knows no file system: whoever calls it says how a path is read and where the shipped lists are.
"""

import fnmatch
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from pathlib import PurePath

from panda_addon.exchange import Side
from panda_addon.policy.errors import PolicyError, Problem, place
from panda_addon.policy.lists import Words, read_line, read_list
from panda_addon.policy.model import Globs, Match, Names, OutputTokens, PhraseList, Phrases, Policy, PriceRow, Ruleset
from panda_addon.policy.narrow import narrowed, unfounded
from panda_addon.policy.prices import price_row, unknown_price
from panda_addon.policy.schema import FilePart, MatchPart, PhrasesPart, PolicyPart, validate
from panda_addon.policy.tree import Plain, Tree, TreePath, items, member, read_tree
from panda_addon.text.combine import Combination
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action

type Read = Callable[[PurePath], bytes]


def load(path: PurePath, read: Read, library: PurePath) -> Ruleset:
    """The ruleset in a policy file.

    `read` gives a file's bytes or raises OSError (ValueError where no file can have that name); `library` is the folder of
    the shipped phrase lists. Raises PolicyError with everything that is wrong.
    """
    return _Loader(path, read, library).load()


class _Loader:
    """One load: the phrases of each list in use, and the mistakes found so far."""

    def __init__(self, path: PurePath, read: Read, library: PurePath) -> None:
        self.path = path
        self.read = read
        self.library = library
        self.digest = hashlib.sha256()
        self.lists: dict[str, tuple[Words, str]] = {}
        self.problems: list[Problem] = []

    def load(self) -> Ruleset:
        try:
            source = self._read(self.path)
        except OSError as error:
            self._complain(self.path, (1, 1), f"cannot be read: {error.strerror}")
            source = None
        if source is None:
            raise PolicyError(self.problems)
        tree = read_tree(source, str(self.path))
        # An unreadable file has no tree to say more about.
        checked = [] if tree.problems and tree.value is None else validate(tree)
        phrases = self._all_phrases(tree)
        faults = [] if isinstance(checked, FilePart) else checked
        problems = [*tree.problems, *faults, *unfounded(tree), *self.problems]
        if problems or not isinstance(checked, FilePart):
            raise PolicyError(problems)
        prices = tuple(price_row(row, _glob(row.model)) for row in checked.prices)
        policies = tuple(_policy(part, checked, phrases[index], prices) for index, part in enumerate(checked.policies))
        return Ruleset(
            hosts=tuple(checked.hosts),
            policies=policies,
            revision=f"sha256:{self.digest.hexdigest()}",
            on_error=checked.on_error,
            narrowed=narrowed(policies),
        )

    def _read(self, path: PurePath) -> str | None:
        """A file's text; None, with a problem noted, if it is not UTF-8. Raises OSError."""
        data = self.read(path)
        self.digest.update(len(data).to_bytes(8) + data)
        try:
            # Some editors write a byte order mark, which is no part of the first line.
            return data.decode().removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            self._complain(path, place(data[: error.start].decode()), "not valid UTF-8")
            return None

    def _complain(self, path: PurePath, where: tuple[int, int], message: str) -> None:
        self.problems.append(Problem(str(path), *where, "", message))

    def _all_phrases(self, tree: Tree) -> list[list[Words]]:
        """The phrases of every rule of every policy, read from the bare tree: also where the schema has complaints."""
        return [
            [
                self._phrases(member(rule, "list"), member(rule, "words"), tree, ("policies", index, "phrases", number))
                for number, rule in enumerate(items(member(policy, "phrases")))
            ]
            for index, policy in enumerate(items(member(tree.value, "policies")))
        ]

    def _phrases(self, name: Plain, words: Plain, tree: Tree, path: TreePath) -> Words:
        if words is None and isinstance(name, str) and name:
            return self._listed(name, tree, (*path, "list"))
        phrases: Words = []
        for number, word in enumerate(items(words)):
            try:
                phrases += read_line(word) if isinstance(word, str) else []
            except ValueError as error:
                self.problems.append(tree.problem((*path, "words", number), str(error)))
        return phrases

    def _listed(self, name: str, tree: Tree, path: TreePath) -> Words:
        """The phrases of a list file, which is read once; a complaint about it stands at every rule that names it."""
        if name not in self.lists:
            self.lists[name] = self._find(name)
        phrases, complaint = self.lists[name]
        if complaint:
            self.problems.append(tree.problem(path, complaint))
        return phrases

    def _find(self, name: str) -> tuple[Words, str]:
        """The phrases of a list file, or why there are none."""
        candidates = self._places(name)
        for file in candidates:
            try:
                text = self._read(file)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                return [], f"{file} cannot be read: {error.strerror}"
            except ValueError:
                return [], "no file can have this name"
            if text is None:
                return [], ""
            phrases, problems = read_list(text, str(file))
            self.problems += problems
            if not phrases and not problems:
                # More likely a file that is being written than a list that is meant to find nothing.
                self._complain(file, (1, 1), "there is no phrase in it")
            return phrases, ""
        return [], f"there is no such list at {' or '.join(map(str, candidates))}"

    def _places(self, name: str) -> list[PurePath]:
        """Where a list may be: a path from the policy's folder, or a name there, or the name of a shipped one."""
        here = self.path.parent
        if "/" in name or name.endswith(".txt"):
            return [here / name]
        return list(dict.fromkeys((here / "phrases" / f"{name}.txt", self.library / "phrases" / f"{name}.txt")))


def _policy(part: PolicyPart, file: FilePart, phrases: list[Words], prices: tuple[PriceRow, ...]) -> Policy:
    output = part.limits.output_tokens
    return Policy(
        name=part.name,
        enforce=part.mode == "enforce",
        on_error=file.on_error,
        unknown_endpoint=file.unknown_endpoint,
        match=_match(part.match),
        models=Names(_globs(part.models.allow), _globs(part.models.deny) or Globs()),
        endpoints=Names(_families(part.endpoints.allow), _families(part.endpoints.deny) or Globs()),
        prompt_chars=part.limits.prompt_chars,
        prompt_tokens=part.limits.prompt_tokens,
        output_tokens=OutputTokens(output.max, output.missing == "set") if output else None,
        request_cost_usd=part.limits.request_cost_usd,
        prices=prices,
        unknown_price=unknown_price(file.unknown_price if part.unknown_price is None else part.unknown_price),
        end_user_required=part.end_user == "required",
        request_phrases=_side("request", part.phrases, phrases),
        response_phrases=_side("response", part.phrases, phrases),
        redaction=part.redaction,
    )


def _side(side: Side, rules: list[PhrasesPart], phrases: list[Words]) -> Phrases:
    at_work = [(rule, words) for rule, words in zip(rules, phrases, strict=True) if side in rule.sides]
    lists = tuple(
        PhraseList(rule.name, Action[rule.action.upper()], rule.confidential, frozenset(rule.without or ()))
        for rule, _ in at_work
    )
    index = PhraseIndex(
        (replace(word, without=lists[owner].without) if isinstance(word, Combination) else word, owner)
        for owner, (_, words) in enumerate(at_work)
        for word in words
    )
    made = Phrases(lists, index)
    if side == "response":
        # Made now, not while the first stream waits.
        _ = made.acting
    return made


def _globs(patterns: list[str] | None) -> Globs | None:
    if patterns is None:
        return None
    return _glob(*patterns)


def _glob(*patterns: str) -> Globs:
    return Globs(tuple(re.compile(fnmatch.translate(pattern), re.IGNORECASE) for pattern in patterns))


def _families(names: list[str] | None) -> Globs | None:
    """Endpoint names, each of which stands for itself and all that is named below it."""
    if names is None:
        return None
    return Globs(tuple(re.compile(re.escape(name) + r"(\..*)?") for name in names))


def _match(part: MatchPart) -> Match:
    return Match(
        clients=tuple(ip_network(client) for client in part.clients) if part.clients else None,
        proxy_users=frozenset(part.proxy_users) if part.proxy_users else None,
        keys=tuple(part.keys) if part.keys else None,
        organizations=frozenset(part.organizations) if part.organizations else None,
        projects=frozenset(part.projects) if part.projects else None,
    )
