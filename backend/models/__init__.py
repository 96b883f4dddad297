"""Typed rows, one file per table family; import a row from its own module."""
