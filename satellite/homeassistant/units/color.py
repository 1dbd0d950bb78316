"""Colours between the spaces of lights, with the formulas and roundings of Home Assistant."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterable

from satellite.homeassistant.values import listed

Rgb = tuple[int, int, int]
Pair = tuple[float, float]


def kelvin_to_mired(kelvin: float) -> int:
    return math.floor(1_000_000 / kelvin)


def mired_to_kelvin(mired: float) -> int:
    return math.floor(1_000_000 / mired)


def rgb_to_hs(red: float, green: float, blue: float) -> Pair:
    """Hue 0-360, saturation 0-100."""
    hue, saturation, _ = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    return round(hue * 360, 3), round(saturation * 100, 3)


def hsv_to_rgb(hue: float, saturation: float, value: float) -> Rgb:
    red, green, blue = colorsys.hsv_to_rgb(hue / 360, saturation / 100, value / 100)
    return round(red * 255), round(green * 255), round(blue * 255)


def hs_to_rgb(hue: float, saturation: float) -> Rgb:
    return hsv_to_rgb(hue, saturation, 100)


def rgb_to_xy(red: float, green: float, blue: float) -> Pair:
    """CIE 1931 by the wide gamut matrix that Hue documents; black has no colour."""
    if red + green + blue == 0:
        return 0.0, 0.0
    r, g, b = (_linear(channel / 255) for channel in (red, green, blue))
    x = r * 0.664511 + g * 0.154324 + b * 0.162028
    y = r * 0.283881 + g * 0.668433 + b * 0.047685
    z = r * 0.000088 + g * 0.072310 + b * 0.986039
    return round(x / (x + y + z), 3), round(y / (x + y + z), 3)


def _linear(value: float) -> float:
    return ((value + 0.055) / 1.055) ** 2.4 if value > 0.04045 else value / 12.92


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def xy_to_rgb(x: float, y: float) -> Rgb:
    y = y or 1e-11
    big_x, big_z = x / y, (1 - x - y) / y
    channels = (
        big_x * 1.656492 - 0.354851 - big_z * 0.255038,
        -big_x * 0.707196 + 1.655397 + big_z * 0.036152,
        big_x * 0.051713 - 0.121364 + big_z * 1.011530,
    )
    lit = [max(0.0, _gamma(channel)) for channel in channels]
    brightest = max(1.0, *lit)
    red, green, blue = (int(channel / brightest * 255) for channel in lit)
    return red, green, blue


def xy_to_hs(x: float, y: float) -> Pair:
    return rgb_to_hs(*xy_to_rgb(x, y))


def hs_to_xy(hue: float, saturation: float) -> Pair:
    return rgb_to_xy(*hs_to_rgb(hue, saturation))


def xy_to_kelvin(x: float, y: float) -> int:
    """McCamy's approximation."""
    n = (x - 0.3320) / (0.1858 - y)
    return int(437 * n**3 + 3601 * n**2 + 6861 * n + 5517)


def kelvin_to_rgb(kelvin: float) -> tuple[float, float, float]:
    """Tanner Helland's approximation, for 1,000 to 40,000 K."""
    t = min(40_000, max(1_000, kelvin)) / 100
    red = 255.0 if t <= 66 else _byte(329.698727446 * (t - 60) ** -0.1332047592)
    if t <= 66:
        green = _byte(99.4708025861 * math.log(t) - 161.1195681661)
    else:
        green = _byte(288.1221695283 * (t - 60) ** -0.0755148492)
    if t >= 66:
        blue = 255.0
    else:
        blue = 0.0 if t <= 19 else _byte(138.5177312231 * math.log(t - 10) - 305.0447927307)
    return red, green, blue


def _byte(value: float) -> float:
    return min(255.0, max(0.0, value))


def kelvin_to_hs(kelvin: float) -> Pair:
    return rgb_to_hs(*kelvin_to_rgb(kelvin))


def _match_brightest(given: Iterable[float], made: tuple[float, ...]) -> tuple[int, ...]:
    brightest = max(made)
    factor = max(given) / brightest if brightest else 0.0
    return tuple(round(channel * factor) for channel in made)


def rgb_to_rgbw(red: int, green: int, blue: int) -> tuple[int, ...]:
    white = min(red, green, blue)
    made = (red - white, green - white, blue - white, white)
    return _match_brightest((red, green, blue), made)


def rgbw_to_rgb(red: int, green: int, blue: int, white: int) -> tuple[int, ...]:
    made = (red + white, green + white, blue + white)
    return _match_brightest((red, green, blue, white), made)


def rgb_to_rgbww(
    red: int, green: int, blue: int, min_kelvin: int, max_kelvin: int
) -> tuple[int, ...]:
    """Channels with as much of cold and warm white, equally, as the colour allows."""
    coldest, warmest = kelvin_to_mired(max_kelvin), kelvin_to_mired(min_kelvin)
    whites = kelvin_to_rgb(mired_to_kelvin(coldest + (warmest - coldest) / 2))
    channels = (red, green, blue)
    level = min(
        channel / white if white else 0 for channel, white in zip(channels, whites, strict=True)
    )
    colour = [channel - white * level for channel, white in zip(channels, whites, strict=True)]
    return _match_brightest(channels, (*colour, round(level * 255), round(level * 255)))


def rgbww_to_rgb(
    channels: tuple[int, int, int], cold: int, warm: int, min_kelvin: int, max_kelvin: int
) -> tuple[int, ...]:
    coldest, warmest = kelvin_to_mired(max_kelvin), kelvin_to_mired(min_kelvin)
    share = warm / (cold + warm) if cold + warm else 0.5
    mired = coldest + share * (warmest - coldest)
    whites = kelvin_to_rgb(mired_to_kelvin(mired) if mired else 0)
    level = max(cold, warm) / 255
    made = tuple(channel + white * level for channel, white in zip(channels, whites, strict=True))
    return _match_brightest((*channels, cold, warm), made)


def kelvin_to_rgbww(
    kelvin: int, brightness: int, min_kelvin: int, max_kelvin: int
) -> tuple[int, ...]:
    """The channels for a colour temperature mixed of the two whites alone."""
    coldest, warmest = kelvin_to_mired(max_kelvin), kelvin_to_mired(min_kelvin)
    cold = (warmest - kelvin_to_mired(kelvin)) / ((warmest - coldest) or 1) * brightness
    return 0, 0, 0, round(cold), round(brightness - cold)


def color_by_name(name: str) -> Rgb | None:
    """A CSS colour name ("light blue", "Orange"); None when there is none of this name."""
    hexadecimal = COLORS.get("".join(name.split()).lower().replace("-", ""))
    if hexadecimal is None:
        return None
    value = int(hexadecimal, 16)
    return value >> 16, value >> 8 & 255, value & 255


_CSS = listed("""
aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc
bisque ffe4c4 black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a
burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50
cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b
darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b
darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000
darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f
darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff
dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0
forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520
gray 808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4
indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5
lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff
lightgoldenrodyellow fafad2 lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1
lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899
lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 lime 00ff00 limegreen 32cd32
linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa mediumblue 0000cd
mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee
mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970
mintcream f5fffa mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 navyblue 000080
oldlace fdf5e6 olive 808000 olivedrab 6b8e23 orange ffa500 orangered ff4500 orchid da70d6
palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee palevioletred db7093 papayawhip ffefd5
peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 purple 800080 red ff0000
rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513 salmon fa8072 sandybrown f4a460
seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb slateblue 6a5acd
slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c
teal 008080 thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff
whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32 homeassistant 18bcf2
""")

COLORS = dict(zip(_CSS[::2], _CSS[1::2], strict=True))
"""The names of CSS and what they mean."""
