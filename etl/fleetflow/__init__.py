"""FleetFlow's side of things: loads come in, statuses and the hold list go out."""
