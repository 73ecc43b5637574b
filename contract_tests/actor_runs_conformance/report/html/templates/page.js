"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const views = all(".view");
  const tabs = all(".views a");
  const promises = all("details.promise");
  const groups = all(".group");
  const chips = all(".chip");
  const find = byId("text");
  const texts = new Map(promises.map((one) => [one, one.textContent.toLowerCase()]));
  document.documentElement.classList.add("js");
  for (const one of all("[hidden]")) if (one.id !== "nothing") one.hidden = false;

  // Evidence shows a copy of the exchange, made when it is opened.
  const fill = (evidence) => {
    if (evidence.dataset.filled) return;
    evidence.dataset.filled = "yes";
    const content = byId(`x-${evidence.dataset.exchange}`)?.querySelector(".content");
    if (!content) return;
    const copy = content.cloneNode(true);
    const response = copy.querySelector(".response");
    const lines = new Set((evidence.dataset.lines || "").split(",").filter(Boolean).map(Number));
    if (response && lines.size) {
      const parts = response.textContent.split("\n").map((line, number, every) => {
        const text = number < every.length - 1 ? `${line}\n` : line;
        if (!lines.has(number)) return document.createTextNode(text);
        const mark = document.createElement("mark");
        mark.textContent = text;
        return mark;
      });
      response.replaceChildren(...parts);
    }
    evidence.querySelector(".elsewhere").before(copy);
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.evidence") && event.target.open) fill(event.target);
  }, true);

  // The address holds the view, the filters and what is open: #promises?verdict=failed&q=abort
  const filters = { verdict: new Set(), level: new Set(), q: "" };
  const show = (view) => {
    for (const one of views) one.classList.toggle("off", one !== view);
    for (const tab of tabs) {
      if (tab.hash === `#${view.id}`) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  };
  const apply = () => {
    let count = 0;
    const words = filters.q.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of promises) {
      const fits =
        (!filters.verdict.size || filters.verdict.has(one.dataset.verdict)) &&
        (!filters.level.size || filters.level.has(one.dataset.level)) &&
        words.every((word) => texts.get(one).includes(word));
      one.hidden = !fits;
      count += fits;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("details.promise:not([hidden])");
    }
    for (const chip of chips) {
      const on = filters[chip.dataset.filter].has(chip.dataset.value);
      chip.setAttribute("aria-pressed", String(on));
    }
    if (find.value !== filters.q) find.value = filters.q;
    const filtered = filters.verdict.size || filters.level.size || words.length;
    byId("clear").disabled = !filtered;
    byId("nothing").hidden = count > 0;
    byId("count").textContent = filtered ? `${count} of ${promises.length} promises` : "";
  };
  const remember = () => {
    const query = new URLSearchParams();
    for (const name of ["verdict", "level"]) {
      if (filters[name].size) query.set(name, [...filters[name]].join(","));
    }
    if (filters.q) query.set("q", filters.q);
    const text = query.toString();
    history.replaceState(null, "", `#promises${text ? `?${text}` : ""}`);
  };
  const clear = () => {
    filters.verdict.clear();
    filters.level.clear();
    filters.q = "";
  };
  const arrive = () => {
    let hash;
    try {
      hash = decodeURIComponent(location.hash.slice(1));
    } catch {
      hash = "";
    }
    const [name, query] = hash.split(/\?(.*)/s);
    const target = byId(name) || byId("promises");
    const view = target.closest(".view") || byId("promises");
    if (view.id === "promises" && (query !== undefined || name === "promises" || !name)) {
      const given = new URLSearchParams(query || "");
      for (const key of ["verdict", "level"]) {
        filters[key] = new Set((given.get(key) || "").split(",").filter(Boolean));
      }
      filters.q = given.get("q") || "";
      apply();
    }
    show(view);
    if (target === view || !view.contains(target)) return;
    if (target.hidden) {
      clear();
      apply();
    }
    for (const one of all("details.linked")) one.classList.remove("linked");
    if (target.matches("details")) {
      target.open = true;
      target.classList.add("linked");
      target.querySelector("summary").focus({ preventScroll: true });
    } else target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", arrive);

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const chosen = filters[chip.dataset.filter];
      if (!chosen.delete(chip.dataset.value)) chosen.add(chip.dataset.value);
      apply();
      remember();
    });
  }
  find.addEventListener("input", () => {
    filters.q = find.value.trim();
    apply();
    remember();
  });
  find.form.addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => {
    clear();
    apply();
    remember();
    find.focus();
  });
  const unfold = byId("unfold");
  unfold.addEventListener("click", () => {
    const seen = promises.filter((one) => !one.hidden);
    const open = !seen.every((one) => one.open);
    for (const one of seen) one.open = open;
    unfold.textContent = open ? "Close all" : "Open all";
  });

  // Copying works from a file too, where the clipboard may be out of reach.
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const before = document.activeElement;
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "sr";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      before?.focus();
      return done;
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button.copy");
    if (!button) return;
    const done = await copied(button.dataset.copy);
    button.textContent = done ? "Copied" : "Not copied";
    button.classList.toggle("done", done);
    setTimeout(() => {
      button.textContent = "Copy";
      button.classList.remove("done");
    }, 1500);
  });

  const themes = ["auto", "light", "dark"];
  const stored = () => {
    try {
      return localStorage.getItem("actor-runs-theme");
    } catch {
      return null;
    }
  };
  const theme = byId("theme");
  const paint = (name) => {
    document.documentElement.dataset.theme = name;
    theme.textContent = name[0].toUpperCase() + name.slice(1);
    theme.setAttribute("aria-label", `Colours: ${name}`);
  };
  paint(themes.includes(stored()) ? stored() : "auto");
  theme.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme;
    const next = themes[(themes.indexOf(now) + 1) % themes.length];
    paint(next);
    try {
      localStorage.setItem("actor-runs-theme", next);
    } catch {
      // A page opened from a file may have no storage: the choice then lasts as long as the page.
    }
  });

  const keys = byId("keys");
  byId("help").addEventListener("click", () => keys.showModal());
  const step = (by) => {
    const seen = promises.filter((one) => !one.hidden);
    const now = seen.findIndex((one) => one.contains(document.activeElement));
    const next = seen[Math.min(seen.length - 1, Math.max(0, now + by))];
    next?.querySelector("summary").focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    const typing = event.target.matches?.("input, textarea");
    if (event.key === "Escape" && typing) {
      clear();
      apply();
      remember();
      find.blur();
      return;
    }
    if (typing) return;
    const inPromises = !byId("promises").classList.contains("off");
    if (event.key === "/") {
      show(byId("promises"));
      find.focus();
    } else if (inPromises && event.key === "j") step(1);
    else if (inPromises && event.key === "k") step(-1);
    else if (inPromises && event.key === "Escape") {
      clear();
      apply();
      remember();
    } else if (event.key === "?") keys.showModal();
    else if (/^[1-4]$/.test(event.key)) location.hash = tabs[event.key - 1].hash;
    else return;
    event.preventDefault();
  });

  // On paper everything that is broken stands open.
  addEventListener("beforeprint", () => {
    for (const one of promises) {
      if (["failed", "warned", "error"].includes(one.dataset.verdict)) one.open = true;
    }
  });

  apply();
  arrive();
  // A browser moves the focus once more when it has loaded the page.
  addEventListener("load", () => requestAnimationFrame(arrive));
})();
