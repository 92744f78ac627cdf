"""The examples of docs/handleiding.md for nginx and Caddy, run as they stand before a real server.

    python bench/web_proxy.py [nginx] [caddy]

Takes the examples out of the manual, gives them a certificate of a day, and asks through them what people do: log in,
hand in a recording of MB_LARGE that is seen to arrive while it is sent, follow it by server-sent events, and hear a
part of it by a Range request. Prints what was seen, and exits 1 where something is not as it should be. Needs the
programs themselves, openssl, and the right to listen on port 443 (root); the scorer is the made one of the tests.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from belscore.store.database import open_store
from belscore.store.users import add_user
from belscore.web.passwords import hash_password

ROOT = Path(__file__).parent.parent
NAME, PORT = "belscore.praktijk.nl", 8020
PASSWORD = "een lange zin voor deze meting"
# Under the 300 of --max-upload-mb, and over what a proxy holds in memory.
MB_LARGE = 280
_PART = 1 << 20
_UP_S = 180.0


def example(after: str) -> str:
    """The first block of code behind a line of the manual."""
    text = (ROOT / "docs/handleiding.md").read_text(encoding="utf-8")
    found = re.search(r"```\w*\n(.*?)```", text[text.index(after) :], re.DOTALL)
    assert found is not None
    return found[1]


def nginx(folder: Path) -> list[str]:
    server = example("Met nginx:")
    for there, ours in (("/etc/ssl/private/belscore.key", "key.pem"), ("/etc/ssl/belscore.pem", "cert.pem")):
        server = server.replace(there, str(folder / ours))
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject]
    subprocess.run([*command, "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)
    whole = f"pid {folder}/pid;\nevents {{}}\nhttp {{ access_log off;\n{server}}}\n"
    (folder / "nginx.conf").write_text(whole)
    return ["nginx", "-e", str(folder / "error.log"), "-g", "daemon off;", "-c", str(folder / "nginx.conf")]


def caddy(folder: Path) -> list[str]:
    own = "{\n  local_certs\n  skip_install_trust\n  auto_https disable_redirects\n  admin off\n}\n"
    (folder / "Caddyfile").write_text(own + example("Met Caddy"))
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def running(command: list[str], port: int, **more: Any) -> Iterator[None]:
    """A program until the block ends, once it listens."""
    process = subprocess.Popen(command, **more)
    try:
        until_s = time.monotonic() + _UP_S
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if time.monotonic() > until_s or process.poll() is not None:
                raise SystemExit(f"{command[0]} does not listen on {port}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def large_sound(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16_000)
        for _ in range(MB_LARGE):
            file.writeframes(os.urandom(_PART))


def in_parts(path: Path, seen: Callable[[int], None]) -> Iterator[bytes]:
    """The file; `seen` is called halfway with how much was sent."""
    sent, half = 0, path.stat().st_size // 2
    with path.open("rb") as file:
        while part := file.read(_PART):
            yield part
            sent += len(part)
            if sent - len(part) < half <= sent:
                time.sleep(1.0)
                seen(sent)


def ask(client: httpx.Client, sound: Path, folder: Path) -> dict[str, Any]:
    """What people do; what was seen of it."""
    told: dict[str, Any] = {}
    first = client.get("/gesprekken")
    told["to log in"] = first.status_code == 303 and first.headers["location"].startswith("/inloggen")
    foreign = client.post("/inloggen", data={"name": "carla", "password": PASSWORD}, headers={"origin": "https://x.nl"})
    told["another origin is refused"] = foreign.status_code == 403
    own = {"origin": f"https://{NAME}", "sec-fetch-site": "same-origin"}
    logged = client.post("/inloggen", data={"name": "carla", "password": PASSWORD}, headers=own)
    cookie = logged.headers.get("set-cookie", "").lower()
    told["logged in"] = logged.status_code == 303 and "secure" in cookie and cookie.startswith("__host-")
    asked = {"name": "groot.wav", "size_bytes": sound.stat().st_size, "kind": "call", "queue_s": 12}
    token = client.post("/api/uploads", json=asked, headers=own).raise_for_status().json()["token"]
    arrived: list[int] = []

    def look(sent: int) -> None:
        held = sum(each.stat().st_size for each in folder.rglob(f"*{token}*"))
        arrived.append(round(100 * held / sent))

    began_s = time.perf_counter()
    put = {**own, "content-length": str(sound.stat().st_size)}
    sent = client.put(f"/api/uploads/{token}/content", content=in_parts(sound, look), headers=put)
    told["sent"] = sent.status_code == 204
    told["sent in s"] = round(time.perf_counter() - began_s, 1)
    told["per cent there when half was sent"] = arrived[0] if arrived else None
    moments: list[float] = []
    with client.stream("GET", f"/api/uploads/{token}/events") as events:
        moments += [time.perf_counter() for line in events.iter_lines() if line.startswith("event: standing")]
    told["events"] = len(moments)
    gaps = [later - one for one, later in pairwise(moments)]
    told["events come one by one"] = sum(gap > 0.2 for gap in gaps) >= 3
    call_id = client.get(f"/api/uploads/{token}").json()["call_id"]
    part = client.get(f"/api/calls/{call_id}/sound", headers={"range": "bytes=100000000-100000999"})
    told["range"] = part.status_code == 206 and len(part.content) == 1000
    told["range is told"] = part.headers.get("content-range", "").startswith("bytes 100000000-100000999/")
    told["health"] = client.get("/gezond").status_code == 200
    return told


def try_out(proxy: Callable[[Path], list[str]], folder: Path) -> dict[str, Any]:
    store, sound = folder / "belscore.db", folder / "groot.wav"
    with open_store(store) as opened, opened.write() as connection:
        hashed = hash_password(PASSWORD, name="carla")
        add_user(connection, name="carla", role="coach", actor="bench", password_hash=hashed)
    large_sound(sound)
    command = [sys.executable, "-m", "made_server", "serve", "--store", str(store), "--port", str(PORT)]
    command += ["--origin", f"https://{NAME}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "BELSCORE_MADE_S": "4"}
    with running(command, PORT, env=environment), running(proxy(folder), 443, stderr=subprocess.DEVNULL, env={
        **os.environ, "XDG_DATA_HOME": str(folder)
    }):  # fmt: skip
        address = f"https://{NAME}"
        with httpx.Client(base_url=address, verify=trusted(folder), timeout=600, follow_redirects=False) as client:
            return ask(client, sound, folder)


def trusted(folder: Path) -> ssl.SSLContext:
    """Trusts the certificate made for nginx, or the authority that Caddy made for itself."""
    made = folder / "cert.pem"
    return ssl.create_default_context(cafile=made if made.exists() else next(folder.rglob("root.crt")))


def main() -> None:
    looked_up = socket.getaddrinfo

    def at_home(host: Any, *more: Any, **named: Any) -> Any:
        return looked_up("127.0.0.1" if host in (NAME, NAME.encode()) else host, *more, **named)

    vars(socket)["getaddrinfo"] = at_home
    right = True
    for proxy in (nginx, caddy):
        if proxy.__name__ not in (sys.argv[1:] or ["nginx", "caddy"]):
            continue
        if shutil.which(proxy.__name__) is None:
            raise SystemExit(f"{proxy.__name__} is not installed")
        with tempfile.TemporaryDirectory() as folder:
            told = try_out(proxy, Path(folder))
        print(proxy.__name__, *(f"  {name}: {value}" for name, value in told.items()), sep="\n")
        right &= all(value is not False for value in told.values())
        right &= (told["per cent there when half was sent"] or 0) > 50
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
