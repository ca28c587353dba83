"""One call from its head to its record: the shell around the core. It keeps the time, and catches what nobody expected.

The methods of an `Inspection` are called in the order in which a call happens. Whatever goes wrong in one of them, the
outcome is what the policy says about calls that could not be judged, and there is one record. `request` and `answer` may
be called in a thread, as long as nothing else is called meanwhile; the log is left alone there. Knows nothing of
mitmproxy.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from panda_addon.audit.errors import describe
from panda_addon.audit.ids import new_id
from panda_addon.audit.log import AuditLog
from panda_addon.audit.record import Facts, build, fingerprint, trace_id
from panda_addon.call import Call, Outcome, Reply
from panda_addon.exchange import Exchange, Side, Uninspected
from panda_addon.judge import judge
from panda_addon.meter.account import Account, Booked, unknown
from panda_addon.meter.cost_limit import CostLimit
from panda_addon.meter.limits import prompt_tokens
from panda_addon.policy.choose import choose
from panda_addon.policy.model import Policy, Ruleset
from panda_addon.relay import Relay, is_events, passage
from panda_addon.transcript import Transcript
from panda_addon.verdict import Action, Finding, Put, Refusal, Verdict
from panda_addon.wire.document import Document
from panda_addon.wire.encodings import decode
from panda_addon.wire.errors import WireError, error_body, error_headers
from panda_addon.wire.on_demand import demand
from panda_addon.wire.read import MAX_ANSWER, Head, read_answer, read_request
from panda_addon.wire.route import Target, find

logger = logging.getLogger(__name__)

type Ended = Literal["complete", "client_gone", "upstream_error", "refused", "proxy_stopped"]

# Ends that the upstream had no part in.
_LEFT = ("client_gone", "proxy_stopped")


class Inspection:
    """One call from its head to its record."""

    def __init__(self, ruleset: Ruleset, log: AuditLog, call: Call, booked: Booked) -> None:
        self._ruleset = ruleset
        self._log = log
        self._call = call
        self._began = time.perf_counter()
        self._sent: float | None = None
        self._target = Target(None, known=False)
        self._open = True
        self._relay: Relay | None = None
        self._streaming = False
        # Whether what a stream used is asked for on no wish of the client's.
        self._demanded = False
        self.replied = False  # whether the client was given an answer of Panda's own
        now = time.time()
        self.id = new_id(now)
        at = datetime.fromtimestamp(now, UTC)
        self._account = Account(call.method, call.host, at, booked)
        self._limits = prompt_tokens, CostLimit(call.method, call.host, at)
        self._facts = Facts(
            id=self.id,
            began=now,
            caller=call.caller,
            method=call.method,
            host=call.host,
            path=call.path.partition("?")[0],
            secret=call.api_key,
            revision=ruleset.revision,
            trace_id=trace_id(call.traceparent),
        )
        # What answers the call whatever else it holds, if its head decides that already.
        self._stopped: Outcome = self._guard("request", self._begin)

    @property
    def refused(self) -> bool:
        """Whether the client is answered by Panda."""
        return self._facts.refusal is not None

    @property
    def over(self) -> bool:
        """Whether it has been recorded."""
        return not self._open

    def to_count(self, ended: Ended) -> int:
        """How many characters have to be counted before it can be recorded as ended in some way.

        None of a whole answer that goes out only if it can be recorded.
        """
        if not self._open or (ended == "complete" and not self._streaming):
            return 0
        if self._relay is not None:
            self._account.bill = self._relay.session.bill
        return self._account.to_count(self._heard, left=ended in _LEFT)

    def count(self) -> None:
        """Count them, ahead of the record. May be called in a thread."""
        self._account.count(self._heard)

    @property
    def _heard(self) -> Transcript | None:
        return self._relay.heard if self._relay else None

    @property
    def asks_stream(self) -> bool:
        """Whether the request asks for its answer piece by piece, and goes on."""
        return self._facts.stream and not self.refused

    def request(self, body: bytes) -> Outcome:
        """Judge the request's body."""
        self._facts.request_bytes = len(body)
        outcome = self._stopped
        if outcome is None and (policy := self._facts.policy) is not None:
            outcome = self._guard("request", lambda: self._request(policy, body))
        self._sent = time.perf_counter()
        self._account.sent = not self.refused
        return outcome

    def keep_back(self) -> None:
        """Take note that a request goes nowhere after all, for its call ended while it was judged."""
        if self._account.status is None:
            self._account.sent = False

    @property
    def rewrites(self) -> bool:
        """Whether a streamed answer may leave in another length than it came, and goes out without its coding."""
        return self._relay is not None and self._relay.rewrites

    def streams(self, status: int, head: Head, request_id: str | None = None) -> bool:
        """Note the answer's head; whether its body goes on piece by piece. `request_id` is the upstream's."""
        facts = self._facts
        facts.status = self._account.status = status
        facts.upstream_request_id = request_id
        facts.first_byte = None if self._sent is None else time.perf_counter() - self._sent
        if (policy := facts.policy) is not None:
            self._stopped = self._guard("response", lambda: self._begin_answer(policy, status, head))
            self.replied = False  # what stops it is told in place of the body
        return self._streaming

    def piece(self, data: bytes) -> bytes:
        """Judge the next piece of a streamed answer; an empty one is its end. What is to be sent on."""
        sent = data if self._relay is None else self._through(self._relay, data)
        self._facts.response_bytes += len(sent)
        return sent

    def answer(self, head: Head, body: bytes) -> Outcome:
        """Judge a whole answer."""
        self._facts.response_bytes = len(body)
        outcome = self._stopped
        if outcome is None and (policy := self._facts.policy) is not None:
            outcome = self._guard("response", lambda: self._answer(policy, head, body))
        if outcome is not None:
            self._facts.response_bytes = len(outcome.body if isinstance(outcome, Reply) else outcome)
        return outcome

    def fail(self, side: Side, error: BaseException) -> Outcome:
        """Take note of an exception that came up around this call; the outcome is the policy's."""
        facts = self._facts
        facts.failed = True
        facts.error = describe(error, side)
        logger.error("panda_error in decision %s: %s", self.id, facts.error)
        if self._on_error == "block":
            return self._refuse(Refusal("panda_error", "an error inside the proxy; nothing was judged"), Action.BLOCK)
        facts.uninspected.append(Uninspected("", "panda_error"))
        return None

    def refused_before(self, reason: str, status: int) -> None:
        """Take note that the call was refused before it came here, with a body that is not Panda's."""
        self._unreadable("request", WireError(reason), always=True)
        self._facts.status, self._facts.response_bytes = status, 0

    def end(self, ended: Ended) -> Outcome:
        """Write the record, once. A reply is returned if it cannot be written and the policy refuses such calls."""
        if not self._open:
            return None
        self._open = False
        facts = self._facts
        if (relay := self._relay) is not None:
            if ended == "client_gone" and relay.session.finished:
                # Clients hang up when they have read the last event.
                ended = "complete"
            whole = ended == "complete"
            self._guard("response", lambda: self._learn(relay, whole=whole))
        self._charge(ended)
        facts.ended = "refused" if self.refused and ended != "proxy_stopped" else ended
        if self._sent is None and not self.refused:
            # It ended before it was there as a whole: nothing was judged.
            facts.uninspected.append(Uninspected("", "incomplete"))
        facts.total = time.perf_counter() - self._began
        try:
            record = build(facts)
        except Exception as error:  # noqa: BLE001 a record of the failure is better than none
            record = {"id": facts.id, "decision": "error", "error": describe(error, "response")}
        kept_back = ended == "complete" and not self._streaming and not self.refused
        if self._log.write("exchange", record) or self._on_error == "allow" or not kept_back:
            return None
        self._log.write("answer_withheld", {"id": facts.id, "reason": "the audit log cannot be written"})
        return self._refuse(Refusal("panda_error", "the audit log cannot be written"), Action.BLOCK)

    # What follows runs behind `_guard`.

    def _begin(self) -> Outcome:
        call, facts = self._call, self._facts
        if call.api_key:
            facts.caller = replace(call.caller, key=fingerprint(call.api_key))
        facts.policy = choose(self._ruleset, facts.caller)
        if call.misfit:
            return self._unreadable("request", WireError(call.misfit), always=True)
        if call.upgrade:
            # 426 sends clients to plain HTTP at once; any other status costs them retries.
            return self._unreadable("request", WireError("WebSockets are not inspected", 426), always=True)
        if facts.policy is None:
            return self._refuse(Refusal("policy_violation", "no policy applies to this caller"), Action.BLOCK)
        self._target = find(call.method, facts.path)
        facts.endpoint = self._target.endpoint
        if self._log.waiting and not self._log.flush() and self._on_error == "block":
            return self._refuse(Refusal("panda_error", "the audit log cannot be written"), Action.BLOCK)
        return None

    def _request(self, policy: Policy, body: bytes) -> Outcome:
        call, facts = self._call, self._facts
        if call.transfer_encoding.strip().lower() not in ("", "chunked"):
            raise WireError("the transfer-encoding is not chunked, alone")
        if not self._target.known and policy.unknown_endpoint == "allow":
            document = None
            exchange = Exchange(
                side="request",
                endpoint=self._target.endpoint,
                known=False,
                uninspected=(Uninspected("", "unknown_endpoint"),),
                free=self._target.free,
            )
        else:
            exchange, document = read_request(self._target, call.method, call.head, body, call.path.partition("?")[2])
        facts.model = exchange.model
        facts.end_user = exchange.end_user
        facts.stream = exchange.stream
        facts.prompt_chars = exchange.chars
        if exchange.output_cap is not None:
            facts.max_output_tokens = next((v for _, v in exchange.output_cap.given if type(v) is int), None)
        verdict = judge(exchange, policy, self._limits)
        caps = [put.value for put in verdict.puts if isinstance(put.value, int)]
        facts.max_output_tokens = caps[0] if caps else facts.max_output_tokens
        self._account.ask(self._target, exchange, edited=policy.enforce and bool(verdict.edits))
        put = demand(self._target, document) if document is not None and policy.enforce else None
        self._demanded = put is not None
        return self._carry_out(exchange, document, verdict, put)

    def _begin_answer(self, policy: Policy, status: int, head: Head) -> Outcome:
        line = self._call.method, status
        way, unread = passage(policy, self._target, line, head, asked=self._facts.stream)
        outcome: Outcome = None
        if way == "judged":
            try:
                self._relay = Relay(policy, self._target, head, self.id, demanded=self._demanded)
            except WireError as error:
                outcome = self._unreadable("response", error)
        if unread:
            self._facts.uninspected.append(Uninspected("", unread))
        self._streaming = way != "whole" and outcome is None
        return outcome

    def _answer(self, policy: Policy, head: Head, body: bytes) -> Outcome:
        plain = decode(body, head.content_encoding, MAX_ANSWER) if body else b""
        if is_events(plain):
            # A stream under another name, of which mitmproxy has the whole by now.
            relay = self._relay = Relay(policy, self._target, Head(), self.id, demanded=self._demanded)
            sent = relay.feed(plain) + relay.close()
            if relay.session.refused is not None:
                return self._refuse(relay.session.refused, Action.BLOCK)
            return sent if relay.rewrites and sent != plain else None
        exchange, document = read_answer(self._target, replace(head, content_encoding=""), plain)
        self._account.bill = exchange.bill or self._account.bill
        return self._carry_out(exchange, document, judge(exchange, policy))

    def _through(self, relay: Relay, data: bytes) -> bytes:
        """What becomes of a piece; after a refusal nothing, whatever else goes wrong."""
        if self.refused:
            return b""
        outcome = self._guard("response", lambda: relay.feed(data) if data else relay.close())
        if outcome is None:
            outcome = self._guard("response", lambda: relay.give_up(data))
        elif isinstance(outcome, Reply) and (why := self._facts.refusal) is not None:
            outcome = self._guard("response", lambda: relay.refuse(why))
        self._facts.refusal = self._facts.refusal or relay.session.refused
        return outcome if isinstance(outcome, bytes) else b""

    def _learn(self, relay: Relay, *, whole: bool) -> Outcome:
        """Take over what a stream has shown."""
        facts, session = self._facts, relay.session
        if not whole:
            relay.cut_short()
        facts.findings += session.findings
        facts.uninspected += session.uninspected
        facts.action = max(facts.action, session.action)
        self._account.bill = session.bill
        facts.events, facts.chars = session.events, session.chars
        return None

    def _charge(self, ended: Ended) -> None:
        """Add up what the call used and costs. What goes wrong here changes nothing for the client, and is no bill."""
        facts, account = self._facts, self._account
        if facts.policy is None:
            return
        facts.bill = account.bill
        # Whoever reads back what was made in the background does not say for whom it was.
        facts.end_user = facts.end_user or account.bill.end_user
        whole = self._relay is None or not self._relay.session.uninspected
        try:
            facts.charge = account.charge(facts.policy, self._heard, left=ended in _LEFT, whole=whole)
        except Exception as error:  # noqa: BLE001 the record is written whatever there is to say of the price
            facts.charge = unknown("error")
            facts.error = facts.error or describe(error, "response")
            logger.error("decision %s could not be charged: %s", self.id, facts.error)  # noqa: TRY400 no text of the call in a log

    def _carry_out(
        self, exchange: Exchange, document: Document | None, verdict: Verdict, demanded: Put | None = None
    ) -> Outcome:
        facts = self._facts
        facts.findings += verdict.findings
        facts.uninspected += exchange.uninspected
        facts.action = max(facts.action, verdict.action)
        if verdict.refusal is not None:
            return self._refuse(verdict.refusal, verdict.action)
        puts = verdict.puts if demanded is None else (*verdict.puts, demanded)
        if document is not None and (verdict.edits or puts):
            return document.write(verdict.edits, puts)
        return None

    def _unreadable(self, side: Side, error: WireError, *, always: bool = False) -> Outcome:
        """What becomes of bytes that cannot be read for certain. `always` refuses whatever the policy says."""
        facts, policy = self._facts, self._facts.policy
        message = f"the {'request' if side == 'request' else 'answer'} cannot be inspected: {error.reason}"
        matters = side == "request" or policy is None or policy.acts_on_text(side)
        # What a policy in audit mode would do is found all the same.
        wanted = always or (matters and (policy or self._ruleset).on_error == "block")
        action = Action.BLOCK if wanted else Action.AUDIT
        finding = Finding(check="input", action=action, side=side, code="not_inspectable", message=message)
        facts.findings.append(finding)
        if always or (wanted and self._on_error == "block"):
            return self._refuse(Refusal("not_inspectable", message), Action.BLOCK, error.status)
        facts.action = max(facts.action, Action.AUDIT)
        facts.uninspected.append(Uninspected("", "unreadable"))
        return None

    def _refuse(self, refusal: Refusal, action: Action, status: int = 400) -> Reply:
        facts = self._facts
        facts.refusal, facts.action, self.replied = refusal, action, True
        body = error_body(refusal, facts.policy.name if facts.policy else None, self.id)
        if not self._streaming:
            facts.status, facts.response_bytes = status, len(body)
        return Reply(status, error_headers(self.id), body)

    @property
    def _on_error(self) -> Literal["block", "allow"]:
        """What the policy does with a call that could not be judged; one that only audits lets it pass."""
        policy = self._facts.policy
        if policy is None:
            return self._ruleset.on_error
        return policy.on_error if policy.enforce else "allow"

    def _guard(self, side: Side, step: Callable[[], Outcome]) -> Outcome:
        """Run one step. The only place that catches what nobody expected."""
        began = time.perf_counter()
        try:
            return step()
        except WireError as error:
            return self._unreadable(side, error)
        except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
            raise
        except BaseException as error:  # noqa: BLE001 a library may raise what is no Exception; all of it fails closed
            return self.fail(side, error)
        finally:
            self._facts.own += time.perf_counter() - began
