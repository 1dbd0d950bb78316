"""PortAudio as a sound system: its devices and streams, and changes in the libraries below it."""
