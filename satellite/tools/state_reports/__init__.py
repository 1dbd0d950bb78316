"""What the model may ask: states and names of devices, in the words of people."""
