"""Decisions about billing: facts in, proposals out; nothing here touches a network or a file."""
