"""From ways on a map to a clean street graph: built, classed, crossed, joined, cut."""
