"""The words that the page's script needs, in the page's language. Each stands here once, with its key."""

from sevdesk_report.language import Language


def script_words(words: Language) -> dict[str, str]:
    """Return the words by the key under which the script asks for them."""
    text = words.text
    return {
        "all": text("All time"),
        "amount": text("Invoiced amount, net"),
        "place": text("City"),
        "country": text("Country"),
        "customer": text("Customer"),
        "documents": text("Documents"),
        "net": text("Net"),
        "gross": text("Gross"),
        "open": text("Open"),
        "overdue": text("Overdue"),
        "share": text("Share"),
        "change": text("Change"),
        "new": text("new"),
        "total": text("Total"),
        "others": text("%(number)s others"),
        "showAll": text("Show all %(number)s"),
        "showLess": text("Show fewer"),
        "showMore": text("Show %(number)s more"),
        "month": text("Month"),
        "day": text("Day"),
        "year": text("Year"),
        "quarter": text("Quarter"),
        "date": text("Date"),
        "due": text("Due"),
        "kind": text("Type"),
        "status": text("Status"),
        "number": text("Number"),
        "since": text("Overdue since"),
        "days": text("%(number)s days"),
        "creditNotes": text("Credit notes"),
        "balance": text("Balance"),
        "daysToPay": text("Days to pay"),
        "noComparison": text("nothing to compare with"),
        "running": text("still running"),
        "yearBefore": text("year before"),
        "back": text("Back to the overview"),
        "owes": text("Open items"),
        "quiet": text("No documents in this period."),
        "none": text("No open items."),
        "unlisted": text(
            "%(number)s older documents are in the sums but not listed here; the spreadsheet has all."
        ),
        "found": text("%(number)s found"),
        "openAll": text("Open in all, all time: %(amount)s"),
    }
