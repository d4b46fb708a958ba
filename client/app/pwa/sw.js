// Opens the app without a network, from files of one build: old JavaScript never meets new WebAssembly.
//
// `cargo xtask build` fills in what one build is. A new build is downloaded beside the one that runs, and waits until a page
// says "activate" or the last page of the old one is closed. What is not a file of the app, such as /api, is not touched.

/** Names the build. */
const BUILD = "__BUILD__";
/** SHA-256 of the page, hexadecimal: the page names all scripts and styles by their hashes. */
const PAGE = "__PAGE__";
/** Paths of the other files. */
const FILES = ["__FILES__"];

const PREFIX = "tideboard-app-";
const CACHE = PREFIX + BUILD;

self.addEventListener("install", (event) => event.waitUntil(download()));
self.addEventListener("activate", (event) => event.waitUntil(removeOtherBuilds()));

self.addEventListener("message", (event) => {
  if (event.data === "activate") {
    self.skipWaiting();
  }
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) {
    return;
  }
  if (request.mode === "navigate" ? !/^\/(api|ws|metrics)(\/|$)/.test(pathname) : FILES.includes(pathname)) {
    event.respondWith(stored(request.mode === "navigate" ? "/" : pathname, request));
  }
});

/** Downloads the build, or fails when the server has another one by now: the browser tries again later. */
async function download() {
  const page = await fetch("/", { cache: "no-store" });
  const digest = await crypto.subtle.digest("SHA-256", await page.clone().arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!page.ok || hex !== PAGE) {
    throw new Error("the server has another build of the app by now");
  }
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  await cache.put("/", page);
}

async function removeOtherBuilds() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** A file of this build; from the network only where the browser has dropped its cache. */
async function stored(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path, { ignoreVary: true })) ?? fetch(request);
}
