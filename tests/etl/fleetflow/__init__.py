"""FleetFlow."""
