"""The one owner of PortAudio.

Three things make PortAudio awkward in a daemon, and are dealt with here and nowhere else:

- It and its libraries (ALSA, JACK) write to standard error as they please, while probing and at
  every underrun. They are hushed; Python's own standard error stays untouched.
- Opening, closing and initialising may block, and must not happen at the same time. They run one
  after the other in a thread of their own, never in the event loop.
- It lists the cards once. ``look_again`` initialises it again, which needs every stream closed: who
  holds one is told to let go, and comes back by itself.
- To close a stream it cancels the thread that calls back (pthread_cancel), wherever that is: with
  a lock of the interpreter all of us would stand still, with one of its own it aborts. So that
  thread is asked to end by itself first.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from satellite.audio.cards.devices import AudioDevice, Direction, Format
from satellite.audio.cards.kernel import card_entry, card_number, listed_cards
from satellite.audio.portaudio.inventory import device_name, listed_devices
from satellite.audio.portaudio.libraries import buffer_of, hush, is_format_supported
from satellite.audio.portaudio.output import Output
from satellite.audio.portaudio.plugins import spare_plugins
from satellite.audio.portaudio.stream import (
    CardError,
    LastCall,
    Stream,
    StreamCallback,
    StuckError,
    runs,
)
from satellite.audio.portaudio.worker import WorkerThread
from satellite.core.errors import MissingPartError

T = TypeVar("T")
P = ParamSpec("P")

ANSWER_WITHIN_S = 10.0
HURRIED_S = 3.0
"""The same at a stop: the service manager waits ten seconds for all of it."""
LOOK_EVERY_S = 60.0
"""How often a missing card may interrupt those that are there."""
LAST_CALL_S = 0.3
"""Callbacks come every few hundredths of a second; a dead card's never."""


class PortAudio:
    """Devices and streams.

    The coroutines are for the event loop; the other methods may block and are for ``call``, or
    for a program that has no event loop. Make it while there is one thread (``spare_plugins``).
    """

    _hushed = False

    def __init__(self) -> None:
        self.generation = 0
        """Grows when the cards are read anew: indexes of devices from before are void."""
        self._stuck = False
        self._patience_s = ANSWER_WITHIN_S
        spare_plugins()
        self._pyaudio: Any = None
        self._streams = 0
        """How many are open or being opened."""
        self._last_calls: dict[Stream, LastCall] = {}
        self._outputs: set[Output] = set()
        self._holders: list[Callable[[], None]] = []
        self._worker = WorkerThread("portaudio")
        self._usable = asyncio.Event()
        self._usable.set()
        self._unused = asyncio.Event()
        self._unused.set()
        self._cards = ""
        self._looked_s = 0.0

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs something that blocks in PortAudio's own thread.

        Raises ``StuckError`` when the card does not answer: the thread is then stuck in a driver,
        and only a new process can help. Nobody waits for it a second time.
        """
        if self._stuck:
            raise self._stuck_error()
        future = asyncio.wrap_future(self._worker.submit(partial(function, *args, **kwargs)))
        try:
            async with asyncio.timeout(self._patience_s):
                return await future
        except TimeoutError:
            self._stuck = True
            raise self._stuck_error() from None

    def hurry(self) -> None:
        """It is to end: a card that hangs is waited for less from now on."""
        self._patience_s = HURRIED_S

    async def open_input(self, wish: Format, callback: StreamCallback) -> Stream:
        """Opens a stream that calls back, without starting it. Raises ``CardError``."""
        return await self._counted(self._open_input, wish, callback)

    async def open_output(self, wish: Format, capacity_s: float) -> Output:
        """Opens a stream that is written to, with a buffer of that length, without starting it.
        Raises ``CardError``."""
        return await self._counted(self._open_output, wish, capacity_s)

    async def _counted(self, opening: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._streams += 1
        self._unused.clear()
        try:
            return await self.call(opening, *args, **kwargs)
        except BaseException:
            self._let_go()
            raise

    async def close_stream(self, stream: Stream | Output) -> None:
        """Closes a stream whatever its state."""
        await self.call(self._close, stream)
        self._let_go()

    def _let_go(self) -> None:
        self._streams -= 1
        if not self._streams:
            self._unused.set()

    async def end(self) -> None:
        """Ends PortAudio behind whatever still runs in its thread, whose askers may be gone."""
        with contextlib.suppress(StuckError):  # the process ends anyway
            await self.call(self.close)

    def warm_up(self) -> None:
        """Begins ``start`` in PortAudio's thread; who needs it later finds it done or waits."""
        self._worker.submit(self.start)

    def _stuck_error(self) -> StuckError:
        return StuckError(
            f"The sound card has not answered for {self._patience_s:g} s.",
            do="The satellite starts again; if that does not help, unplug the card.",
        )

    # --- cards that come and go -----------------------------------------------------------------

    def on_release(self, holder: Callable[[], None]) -> None:
        """``holder`` is called when its stream must be closed; it awaits ``usable`` then."""
        self._holders.append(holder)

    @property
    def wanted_back(self) -> bool:
        """Streams are to be closed, also one that was being opened when its holder was told."""
        return not self._usable.is_set()

    async def usable(self) -> None:
        """Returns when streams may be opened."""
        await self._usable.wait()

    async def look_again(self) -> None:
        """Reads the list of cards anew, for somebody who misses one.

        That interrupts everybody who has a stream, so it is done only when it can help: when
        nobody has one, when the kernel lists other cards than before, or from time to time.
        """
        if not self._usable.is_set():
            await self._usable.wait()
            return
        now_s = time.monotonic()
        same = listed_cards() == self._cards
        if self._streams and same and now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._usable.clear()
        try:
            for holder in self._holders:
                holder()
            await self._unused.wait()
            await self.call(self._restart)
        finally:
            self._usable.set()

    # --- blocking, in the worker thread ---------------------------------------------------------

    def start(self) -> None:
        """Initialises PortAudio if that has not happened yet. Raises ``MissingPartError``."""
        if self._pyaudio is not None:
            return
        try:
            import pyaudio
        except ImportError as error:
            raise MissingPartError(
                f"PyAudio cannot be loaded: {error}.",
                do="Install python3-pyaudio, or portaudio19-dev and PyAudio.",
            ) from error
        if not PortAudio._hushed:
            PortAudio._hushed = True
            hush()
        self._cards = listed_cards()
        self._looked_s = time.monotonic()
        self.generation += 1
        self._pyaudio = pyaudio.PyAudio()

    def close(self) -> None:
        """Ends PortAudio; streams that were not closed are closed by it."""
        if self._pyaudio is not None:
            self._wait_for_last_calls(list(self._last_calls))
            for output in list(self._outputs):  # not under a thread that is writing to it
                self._close(output)
            self._pyaudio.terminate()
            self._pyaudio = None

    def devices(self) -> list[AudioDevice]:
        """What PortAudio saw at its last initialisation."""
        self.start()
        return listed_devices(self._pyaudio)

    def supports(
        self, device: AudioDevice, direction: Direction, rate_hz: int, channels: int
    ) -> bool:
        self.start()
        answer = is_format_supported(device.index, direction, rate_hz, channels)
        if answer is not None:
            return answer
        import pyaudio

        kind = {
            f"{direction}_device": device.index,
            f"{direction}_channels": channels,
            f"{direction}_format": pyaudio.paInt16,
        }
        try:
            return bool(self._pyaudio.is_format_supported(rate_hz, **kind))
        except ValueError:
            return False

    def there(self, wish: Format, direction: Direction) -> bool:
        """Is the device still there? Costs about a millisecond of work.

        The kernel tells of its own cards. Other devices (a sound server's) are asked, which says
        no as well when such a device can be opened only once and is open.
        """
        if card_number(wish.device.name) >= 0:
            return self._is_same_card(wish.device)
        return self.supports(wish.device, direction, wish.rate_hz, wish.channels)

    def start_stream(self, stream: Stream | Output) -> None:
        try:
            stream.start_stream()
        except OSError as error:
            raise CardError(f"The sound card cannot be started: {error}.") from error

    # --- inside, blocking -----------------------------------------------------------------------

    def _open_input(self, wish: Format, callback: StreamCallback) -> Stream:
        last_call = LastCall(callback)
        stream: Stream = self._open(wish, "input", stream_callback=last_call)
        self._last_calls[stream] = last_call
        return stream

    def _open_output(self, wish: Format, capacity_s: float) -> Output:
        self.start()
        with buffer_of(wish, capacity_s):
            output = Output(self._open(wish, "output"))
        self._outputs.add(output)
        return output

    def _open(self, wish: Format, direction: Direction, **options: object) -> Any:  # noqa: ANN401
        """PyAudio's stream."""
        import pyaudio

        self.start()
        if self._name(wish.device.index) != wish.device.name or not self._is_same_card(wish.device):
            raise CardError("The list of sound cards has just changed.")
        options |= {direction: True, f"{direction}_device_index": wish.device.index}
        try:
            return self._pyaudio.open(
                rate=wish.rate_hz,
                channels=wish.channels,
                format=pyaudio.paInt16,
                frames_per_buffer=wish.frames,
                start=False,
                **options,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            from satellite.audio.cards.held import busy

            lost = CardError(f"“{wish.device.name}” cannot be opened: {reason}.")
            raise busy(lost, wish.device, direction) from error

    def _is_same_card(self, device: AudioDevice) -> bool:
        """Has the card still the number that PortAudio knows it by?

        A number of a pulled card is given to the next that is plugged in, and PortAudio would open
        that one under the old name. Where the kernel's list is hidden (Docker), it is believed.
        """
        number = card_number(device.name)
        return card_entry(self._cards, number) == card_entry(listed_cards(), number)

    def _name(self, index: int) -> str:
        try:
            return device_name(self._pyaudio.get_device_info_by_index(index))
        except OSError:
            return ""

    def _close(self, stream: Stream | Output) -> None:
        if isinstance(stream, Output):
            self._outputs.discard(stream)
        else:
            self._wait_for_last_calls([stream])
        with contextlib.suppress(OSError):  # a card that is gone has nothing left to say
            stream.close()

    def _wait_for_last_calls(self, streams: list[Stream]) -> None:
        for stream in streams:
            if last_call := self._last_calls.pop(stream, None):
                last_call.due = True
        until_s = time.monotonic() + LAST_CALL_S
        while any(runs(stream) for stream in streams) and time.monotonic() < until_s:
            time.sleep(0.002)

    def _restart(self) -> None:
        self.close()
        self.start()
