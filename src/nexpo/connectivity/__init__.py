"""Who is not served, what would it cost to serve them, and by which network?"""

__all__ = ["coverage", "need"]
