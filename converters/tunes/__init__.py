"""Ringing tones: MIDI, RTTTL, iMelody and OTT read; Nokia tones and EMS sounds sent."""
