"""Texts with fields: what is a width, what is text, and what is too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.homeassistant.templates.errors import BudgetExceeded, TemplateFailed
from satellite.homeassistant.templates.formats import MAX_WIDTH
from satellite.homeassistant.templates.sizes import MAX_CHARS
from satellite.homeassistant.templates.template import compile_template


def render(source: str, **names: object) -> str:
    return compile_template(source).render(names)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ '#%02x%02x%02x0000' | format(0, 0, 255) }}", "#0000ff0000"),
        ("{{ '#%02x%02x%02x0000' % (0, 0, 255) }}", "#0000ff0000"),
        ("{{ '20260101T%02d' % 7 }}", "20260101T07"),
        ("{{ '<%5.2f|%-6s|%+d' % (3.14159, 'ab', 5) }}", "< 3.14|ab    |+5"),
        ("{{ '%(a)03d 12345 %(b)s' % {'a': 7, 'b': 2026} }}", "007 12345 2026"),
        ("{{ '%(a)s' | format(a=12345) }}", "12345"),
        ("{{ '100%% of 2026: %s' | format(9) }}", "100% of 2026: 9"),
        ("{{ '*** %d ***' % 5 }}", "*** 5 ***"),
        ("{{ '%*d' % (5, 20261130) }}", "20261130"),
        ("{{ '%.*f' % (2, 3.14159) }}", "3.14"),
        ("{{ '%0003d' % 5 }}", "005"),
        ("{{ '{:02x}0000{:>4}'.format(255, 'a') }}", "ff0000   a"),
        ("{{ '<{:>{w}}'.format('a', w=3) }}", "<  a"),
        ("{{ '{:.1f} of 10000'.format(2.25) }}", "2.2 of 10000"),
        ("{{ '{a:05d}12345'.format_map({'a': 7}) }}", "0000712345"),
        ("{{ ('{:02x}0000' | escape).format(255) }}", "ff0000"),
        ("{{ '{:%H:%M}'.format(today_at('07:45')) }}", "07:45"),
        ("{{ '<{!r:>5}'.format('a') }}", "<  'a'"),
    ],
)
def test_digits_after_a_field_are_text(source: str, text: str) -> None:
    assert render(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ '%1001d' % 1 }}",
        "{{ '%.1001f' % 1 }}",
        "{{ '%-00099999s' % 1 }}",
        "{{ '%+#0099999x' | format(1) }}",
        "{{ '%*d' % (1001, 1) }}",
        "{{ '%*d' % (-1001, 1) }}",
        "{{ '%.*f' % (1001, 1) }}",
        "{{ '%s%*d' | format('a', 99999, 1) }}",
        "{{ '%(a)99999d' % {'a': 1} }}",
        "{{ '%((a))99999d' % {'(a)': 1} }}",
        "{{ value % 1 }}",
        "{{ '{:>1001}'.format(1) }}",
        "{{ '{:.1001f}'.format(1) }}",
        "{{ '{:>{w}}'.format(1, w=1001) }}",
        "{{ '{0:{1}}'.format(1, '>99999') }}",
        "{{ '{:>{a[b]}}'.format(1, a={'b': 99999}) }}",
        "{{ ('{:>99999}' | escape).format(1) }}",
        "{{ ('{a:>99999}' | safe).format_map({'a': 1}) }}",
        "{{ '{:%99999d}'.format(now()) }}",
        "{{ ['x'] | map('format') | list }}{{ ['%99999d'] | map('format', 1) | list }}",
        "{{ ('{0}' * 3000).format('x' * 200) }}",
        "{{ ('%s' * 3000) % (('x' * 200,) * 3000) }}",
        "{{ '{!a}'.format('\\U0010ffff' * 100000) }}",
    ],
)
def test_wide_fields_are_refused_before_they_are_filled(source: str) -> None:
    with pytest.raises(BudgetExceeded):
        render(source, value=b"%99999d")


flags = st.text("-+ #0", max_size=3)
sizes = st.one_of(st.just(""), st.integers(0, 2_000).map(str), st.just("*"))
fields = st.builds(
    lambda flag, width, digits, kind: f"%{flag}{width}{digits}{kind}",
    flags,
    sizes,
    st.one_of(st.just(""), sizes.map(".{}".format)),
    st.sampled_from("diouxXeEfFgGcrsa%q("),
)
values = st.one_of(st.integers(-2_000, 2_000), st.floats(), st.text(max_size=5))


@given(
    st.lists(st.one_of(fields, st.text("ab0123456789.", max_size=6)), max_size=4).map("".join),
    st.lists(values, max_size=8).map(tuple),
)
def test_what_is_let_through_is_as_python_writes_it_and_not_wide(
    text: str, given_values: tuple[object, ...]
) -> None:
    try:
        made = compile_template("{{ '<' ~ text % values ~ '>' }}").render(
            {"text": text, "values": given_values}
        )
    except TemplateFailed:
        return
    assert made == f"<{text % given_values}>"
    assert len(made) < min(MAX_CHARS, 20 + 4 * (MAX_WIDTH + 400) + 40 * len(text))
