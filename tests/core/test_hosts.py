"""Where a name or an address leads."""

from __future__ import annotations

import pytest

from satellite.core.hosts import is_loopback, is_openai, is_private


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "satellite.localhost",
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "0.0.0.0",
        "::ffff:127.0.0.1",
    ],
)
def test_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert is_private(host)


@pytest.mark.parametrize(
    "host",
    [
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.178.20",
        "169.254.7.7",
        "100.64.0.1",
        "100.127.255.254",
        "fd12:3456::1",
        "fe80::1%eth0",
        "::ffff:192.168.1.1",
        "homeassistant",
        "homeassistant.local",
        "box.lan",
        "box.home.arpa",
        "nas.internal",
    ],
)
def test_the_own_network(host: str) -> None:
    assert is_private(host)
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "api.openai.com",
        "172.32.0.1",
        "100.128.0.1",
        "8.8.8.8",
        "2606:4700::1111",
        "127.evil.example",
        "localhost.evil.example",
        "10.evil.example",
        "lan.example",
    ],
)
def test_beyond(host: str) -> None:
    assert not is_private(host)
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "openai"),
    [
        ("api.openai.com", True),
        ("eu.api.openai.com", True),
        ("openai.com", False),
        ("evilapi.openai.com", False),
        ("api.openai.com.evil.example", False),
        ("house.openai.azure.com", False),
        ("", False),
    ],
)
def test_openai(host: str, openai: bool) -> None:
    assert is_openai(host) is openai
