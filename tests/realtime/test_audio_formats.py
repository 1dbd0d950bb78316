"""Sound on the wire: free where it is ours, without clicks where it is not."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation.events.server import AudioDelta, AudioDone, ServerEvent, TextDelta
from satellite.realtime.audio_formats import ReplyAudio, WireAudio, microphone_encoder
from satellite.realtime.config import AudioCoding

OURS = WireAudio()


def tone(rate_hz: int, duration_s: float = 1.0, pitch_hz: float = 440.0) -> np.ndarray:
    t = np.arange(int(rate_hz * duration_s)) / rate_hz
    return (8000 * np.sin(2 * np.pi * pitch_hz * t)).astype("<i2")


def reply(wire: WireAudio, chunks: list[bytes], *, item_id: str = "i") -> bytes:
    """What comes out for an item that arrived in these chunks."""
    converter = ReplyAudio(wire)
    out: list[ServerEvent] = []
    for chunk in chunks:
        out += converter.convert(AudioDelta("r", item_id, chunk))
    out += converter.convert(AudioDone("r", item_id))
    assert out[-1] == AudioDone("r", item_id)
    deltas = [event for event in out if isinstance(event, AudioDelta)]
    assert deltas == out[:-1]
    return b"".join(delta.audio for delta in deltas)


def split(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@given(st.binary(max_size=400), st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_our_own_format_passes_whole_samples_only(sound: bytes, sizes: list[int]) -> None:
    chunks, rest = [], sound
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    chunks.append(rest)
    converter = ReplyAudio(OURS)
    events = [event for c in chunks for event in converter.convert(AudioDelta("r", "i", c))]
    out = [event.audio for event in events if isinstance(event, AudioDelta)]
    assert len(out) == len(events)
    assert all(len(chunk) % 2 == 0 for chunk in out)
    assert b"".join(out) == sound[: len(sound) & ~1]


def test_half_a_sample_does_not_spoil_the_next_item() -> None:
    converter = ReplyAudio(OURS)
    list(converter.convert(AudioDelta("r", "one", b"\x01\x02\x03")))
    (event,) = converter.convert(AudioDelta("r", "two", b"\x04\x05"))
    assert event == AudioDelta("r", "two", b"\x04\x05")


def test_other_events_pass() -> None:
    event = TextDelta("r", "i", "hello")
    assert list(ReplyAudio(WireAudio("g711_ulaw")).convert(event)) == [event]


@pytest.mark.parametrize(
    "wire", [WireAudio("pcm16", 16_000), WireAudio("pcm16", 48_000), WireAudio("g711_ulaw")]
)
def test_chunks_make_no_difference_and_nothing_is_lost(wire: WireAudio) -> None:
    """A resampler that began anew with each chunk would click at each border."""
    source = tone(wire.rate_hz)
    data = source.tobytes() if wire.coding == "pcm16" else bytes(range(256)) * 31
    whole = reply(wire, [data])
    pieces = reply(wire, split(data, 322))
    one, other = np.frombuffer(whole, "<i2").astype(int), np.frombuffer(pieces, "<i2").astype(int)
    assert len(one) == len(other)
    assert np.abs(one - other).max() <= 2, "more than the dither of the rounding"
    samples_in = len(data) // (2 if wire.coding == "pcm16" else 1)
    assert abs(len(whole) / 2 / 24_000 - samples_in / wire.rate_hz) < 0.001


def test_a_tone_stays_that_tone() -> None:
    out = np.frombuffer(
        reply(WireAudio("pcm16", 16_000), split(tone(16_000).tobytes(), 640)), "<i2"
    )
    expected = tone(24_000)
    length = min(len(out), len(expected))
    error = out[200 : length - 200].astype(int) - expected[200 : length - 200]
    assert np.abs(error).max() < 100


# Reference values of ITU-T G.711: code, decoded 16-bit sample.
ULAW = [(0x00, -32124), (0x7F, 0), (0x80, 32124), (0xFF, 0), (0x70, -120), (0xEF, 132)]
ALAW = [(0x55, -8), (0xD5, 8), (0x2A, -32256), (0xAA, 32256), (0x80, 5504)]


@pytest.mark.parametrize(("coding", "pairs"), [("g711_ulaw", ULAW), ("g711_alaw", ALAW)])
def test_telephone_codes_decode_as_the_standard_says(
    coding: str, pairs: list[tuple[int, int]]
) -> None:
    from satellite.realtime.audio_formats import _decode_table

    table = _decode_table(coding)
    assert [(code, int(table[code])) for code, _ in pairs] == pairs


@pytest.mark.parametrize("coding", ["g711_ulaw", "g711_alaw"])
def test_telephone_codes_survive_the_round_trip(coding: str) -> None:
    from satellite.realtime.audio_formats import _decode_table, _encode_table

    decode, encode = _decode_table(coding), _encode_table(coding)
    values = decode.astype(int)
    assert (decode[encode[decode.view(np.uint16)]] == decode).all()
    samples = np.arange(-32768, 32768)
    coded = decode[encode[samples.astype(np.int16).view(np.uint16)]].astype(int)
    best = np.abs(samples[:, None] - np.unique(values)[None, :]).min(axis=1)
    assert (np.abs(samples - coded) == best).all(), "the nearest code for each sample"


@pytest.mark.parametrize(
    "wire", [WireAudio("g711_ulaw"), WireAudio("g711_alaw"), WireAudio("pcm16", 16_000)]
)
def test_the_microphone_is_coded_without_a_break(wire: WireAudio) -> None:
    encode = microphone_encoder(wire)
    assert encode is not None
    sound = tone(24_000)
    coded = b"".join(encode(chunk) for chunk in split(sound.tobytes(), 960))
    width = 2 if wire.coding == "pcm16" else 1
    seconds = len(coded) / width / wire.rate_hz
    assert 0.95 < seconds <= 1.0, "all but what the resampler still holds"
    back = np.frombuffer(reply(wire, [coded]), "<i2").astype(int)
    # Constant in loudness: a click or a gap would show as an outlier of the short-time power.
    power = [np.sqrt(np.mean(back[i : i + 480] ** 2)) for i in range(960, len(back) - 960, 480)]
    assert max(power) / min(power) < 1.1


@pytest.mark.parametrize("coding", ["g711_ulaw", "g711_alaw"])
def test_telephone_coding_waits_for_nothing(coding: AudioCoding) -> None:
    """Chunks of 20 ms went out as 61 ms, because the resampler gathered."""
    encode = microphone_encoder(WireAudio(coding))
    assert encode is not None
    lengths = [len(encode(chunk)) for chunk in split(tone(24_000).tobytes(), 960)]
    assert lengths[0] >= 140
    assert set(lengths[1:]) == {160}
    converter = ReplyAudio(WireAudio(coding))
    (event,) = converter.convert(AudioDelta("r", "i", bytes(160)))
    assert isinstance(event, AudioDelta)
    assert len(event.audio) >= 2 * 430, "20 ms of a reply are heard at once, all but 2 ms"


def test_our_own_format_needs_no_encoder_and_loads_nothing() -> None:
    assert microphone_encoder(OURS) is None
    code = (
        "import sys, satellite.realtime.link as l, satellite.realtime.audio_formats as a;"
        "list(a.ReplyAudio(a.WireAudio()).convert(a.AudioDelta('r','i',b'12')));"
        "print(sorted({'numpy','soxr','openai','pydantic'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
