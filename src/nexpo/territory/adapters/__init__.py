"""What reads the packages, the shipped facts and the region files: the only I/O here."""
