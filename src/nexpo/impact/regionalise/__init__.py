"""From a national table to a region and its provinces: quotients, balancing, two regions."""
