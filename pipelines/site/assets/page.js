// What a page does beyond being read: theme, sorting, copying, and marking words with their cells.
"use strict";
(() => {
  const root = document.documentElement;

  const themeButton = document.querySelector(".theme");
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const tellTheme = () => {
    themeButton.querySelector(".theme-said").textContent = isDark() ? "Light" : "Dark";
    themeButton.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  };
  themeButton.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* not kept */ }
    tellTheme();
  });
  tellTheme();

  // A click on the head of a column sorts its table; numbers as numbers, nulls last.
  const valueOf = (row, at) => {
    const cell = row.cells[at];
    const text = cell.textContent.trim();
    if (cell.querySelector(".null") || text === "") return null;
    return cell.classList.contains("number") ? Number(text.replace(/[^\d.eE+-]/g, "")) : text;
  };
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : order.compare(String(a), String(b)));
  const sort = (table, at, sign) => {
    const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row, at), row]);
    rows.sort(([a], [b]) => (a === null || b === null ? (a === null) - (b === null) : sign * compare(a, b)));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const sign = head.ariaSort === "ascending" ? -1 : 1;
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
        sort(table, at, sign);
      });
    });
  }

  // Lines to copy name files where they really are: an address on the web, a path on a disk.
  for (const span of document.querySelectorAll("[data-address]")) {
    const url = new URL(span.dataset.address, location.href);
    const text = url.protocol === "file:" && span.dataset.as === "path" ? decodeURIComponent(url.pathname) : url.href;
    span.textContent = text.replace(/\/$/, "") || text;
  }
  const copy = async (text) => {
    if (navigator.clipboard && isSecureContext) {
      await navigator.clipboard.writeText(text);
      return;
    }
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  const copying = (text, words, label) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", async () => {
      await copy(text());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = words; }, 2000);
    });
    return button;
  };
  for (const block of document.querySelectorAll(".copied")) {
    block.append(copying(() => block.querySelector("code").textContent, "Copy", `Copy ${block.querySelector("h3").textContent}`));
  }
  // A row that clears a finding, as it is and as a line for a terminal.
  for (const code of document.querySelectorAll("code[data-row]")) {
    const row = code.textContent;
    const command = `echo '${row.replaceAll("'", "'\\''")}' >> schemas/codes/${code.dataset.row}`;
    code.after(copying(() => row, "Copy row", `Copy row ${row}`), " ", copying(() => command, "Copy command", `Copy command for ${row}`));
  }

  // Words and cells that belong together light up together, all pieces of them.
  const pieces = new Map();
  for (const piece of document.querySelectorAll("[data-r]")) {
    for (const name of piece.dataset.r.split(" ")) {
      if (!pieces.has(name)) pieces.set(name, []);
      pieces.get(name).push(piece);
    }
  }
  const together = (name) => [...(pieces.get(name) ?? []), document.getElementById(`r-${name}`)].filter(Boolean);
  const followed = () => (location.hash ? [decodeURIComponent(location.hash.slice(3))] : []);
  const light = (names) => {
    for (const lit of document.querySelectorAll(".on")) lit.classList.remove("on");
    for (const name of [...followed(), ...names]) for (const element of together(name)) element.classList.add("on");
  };
  const namesAt = (element) => {
    const piece = element.closest?.("[data-r]");
    if (piece) return piece.dataset.r.split(" ");
    const row = element.closest?.(".document :is(tr, .finding)[id]");
    return row ? [row.id.slice(2)] : [];
  };
  if (pieces.size) {
    addEventListener("hashchange", () => light([]));
    light([]);
    for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, (event) => light(namesAt(event.target)));
    // After a jump the keyboard goes on from where it landed.
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.(".document a[href^='#'], h1 a[href^='#']");
      if (!link) return;
      const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      const landing = place?.querySelector("a") ?? place;
      setTimeout(() => landing?.focus({ preventScroll: true }), 0);
    });
  }
})();
