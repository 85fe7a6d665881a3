"""From a publisher's columns to declared ones: names found, values translated, doubts counted.

Publishers rename columns between editions (case, accents, spaces, a synonym). A reader
names each *role* with the headers it may have; what is asked for and not there stops the
reading with the nearest header as a hint.
"""
