"""PortAudio: who owns it, its streams, and what is mended in the libraries below it."""
