"""What happens on this machine: the link, the loudspeaker, the microphone, the broker, the clock.

The application reports these. Audio is PCM, 16 bit little-endian, mono, 24 kHz
(``events.SAMPLE_RATE_HZ``).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class LinkUp(Struct, frozen=True):
    """The session is configured and the microphone may flow. ``epoch`` grows with each link."""

    epoch: int


class LinkDown(Struct, frozen=True):
    """The link of this epoch is gone; everything that belonged to it is void."""

    epoch: int
    reason: str = ""


class ServerRefused(Struct, frozen=True):
    """A server that has worked refuses now, and only a person can mend that.

    ``reason`` is a sentence that can be said aloud: what it is, and what to do. Told once for each
    reason until a session works again; the link goes on trying.
    """

    reason: str


class HeardItem(Struct, frozen=True):
    """How much of an item left the loudspeaker, counted at the DAC."""

    item_id: str
    heard_ms: float


class PlaybackStarted(Struct, frozen=True):
    """The first sample of the item reached the DAC."""

    item_id: str


class PlaybackFinished(Struct, frozen=True):
    """The last sample of an item that was ended has left the loudspeaker."""

    item_id: str
    heard_ms: float


class Flushed(Struct, frozen=True):
    """Answer to the ``Flush`` effect: every item that was queued or sounding, in order.

    Items of which nothing was heard are listed with 0. Comes exactly once for each ``Flush``,
    also when the sound card is gone.
    """

    items: tuple[HeardItem, ...] = ()


class VoiceOnset(Struct, frozen=True):
    """The local voice detector hears somebody beside the satellite's own voice, or may do so."""

    sure: bool = False


class Addressed(Struct, frozen=True):
    """Somebody here said the wake word or pressed the listen button."""


class RoomSilent(Struct, frozen=True):
    """Nothing was heard in the room for a minute."""


class PeerSpeaks(Struct, frozen=True):
    """Another satellite tells what its loudspeaker says, while it does and when it has ended.

    ``text`` is all of it so far.
    """

    peer: str
    speaking: bool
    text: str = ""


class SpeechCut(Struct, frozen=True):
    """The server will not get the rest of the sentence of which it has the beginning."""


class SpeechDropped(Struct, frozen=True):
    """A sentence is over of which the server got nothing, since it came in the middle of it."""


class StopPressed(Struct, frozen=True):
    """Somebody wants silence now: button, MQTT or a hot word."""


class MuteSet(Struct, frozen=True):
    muted: bool


class AskRequested(Struct, frozen=True):
    """Text to be treated as if the user had said it."""

    text: str


AddressedBy = Literal["voice", "wake word", "button", "text"]


class AddressedWhileUnavailable(Struct, frozen=True):
    """Somebody wants to speak to the satellite, which cannot hear or not have it answered now.

    ``by`` the ``room_voice`` alone is a guess: it may be meant for somebody else.
    """

    by: AddressedBy


class RoomVoice(Struct, frozen=True):
    """Somebody in the room speaks, as far as the level of the sound tells."""


class SayRequested(Struct, frozen=True):
    """Text to be spoken word for word; it is never an instruction.

    ``volume`` (0 to 100) is for this text only, None for the usual one. ``chime``: a sound right
    before it. ``listen``: once it was heard, the microphone opens for an answer.
    """

    text: str
    volume: int | None = None
    chime: bool = False
    listen: bool = False


class LocalAudio(Struct, frozen=True):
    """The local voice's sound for an item of the effect ``SpeakLocally``."""

    item_id: str
    audio: bytes


class LocalSpeechEnded(Struct, frozen=True):
    """The local voice has made all the sound of an item, or cannot: then ``failure`` says why."""

    item_id: str
    failure: str = ""


class CallFinished(Struct, frozen=True):
    """A function call came to its end; ``output`` is the JSON text for the model."""

    call_id: str
    epoch: int
    output: str
    respond: bool = True


class PartFailed(Struct, frozen=True):
    """A part that the conversation needs does not work, so it must not look alive.

    ``source`` names the part (``microphone``, ``spending``, …); an empty ``reason`` ends it. A
    lost ``microphone`` takes the word from whoever was just speaking, and so does ``spending``.
    """

    source: str
    reason: str = ""


class Tick(Struct, frozen=True):
    """Time passed; sent at the latest when ``Conversation.deadline_s`` is reached."""


LocalEvent = (
    LinkUp
    | LinkDown
    | ServerRefused
    | PlaybackStarted
    | PlaybackFinished
    | Flushed
    | VoiceOnset
    | Addressed
    | RoomSilent
    | PeerSpeaks
    | SpeechCut
    | SpeechDropped
    | StopPressed
    | MuteSet
    | AskRequested
    | AddressedWhileUnavailable
    | RoomVoice
    | SayRequested
    | LocalAudio
    | LocalSpeechEnded
    | CallFinished
    | PartFailed
    | Tick
)
