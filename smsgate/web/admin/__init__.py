"""The gateway's pages for those who run it and for those whose account it has.

    routes(lambda: gateway.shown(), live)     # of SITE, behind a log-in, which sets who and csrf

What each may see is a condition of every query (``scope``), what each may do a column of the one
table of pages (``table``).
"""

from smsgate.web.admin.table import SITE, routes

__all__ = ["SITE", "routes"]
