"""The report: rows of the marts in; one HTML page, one spreadsheet and a summary for a log out.

Nothing here knows how the rows were made or who asks for the page: no warehouse, no scheduler, no settings.
`TABLES` names the tables whose rows are needed. A row is a mapping from column to value; amounts may be text,
Decimal or int, never float, and names of columns may be in capital letters (Snowflake). A table that is
missing is an empty one, so that a page can be made of what there is.
"""

from sevdesk_report.language import LANGUAGES, Language, english, language
from sevdesk_report.page import render
from sevdesk_report.problems import Problem, age, miscount, problems, title
from sevdesk_report.publish import publish
from sevdesk_report.ranking import summary
from sevdesk_report.rows import TABLES, Report, Stream, read, tables
from sevdesk_report.spreadsheet import spreadsheet

__all__ = [
    "LANGUAGES",
    "TABLES",
    "Language",
    "Problem",
    "Report",
    "Stream",
    "age",
    "english",
    "language",
    "miscount",
    "problems",
    "publish",
    "read",
    "render",
    "spreadsheet",
    "summary",
    "tables",
    "title",
]
