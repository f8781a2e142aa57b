"""The commands of `tieout`, a module a subject."""
