"""Operators of the project: a package of a very usual name."""
