"""Connectivity: who is not served, what it would cost to serve them, by which network."""

__all__ = ["coverage", "need"]
