// A page of lines: the filter stays in the address, a line opens beside the list, and single keys walk along it.
"use strict";

(() => {
  const place = document.querySelector("[data-lines]");
  const panel = document.getElementById("panel");
  const about = document.getElementById("about");
  const filter = document.getElementById("filter");
  // As in the style sheet: where there is no room beside the list, a line is a page of its own.
  const isWide = window.matchMedia("(min-width: 80rem)");

  const links = () => [...place.querySelectorAll(".lines .who > a")];
  const numberOf = (link) => link.pathname.match(/(\d+)\/$/)[1];
  const linkOf = (number) => links().find((link) => numberOf(link) === number);
  const opened = () => new URL(window.location).searchParams.get("line");

  const address = (line) => {
    const url = new URL(window.location);
    if (line) url.searchParams.set("line", line);
    else url.searchParams.delete("line");
    return url;
  };

  const mark = (number) => {
    for (const link of links()) {
      if (number && numberOf(link) === number) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const beside = (isLine) => {
    about.hidden = isLine;
    panel.hidden = !isLine;
  };

  const show = async (number) => {
    // A line that comes quickly takes the place at once; of one that does not, the shape is shown.
    const late = window.setTimeout(() => beside(true), 300);
    const before = panel.querySelector("h2");
    panel.setAttribute("aria-busy", "true");
    try {
      await window.htmx.ajax("GET", place.dataset.line.replace("/0/", `/${number}/`), { target: panel, swap: "innerHTML" });
    } finally {
      window.clearTimeout(late);
      // Where another line was asked for meanwhile, it is that one's turn.
      if (opened() === number) settle(number, before);
    }
  };

  const settle = (number, before) => {
    const heading = panel.querySelector("h2");
    panel.removeAttribute("aria-busy");
    beside(Boolean(heading));
    // It did not come: what there was stays.
    if (heading === before) return;
    mark(number);
    heading.focus();
  };

  const hide = () => {
    const number = place.querySelector(".lines [aria-current]");
    panel.removeAttribute("aria-busy");
    panel.replaceChildren();
    beside(false);
    mark("");
    (number || links()[0])?.focus();
  };

  const open = (number) => {
    // One step back leads to the list, however many lines were looked at.
    if (opened()) window.history.replaceState(window.history.state, "", address(number));
    else window.history.pushState({ isOver: "list" }, "", address(number));
    show(number);
  };

  const close = () => {
    if (window.history.state?.isOver === "list") {
      window.history.back();
    } else {
      window.history.replaceState(null, "", address(""));
      hide();
    }
  };

  const asked = () => {
    const entries = [...new FormData(filter)].filter(([, value]) => value);
    return new URLSearchParams(entries).toString();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-line]")) {
      event.preventDefault();
      close();
      return;
    }
    const link = event.target.closest(".lines .who > a");
    if (!link || !isWide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(numberOf(link));
  });

  window.addEventListener("popstate", () => {
    const url = address("");
    url.searchParams.delete("before");
    if (filter && url.searchParams.toString() !== asked()) window.location.reload();
    else if (opened()) show(opened());
    else hide();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "lines") return;
    const url = new URL(window.location);
    const line = opened();
    url.search = asked();
    if (line) url.searchParams.set("line", line);
    window.history.replaceState(window.history.state, "", url);
    mark(line);
  });

  // The button that asked for older lines is gone with its answer: the first of them has the focus then.
  let shownBefore = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    shownBefore = event.target.closest(".older") ? links().length : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (shownBefore !== null) links()[shownBefore]?.focus({ preventScroll: true });
    shownBefore = null;
  });

  // Where there is little room, the filters that are not in use are folded up.
  const fold = () => {
    const filters = filter?.querySelector(".filters");
    if (!filters) return;
    filters.open = isWide.matches || "used" in filters.dataset;
    filters.dataset.ready = "";
  };

  const step = (by) => {
    const all = links();
    const focused = all.indexOf(document.activeElement);
    const from = focused < 0 ? all.findIndex((link) => link.hasAttribute("aria-current")) : focused;
    const next = all[Math.min(Math.max(from + by, 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  fold();
  mark(opened());
  isWide.addEventListener("change", fold);

  const keys = {
    "/": () => document.getElementById("filter_q")?.focus(),
    j: () => step(1),
    k: () => step(-1),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open], details.menu[open]")) return;
    if (event.key === "Escape" && opened() && !panel.hidden) {
      close();
      return;
    }
    if (document.documentElement.dataset.keys === "off" || event.target.closest("input, select, textarea")) return;
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
