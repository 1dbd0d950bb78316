"""``encoding``: text of which kind, or bytes when it is empty."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from satellite.homeassistant.charsets import ENCODINGS, text_encoding

if TYPE_CHECKING:
    from tests.homeassistant.conftest import Bench

SENSOR = {"unique_id": "s", "name": "S", "state_topic": "s"}
RAW = bytes.fromhex("01c2009b")


@pytest.mark.parametrize(
    ("template", "state"),
    [
        ("{{ value | unpack('<h', offset=1) / 100 }}", "1.94"),
        ("{{ value | length }}", "4"),
        ("{{ value[0] }} {{ value[1:3] | length }}", "1 2"),
        ("{{ value.hex() }}", "01c2009b"),
        ("{{ value | base64_encode }}", "AcIAmw=="),
        ("{{ value }}", r"b'\x01\xc2\x00\x9b'"),
        ("{{ value | list }}", "[1, 194, 0, 155]"),
        ("{{ value is string_like }} {{ value_json is defined }}", "True False"),
        ("{% for byte in value %}{{ '%02x' % byte }}{% endfor %}", "01c2009b"),
        ("{{ unpack(value, '>I') | bitwise_and(255) }}", "155"),
    ],
)
def test_an_empty_encoding_hands_bytes_to_the_template(
    bench: Bench, template: str, state: str
) -> None:
    entity = bench.announce("sensor", SENSOR | {"encoding": "", "value_template": template})
    bench.send("s", RAW)
    assert entity.state == state


def test_bytes_that_are_text_are_decoded_where_the_template_says_so(bench: Bench) -> None:
    config = {"encoding": "", "value_template": "{{ value.decode('latin-1') }}"}
    entity = bench.announce("sensor", SENSOR | config)
    bench.send("s", "Küche".encode("latin-1"))
    assert entity.state == "Küche"
    entity = bench.announce("sensor", SENSOR | {"e": "", "value_template": "{{ value_json.t }}"})
    bench.send("s", b'{"t": 21.5}')
    assert entity.state == "21.5"


def test_words_are_compared_as_text_also_with_an_empty_encoding(bench: Bench) -> None:
    config = {
        "encoding": "",
        "availability": [
            {"topic": "a"},
            {"topic": "b", "value_template": "{{ 'online' if value[0] == 1 else 'offline' }}"},
        ],
        "availability_mode": "all",
    }
    entity = bench.announce("binary_sensor", SENSOR | config)
    bench.send("a", b"online")
    bench.send("b", b"\x01")
    bench.send("s", b"ON")
    assert (entity.available, entity.state) == (True, "on")
    bench.send("b", b"\x00")
    assert not entity.available


def test_attributes_come_from_bytes_as_well(bench: Bench) -> None:
    config = {
        "encoding": "",
        "json_attributes_topic": "s",
        "json_attributes_template": "{{ {'first': value[0]} | tojson }}",
    }
    entity = bench.announce("sensor", SENSOR | config)
    bench.send("s", RAW)
    assert entity.attributes["first"] == 1


def test_commands_are_sent_in_the_encoding_and_bytes_as_they_are(bench: Bench) -> None:
    config = {"unique_id": "t", "name": "T", "command_topic": "t/set"}
    entity = bench.announce("text", config | {"encoding": "utf-16-le"})
    assert entity.call("set_value", {"value": "ü"})[0].payload == "ü".encode("utf-16-le")
    entity = bench.announce("text", config | {"encoding": "ascii"})
    with pytest.raises(Exception, match="encode"):
        entity.call("set_value", {"value": "ü"})
    packed = {"encoding": "", "command_template": "{{ value | int | pack('>H') }}"}
    entity = bench.announce("text", config | packed)
    assert entity.call("set_value", {"value": "258"})[0].payload == b"\x01\x02"
    entity = bench.announce("text", config | {"encoding": ""})
    assert entity.call("set_value", {"value": "x"}) == []


@pytest.mark.parametrize(
    "name",
    ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "zlib", "bz2", "rot13",
     "base64", "hex", "uu", "quopri", "mbcs", "undefined", "nonsense", "x" * 5_000, "\0", "ütf-8",
     "encodings.idna", "../idna", "hz", "iso2022_jp"],
)  # fmt: skip
def test_other_encodings_are_refused_when_they_are_announced(bench: Bench, name: str) -> None:
    assert "no encoding" in bench.refusal("sensor", SENSOR | {"encoding": name})
    template = "{{ value.encode('" + name.replace("\0", "x") + "') }}"
    entity = bench.announce("sensor", SENSOR | {"value_template": template})
    bench.send("s", "x")
    assert entity.state is None


@pytest.mark.parametrize("name", ["UTF8", "Latin-1", "latin_1", "windows-1252", "ISO-8859-15"])
def test_other_names_of_the_same_are_taken(bench: Bench, name: str) -> None:
    entity = bench.announce("sensor", SENSOR | {"encoding": name})
    bench.send("s", b"1")
    assert entity.state == "1"


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_the_time_of_each_encoding_is_in_step_with_the_length(name: str) -> None:
    """A megabyte, of letters or of any bytes, takes no longer than any other work on it."""
    assert text_encoding(name) == name
    for data in (b"a" * 1_000_000, bytes(range(256)) * 4_000, b"\x81\x40" * 500_000):
        begun_s = time.thread_time()
        text = data.decode(name, "ignore")
        text.encode(name, "ignore")
        assert time.thread_time() - begun_s < 1.0
