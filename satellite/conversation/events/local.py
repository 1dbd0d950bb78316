"""What happens on this machine: the link, the loudspeaker, the microphone, the broker, the clock.

The application reports these. Audio is PCM, 16 bit little-endian, mono, 24 kHz
(``events.SAMPLE_RATE_HZ``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal

from msgspec import Struct


class LocalEvent(Struct, frozen=True):
    """What happens on this machine."""


class LinkUp(LocalEvent, frozen=True):
    """The session is configured and the microphone may flow. ``epoch`` grows with each link."""

    epoch: int


class LinkDown(LocalEvent, frozen=True):
    """The link of this epoch is gone, and with it everything that belonged to it.

    ``sentence_kept``: what somebody is saying will be given whole to the next session, or
    ``RoomVoice`` tells that it was not. ``renewed``: the next session is ready, and its ``LinkUp``
    follows at once.
    """

    epoch: int
    reason: str = ""
    renewed: bool = False
    sentence_kept: bool = False


class ServerRefused(LocalEvent, frozen=True):
    """A server that has worked refuses the satellite, and only a person can mend that.

    ``reason`` is a sentence to be spoken: what is wrong, and what to do. Comes once for each reason
    until a session works again; the link goes on trying.
    """

    reason: str


class HeardItem(Struct, frozen=True):
    """How much of an item has left the loudspeaker, counted at the DAC."""

    item_id: str
    heard_ms: float


class PlaybackStarted(LocalEvent, frozen=True):
    """The first sample of the item reached the DAC."""

    item_id: str


class PlaybackFinished(LocalEvent, frozen=True):
    """The last sample of an item whose end was announced has left the loudspeaker."""

    item_id: str
    heard_ms: float


class Flushed(LocalEvent, frozen=True):
    """The answer to the effect ``Flush``: every item that was queued or playing, in order.

    Items of which nothing was heard are listed with 0. Comes exactly once for each ``Flush``, also
    when the sound card is gone.
    """

    items: tuple[HeardItem, ...] = ()


class Certainty(IntEnum):
    """How sure it is that somebody begins to speak beside the satellite's own voice."""

    NONE = 0
    FAINT = 1
    MAYBE = 2
    SURE = 3


class VoiceOnset(LocalEvent, frozen=True):
    """The local voice detector hears somebody beside the satellite's own voice, or may do so."""

    certainty: Certainty = Certainty.MAYBE


class Addressed(LocalEvent, frozen=True):
    """Somebody here said the wake word or pressed the listen button."""


ListenMode = Literal["open", "auto", "wake", "push"]


class ListenModeSet(LocalEvent, frozen=True):
    """How the microphone opens from now on. ``auto``: it is open, and ``wake_word`` can be asked
    for."""

    mode: ListenMode
    wake_word: str = ""


class RoomSilent(LocalEvent, frozen=True):
    """Nothing was heard in the room for a minute."""


class PeerSpeaks(LocalEvent, frozen=True):
    """Another satellite publishes what its loudspeaker says, while it does and when it has ended.

    ``text`` is all of it so far.
    """

    peer: str
    speaking: bool
    text: str = ""


class TurnBegan(LocalEvent, frozen=True):
    """A person begins a turn, where the satellite and not the server detects turns."""


class TurnEnded(LocalEvent, frozen=True):
    """Such a turn is over; ``said``: something was said in it."""

    said: bool


class SpeechCut(LocalEvent, frozen=True):
    """The server has the beginning of a sentence and will not get the rest."""


class SpeechDropped(LocalEvent, frozen=True):
    """A sentence is over that was not sent at all, because its beginning could not be."""


class StopPressed(LocalEvent, frozen=True):
    """Somebody wants silence now: a button, MQTT or a hot word."""


class MuteSet(LocalEvent, frozen=True):
    muted: bool


class AskRequested(LocalEvent, frozen=True):
    """Text to be treated as if the user had said it; ``picture`` goes with it, as a data URI."""

    text: str
    picture: str = ""


AddressedBy = Literal["voice", "wake word", "button", "text"]


class AddressedWhileUnavailable(LocalEvent, frozen=True):
    """Somebody wants to speak to the satellite, which cannot hear them or have them answered.

    A ``voice`` alone may be meant for somebody else.
    """

    by: AddressedBy


class RoomVoice(LocalEvent, frozen=True):
    """Somebody in the room speaks, as far as the sound level tells."""


class SayRequested(LocalEvent, frozen=True):
    """Text to be spoken word for word; it is never an instruction.

    ``volume`` (0 to 100) is that of this text alone, None the usual one. ``chime``: a sound right
    before it. ``listen``: once it was heard, the microphone opens for an answer.
    """

    text: str
    volume: int | None = None
    chime: bool = False
    listen: bool = False


class LocalAudio(LocalEvent, frozen=True):
    """A piece of the synthesiser's audio for an item of the effect ``SpeakLocally``."""

    item_id: str
    audio: bytes


class LocalSpeechEnded(LocalEvent, frozen=True):
    """The synthesiser has given all audio of an item, or has failed: ``failure`` says why."""

    item_id: str
    failure: str = ""


class CallFinished(LocalEvent, frozen=True):
    """A function call has ended; ``output`` is JSON text for the model. ``respond``: it wants a
    reply. ``picture`` follows the result, as a data URI; empty for none."""

    call_id: str
    epoch: int
    output: str
    respond: bool = True
    picture: str = ""


class PartFailed(LocalEvent, frozen=True):
    """A part that the conversation needs does not work, so the satellite must not look alive.

    ``source`` names the part (``microphone``, ``speaker``, ``spending``, …); an empty ``reason``
    says that it works again. A sentence that is just being said is discarded when the
    ``microphone`` is lost or ``spending`` is stopped.
    """

    source: str
    reason: str = ""


class NoticeDue(LocalEvent, frozen=True):
    """The people in the room are to be told something, once: a sentence of ``spoken_texts`` and
    the values of its placeholders."""

    text: str
    values: Mapping[str, str] = {}


class Tick(LocalEvent, frozen=True):
    """Time passed; sent at the latest when ``Conversation.deadline_s`` is reached."""
