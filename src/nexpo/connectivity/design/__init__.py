"""From addresses without a network to a costed design with a proven bound.

The promise: a trench is paid once. One Steiner tree over the streets carries feeder,
distribution and drop together; cables, splitters and cabinets are laid into it; every figure
of the bill is a quantity times a dated price; and the cost of the trenches comes with a lower
bound that was computed apart from it.

Modelling choices, stated once:

* Lengths are metres on the WGS 84 ellipsoid, never map units.
* Where an address has no coordinate it is matched to a street by name and spread along it by
  number; such a place is *interpolated* and stays marked to the end.
* What is set by law, by a price list or by a reference architecture is a dated parameter.
"""
