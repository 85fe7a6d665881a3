"""Siting: eligibility and criteria on a raster, ranking of its cells, parcels that do not touch."""
