"""Input-output tables as their publishers give them: one module a publisher.

Each reader returns :class:`~nexpo.sources.input_output.blocks.Blocks`; ``nexpo.build.impact``
makes a table of it.
"""
