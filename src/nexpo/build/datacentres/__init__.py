"""Data centres, composed: layers and registers of a region to maps, sheets and aggregates."""
