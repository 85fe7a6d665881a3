"""Impact: what an investment brings in output, value added and jobs, and how much stays.

Input-output tables are solved without an inverse, regionalised by stated methods, and every
figure is given with the choices behind it.
"""
