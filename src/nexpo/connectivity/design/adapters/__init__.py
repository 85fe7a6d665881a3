"""The edge of design: files in and out."""
