"""From addresses to points on the street graph: by coordinate, else by name and number."""
