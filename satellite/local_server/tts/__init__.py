"""How the local server speaks: text becomes PCM16 mono 24 kHz, sentence by sentence."""
