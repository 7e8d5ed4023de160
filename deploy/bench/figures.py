"""The figures of a bench document (DESIGN.md section 15), and the CPU that processes have used."""

import os
import subprocess

import psutil

from services.bootstrap import Application
from services.platform.processes.supervisor import Supervisor

Figure = dict[str, float | str]
"""A value and its unit."""


def figure(value: float, unit: str) -> Figure:
    """Give a figure, to three places."""
    return {"value": round(value, 3), "unit": unit}


def ratio(measured: Figure, baseline: Figure) -> float:
    """How many times the baseline was measured."""
    return round(float(measured["value"]) / float(baseline["value"]), 3)


# CPU, by the operating system's own account.


def cpu_of_finished(reader: "subprocess.Popen[bytes]") -> float:
    """User and system time of a finished reader, its start included."""
    _, _, used = os.wait4(reader.pid, 0)
    return used.ru_utime + used.ru_stime


def cpu_so_far(application: Application, supervisor: Supervisor) -> dict[str, float]:
    """CPU so far: of each of our processes, and of the database's together."""
    used = {
        name.split("-")[0]: _cpu_of(psutil.Process(process))
        for name, process in supervisor.process_ids().items()
    }
    used["postgresql"] = cpu_of_database(application)
    return used


def cpu_of_database(application: Application) -> float:
    """CPU so far of the database's processes that still run."""
    folder = str(application.settings.data.resolve())
    return sum(
        _cpu_of(process)
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and _is_below(process, folder)
    )


def _is_below(process: psutil.Process, folder: str) -> bool:
    """The server itself names its folder; its children are found through it."""
    try:
        lines = [process.info["cmdline"] or [], *(p.cmdline() for p in process.parents()[:2])]
    except psutil.Error:
        return False
    return any(folder in part for line in lines for part in line)


def _cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
