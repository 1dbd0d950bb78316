"""The colours that people ask a lamp for; names and values are those of CSS."""

from __future__ import annotations

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "orangered": (255, 69, 0),
    "orange": (255, 165, 0),
    "gold": (255, 215, 0),
    "yellow": (255, 255, 0),
    "lime": (0, 255, 0),
    "green": (0, 128, 0),
    "turquoise": (64, 224, 208),
    "cyan": (0, 255, 255),
    "skyblue": (135, 206, 235),
    "blue": (0, 0, 255),
    "indigo": (75, 0, 130),
    "violet": (238, 130, 238),
    "purple": (128, 0, 128),
    "magenta": (255, 0, 255),
    "pink": (255, 192, 203),
    "hotpink": (255, 105, 180),
    "coral": (255, 127, 80),
    "salmon": (250, 128, 114),
    "lavender": (230, 230, 250),
    "beige": (245, 245, 220),
    "white": (255, 255, 255),
}
