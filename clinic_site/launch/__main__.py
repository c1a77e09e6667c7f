"""`python -m clinic_site.launch run | dev | manage …`: prepares this machine and starts the site, its worker and, where
there is no Twilio account, the Twilio simulator. Must not hold settings (clinic_site/settings.py does)."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

from clinic_site.launch import environment, ports
from clinic_site.launch.environment import ROOT, CannotStart
from clinic_site.launch.programs import Program, Together

MANAGE = [sys.executable, str(ROOT / "manage.py")]
SECONDS_TO_START = 60


def main(arguments: list[str]) -> int:
    """Run one of the three; a reason not to start is one sentence, without a traceback."""
    os.umask(0o077)  # database, mail and log of this machine are for its owner's eyes
    try:
        match arguments:
            case ["run"]:
                return start(debug=False)
            case ["dev"]:
                return start(debug=True)
            case ["manage", *rest]:
                values = environment.for_programs(debug=False)
                return subprocess.run([*MANAGE, *rest], env=values, check=False).returncode
    except CannotStart as why:
        print(why, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("Say one of: run, dev, manage <command>.", file=sys.stderr)
    return 2


def start(*, debug: bool) -> int:
    """Prepare, start everything, say where it is, and stay until the end."""
    web = environment.port("PORT", environment.DEFAULT_PORT)
    ports.must_be_free(web, name="PORT")
    phone = environment.port("SIMULATOR_PORT", environment.DEFAULT_SIMULATOR_PORT)
    if environment.uses_simulator():
        if phone == web:
            raise CannotStart("PORT and SIMULATOR_PORT are the same. Choose two.")
        ports.must_be_free(phone, name="SIMULATOR_PORT")
    values = environment.for_programs(debug=debug)
    prepared = subprocess.run([*MANAGE, "prepare"], env=values, cwd=ROOT, check=False)
    if prepared.returncode:
        return 1
    programs = [
        Program("web", _development_server(web) if debug else production_server(web), values, comes_back=True),
        Program("worker", [*MANAGE, "worker"], values, comes_back=True),
    ]
    if environment.uses_simulator():
        programs.append(Program("twilio", [*MANAGE, "twilio_simulator", "--port", str(phone)], values))
    together = Together(programs, folder=ROOT)
    return together.run(when_started=lambda running: _say_where(running, web, phone))


def production_server(port: int) -> list[str]:
    """One process with threads: the in-process cache and counters then hold for the whole site. No access log, because
    paths of private pages hold their tokens."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", ports.LOOPBACK, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(max(4, 2 * (os.cpu_count() or 1)))),
        *("--no-ws", "--log-level", "warning", "--no-access-log", "--workers-kill-timeout", "3"),
        "clinic_site.wsgi:application",
    ]


def _development_server(port: int) -> list[str]:
    return [*MANAGE, "runserver", "--skip-checks", f"{ports.LOOPBACK}:{port}"]


def _say_where(running: Together, web: int, phone: int) -> None:
    site = os.environ.get("SITE_URL", "").strip().rstrip("/") or f"http://localhost:{web}"
    host = urlsplit(site).netloc
    if not ports.answers(web, host=host, within=SECONDS_TO_START, goes_on=running.goes_on):
        return
    lines = ["", f"  The site                {site}/", f"  Staff                   {site}/admin/"]
    if environment.uses_simulator():
        lines.append(f"  The patient's phone     http://{ports.LOOPBACK}:{phone}/")
    lines += ["", "  Ctrl-C ends all of it.", ""]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
