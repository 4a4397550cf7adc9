"""Contacts: vCard 2.1, 3.0 and 4.0 read, vCard 2.1 sent, vCard 3.0 written back."""
