"""Colours go from one space to another and come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.homeassistant.units import color

BYTE = st.integers(0, 255)


@given(BYTE, BYTE, BYTE)
def test_hue_and_saturation_keep_the_colour_at_full_brightness(r: int, g: int, b: int) -> None:
    brightest = max(r, g, b)
    if brightest == 0:
        return
    back = color.hs_to_rgb(*color.rgb_to_hs(r, g, b))
    for given_channel, channel in zip((r, g, b), back, strict=True):
        assert abs(given_channel * 255 / brightest - channel) <= 1.5


@given(BYTE, BYTE, BYTE)
def test_every_space_can_be_reached(r: int, g: int, b: int) -> None:
    x, y = color.rgb_to_xy(r, g, b)
    assert all(0 <= channel <= 255 for channel in color.xy_to_rgb(x, y))
    assert max(color.rgb_to_rgbw(r, g, b)) == max(r, g, b)
    assert all(0 <= c <= 255 for c in color.rgb_to_rgbww(r, g, b, 2000, 6535))


@given(BYTE, BYTE, BYTE)
def test_white_channels_go_and_come_back(r: int, g: int, b: int) -> None:
    red, green, blue, white = color.rgb_to_rgbw(r, g, b)
    back = color.rgbw_to_rgb(red, green, blue, white)
    assert all(abs(one - other) <= 2 for one, other in zip((r, g, b), back, strict=True))


@given(st.integers(1, 100_000))
def test_any_temperature_has_a_colour(kelvin: int) -> None:
    assert all(0 <= channel <= 255 for channel in color.kelvin_to_rgb(kelvin))
    assert sum(color.kelvin_to_rgbww(kelvin, 200, 2000, 6535)) == pytest.approx(200, abs=1)


@pytest.mark.parametrize(
    ("name", "rgb"),
    [
        ("red", (255, 0, 0)),
        ("Light Blue", (173, 216, 230)),
        ("dark-orange", (255, 140, 0)),
        ("no such colour", None),
    ],
)
def test_names(name: str, rgb: tuple[int, int, int] | None) -> None:
    assert color.color_by_name(name) == rgb


def test_all_names_of_css_are_there() -> None:
    assert len(color.COLORS) >= 148


def test_mireds_round_down_both_ways() -> None:
    assert [color.kelvin_to_mired(k) for k in (2700, 4000, 6500)] == [370, 250, 153]
    assert [color.mired_to_kelvin(m) for m in (370, 153)] == [2702, 6535]
