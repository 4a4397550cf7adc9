"""Everything that uses files, sockets, clocks or a terminal."""
