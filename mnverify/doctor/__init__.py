"""Why can no card be read here? What the doctor looks at, and what it advises."""

from mnverify.doctor.diagnosis import diagnose
from mnverify.doctor.findings import Finding, FindingOutcome

__all__ = ["Finding", "FindingOutcome", "diagnose"]
