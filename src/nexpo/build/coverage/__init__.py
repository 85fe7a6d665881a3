"""Coverage, composed: published files to declarations, classes, rounds and explanations."""
