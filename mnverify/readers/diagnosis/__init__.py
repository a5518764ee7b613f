"""Why can no card be read here? What the doctor looks at, and what it advises."""

from mnverify.readers.diagnosis.doctor import diagnose
from mnverify.readers.diagnosis.findings import Finding, FindingOutcome

__all__ = ["Finding", "FindingOutcome", "diagnose"]
