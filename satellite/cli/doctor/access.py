"""Who may read the files of the settings: the service must, others should not.

The service runs as a user of its own (``systemd/satellite.service``), the doctor mostly as another.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from satellite.cli.doctor.findings import Finding, note
from satellite.core.errors import EXIT_CONFIG

SERVICE_USER = "satellite"


def service_reads(path: Path) -> Iterator[Finding]:
    """A finding if the service cannot read a file of its settings, and so ends with 78."""
    user = _service_user()
    obstacle = None if user is None else _obstacle(path, user)
    if user is None or obstacle is None:
        return
    yield Finding(
        "bad",
        f"the service, which runs as the user {user.pw_name}, cannot read {path}",
        f"sudo chmod o+x {shlex.quote(str(obstacle))}"
        if obstacle.is_dir()
        else keep_for_service(path),
        EXIT_CONFIG,
    )


def others_read(path: Path, secrets: list[str]) -> Iterator[Finding]:
    """A finding if more than the service and the owner may read these secrets."""
    status = path.stat()
    user = _service_user()
    if user is not None:
        meant = status.st_gid == user.pw_gid
    else:
        meant = status.st_uid == 0 and status.st_gid != 0  # somebody gave it that group
    unmeant = stat.S_IROTH if meant else stat.S_IROTH | stat.S_IRGRP
    if secrets and status.st_mode & unmeant:
        yield note(
            f"others on this machine can read {' and '.join(secrets)} in {path}",
            f"{keep_for_service(path)}, or better move secrets to /etc/satellite/credentials",
        )


def keep_for_service(path: Path) -> str:
    """The commands after which only the owner and whoever runs the satellite can read a file."""
    user, name = _service_user(), shlex.quote(str(path))
    if user is not None:
        group = grp.getgrgid(user.pw_gid).gr_name
        return f"sudo chown root:{group} {name} && sudo chmod 640 {name}"
    if path.stat().st_uid == 0:  # with 600 nobody else could run with it
        return f"sudo chgrp GROUP {name} && sudo chmod 640 {name} (GROUP of whoever runs it)"
    return f"chmod 600 {name}"


def _service_user() -> pwd.struct_passwd | None:
    """The user of the service; None where it was never installed."""
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None


def _obstacle(path: Path, user: pwd.struct_passwd) -> Path | None:
    """The first folder that the user may not enter, or the file if the user may not read it."""
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    path = path.resolve()
    for one in (*reversed(path.parents), path):
        bit = stat.S_IRUSR if one == path else stat.S_IXUSR
        if not _allows(one.stat(), bit, user.pw_uid, groups):
            return one
    return None


def _allows(status: os.stat_result, bit: int, uid: int, groups: list[int]) -> bool:
    if status.st_uid == uid:
        return bool(status.st_mode & bit)
    return bool(status.st_mode & (bit >> 3 if status.st_gid in groups else bit >> 6))
