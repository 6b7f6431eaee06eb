"""The ``suiwen`` command: run, look after and try out the assistant from a terminal."""
