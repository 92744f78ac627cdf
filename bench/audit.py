"""Known weaknesses in the code and in the locked packages, and the list of those packages: bench/audit.py.

bandit over the code; pip-audit over the locks, skipped loudly where no advisory service answers for them (an index
without advisories says of every package that it does not know it, which reads like good news); and build/sbom.json,
CycloneDX, of requirements.lock; zizmor over the workflow. Needs the packages of the group `checks`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-extras.lock", "requirements-checks.lock")
SBOM = ROOT / "build" / "sbom.json"


def main() -> None:
    if missing := [name for name in ("bandit", "zizmor", "pip-audit", "cyclonedx-py") if not _program(name).exists()]:
        sys.exit(f"audit: {', '.join(missing)} not installed; install requirements-checks.lock")
    results = [_bandit(), _zizmor(), *(_advisories(lock) for lock in LOCKS), _list_packages()]
    sys.exit(0 if all(results) else 1)


def _program(name: str) -> Path:
    return Path(sysconfig.get_path("scripts")) / name


def _run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_program(name), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def _zizmor() -> bool:
    done = _run("zizmor", "--offline", "--quiet", ".github")
    print("zizmor: " + ("clean" if done.returncode == 0 else f"\n{done.stdout}{done.stderr}"))
    return done.returncode == 0


def _bandit() -> bool:
    done = _run("bandit", "-q", "-c", "pyproject.toml", "-r", "pipeline")
    print("bandit: " + ("clean" if done.returncode == 0 else f"\n{done.stdout}{done.stderr}"))
    return done.returncode == 0


def _advisories(lock: str) -> bool:
    """Whether no locked package has a known weakness; True too when nobody could be asked, which is printed."""
    done = _run("pip-audit", "--disable-pip", "--require-hashes", "--format", "json", "--requirement", lock)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"pip-audit: SKIPPED, {lock} was NOT audited: {said}")
        return True
    asked = [each for each in packages if "skip_reason" not in each]
    found = [each for each in asked if each["vulns"]]
    for each in found:
        print(f"pip-audit: {each['name']} {each['version']}: {', '.join(one['id'] for one in each['vulns'])}")
    if len(asked) < len(packages):
        print(
            f"pip-audit: SKIPPED, {len(packages) - len(asked)} of {len(packages)} packages of {lock} were NOT audited"
        )
    if asked and not found:
        print(f"pip-audit: no advisory on {len(asked)} packages of {lock}")
    return not found


def _list_packages() -> bool:
    SBOM.parent.mkdir(exist_ok=True)
    arguments = ("requirements.lock", "--pyproject", "pyproject.toml", "--output-reproducible", "-o", str(SBOM))
    done = _run("cyclonedx-py", "requirements", *arguments)
    if done.returncode:
        print(f"cyclonedx-py: {done.stderr}")
        return False
    print(f"cyclonedx-py: {len(json.loads(SBOM.read_text())['components'])} packages in {SBOM.relative_to(ROOT)}")
    return True


if __name__ == "__main__":
    main()
