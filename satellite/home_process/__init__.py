"""The home process: broker, devices and functions, apart from the voice.

What costs more the larger a home is, and whatever strangers write, has a process of its own, which
may be slow, killed and started again while somebody talks. The daemon starts it
(``daemon/home_process.py``); both exchange a few messages (``messages.py``).
"""
