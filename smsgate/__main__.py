"""``python -m smsgate`` is the ``smsenc`` command."""

import runpy

runpy.run_module("smsgate.cli", run_name="__main__", alter_sys=True)
