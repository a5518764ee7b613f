"""Names and addresses as text: one form for what is only written differently, and how near two of them are."""

from mnverify.printed.text.addresses import compare_addresses
from mnverify.printed.text.names import compare_names
from mnverify.printed.text.verdict import Agreement

__all__ = ["Agreement", "compare_addresses", "compare_names"]
