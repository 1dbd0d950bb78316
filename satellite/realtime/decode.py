"""Decodes a server's messages of any dialect to ``conversation.events.server``.

The audio of a response is the hot path: one pass of msgspec parses the message and decodes the
base64. All other messages are rare, and are read leniently (``readers``).

Audio stays coded as the server sent it; ``audio_formats.ReplyAudio`` converts it to 24 kHz PCM.
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
    """The event of a message; None for one that is known and ignored. Never raises.

    A message that is not known, or lacks a necessary field, is an ``UnknownEvent``.
    """
    if len(message) > MAX_MESSAGE_BYTES:
        return server.UnknownEvent(TOO_LARGE)
    try:
        audio = _decode_audio(message)
        return server.AudioDelta(audio.response_id, audio.item_id, audio.delta)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass  # another event, or a sloppy one
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
