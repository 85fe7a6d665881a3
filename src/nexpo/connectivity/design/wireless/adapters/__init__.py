"""The edge of wireless design: parameter files and the ITU-R maps inside ``itur``."""
