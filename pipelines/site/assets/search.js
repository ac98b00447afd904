// Search without a server: parts of the index come as files of script, because pages on a disk may read nothing else.
"use strict";
const catalogue = (() => {
  const site = new URL("../", document.currentScript.src);
  const parts = new Map(); // name: { isWhole, entries }
  const waiting = new Map();
  let names;

  const load = (file) => {
    if (!waiting.has(file)) {
      waiting.set(file, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL(`search/${file}`, site);
        script.onload = resolve;
        script.onerror = () => { waiting.delete(file); reject(new Error(file)); };
        document.head.append(script);
      }));
    }
    return waiting.get(file);
  };
  const fileOf = (name) => `w-${[...name].map((c) => (/[a-z0-9]/i.test(c) ? c : `_${c.codePointAt(0).toString(16)}_`)).join("")}.js`;
  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
  const wordsIn = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

  const partFor = (word, at, words) => {
    if (at < words.length - 1 && names.has(`${word} `)) return `${word} `; // nobody types on in it
    for (let end = word.length; end > 0; end -= 1) if (names.has(word.slice(0, end))) return word.slice(0, end);
    return null;
  };
  const has = (entry, words) => {
    const own = wordsIn(`${entry[0]} ${entry[3]}`);
    return words.every((word) => own.some((it) => it.startsWith(word)));
  };
  const rank = (entry, typed) => {
    const label = fold(entry[0]);
    return (label === typed ? 0 : label.startsWith(typed) ? 1 : 2) * 3 + ["class", "monograph", "brand"].indexOf(entry[1]);
  };

  // What was found, and whether there may be more: the part of the word that says most, filtered by all words.
  const find = async (typed) => {
    await load("parts.js");
    const words = wordsIn(typed);
    const wanted = words.map(partFor);
    if (!words.length || wanted.includes(null)) return { found: [], isAll: true };
    const known = [...new Set(wanted)].sort((a, b) => b.length - a.length).slice(0, 3);
    await Promise.all(known.map((name) => load(fileOf(name))));
    const best = known.map((name) => parts.get(name)).sort((a, b) => b.isWhole - a.isWhole || a.entries.length - b.entries.length)[0];
    const found = best.entries.filter((entry) => has(entry, words));
    found.sort((a, b) => rank(a, fold(typed.trim())) - rank(b, fold(typed.trim())));
    return { found, isAll: best.isWhole };
  };

  const MOST = 12;
  const listItem = ([label, kind, address, note]) => {
    const link = document.createElement("a");
    link.href = new URL(address.replace(/[^#/]+/g, encodeURIComponent), site);
    const told = kind === "class" ? `${Number(note).toLocaleString("en")} monographs` : note;
    for (const [name, text] of [["kind", kind], ["label", label], ["note", told]]) {
      const span = document.createElement("bdi");
      span.className = name;
      span.textContent = text;
      link.append(span, " ");
    }
    const item = document.createElement("li");
    item.append(link);
    return item;
  };

  const start = () => {
    const form = document.querySelector(".search");
    const input = form.querySelector("input");
    const panel = form.querySelector(".results");
    const list = panel.querySelector("ul");
    const said = panel.querySelector("p");
    let last = "";
    const close = () => { panel.hidden = true; };
    const show = async () => {
      const typed = input.value.trim();
      last = typed;
      if (!typed) return close();
      const { found, isAll } = await find(typed).catch(() => ({ found: null, isAll: true }));
      if (last !== typed) return undefined; // somebody typed on
      panel.hidden = false;
      list.replaceChildren(...(found ?? []).slice(0, MOST).map(listItem));
      if (found === null) said.textContent = "The index could not be loaded.";
      else if (!found.length) said.textContent = isAll ? `Nothing is called “${typed}”.` : "Type another letter.";
      else if (!isAll || found.length > MOST) said.textContent = `The first ${Math.min(MOST, found.length)}; type on to see others.`;
      else said.textContent = `${found.length} found.`;
      return undefined;
    };
    input.addEventListener("input", show);
    input.addEventListener("focus", () => { load("parts.js").catch(() => {}); if (input.value) show(); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await show();
      list.querySelector("a")?.click();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { input.focus(); close(); return; }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      const places = [input, ...list.querySelectorAll("a")];
      const at = places.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      places[(at + places.length) % places.length].focus();
    });
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest?.("input, textarea, select");
      if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) { event.preventDefault(); input.focus(); }
    });
    const asked = new URLSearchParams(location.search).get("q");
    if (asked) { input.value = asked; input.focus(); }
  };
  document.addEventListener("DOMContentLoaded", start);

  return {
    parts: (list) => { names = new Set(list); },
    part: (name, isWhole, entries) => { parts.set(name, { isWhole, entries }); },
  };
})();
