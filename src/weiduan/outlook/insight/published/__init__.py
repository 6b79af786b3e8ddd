"""What is published of reports, quarter by quarter: counted once, small counts hidden, and never changed after."""
