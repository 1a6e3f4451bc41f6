"""A laboratory of real Linux hosts with a real IPVS kernel, on any x86-64 machine.

The lab is development and demonstration, not product: it is left out of the
built collection, and nothing under plugins, roles or playbooks knows of it.
It needs nothing but Python's standard library and what `lab/lab setup` installs.
"""
