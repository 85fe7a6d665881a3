"""Where coverage meets files and engines: the kernel, DuckDB and Spark."""
