"""Several programs run as one service, and several workers behind one port.

In: the programs (`supervisor.Child`), and how patient to be (`supervisor.Patience`).
Out: what happened to each (`supervisor.ChildEvent`); nothing is left running behind.
Rule: `supervisor.Supervisor`. A child is a copy of the supervisor (`copied`) or a program; it ends
with its parent however that dies (`die_with_parent`); one service a data folder
(`serving_lock.ServingLock`).

A port: `acceptor.Acceptor` forks workers (`forked`) and passes connections to them; each serves its
own (`worker`, `connections`), and blocking work has its threads (`threads`).
"""
