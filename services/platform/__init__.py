"""What every process stands on: clock, settings, logs, loops, files that survive a power cut.

In: TELL_ONCE_* variables (`settings.Settings`), signals, requests by path (`web.ByPath`).
Out: the time (`clock.SystemClock`), log lines of a closed list (`logging.LogEvent`), steps called
again until stopped (`loops.run_until_stopped`), whole files (`durable_files.replace_durably`).
Rule: errors have one root (`errors.ServiceError`) and no value of a person in their text; what
nobody expected is answered and logged by `web.LastResort`. Nothing here knows a family.
"""
