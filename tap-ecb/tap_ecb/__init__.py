"""Singer tap for the euro reference rates of the European Central Bank."""
