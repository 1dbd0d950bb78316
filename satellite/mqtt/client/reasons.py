"""Why there is no connection to the broker, as sentences for the person who can mend it. Pure."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from satellite.core.errors import TransientError

# Reason codes of MQTT 5 (section 2.4); paho translates those of 3.1.1 into them.
UNSPECIFIED = 128
UNSUPPORTED_VERSION = 132
NOBODY_SUBSCRIBED = 16
"""The broker accepted a message that has no subscriber."""
NO_ANSWER = -1
"""Not of MQTT: the broker closed the connection, or sent nothing, before CONNACK."""
_REFUSALS: dict[int, tuple[str, str]] = {
    132: ("does not speak this version of MQTT.", ""),
    133: ("refuses the client id {client_id!r}.", "Choose another satellite.id."),
    134: (
        "refuses the user name or the password.",
        "Check mqtt.username and mqtt.password, and the users that the broker knows.",
    ),
    135: (
        "does not let this satellite in.",
        "Check mqtt.username and mqtt.password: the broker may not allow anonymous clients.",
    ),
    136: ("says that it is unavailable.", ""),
    137: ("says that it is busy.", ""),
    138: ("has banned this client.", "Lift the ban at the broker."),
    140: ("wants another kind of authentication.", "Only user name and password are supported."),
    142: (
        "has let another client with the same name {client_id!r} in and this one out.",
        "Give each satellite its own satellite.id.",
    ),
    149: ("found a message too large.", ""),
    151: ("says that its quota is exceeded.", ""),
    159: ("says that there are too many connections at once.", ""),
}
LOGIN_REFUSED = frozenset({134, 135})
_NEEDS_A_PERSON = frozenset({133, 134, 135, 138, 140, 142})


@dataclass(frozen=True, slots=True)
class Where:
    """Address of the broker, for messages."""

    host: str
    port: int
    client_id: str
    tls: bool

    def __str__(self) -> str:
        return f"The broker at {self.host}:{self.port}"


class BrokerError(TransientError):
    """There is no connection. ``slow``: only a person can mend it, so retry seldom."""

    def __init__(self, what: str, *, do: str = "", slow: bool = False, code: int = 0) -> None:
        super().__init__(what, do=do)
        self.slow = slow
        self.code = code


def connected(where: Where, *, again: bool) -> str:
    return f"{where} {'is back' if again else 'has let this satellite in'}."


def refused(where: Where, code: int, text: str) -> BrokerError:
    """The broker refused the connection, with a reason code of MQTT 5 and its name."""
    what, do = _REFUSALS.get(code, (f"refuses the connection: {text}.", ""))
    what = what.format(client_id=where.client_id)
    return BrokerError(f"{where} {what}", do=do, slow=code in _NEEDS_A_PERSON, code=code)


def unreachable(where: Where, error: OSError) -> BrokerError:
    """The broker's host or port cannot be reached."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return BrokerError(
            f"{where} shows a certificate that is not trusted: {error.verify_message}.",
            do="Set mqtt.ca_file to the certificate authority that signed it, and mqtt.host to the"
            " name that the certificate is for.",
            slow=True,
        )
    if isinstance(error, ssl.SSLError):
        return BrokerError(
            f"{where} does not answer in TLS ({error.reason or error}).",
            do="Check mqtt.tls and mqtt.port (8883 is usual with TLS, 1883 without).",
            slow=True,
        )
    if isinstance(error, socket.gaierror):
        return BrokerError(f"The name {where.host!r} of the broker is unknown.")
    if isinstance(error, TimeoutError):
        return BrokerError(f"{where} does not answer.")
    if isinstance(error, ConnectionRefusedError):
        return BrokerError(
            f"Nobody listens at {where.host}:{where.port}, where the broker should be."
        )
    return BrokerError(f"{where} cannot be reached: {error.strerror or error}.")


def silent(where: Where) -> BrokerError:
    """The connection was closed, or stayed silent, before CONNACK."""
    do = "" if where.tls else "If it wants TLS, set mqtt.tls."
    return BrokerError(f"{where} ended the connection before it began.", do=do, code=NO_ANSWER)


def bad_ca_file(where: Where, name: str, error: OSError) -> BrokerError:
    return BrokerError(
        f"{where} is not called: the certificates {name} cannot be read"
        f" ({error.strerror or error}).",
        do="mqtt.ca_file must name a PEM file that the satellite may read.",
        slow=True,
    )


def lost(where: Where, code: int, text: str) -> BrokerError:
    """An accepted connection was lost."""
    if code in _REFUSALS:
        return refused(where, code, text)
    why = "" if code == UNSPECIFIED else f" ({text})"
    return BrokerError(f"{where} is gone{why}.")


def taken_over(where: Where) -> BrokerError:
    """Connections end soon, again and again; most brokers do not say why."""
    return BrokerError(
        f"{where} ends the connection again and again: another client with the same name"
        f" {where.client_id!r} may be throwing this one out.",
        do="Give each satellite its own satellite.id.",
    )
