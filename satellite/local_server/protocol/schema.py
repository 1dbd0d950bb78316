"""Checks of client events, with the error codes of the Realtime API.

A check takes a value and its path (``session.audio.input.format.rate``) and returns the accepted
value, or raises ``RequestRefused``. Checks are combined like a schema: ``Obj`` of ``integer`` and
``choice``. The events themselves are described in ``shapes``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

Check = Callable[[object, str], Any]


class RequestRefused(Exception):  # noqa: N818 - it is the server's answer, not a failure of ours
    """The client's request is refused; the session is unchanged."""

    def __init__(
        self,
        code: str,
        message: str,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.kind = kind


def _kind_of(value: object) -> str:
    names: tuple[tuple[type, str], ...] = (
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a decimal"),
        (str, "a string"),
        (list, "an array"),
        (dict, "an object"),
    )
    for python_type, name in names:
        if isinstance(value, python_type):
            return name
    return "null"


def wrong_type(value: object, path: str, expected: str) -> RequestRefused:
    return RequestRefused(
        "invalid_type",
        f"Invalid type for '{path}': expected {expected}, but got {_kind_of(value)} instead.",
        path,
    )


def wrong_value(value: object, path: str, allowed: Collection[object] = ()) -> RequestRefused:
    shown = repr(value) if not isinstance(value, str) or len(value) <= 100 else "that string"
    text = f"Invalid value: {shown}."
    if allowed:
        text += f" Supported values are: {', '.join(repr(one) for one in allowed)}."
    return RequestRefused("invalid_value", text, path)


def missing(path: str) -> RequestRefused:
    return RequestRefused(
        "missing_required_parameter", f"Missing required parameter: '{path}'.", path
    )


def unknown(path: str) -> RequestRefused:
    return RequestRefused("unknown_parameter", f"Unknown parameter: '{path}'.", path)


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def anything(value: object, path: str) -> object:  # noqa: ARG001 - the signature of a check
    return value


def boolean(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(value, path, "a boolean")
    return value


def text(max_length: int | None = None) -> Check:
    """A string of at most ``max_length`` characters."""

    def check(value: object, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, path, "a string")
        if max_length is not None and len(value) > max_length:
            raise RequestRefused(
                "string_above_max_length",
                f"Invalid '{path}': string too long. Expected a string with maximum length "
                f"{max_length}, but got a string with length {len(value)} instead.",
                path,
            )
        return value

    return check


def choice(*allowed: str) -> Check:
    def check(value: object, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, path, "one of " + ", ".join(repr(one) for one in allowed))
        if value not in allowed:
            raise wrong_value(value, path, allowed)
        return value

    return check


def integer(low: int | None = None, high: int | None = None) -> Check:
    def check(value: object, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(value, path, "an integer")
        _in_range("integer", value, low, high, path)
        return value

    return check


def decimal(low: float, high: float) -> Check:
    def check(value: object, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(value, path, "a decimal")
        _in_range("decimal", value, low, high, path)
        return value

    return check


def _in_range(kind: str, value: float, low: float | None, high: float | None, path: str) -> None:
    if low is not None and value < low:
        raise RequestRefused(
            f"{kind}_below_min_value",
            f"Invalid '{path}': {kind} below minimum value. Expected a value >= {low}, but got "
            f"{value} instead.",
            path,
        )
    if high is not None and value > high:
        raise RequestRefused(
            f"{kind}_above_max_value",
            f"Invalid '{path}': {kind} above maximum value. Expected a value <= {high}, but got "
            f"{value} instead.",
            path,
        )


def array(inner: Check) -> Check:
    def check(value: object, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_type(value, path, "an array")
        return [inner(one, f"{path}[{index}]") for index, one in enumerate(value)]

    return check


def mapping(value: object, path: str) -> dict[str, Any]:
    """Any JSON object."""
    if not isinstance(value, dict):
        raise wrong_type(value, path, "an object")
    return value


class Obj:
    """An object with no other fields than these, and all of ``required``.

    An optional field may be null, which counts as absent: many clients write fields that they do
    not use. With ``clears`` the null is kept; it resets the field to its default.
    """

    def __init__(
        self, fields: Mapping[str, Check], required: Collection[str] = (), *, clears: bool = False
    ) -> None:
        self.fields = fields
        self.required = required
        self.clears = clears

    def __call__(self, value: object, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_type(value, path, "an object")
        for name in self.required:
            if name not in value:
                raise missing(join(path, name))
        for name in value:
            if name not in self.fields:
                raise unknown(join(path, str(name)))
        accepted: dict[str, Any] = {}
        for name, one in value.items():
            if one is not None or name in self.required:
                accepted[name] = self.fields[name](one, join(path, name))
            elif self.clears:
                accepted[name] = None
        return accepted


class Tagged:
    """One of several objects, told apart by the value of the field ``tag``."""

    def __init__(self, variants: Mapping[str, Check], tag: str = "type") -> None:
        self.variants = variants
        self.tag = tag

    def __call__(self, value: object, path: str) -> Any:  # noqa: ANN401
        if not isinstance(value, dict):
            raise wrong_type(value, path, "an object")
        tag_path = join(path, self.tag)
        if self.tag not in value:
            raise missing(tag_path)
        name = value[self.tag]
        if not isinstance(name, str) or name not in self.variants:
            raise wrong_value(name, tag_path, tuple(self.variants))
        return self.variants[name](value, path)
