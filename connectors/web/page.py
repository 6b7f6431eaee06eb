"""The citizen's web page: its HTML in three languages, its static files, its manifest and its icon.

Everything is read and rendered once, when ``routes`` is called; a request only picks what to send. Static
files live under an address that holds a digest of all of them, so a browser may keep them for ever and
modules that import one another always come from the same release.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.contract import MAX_TEXT

HERE = Path(__file__).parent
INTERFACE_LANGUAGES = ("zh-Hans", "zh-Hant", "en")
COOKIE = "suiwen_lang"
YEAR = 365 * 24 * 3600

CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), geolocation=(self), camera=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}

type Wording = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, content_type: str) -> Self:
        return cls(body, content_type, digest(body))

    def response(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        """The file, compressed where the browser takes it, or 304 where the browser has it already."""
        answer = web.Response(
            headers={"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff", **headers}
        )
        answer.etag = self.etag
        if any(known.value in (self.etag, "*") for known in request.if_none_match or ()):
            answer.set_status(304)
            return answer
        answer.body = self.body
        answer.content_type = self.content_type
        if self.content_type != "image/png":
            answer.charset = "utf-8"
            answer.enable_compression()
        return answer


def digest(*parts: bytes) -> str:
    """A short name for content."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def interface(path: Path = HERE / "interface.yml") -> dict[str, Wording]:
    """The wording by language. Raises ``ValueError`` where a language lacks a phrase of another."""
    wording: dict[str, Wording] = yaml.safe_load(path.read_text(encoding="utf-8"))
    expected = shape(wording[INTERFACE_LANGUAGES[0]])
    for language in INTERFACE_LANGUAGES:
        if odd := shape(wording[language]) ^ expected:
            raise ValueError(f"{path.name}: {language} differs at {', '.join(sorted(odd))}")
    return wording


def shape(value: object, at: str = "") -> set[str]:
    """The paths of all phrases in a piece of wording."""
    if isinstance(value, dict):
        return {path for key, inner in value.items() for path in shape(inner, f"{at}.{key}")}
    if isinstance(value, list):
        return {path for number, inner in enumerate(value) for path in shape(inner, f"{at}.{number}")}
    return {at}


def matched(tag: str) -> str | None:
    """The interface language for a language tag: zh-HK, zh-TW, zh-MO and yue read traditional script."""
    parts = tag.strip().lower().split("-")
    match parts[0]:
        case "en":
            return "en"
        case "yue":
            return "zh-Hans" if "hans" in parts else "zh-Hant"
        case "zh":
            traditional = "hant" in parts or ("hans" not in parts and bool({"hk", "tw", "mo"} & set(parts)))
            return "zh-Hant" if traditional else "zh-Hans"
    return None


def preferred(accept_language: str) -> str:
    """The interface language for an Accept-Language header; English for those who read none of the three."""
    ranked: list[tuple[float, str]] = []
    for entry in accept_language.split(","):
        tag, _, weight = entry.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        if tag.strip() and quality > 0:
            ranked.append((quality, tag.strip()))
    ranked.sort(key=lambda pair: -pair[0])
    for _, tag in ranked:
        if language := matched(tag):
            return language
    return "en" if any(tag != "*" for _, tag in ranked) else INTERFACE_LANGUAGES[0]


class Site:
    """What the page's addresses answer."""

    def __init__(self) -> None:
        self.wording = interface()
        folder = HERE / "static"
        self.files = {
            path.relative_to(folder).as_posix(): Asset.of(path.read_bytes(), CONTENT_TYPES[path.suffix])
            for path in sorted(folder.rglob("*"))
            if path.suffix in CONTENT_TYPES
        }
        self.release = digest(*(part.body for part in self.files.values()))
        self.pages = {language: self._rendered(language) for language in INTERFACE_LANGUAGES}
        self.manifests = {language: self._manifest(language) for language in INTERFACE_LANGUAGES}

    def address(self, name: str) -> str:
        """Where a static file of this release is."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.release}/{name}"

    def _rendered(self, language: str) -> Asset:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        wording = self.wording[language]
        html = environment.get_template("chat.html").render(
            language=language,
            languages={code: self.wording[code]["page"]["language_names"] for code in INTERFACE_LANGUAGES},
            page=wording["page"],
            script=json.dumps(wording["script"], ensure_ascii=False, separators=(",", ":")),
            static=self.address,
            modules=[name for name in self.files if name.startswith("js/") and name != "js/early.js"],
            max_text=MAX_TEXT,
        )
        return Asset.of(html.encode(), "text/html")

    def _manifest(self, language: str) -> Asset:
        page = self.wording[language]["page"]
        manifest = {
            "id": "/",
            "name": page["title"],
            "short_name": page["name"],
            "description": page["description"],
            "lang": language,
            "start_url": f"/?lang={language}",
            "scope": "/",
            "display": "standalone",
            "background_color": "#FBF8F3",
            "theme_color": "#B5261E",
            "icons": [
                {"src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml"},
                *(
                    {
                        "src": self.address(f"img/icon-{side}.png"),
                        "sizes": f"{side}x{side}",
                        "type": "image/png",
                        "purpose": "any maskable",
                    }
                    for side in (192, 512)
                ),
            ],
        }
        return Asset.of(json.dumps(manifest, ensure_ascii=False).encode(), "application/manifest+json")

    async def page(self, request: web.Request) -> web.Response:
        """The page in the language of ``?lang=``, else of the cookie, else of the browser."""
        asked = matched(request.query.get("lang", ""))
        language = asked or matched(request.cookies.get(COOKIE, ""))
        language = language or preferred(request.headers.get("Accept-Language", ""))
        headers = {
            **SECURITY,
            "Cache-Control": "private, no-cache",
            "Content-Language": language,
            "Vary": "Accept-Encoding, Accept-Language, Cookie",
        }
        answer = self.pages[language].response(request, headers)
        if asked:
            answer.set_cookie(
                COOKIE, asked, max_age=YEAR, path="/", samesite="Lax", httponly=True, secure=request.secure
            )
        return answer

    async def file(self, request: web.Request) -> web.Response:
        """A static file: kept for ever under this release's address, checked again under any other."""
        asset = self.files.get(request.match_info["path"])
        if asset is None:
            raise web.HTTPNotFound
        current = request.match_info.get("release") == self.release
        keep = f"public, max-age={YEAR}, immutable" if current else "no-cache"
        return asset.response(request, {"Cache-Control": keep})

    async def manifest(self, request: web.Request) -> web.Response:
        """The web application's manifest."""
        language = matched(request.query.get("lang", "")) or INTERFACE_LANGUAGES[0]
        return self.manifests[language].response(request, {"Cache-Control": "no-cache"})

    async def icon(self, request: web.Request) -> web.Response:
        """The logo."""
        return self.files["img/logo.svg"].response(request, {"Cache-Control": "public, max-age=86400"})


def routes() -> list[web.RouteDef]:
    """The addresses of the citizen's page."""
    site = Site()
    return [
        web.get("/", site.page, name="citizen-page"),
        web.get("/static/{release:[0-9a-f]{12}}/{path:.+}", site.file),
        web.get("/static/{path:.+}", site.file),
        web.get("/manifest.webmanifest", site.manifest),
        web.get("/favicon.svg", site.icon),
        web.get("/favicon.ico", site.icon),
    ]
