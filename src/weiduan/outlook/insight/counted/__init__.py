"""What is counted beforehand: figures of reports by month, and the four zeros of each unit as they stand now.

Everything here can be thrown away and made anew from what the systems keep (`folding.rebuild`).
"""
