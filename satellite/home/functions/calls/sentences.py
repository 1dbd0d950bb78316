"""Results in plain English, short enough to be spoken as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from satellite.home.functions.calls.plan import Outcome, Status
from satellite.home.functions.naming.text import spoken_list
from satellite.home.functions.reading.report import phrase


def tell(outcomes: Iterable[Outcome]) -> str:
    """One sentence for each kind of outcome; devices that share it are named together."""
    groups: dict[tuple[Status, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[(outcome.status, _ending(outcome))].append(outcome)
    return " ".join(_sentence(status, ending, group) for (status, ending), group in groups.items())


def _ending(outcome: Outcome) -> str:
    if outcome.status in (Status.DONE, Status.NOT_CONFIRMED):
        return phrase(dict(outcome.facts)) if outcome.facts else outcome.message
    if outcome.status in (Status.REFUSED, Status.INVALID_ARGUMENTS, Status.UNAVAILABLE):
        return outcome.message
    return ""


def _sentence(status: Status, ending: str, group: list[Outcome]) -> str:
    names = spoken_list(outcome.device for outcome in group)
    be = "is" if len(group) == 1 else "are"
    match status:
        case Status.DONE:
            return f"{names} {be} {ending}." if ending else f"{names}: done."
        case Status.SENT:
            return f"Sent to {names}; no report comes back from there."
        case Status.NOT_CONFIRMED:
            said = f"; the last known state is {ending}" if ending else ""
            return f"{names} did not confirm it{said}."
        case Status.UNAVAILABLE:
            return f"{names}: {ending}" if ending else f"{names} {be} not reachable."
        case Status.UNKNOWN_DEVICE:
            return _unknown(group)
        case _:
            return f"{names}: {ending}" if ending else f"{names}: {status.value.replace('_', ' ')}."


def _unknown(group: list[Outcome]) -> str:
    sentences = []
    for outcome in group:
        if outcome.message:
            sentences.append(outcome.message)
        elif outcome.nearest:
            near = spoken_list(outcome.nearest)
            sentences.append(f"There is no {outcome.device} here; the nearest names are {near}.")
        else:
            sentences.append(f"There is no {outcome.device} here.")
    return " ".join(sentences)
