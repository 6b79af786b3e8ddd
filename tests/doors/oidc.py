"""A small OpenID Connect provider, for tests: it says at once who somebody is, and answers as the specification has it."""

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "weiduan", "a secret for tests"


class Provider:
    """Who would be signed in there, and what it was asked."""

    def __init__(self) -> None:
        self.claims = {"sub": "248289", "preferred_username": "wang", "name": "王某某", "email": "wang@example.org"}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.asked: dict[str, str] = {}
        self.audience, self.url = CLIENT, ""

    def authorise(self, address: str) -> str:
        """Return the code the browser brings back, having noted the challenge."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return "code-for-tests"

    def token(self, form: dict[str, str]) -> dict | None:
        """Return tokens for the code and what the challenge was made of."""
        made_of = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(made_of).decode().rstrip("=")
        right = (form.get("code"), form.get("client_id"), form.get("client_secret"), challenge)
        if right != ("code-for-tests", CLIENT, SECRET, self.asked.get("code_challenge")):
            return None
        times = {"iat": int(time.time()), "exp": int(time.time()) + 60}
        told = {"iss": self.url, "aud": self.audience, **times, **self.claims}
        return {
            "access_token": "t",
            "token_type": "Bearer",
            "id_token": jwt.encode(told, self.key, "RS256", {"kid": "k"}),
        }

    def answer(self, path: str, form: dict[str, str]) -> dict | None:
        if path == "/.well-known/openid-configuration":
            ends = {
                name: f"{self.url}/{name}" for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
            }
            return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **ends}
        return {"/token_endpoint": lambda: self.token(form), "/userinfo_endpoint": lambda: self.claims}[path]()


@contextmanager
def provider():
    """Serve one on this machine."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            found = told.answer(urlsplit(self.path).path, form)
            self.send_response(200 if found else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found or {"error": "invalid_grant"}).encode())

        do_POST = do_GET

        def log_message(self, *_words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
