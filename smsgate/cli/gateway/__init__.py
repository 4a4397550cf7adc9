"""``smsenc gateway``: its commands, which are loaded only where their extra is installed."""

from smsgate import extras

extras.check("gateway", "smsenc gateway")
