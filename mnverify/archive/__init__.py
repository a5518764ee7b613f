"""Kept evidence, verified again: one function from record batches to record batches, and a command that goes through an archive.

Needs the extra ``archive`` (pyarrow; Daft for ``engine="daft"``).
"""

from mnverify.archive.batches import verify_batches
from mnverify.archive.run import Progress, Summary, verify_archive
from mnverify.archive.tables import SCHEMA, Columns

__all__ = ["SCHEMA", "Columns", "Progress", "Summary", "verify_archive", "verify_batches"]
