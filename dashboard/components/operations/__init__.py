"""The parts of the page Operations."""
