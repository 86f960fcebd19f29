"""The detectors: functions from a recording to what it shows. One module for each kind of evidence."""
