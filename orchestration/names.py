"""Names that an installed system's history holds: of jobs, stages and tags. They must not change."""

JOBS = ("hourly", "nightly")
SEVDESK, MODELS, REPORT = "sevdesk", "models", "report"  # the stages of a run
FOREGROUND = "sevdesk/foreground"  # tag of a run that somebody is watching: it never waits to try again
PROCESS = "sevdesk/process"  # tag of a run: the process that executes it
SECONDS = "sevdesk/seconds"  # tag of a run, with the name of a stage behind it: how long that took
