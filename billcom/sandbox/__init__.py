"""A pretend BILL: stateful, local, spoken to over real HTTP. See docs/sandbox.md."""
