"""Speech synthesis: text becomes PCM16 mono 24 kHz, sentence by sentence."""
