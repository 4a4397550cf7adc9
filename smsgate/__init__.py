"""All that touches the world: files, sockets, clocks and people."""
