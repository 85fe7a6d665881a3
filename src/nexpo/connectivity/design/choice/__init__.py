"""Fibre, wireless or later for each cluster: the exact choice under a budget, and its bound."""
