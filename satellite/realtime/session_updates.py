"""Changes of the running session: sent, matched to their answers, and sent again without what the
server refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from satellite.conversation.events.server import ServerError, SessionUpdated
from satellite.realtime.config import LinkConfig
from satellite.realtime.refused_fields import remove_refused
from satellite.realtime.server_profile import ServerProfile
from satellite.realtime.session import expected_words
from satellite.realtime.session_setup import report_differences, report_refused

MAX_REMEMBERED = 16
"""Some servers answer none; a refusal comes within a round trip."""


class SessionUpdates:
    """Of one connection. ``send`` gets messages; ``new_id`` makes their event ids."""

    def __init__(
        self,
        config: LinkConfig,
        profile: ServerProfile,
        *,
        send: Callable[[str], bool],
        new_id: Callable[[], str],
    ) -> None:
        self._config = config
        self._words = expected_words(config)
        self._profile = profile
        self._send = send
        self._new_id = new_id
        self._unanswered: dict[str, dict[str, Any]] = {}
        """Session objects by event id, in the order in which they were sent."""

    def update(self, config: LinkConfig) -> bool | None:
        """Changes tools and instructions to those of ``config``.

        Sends only what differs, because each change costs the server's prompt cache. Returns None
        when nothing does, and False when the connection is closed.
        """
        before, self._config = self._config, config
        changed = [
            name
            for name in ("tools", "instructions")
            if getattr(before, name) != getattr(config, name)
        ]
        return self._change(config, *changed) if changed else None

    def lacks_words(self, config: LinkConfig) -> bool:
        """Whether the recogniser is to expect other words than the session says."""
        return expected_words(config) != self._words

    def update_vocabulary(self, config: LinkConfig) -> bool:
        """Tells the recogniser the words of ``config``. Returns False when it is closed."""
        self._words = expected_words(config)
        return self._change(config, "transcription")

    def confirmed(self, made: SessionUpdated) -> None:
        """The server has taken an update; it does not say which."""
        if len(self._unanswered) == 1:
            (asked,) = self._unanswered.values()
            report_differences(self._profile, asked, made)
        if self._unanswered:
            del self._unanswered[next(iter(self._unanswered))]

    def refused(self, error: ServerError) -> None:
        """Sends an update that the error is about again, without the part that was refused."""
        session = self._unanswered.pop(error.cause, None) if error.cause else None
        if session is None:
            return
        note = remove_refused(session, error)
        report_refused(self._profile, note)
        if note:
            self._send_session(error.cause, session)

    def _change(self, config: LinkConfig, *changed: str) -> bool:
        session = self._profile.dialect.later_update(config, *changed)
        return self._send_session(self._new_id(), session)

    def _send_session(self, event_id: str, session: dict[str, Any]) -> bool:
        self._unanswered[event_id] = session
        if len(self._unanswered) > MAX_REMEMBERED:
            del self._unanswered[next(iter(self._unanswered))]
        return self._send(self._profile.dialect.encode_update(session, event_id))
