"""The loudspeaker's own sound taken out of the microphone's, and whoever speaks over it found."""
