"""The FTP server of the gateway, in a thread of its own: pyftpdlib with our folders and proofs.

``server.FtpServer`` is the way in; ``protocols`` has what it asks of others.
"""
