"""From the microphone to what the server may hear: chunks, gate, whole sentences."""
