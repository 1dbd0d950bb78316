"""Admission without a socket."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation.commands import Tool
from satellite.conversation.events import server
from satellite.realtime.config import LinkConfig, VadConfig
from satellite.realtime.dialect import Dialect
from satellite.realtime.dialects import BETA, GA
from satellite.realtime.errors import Severity
from satellite.realtime.handshake import MAX_UPDATES, Handshake, HandshakeRefused, Ready, SendUpdate

CONFIG = LinkConfig(
    voice="marin",
    transcription_model="gpt-transcribe",
    language="en",
    noise_reduction="far_field",
    vad=VadConfig("semantic_vad", eagerness="high"),
    tools=(Tool("one", "", {}), Tool("two", "", {})),
)
CREATED = server.SessionCreated("sess_1", "gpt-realtime-2.1", 1790000000)


def begun(config: LinkConfig = CONFIG) -> Handshake:
    handshake = Handshake(GA.session(config))
    step = handshake.handle(CREATED)
    assert isinstance(step, SendUpdate)
    return handshake


def refuse(
    handshake: Handshake, param: str = "", code: str = "unknown_parameter", message: str = "No."
) -> Any:  # noqa: ANN401
    error = server.ServerError(code, message, param=param, cause=f"session-{handshake.updates}")
    return handshake.handle(error)


def test_the_good_case() -> None:
    handshake = Handshake(GA.session(CONFIG))
    assert handshake.handle(server.UnknownEvent("hello")) is None
    assert handshake.handle(CREATED) == SendUpdate(GA.session(CONFIG), "session-1")
    assert handshake.handle(server.SpeechStarted()) is None
    assert handshake.handle(server.SessionUpdated()) == Ready(CREATED)


def test_two_greetings_are_answered_once_and_the_fuller_counts() -> None:
    handshake = Handshake(GA.session(CONFIG))
    assert isinstance(handshake.handle(server.SessionCreated()), SendUpdate)
    assert handshake.handle(CREATED) is None
    assert handshake.handle(server.SessionUpdated()) == Ready(CREATED)


def test_a_confirmation_of_nothing_is_not_ready() -> None:
    handshake = Handshake(GA.session(CONFIG))
    assert handshake.handle(server.SessionUpdated()) is None


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("invalid_api_key", Severity.FATAL),
        ("session_expired", Severity.EXPIRED),
        ("model_load_error", Severity.TRANSIENT),
        ("something_new", Severity.TRANSIENT),
        ("input_audio_buffer_commit_empty", Severity.TRANSIENT),
    ],
)
def test_an_error_instead_of_a_greeting(code: str, severity: Severity) -> None:
    step = Handshake({}).handle(server.ServerError(code, ""))
    assert isinstance(step, HandshakeRefused)
    assert step.failure.severity is severity


@pytest.mark.parametrize(
    ("param", "gone"),
    [
        ("session.audio.input.noise_reduction", ("audio", "input", "noise_reduction")),
        ("session.audio.input.noise_reduction.type", ("audio", "input", "noise_reduction")),
        ("session.audio.input.transcription.model", ("audio", "input", "transcription")),
        (
            "session.audio.input.transcription.language",
            ("audio", "input", "transcription", "language"),
        ),
        (
            "session.audio.input.turn_detection.eagerness",
            ("audio", "input", "turn_detection", "eagerness"),
        ),
        ("session.audio.output.voice", ("audio", "output", "voice")),
        ("noise_reduction", ("audio", "input", "noise_reduction")),
    ],
)
def test_what_is_refused_is_left_out_and_the_rest_stays(param: str, gone: tuple[str, ...]) -> None:
    step = refuse(begun(), param)
    assert isinstance(step, SendUpdate)
    expected = GA.session(CONFIG)
    holder = expected
    for name in gone[:-1]:
        holder = holder[name]
    del holder[gone[-1]]
    assert step.session == expected
    assert step.event_id == "session-2"
    assert gone[-1] in step.note


def test_the_field_may_stand_in_the_message_only() -> None:
    step = refuse(
        begun(), message="Unknown parameter: 'session.audio.input.noise_reduction'.", code=""
    )
    assert isinstance(step, SendUpdate)
    assert "noise_reduction" not in step.session["audio"]["input"]


def test_a_voice_that_cannot_change_is_left_out() -> None:
    for dialect in (GA, BETA):
        handshake = Handshake(dialect.session(CONFIG))
        handshake.handle(CREATED)
        step = refuse(handshake, code="cannot_update_voice")
        assert isinstance(step, SendUpdate)
        assert "voice" not in str(step.session)


def test_an_unknown_kind_of_turn_detection_falls_back() -> None:
    step = refuse(begun(), "session.audio.input.turn_detection.type", "invalid_value")
    assert isinstance(step, SendUpdate)
    assert step.session["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "create_response": True,
        "interrupt_response": False,
    }
    plain = LinkConfig(vad=VadConfig("server_vad"))
    assert isinstance(
        refuse(begun(plain), "session.audio.input.turn_detection.type"), HandshakeRefused
    )


@pytest.mark.parametrize(
    ("param", "code", "message"),
    [
        ("session.type", "unknown_parameter", "Unknown parameter: 'session.type'."),
        ("", "", "Unknown parameter: 'session.type'."),
        ("type", "invalid_request_error", "Unrecognized field"),
        ("session.audio", "unknown_parameter", "No."),
        ("session.output_modalities", "", "Unexpected keyword"),
        ("", "invalid_event", "session.type: Extra inputs are not permitted"),
    ],
)
def test_a_server_of_the_beta_dialect_is_given_that(param: str, code: str, message: str) -> None:
    handshake = Handshake(GA.session(CONFIG), other=BETA.session(CONFIG))
    handshake.handle(CREATED)
    step = refuse(handshake, param, code, message)
    assert isinstance(step, SendUpdate)
    assert step.session == BETA.session(CONFIG)
    assert step.other_shape
    assert "realtime.dialect" in step.note
    late = server.ServerError("unknown_parameter", "No.", param="session.output_modalities")
    assert handshake.handle(late) is None, "a second word about the first update"
    assert refuse(handshake, "session.voice").session.get("voice") is None
    assert isinstance(handshake.handle(server.SessionUpdated()), Ready)


@pytest.mark.parametrize(
    ("param", "code", "message"),
    [
        ("session.type", "missing_required_parameter", "Missing required parameter."),
        ("", "missing_parameter", "Missing required parameter: 'session.type'."),
        ("session.modalities", "unknown_parameter", "Unknown parameter: 'session.modalities'."),
    ],
)
def test_a_server_that_has_left_the_beta_dialect_is_given_the_other(
    param: str, code: str, message: str
) -> None:
    handshake = Handshake(BETA.session(CONFIG), other=GA.session(CONFIG))
    handshake.handle(CREATED)
    step = refuse(handshake, param, code, message)
    assert isinstance(step, SendUpdate)
    assert step.session == GA.session(CONFIG)
    assert step.other_shape


@pytest.mark.parametrize(
    ("dialect", "param", "code", "advice"),
    [
        (GA, "session.type", "unknown_parameter", 'realtime.dialect to "beta"'),
        (BETA, "session.type", "missing_required_parameter", 'realtime.dialect to "ga"'),
    ],
)
def test_who_chose_a_dialect_hears_which_one_the_server_speaks(
    dialect: Dialect, param: str, code: str, advice: str
) -> None:
    handshake = Handshake(dialect.session(CONFIG))
    handshake.handle(CREATED)
    step = refuse(handshake, param, code)
    assert isinstance(step, HandshakeRefused)
    assert step.failure.is_final
    assert advice in str(step.failure.as_settings_error("wss://host"))


@pytest.mark.parametrize(
    ("param", "code", "message"),
    [
        ("session.type", "invalid_value", "Invalid value: 'realtime'."),
        ("session.audio.input.format.rate", "unknown_parameter", "Unknown parameter."),
        ("session.tools[0].type", "unknown_parameter", "Unknown parameter."),
        ("session.audio", "invalid_type", "Unsupported value."),
    ],
)
def test_other_complaints_are_no_matter_of_the_dialect(param: str, code: str, message: str) -> None:
    handshake = Handshake(GA.session(CONFIG), other=BETA.session(CONFIG))
    handshake.handle(CREATED)
    step = refuse(handshake, param, code, message)
    assert not (isinstance(step, SendUpdate) and step.other_shape)


def test_a_server_that_never_confirms_goes_on_without() -> None:
    handshake = Handshake(GA.session(CONFIG))
    assert handshake.unconfirmed() is None, "it has not even greeted"
    handshake.handle(CREATED)
    assert handshake.unconfirmed() == Ready(CREATED)
    late = server.ServerError("unknown_parameter", "", param="session.audio.output.voice")
    step = handshake.late_error(late)
    assert isinstance(step, SendUpdate)
    assert "voice" not in step.session["audio"]["output"]
    for other in (
        server.ServerError("unknown_parameter", "", param="response.voice"),
        server.ServerError("unknown_parameter", "", param="session.tools", cause="link-1-1"),
        server.ServerError("server_error", ""),
    ):
        assert handshake.late_error(other) is None


def test_a_function_that_the_server_does_not_take_is_left_out() -> None:
    step = refuse(begun(), "session.tools[0].parameters", "invalid_value")
    assert isinstance(step, SendUpdate)
    assert [tool["name"] for tool in step.session["tools"]] == ["two"]
    assert "function one" in step.note


@pytest.mark.parametrize(
    "param", ["session.type", "session.audio.input.format.rate", "session.tools[9]", "x", ""]
)
def test_what_cannot_be_missed_is_a_persons_matter(param: str) -> None:
    step = refuse(begun(), param, "invalid_value", "Nonsense.")
    assert isinstance(step, HandshakeRefused)
    assert step.failure.severity is Severity.FATAL
    assert "Nonsense" in step.failure.reason
    assert param in step.failure.reason


def test_an_answer_to_an_earlier_update_does_not_count_twice() -> None:
    handshake = begun()
    assert isinstance(refuse(handshake, "session.audio.output.voice"), SendUpdate)
    late = server.ServerError("unknown_parameter", "", param="session.type", cause="session-1")
    assert handshake.handle(late) is None
    assert isinstance(handshake.handle(server.SessionUpdated()), Ready)


def test_the_config_itself_is_never_changed() -> None:
    wanted = GA.session(CONFIG)
    handshake = Handshake(wanted)
    handshake.handle(CREATED)
    refuse(handshake, "session.audio.output.voice")
    refuse(handshake, "session.tools[0]")
    assert wanted == GA.session(CONFIG)


PARAMS = st.sampled_from(
    [
        "session.audio.input.noise_reduction",
        "session.audio.input.transcription",
        "session.audio.input.turn_detection.type",
        "session.audio.input.turn_detection",
        "session.audio.output.voice",
        "session.tools[0]",
        "session.type",
        "...",
        "[0]",
        "session",
    ]
) | st.text(max_size=12)


@given(st.lists(st.tuples(PARAMS, st.text(max_size=20)), max_size=30))
def test_a_quarrelsome_server_ends_in_a_word_within_bounds(pairs: list[tuple[str, str]]) -> None:
    handshake = begun()
    for param, message in pairs:
        step = refuse(handshake, param, message=message)
        assert isinstance(step, SendUpdate | HandshakeRefused)
        if isinstance(step, HandshakeRefused):
            break
    assert handshake.updates <= MAX_UPDATES
