"""Web pages and foreign host names are refused by the headers of their requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.local_server.protocol.origin_check import refusal

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"
ORIGIN_WORD, HOST_WORD = "Origin", "Host"


def turned(host: str | None = "localhost:8765", *origins: str, listens_at: str = LOOPBACK) -> str:
    hosts = [] if host is None else [host]
    return refusal(hosts, origins, listens_at=listens_at, names=("pi", "pi.local"))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost:8765", "127.0.0.1:8765", "127.9.9.9", "[::1]:8765", "[::1]",
     "satellite.localhost:1", "localhost.:80", "[::ffff:127.0.0.1]:80"],
)  # fmt: skip
def test_every_name_of_loopback_is_ours(host: str) -> None:
    assert turned(host) == ""


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:8765", "localhost.evil.example", "127.0.0.1.nip.io",
     "192.168.1.7:8765", "pi.local", "localhost@evil.example", "evil.example#localhost",
     "evil.example/localhost", "localhost:x", "[::1", "0x7f.1", "2130706433", "notlocalhost"],
)  # fmt: skip
def test_any_other_name_is_a_strangers(host: str | None) -> None:
    assert HOST_WORD in turned(host)


def test_two_hosts_are_none() -> None:
    assert HOST_WORD in refusal(["localhost", "localhost"], [], listens_at=LOOPBACK)


@pytest.mark.parametrize("host", ["192.168.1.7", "192.168.1.7:8765", "localhost"])
def test_the_address_that_it_listens_at_is_ours(host: str) -> None:
    assert turned(host, listens_at="192.168.1.7") == ""
    assert HOST_WORD in turned("192.168.1.8", listens_at="192.168.1.7")


@pytest.mark.parametrize("host", ["192.168.1.7:8765", "[fd00::7]:8765", "pi:8765", "pi.local"])
@pytest.mark.parametrize("listens_at", [EVERYWHERE, "::", ""])
def test_who_listens_everywhere_is_called_by_any_address_or_its_own_name(
    host: str, listens_at: str
) -> None:
    assert turned(host, listens_at=listens_at) == ""
    assert HOST_WORD in turned("evil.example", listens_at=listens_at)


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:8080"]
)
def test_pages_of_this_machine_may_come_in(origin: str) -> None:
    assert turned("localhost", origin) == ""


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://localhost.evil.example", "http://localhost@evil.example",
     "null", "", "file://", "file://localhost", "chrome-extension://abcdef", "http://192.168.1.7",
     "https://evil.example/http://localhost", "http://127.0.0.1.evil.example", "localhost"],
)  # fmt: skip
def test_pages_of_others_may_not(origin: str) -> None:
    assert ORIGIN_WORD in turned("localhost", origin)
    assert ORIGIN_WORD in turned("localhost", "http://localhost", origin)
    assert ORIGIN_WORD in turned("192.168.1.7", origin, listens_at=EVERYWHERE)


def test_an_origin_that_somebody_allowed_may() -> None:
    allowed = ["https://panel.example"]
    for origin, fine in (("https://panel.example", True), ("https://panel.example.evil", False)):
        why = refusal(["localhost"], [origin], listens_at=LOOPBACK, allowed_origins=allowed)
        assert (why == "") is fine


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=2))
def test_anything_may_stand_in_a_header(host: str, origins: list[str]) -> None:
    why = refusal([host], origins, listens_at=LOOPBACK)
    assert why == "" or HOST_WORD in why or ORIGIN_WORD in why


@given(st.from_regex(r"[a-z][a-z0-9-]{0,20}\.(com|example|local|home)", fullmatch=True))
def test_no_name_of_the_net_is_loopback(name: str) -> None:
    assert turned(name)
    assert turned(f"{name}:8765")
    assert turned("localhost", f"https://{name}")
