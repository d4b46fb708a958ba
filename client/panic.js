// Page after a panic: says that the page has stopped, and what became of unsent edits; reloads it. JavaScript alone,
// because WebAssembly may be in any state by then.
//
// In: the window's event `tideboard:panic`, which tideboard-client sends; or a trap of WebAssembly that came without
// one, as when the stack runs out. Out: a dialog over everything; and in the second case the event, at which
// tideboard-client's sockets, channels and locks let go. Never: a call into WebAssembly.
//
// Stands in a page before all its other scripts: <link data-trunk rel="inline" href="…/client/panic.js" />
(() => {
  const EVENT = "tideboard:panic";
  let isOver = false;

  // Each client of the page keeps its numbers in an element of its own.
  const unsent = (name) =>
    [...document.querySelectorAll("meta[name='tideboard:unsent']")]
      .map((meta) => Number(meta.dataset[name]))
      .reduce((sum, count) => sum + count, 0);

  const words = (kept, unkept) => {
    const lines = [];
    if (kept === 1) lines.push("One edit was not sent yet. It is kept in this browser and will be sent.");
    if (kept > 1) lines.push(`${kept} edits were not sent yet. They are kept in this browser and will be sent.`);
    if (unkept === 1) lines.push("One edit was not sent and could not be kept: please make it again.");
    if (unkept > 1) lines.push(`${unkept} edits were not sent and could not be kept: please make them again.`);
    return lines.length > 0 ? lines : ["No edit was waiting to be sent."];
  };

  const element = (name, style, text = "") => {
    const made = document.createElement(name);
    // Not by an attribute: a strict Content-Security-Policy would forbid that.
    made.style.cssText = style;
    made.textContent = text;
    return made;
  };

  const show = (problem) => {
    const dialog = element(
      "dialog",
      `box-sizing: border-box; inline-size: min(30rem, calc(100vw - 2rem)); max-block-size: calc(100vh - 2rem);
      margin: auto; overflow: auto; padding: 1.5rem; border: 1px solid var(--border-strong, GrayText);
      border-radius: 0.625rem; background: var(--surface-raised, Canvas); color: var(--text, CanvasText);
      outline: none; font: 1rem/1.5 var(--font, system-ui, sans-serif); box-shadow: 0 0 0 200vmax rgb(0 0 0 / 55%)`,
    );
    dialog.className = "page-stopped";
    dialog.setAttribute("role", "alertdialog");
    dialog.setAttribute("aria-labelledby", "page-stopped-title");
    dialog.setAttribute("aria-describedby", "page-stopped-text");
    const title = element("h2", "margin: 0 0 0.5rem; font-size: 1.25rem; font-weight: 600; line-height: 1.3", "This page has stopped");
    title.id = "page-stopped-title";
    const text = element("div", "");
    text.id = "page-stopped-text";
    for (const line of ["An error has ended it. What it shows is no longer live.", ...words(unsent("kept"), unsent("unkept"))])
      text.append(element("p", "margin: 0 0 0.75rem", line));
    const reload = element(
      "button",
      `margin: 0.25rem 0 1rem; padding: 0.5rem 1.25rem; border: 1px solid var(--accent, ButtonBorder);
      border-radius: 0.375rem; background: var(--accent, ButtonFace); color: var(--text-on-accent, ButtonText);
      font: inherit; font-weight: 600; cursor: pointer`,
      "Reload the page",
    );
    reload.type = "button";
    reload.addEventListener("click", () => location.reload());
    const details = element("details", "color: var(--text-muted, inherit); font-size: 0.875rem");
    details.append(
      element("summary", "cursor: pointer", "Details for a report"),
      element("pre", "margin: 0.5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere", problem),
    );
    dialog.append(title, text, reload, details);
    // There is nothing to go back to.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
    // Not the button: the key at which the program ended may still be down, and would press it unread.
    dialog.tabIndex = -1;
    dialog.focus();
  };

  addEventListener(EVENT, (event) => {
    if (isOver) return;
    isOver = true;
    show(String(event.detail));
  });

  const isTrap = (error) =>
    error instanceof WebAssembly.RuntimeError ||
    // Stack overflow, as Chromium and Firefox name it.
    ((error instanceof RangeError || error?.name === "InternalError") && /wasm/.test(error.stack));
  const check = (error) => {
    if (!isOver && isTrap(error)) dispatchEvent(new CustomEvent(EVENT, { detail: String(error) }));
  };
  addEventListener("error", (event) => check(event.error));
  addEventListener("unhandledrejection", (event) => check(event.reason));
})();
