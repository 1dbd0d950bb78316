"""From the microphone to what the server may hear: chunks, echo, voice onset, gate, wake word."""
