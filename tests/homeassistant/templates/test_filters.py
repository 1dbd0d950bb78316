"""What Home Assistant adds to Jinja, beyond what the recorded corpus shows."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from satellite.homeassistant.templates.errors import TemplateBroken, TemplateFailed, TemplateSyntax
from satellite.homeassistant.templates.template import compile_template
from satellite.homeassistant.templates.time import Clock


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 1, 12, 30, 15, tzinfo=UTC)
    monkeypatch.setattr(Clock, "read", staticmethod(lambda: moment))
    monkeypatch.setattr(Clock, "zone", ZoneInfo("Europe/Berlin"))


def render(source: str, value: str = "", **names: object) -> str:
    return compile_template(source).render({"value": value, **names})


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        ("{{ now().isoformat() }}", "", "2026-11-01T13:30:15+01:00"),
        ("{{ utcnow().hour }}", "", "12"),
        ("{{ today_at('07:45') }}", "", "2026-11-01 07:45:00+01:00"),
        ("{{ today_at() }}", "", "2026-11-01 00:00:00+01:00"),
        ("{{ (now() - timedelta(hours=3)) | relative_time }}", "", "3 hours"),
        ("{{ (now() - timedelta(days=800)) | relative_time }}", "", "2 years"),
        ("{{ 'x' | relative_time }}", "", "x"),
        ("{{ value | as_timedelta }}", "01:30:00", "1:30:00"),
        ("{{ value | as_timedelta }}", "2 10:00:00", "2 days, 10:00:00"),
        ("{{ value | as_timedelta }}", "nonsense", "None"),
        ("{{ as_timestamp(value, 7) }}", "nonsense", "7"),
        ("{{ value | as_datetime(none) }}", "nonsense", "None"),
        ("{{ 1700000000 | as_datetime }}", "", "2023-11-14 22:13:20+00:00"),
        ("{{ 1700000000 | timestamp_local }}", "", "2023-11-14T23:13:20+01:00"),
        ("{{ 'x' | timestamp_custom('%Y', true, 'never') }}", "", "never"),
        ("{{ strptime(value, '%Y', none) }}", "nonsense", "None"),
        ("{{ value | float | sin | round(3) }}", "1", "0.841"),
        ("{{ atan2(1, 1) | round(4) }}", "", "0.7854"),
        ("{{ 8 | log(2) }}", "", "3.0"),
        ("{{ 'x' | sqrt(0) }}", "", "0"),
        ("{{ pi | round(2) }}", "", "3.14"),
        ("{{ [1, 9, 2] | median }}", "", "2"),
        ("{{ average(1, 2, 6) }}", "", "3.0"),
        ("{{ [] | average(5) }}", "", "5"),
        ("{{ 5 | ordinal }} {{ 12 | ordinal }} {{ 22 | ordinal }}", "", "5th 12th 22nd"),
        ("{{ 5 | bitwise_or(2) }} {{ 5 | bitwise_xor(1) }}", "", "7 4"),
        ("{{ 300 | clamp(0, 255) }}", "", "255.0"),
        ("{{ 370 | wrap(0, 360) }}", "", "10.0"),
        ("{{ 5 | remap(0, 10, 0, 100) }}", "", "50.0"),
        ("{{ [1, 2] | union([2, 3]) | sort }}", "", "[1, 2, 3]"),
        ("{{ [1, 2] | difference([2]) }}", "", "[1]"),
        ("{{ [[1, [2]], 3] | flatten }}", "", "[1, 2, 3]"),
        ("{{ {'a': {'b': 1}} | combine({'a': {'c': 2}}, recursive=true) }}", "",
         "{'a': {'b': 1, 'c': 2}}"),
        ("{{ value | sha256 }}", "a",
         "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("{{ value | base64_encode }}", "hi", "aGk="),
        ("{{ 'ff01' | from_hex }}", "", r"b'\xff\x01'"),
        ("{{ 258 | pack('>H') | unpack('>H') }}", "", "258"),
        ("{{ urlencode({'a': 'b c'}) }}", "", "a=b+c"),
        ("{{ 'b c' | urlencode }}", "", "b%20c"),
        ("{{ value is match('a') }} {{ value is search('b') }}", "ab", "True True"),
        ("{{ [1] is list }} {{ (1,) is tuple }} {{ now() is datetime }}", "", "True True True"),
        ("{{ 'x' is string_like }} {{ 'a' is contains('a') }}", "", "True True"),
        ("{{ set([1, 1]) | list }} {{ tuple([1]) }}", "", "[1] (1,)"),
        ("{{ is_state('a.b', 'on') }} {{ state_attr('a.b', 'c') }}", "", "False None"),
        ("{{ value | from_json({}) }}", "nonsense", "{}"),
        ("{{ {'é': [1, none]} | to_json(ensure_ascii=true) }}", "", '{"\\u00e9": [1, null]}'),
        ("{{ ['b', 'a'] | join(', ') }}", "", "b, a"),
        ("{{ [{'n': 1}, {'n': 2}] | join('-', attribute='n') }}", "", "1-2"),
        ("{{ 'a-b'.split('-')[1] ~ 5 ~ none }}", "", "b5None"),
        ("{{ value.title() }}", "ab", "Ab"),
        ("{{ max([3, 1]) + min(4, 2) }}", "", "5"),
        ("{{ max([], default=1) }}", "", "1"),
        ("{{ [3, 1] | max }}", "", "3"),
        ("{{ value | bool('?') }}", "maybe", "?"),
        ("{{ '%.1f kWh' | format(value | float) }}", "3.14159", "3.1 kWh"),
        ("{{ '{:.1f}'.format(value | float) }}", "3.14159", "3.1"),
        ("{{ '%d%%' % 7 }}", "", "7%"),
    ],
)  # fmt: skip
def test_renders(source: str, value: str, text: str) -> None:
    assert render(source, value) == text


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("{{ 'x' | float }}", TemplateFailed),
        ("{{ 'x' | as_datetime }}", TemplateFailed),
        ("{{ 'x' | sqrt }}", TemplateFailed),
        ("{{ 'x' | from_json }}", TemplateFailed),
        ("{{ 'x' | regex_match('(') }}", TemplateFailed),
        ("{{ {'a': nothing} | to_json }}", TemplateFailed),
        ("{{ nothing | float }}", TemplateBroken),
        ("{{ nothing.more }}", TemplateBroken),
        ("{{ nothing() }}", TemplateBroken),
        ("{{ value is nosuchtest }}", TemplateSyntax),
        ("{% if value %}", TemplateSyntax),
        ("{{ value || 1 }}", TemplateSyntax),
    ],
)
def test_fails(source: str, wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        render(source)


def test_unknown_filter_in_a_branch_fails_only_when_reached() -> None:
    source = "{% if value == 'a' %}{{ value | nosuchfilter }}{% else %}fine{% endif %}"
    assert render(source, "b") == "fine"
    with pytest.raises(TemplateBroken):
        render(source, "a")
