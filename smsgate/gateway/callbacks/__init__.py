"""Callbacks: accounts are told over HTTP what becomes of their messages, and get replies.

A row of the table ``callback`` is committed with what it tells. The worker calls the URL until
that succeeds or the timetable is over: so each row is told at least once, and a repetition has the
same ``Idempotency-Key``.
"""
