"""A MIDI file as a tune: its events, voices, the voice that carries the melody, its quantising."""
