"""Events: iCalendar and vCalendar read, vCalendar 1.0 sent, both written back."""
