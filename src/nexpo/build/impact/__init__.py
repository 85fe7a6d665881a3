"""Impact, composed: published tables, a plan and a region to a folder of results."""
