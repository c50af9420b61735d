"""What the bank learns from its readings: utilities of cases, lessons, practice. All of it derived from what is written in the bank."""
