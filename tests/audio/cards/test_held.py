"""Who has a card to themselves: in a made-up /proc, and by a real process with a real open file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from satellite.audio.backend import AudioDevice, Format
from satellite.audio.cards import held
from satellite.audio.cards.devices import DeviceMissingError, choose
from satellite.audio.cards.format import find_format
from satellite.audio.cards.held import CardBusyError, Holder, busy, held_devices
from satellite.audio.portaudio import backend
from satellite.audio.portaudio.backend import PortAudio
from satellite.cli.devices import describe
from tests.audio.made_up import MadeUpCards, Rates

CARDS = """\
 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 1 [Device         ]: USB-Audio - USB Audio Device
                      C-Media Electronics Inc. USB Audio Device at usb-0000:01:00.0-1.2, full speed
"""
PCM = """\
00-00: bcm2835 Headphones : bcm2835 Headphones : playback 8
01-00: USB Audio : USB Audio : playback 1 : capture 1
"""
OPEN = "state: RUNNING\nowner_pid   : {}\ntrigger_time: 10.1\n"
ERROR = DeviceMissingError("No microphone is called “usb”.")
PIPEWIRE = 812


class Machine:
    """A Raspberry Pi with its headphone jack and one USB card, as /proc and /dev/snd tell of it."""

    def __init__(self, top: Path) -> None:
        self.proc, self.nodes = top / "proc", top / "dev"
        self.asound = self.proc / "asound"
        self.nodes.mkdir()
        self.put("asound/cards", CARDS)
        self.put("asound/pcm", PCM)
        self.put("asound/card1/stream0", f"{CARDS.splitlines()[3].strip()} : USB Audio\n")
        for name, left in (("card0/pcm0p", 7), ("card1/pcm0p", 1), ("card1/pcm0c", 1)):
            self.left(name, left)
            self.put(f"asound/{name}/sub0/status", "closed\n")
        (self.nodes / "pcmC1D0c").touch()

    def put(self, name: str, text: str) -> None:
        file = self.proc / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def left(self, pcm: str, count: int) -> None:
        self.put(f"asound/{pcm}/info", f"card: 1\nsubdevices_count: 8\nsubdevices_avail: {count}\n")

    def hold(self, pcm: str, thread: int) -> None:
        self.left(pcm, 0)
        self.put(f"asound/{pcm}/sub0/status", OPEN.format(thread))

    def program(self, pid: int, name: str, *, opened: str = "") -> None:
        self.put(f"{pid}/comm", f"{name}\n")
        self.put(f"{pid}/status", f"Name:\t{name}\nTgid:\t{pid}\nPid:\t{pid}\n")
        (self.proc / str(pid) / "fd").mkdir()
        (self.proc / str(pid) / "fd" / "3").symlink_to("socket:[4711]")
        if opened:
            (self.proc / str(pid) / "fd" / "4").symlink_to(self.nodes / opened)

    def holders(self) -> list[tuple[str, tuple[Holder, ...]]]:
        found = held_devices("input")
        return [(one.device.name, one.holders) for one in found]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(held, "PROC", made.proc)
    monkeypatch.setattr(held, "NODES", made.nodes)
    return made


NAME = "USB Audio Device: USB Audio (hw:1,0)"


def test_nobody_holds_a_card_that_has_streams_left(machine: Machine) -> None:
    machine.program(PIPEWIRE, "pipewire", opened="pcmC1D0c")
    assert machine.holders() == []


def test_who_has_its_file_open(machine: Machine) -> None:
    machine.program(640, "jackd", opened="pcmC1D0p")  # its other direction
    machine.program(PIPEWIRE, "pipewire", opened="pcmC1D0c")
    machine.left("card1/pcm0c", 0)
    assert machine.holders() == [(NAME, (Holder(PIPEWIRE, "pipewire"),))]


def test_whose_files_another_user_may_not_see_is_told_by_the_kernel(machine: Machine) -> None:
    """The kernel tells the thread; PipeWire opens cards in one of its own."""
    machine.program(PIPEWIRE, "pipewire")
    machine.put("815/status", f"Name:\tdata-loop.0\nTgid:\t{PIPEWIRE}\nPid:\t815\n")
    machine.hold("card1/pcm0c", 815)
    assert machine.holders() == [(NAME, (Holder(PIPEWIRE, "pipewire"),))]


def test_a_process_that_is_hidden_has_a_number_only(machine: Machine) -> None:
    """``ProtectProc=invisible`` of the unit, ``hidepid`` of a machine."""
    machine.hold("card1/pcm0c", 815)
    assert machine.holders() == [(NAME, (Holder(815),))]
    error = busy(ERROR, "usb", "input")
    assert str(error) == (
        f"“{NAME}” is in use by process 815. `sudo satellite doctor` tells which program that is."
    )


def test_a_card_of_our_own_is_not_held_by_others(machine: Machine) -> None:
    machine.program(os.getpid(), "satellite", opened="pcmC1D0c")
    machine.left("card1/pcm0c", 0)
    assert machine.holders() == []


def test_a_kernel_that_counts_no_streams_leaves_the_open_files(machine: Machine) -> None:
    for file in (machine.asound / "card1/pcm0c").rglob("*"):
        if file.is_file():
            file.unlink()
    assert machine.holders() == []
    machine.program(PIPEWIRE, "pipewire", opened="pcmC1D0c")
    assert machine.holders() == [(NAME, (Holder(PIPEWIRE, "pipewire"),))]


def test_a_machine_without_cards_holds_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "PROC", tmp_path)
    assert held_devices("input") == []


@contextmanager
def real_process(machine: Machine) -> Iterator[int]:
    """One that opens the microphone's file, and is shown among the made-up ones."""
    code = "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    argv = [sys.executable, "-c", code, str(machine.nodes / "pcmC1D0c")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        (machine.proc / str(process.pid)).symlink_to(f"/proc/{process.pid}")
        yield process.pid
        process.stdin.close()


def test_a_real_process_with_a_real_file(machine: Machine) -> None:
    machine.left("card1/pcm0c", 0)
    with real_process(machine) as pid:
        ((_, (holder,)),) = machine.holders()
        assert holder.pid == pid
        assert holder.program == Path(f"/proc/{pid}/comm").read_text().strip()
    assert machine.holders() == []


class TestTheError:
    @pytest.fixture(autouse=True)
    def _held(self, machine: Machine) -> None:
        machine.program(PIPEWIRE, "pipewire", opened="pcmC1D0c")
        machine.left("card1/pcm0c", 0)

    @pytest.mark.parametrize(
        "wanted",
        [
            "",
            "usb",
            "USB Audio Device",
            "USB Audio Device: - (hw:1,0)",
            "USB Audio Device: - (hw:2,0)",
            "usb-0000:01:00.0-1.2",
            "hw:CARD=Device,DEV=0",
            "plughw:Device",
            AudioDevice(3, "USB Audio Device: - (hw:1,0)", inputs=1),
        ],
    )
    def test_of_the_card_that_was_wanted(self, wanted: str | AudioDevice) -> None:
        error = busy(ERROR, wanted, "input")
        assert isinstance(error, CardBusyError)
        assert error.what == f"“{NAME}” is in use by pipewire (process {PIPEWIRE})."
        assert "pactl set-card-profile CARD off" in error.do

    @pytest.mark.parametrize(
        "wanted",
        [
            "ReSpeaker",
            "hw:CARD=Headphones",
            "pipewire",
            AudioDevice(3, "USB Audio Device: - (hw:2,0)", inputs=1),
            AudioDevice(0, "default", inputs=1),
        ],
    )
    def test_of_another_card_stays_as_it_is(self, wanted: str | AudioDevice) -> None:
        assert busy(ERROR, wanted, "input") is ERROR
        assert busy(ERROR, "usb", "output") is ERROR

    def test_of_a_program_that_is_no_sound_server(self, machine: Machine) -> None:
        machine.program(900, "arecord", opened="pcmC1D0c")
        (machine.proc / str(PIPEWIRE) / "fd" / "4").unlink()
        error = busy(ERROR, "usb", "input")
        assert "is in use by arecord (process 900). End that program" in str(error)

    def test_comes_where_portaudio_does_not_list_the_card(self) -> None:
        with pytest.raises(CardBusyError, match="in use by pipewire"):
            find_format(MadeUpCards([]), "usb", "input", rate_hz=0, block_ms=10)

    def test_comes_where_the_card_refuses_each_format(self) -> None:
        device = AudioDevice(0, "USB Audio Device: - (hw:1,0)", inputs=1)
        audio = MadeUpCards([device], {device.name: Rates(())})
        with pytest.raises(CardBusyError, match="in use by pipewire"):
            find_format(audio, "usb", "input", rate_hz=0, block_ms=10)

    def test_devices_lists_it_by_a_name_that_finds_it(self) -> None:
        """PortAudio does not list it, so nobody would learn what to write into the settings."""
        told = describe(MadeUpCards([])).splitlines()
        assert told[:5] == [
            "Microphones (audio.input)",
            "  USB Audio Device",
            f"      in use by pipewire (process {PIPEWIRE})",
            "      hw:CARD=Device,DEV=0",
            "      usb-0000:01:00.0-1.2",
        ]
        names = ("USB Audio Device: - (hw:1,0)", "usb-0000:01:00.0-1.2", "Device")
        devices = [AudioDevice(3, names[0], inputs=1, usb_path=names[1], card_id=names[2])]
        for line in (told[1], told[3], told[4]):
            assert choose(devices, line.strip(), "input").device is devices[0]
        assert "in use" not in describe(MadeUpCards(devices))

    def test_comes_where_it_was_listed_and_cannot_be_opened(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        device = AudioDevice(0, "USB Audio Device: - (hw:1,0)", inputs=1)
        audio = PortAudio()
        audio._pyaudio = Refusing(device.name)
        monkeypatch.setattr(backend, "listed_cards", str)
        with pytest.raises(CardBusyError, match="in use by pipewire"):
            audio.open_input(Format(device, 48_000, 1, 960), lambda *_: None)


class Refusing:
    """A PyAudio whose card somebody else has opened since it was listed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_device_info_by_index(self, _index: int) -> dict[str, str]:
        return {"name": self.name}

    def open(self, **_options: object) -> None:
        raise OSError(-9985, "Device unavailable")
