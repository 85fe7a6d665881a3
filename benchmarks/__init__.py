"""Speed, measured beside a peer in one run and reported as a ratio."""
