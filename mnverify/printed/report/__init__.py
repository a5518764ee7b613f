"""The report of a comparison: one HTML page that holds everything that it shows, and loads nothing."""

from mnverify.printed.report.page import ReportPictures, html_report

__all__ = ["ReportPictures", "html_report"]
