"""Several programs run as one service: started in order, restarted, stopped together.

In: the programs (`supervisor.Child`), and how patient to be (`supervisor.Patience`).
Out: what happened to each (`supervisor.ChildEvent`); nothing is left running behind.
Rule: `supervisor.Supervisor`. A child ends with its parent however that dies
(`die_with_parent.command_that_dies_with_us`); one service a data folder
(`serving_lock.ServingLock`).
"""
