"""From the wire to ``conversation.events``, whatever the server's dialect.

The audio of a reply is the hot path: one pass of msgspec parses the message and undoes the base64.
Everything else is rare, and is read with patience (``readers``).

Audio comes out as the server coded it; ``audio_formats.ReplyAudio`` makes 24 kHz PCM of it.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from satellite.conversation.events import server
from satellite.realtime.fields import MAX_ID_CHARS, MAX_MESSAGE_BYTES, printable, text
from satellite.realtime.readers import IGNORED_EVENTS, READERS

_Id = Annotated[str, msgspec.Meta(max_length=MAX_ID_CHARS)]


class _AudioDelta(msgspec.Struct, tag_field="type", tag="response.output_audio.delta"):
    response_id: _Id = ""
    item_id: _Id = ""
    delta: bytes = b""


class _BetaAudioDelta(_AudioDelta, tag_field="type", tag="response.audio.delta"):
    pass


_decode_audio = msgspec.json.Decoder(_AudioDelta | _BetaAudioDelta).decode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode

NOT_JSON = "(not JSON)"
TOO_LARGE = "(too large)"
MALFORMED = frozenset({NOT_JSON, TOO_LARGE})
"""``UnknownEvent.kind`` of messages that are no events at all."""


def decode(message: str | bytes) -> server.ServerEvent | None:
    """The event that a message carries, ``None`` for one that is known and of no interest.

    Never raises. What is not known, or lacks what makes it useful, is an ``UnknownEvent``.
    """
    if len(message) > MAX_MESSAGE_BYTES:
        return server.UnknownEvent(TOO_LARGE)
    try:
        audio = _decode_audio(message)
        return server.AudioDelta(audio.response_id, audio.item_id, audio.delta)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass  # another event, or a sloppy one: read it with patience
    try:
        source = _decode_object(message)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return server.UnknownEvent(NOT_JSON)
    kind = text(source, "type")
    reader = READERS.get(kind)
    if reader is not None:
        return reader(source) or server.UnknownEvent(kind)
    if kind in IGNORED_EVENTS:
        return None
    return server.UnknownEvent(printable(kind, 100))
