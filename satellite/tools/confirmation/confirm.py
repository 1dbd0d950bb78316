"""Commands that wait for the person's confirmation.

A risky command is kept here, complete, until the person answers in a later turn. The model passes
the answer on, but it cannot answer in the turn in which it asked, twice, late, a question that
nobody heard, or with a yes that nobody said.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace

from satellite.locales.locale import code_of, locale
from satellite.tools import schema
from satellite.tools.confirmation.answer import SpokenAnswer, is_echo, is_nothing_more, read_answer
from satellite.tools.confirmation.attempts import Lockout
from satellite.tools.confirmation.heard_question import heard_question
from satellite.tools.execution.plan import ApprovalStep, ModelCall, OwnStep, PlanStep
from satellite.tools.execution.turn_context import TurnContext
from satellite.tools.policy.rules import Rules
from satellite.tools.text.spoken_digits import codes_in, digits_of, find_digits, says_a_number
from satellite.tools.tool import HomeTool

NAME = "confirm"
DESCRIPTION = (
    "Pass on the user's answer to a confirmation_required result. Ask the question aloud, wait "
    "for the user's next turn, then call this once with what they said. Never answer for them."
)
MAX_PENDING = 8

HeldStep = PlanStep | OwnStep | ApprovalStep
"""What can wait for a yes."""


def function(with_pin: bool) -> HomeTool:
    properties = {
        "confirmation_id": schema.text("From the result that asked", max_length=32),
        "answer": schema.choice(("yes", "no"), "What the user answered"),
    }
    if with_pin:
        properties["pin"] = schema.text("The code the user has just said, digits", max_length=32)
    return HomeTool(NAME, DESCRIPTION, schema.table(properties, ("confirmation_id", "answer")))


@dataclass(slots=True)
class Pending:
    """Steps that wait. ``code`` is filled in by the answer when a device asks for one."""

    confirmation_id: str
    call_id: str
    """The call whose result asked."""
    name: str
    steps: tuple[HeldStep, ...]
    asked_in_turn: int
    expires_s: float
    needs_pin: bool
    heard_up_to: int = 0
    """Speech up to this number belongs to a question that was answered."""

    def question(self) -> str:
        return " and ".join(step.question() for step in self.steps)

    def called(self) -> list[tuple[str, ...]]:
        """For each device all its names."""
        return [_called(step) for step in self.steps]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done; ``still_open`` when the person may answer the same question again."""

    message: str
    still_open: bool = False
    closed: tuple[HeldStep, ...] = ()
    """What the person has said no to."""


NOTHING_OPEN = Refusal(
    "There is nothing to confirm: it was answered already, or too late. Ask again."
)
NOT_ANSWERED = Refusal(
    "The user has not answered yet. Ask them aloud and wait for their next turn.", True
)
NOTHING_CHANGED = Refusal("Nothing was changed.")
NOT_TYPED = Refusal("A typed answer opens nothing; it has to be said aloud.", True)
NO_YES = Refusal("That was no yes. Ask them again, and wait for their next turn.", True)
USED = Refusal("One yes answers one question. Ask this one again, by itself.", True)
NEWER = Refusal("The yes answers the question that was asked last. Ask this one again.", True)
PAUSED = Refusal("Too many wrong codes. Codes are not accepted for a while.")
NO_CODE = Refusal("This needs a code. Please say it.", True)
WRONG = Refusal("The code is wrong. Please say it again.", True)
ONE_CODE = Refusal("Only one code in a sentence. Please say it again.", True)
CLOSED = Refusal("The code was wrong three times. Nothing was changed; try again later.")


class Confirmations:
    """All open questions."""

    def __init__(self, rules: Rules, lockout: Lockout) -> None:
        self._rules = rules
        self._lockout = lockout
        self._pending: dict[str, Pending] = {}
        self._count = 0
        self._answered_turn = -1
        """The turn whose yes answered a question; it answers no other."""
        self._code_turn = -1
        """The turn in which a code was tried; another one in it does not count."""

    def ask(
        self,
        call: ModelCall,
        steps: tuple[HeldStep, ...],
        *,
        code: bool,
    ) -> Pending:
        """Keeps the steps and returns the question. The same request again replaces the first."""
        about = _about(steps)
        for known in [k for k, old in self._pending.items() if _about(old.steps) == about]:
            del self._pending[known]
        while len(self._pending) >= MAX_PENDING:
            del self._pending[next(iter(self._pending))]
        self._count += 1
        pending = Pending(
            confirmation_id=f"c{self._count}",
            call_id=call.call_id,
            name=call.name,
            steps=steps,
            asked_in_turn=call.person_turn,
            expires_s=call.now_s + self._rules.confirm_timeout_s,
            needs_pin=bool(self._rules.pin) or code,
        )
        self._pending[pending.confirmation_id] = pending
        return pending

    def answer(self, call: ModelCall) -> Pending | Refusal:
        """The question whose steps may be taken now, or the reason why not."""
        arguments, turn = call.arguments, call.person_turn
        self.expire(call.now_s)
        pending = self._pending.get(arguments["confirmation_id"].strip())
        if pending is None:
            return NOTHING_OPEN
        if turn <= pending.asked_in_turn:
            return NOT_ANSWERED
        if arguments["answer"] != "yes":
            return self._closed(pending)
        if turn == self._answered_turn:
            return USED
        problem = self._check_person(pending, call)
        if problem is None:
            problem = self._check_pin(pending, call)
        if problem is not None:
            return problem
        self._use(turn, call.exchange)
        del self._pending[pending.confirmation_id]
        return pending

    def _closed(self, pending: Pending) -> Refusal:
        del self._pending[pending.confirmation_id]
        return replace(NOTHING_CHANGED, closed=pending.steps)

    def _use(self, turn: int, exchange: TurnContext | None) -> None:
        """The yes of this turn is used; other open questions have to be asked and heard again."""
        self._answered_turn = turn
        for other in self._pending.values():
            other.asked_in_turn = max(other.asked_in_turn, turn)
            if exchange is not None and exchange.heard:
                other.heard_up_to = exchange.heard[-1].number

    # The person ----------------------------------------------------------------------------------

    def _check_person(self, pending: Pending, call: ModelCall) -> Refusal | None:
        """Checks that the question was heard and somebody agreed, as far as that is known."""
        exchange, rules = call.exchange, self._rules
        if exchange is None:
            return None
        if exchange.typed and not rules.confirm_typed:
            return NOT_TYPED
        if not self._was_heard(pending, exchange):
            name = " and ".join(step.name for step in pending.steps)
            return Refusal(
                f"The question was not heard. Ask it aloud, in words that name {name}, and wait "
                "for their next turn.",
                still_open=True,
            )
        newest = max(
            (other for other in self._pending.values() if self._was_heard(other, exchange)),
            key=lambda other: int(other.confirmation_id[1:]),
        )
        if newest is not pending:
            return NEWER
        answer = self._read(pending, call)
        if answer is SpokenAnswer.NO:
            return self._closed(pending)
        if answer is SpokenAnswer.NEITHER:
            pending.asked_in_turn = exchange.turn
            return NO_YES
        return None

    def _was_heard(self, pending: Pending, exchange: TurnContext) -> bool:
        return exchange.turn > pending.asked_in_turn and heard_question(
            exchange, pending.call_id, pending.called(), later_than=pending.heard_up_to
        )

    def _read(self, pending: Pending, call: ModelCall) -> SpokenAnswer:
        """What the person said; where nothing is transcribed the model is believed."""
        exchange = call.exchange
        if exchange is None or exchange.text is None:
            return SpokenAnswer.YES
        text = exchange.text
        if is_echo(text, (speech.text for speech in exchange.heard)):
            return SpokenAnswer.NEITHER
        answer = read_answer(text, self._rules.language, self._rules.yes_words)
        if answer is SpokenAnswer.NEITHER and pending.needs_pin and said_code(text, call):
            return SpokenAnswer.YES  # whoever says the code that was asked for has agreed
        return answer

    # The code ------------------------------------------------------------------------------------

    def _check_pin(self, pending: Pending, call: ModelCall) -> Refusal | None:
        spoken: str | None = call.arguments.get("pin")
        turn, now_s, rules = call.person_turn, call.now_s, self._rules
        if not pending.needs_pin:
            return None
        if self._lockout.paused(now_s):
            return PAUSED
        if not spoken or _said_no_code(call, rules):
            return NO_CODE
        if turn == self._code_turn:
            return ONE_CODE
        self._code_turn = turn
        text = call.exchange.text if call.exchange is not None else None
        length = len(rules.pin)
        guesses = max(codes_in(text or "", length), codes_in(spoken, length), 1)
        if guesses == 1 and (not rules.pin or same_pin(spoken, rules.pin)):
            if rules.pin:
                self._lockout.right()
            return None  # without a PIN the device itself will judge it
        pending.asked_in_turn = turn  # the next try needs the user to speak again
        for _ in range(guesses):
            if self.wrong_code(now_s):
                return CLOSED
        return WRONG if guesses == 1 else ONE_CODE

    def wrong_code(self, now_s: float) -> bool:
        """Counts a wrong code; True when no code is accepted for a while now."""
        if self._lockout.paused(now_s):
            return True
        paused = self._lockout.wrong(now_s)
        if paused:
            self._pending.clear()
        return paused

    def expire(self, now_s: float) -> None:
        for known in [k for k, old in self._pending.items() if now_s > old.expires_s]:
            del self._pending[known]


def _said_no_code(call: ModelCall, rules: Rules) -> bool:
    """Whether the person surely said no code: then the model remembers it from before."""
    text = call.exchange.text if call.exchange is not None else None
    if not text:
        return False
    spoken = locale(code_of(rules.language))
    if spoken is not None and spoken.numbers is not None and not says_a_number(text):
        return True
    return is_nothing_more(text, rules.language, rules.yes_words)


def same_pin(spoken: str, pin: str) -> bool:
    """Compare in constant time; blanks between the digits and digits in words do not matter."""
    return hmac.compare_digest(digits_of(spoken).encode(), pin.encode())


def said_code(text: str, call: ModelCall) -> bool:
    """Whether the code that the model gives was said in these words."""
    given = digits_of(str(call.arguments.get("pin") or ""))
    return bool(given) and any(True for _ in find_digits(text, given))


def _called(step: HeldStep) -> tuple[str, ...]:
    if isinstance(step, PlanStep):
        return (*step.target.names, *step.target.called, step.target.entity.name)
    if isinstance(step, ApprovalStep):
        return (step.name, step.server.replace("_", " "), step.tool.replace("_", " "))
    return (step.name.replace("_", " "),)


def _about(steps: tuple[HeldStep, ...]) -> frozenset[object]:
    return frozenset(step.target.key if isinstance(step, PlanStep) else step.name for step in steps)
