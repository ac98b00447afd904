// Search without a server. Named things are found by MiniSearch in the parts of the index that the words belong to;
// words of the texts by their lists of places; a misspelt word by the words one edit away.
"use strict";
(() => {
  const { element, load, program, site } = catalogue;
  const KINDS = ["drug", "monograph", "brand", "class", "reaction", "code", "column", "text"];
  const NAMES = { drug: "Drugs with several documents", monograph: "Monographs", brand: "Brands", class: "Drug classes", reaction: "Adverse reactions", code: "Codes", column: "Columns", text: "In the text" };
  const NAMES_IN_A_FILE = 1000;
  const MOST_WORDS = 12; // that a misspelt one may mean

  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
  const wordsIn = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  const plain = (name) => [...name].map((c) => (/[a-z0-9]/i.test(c) ? c : `_${c.codePointAt(0).toString(16)}_`)).join("");
  const of = (list) => new Set(list);

  let index; // which parts there are
  const start = async () => {
    index ??= Promise.all([load("search/parts"), program("minisearch-7.2.0.min.js")])
      .then(([told]) => ({ things: of(told.things), terms: of(told.terms), texts: of(told.texts) }));
    return index;
  };

  // ---- named things
  const parts = new Map();
  const partOf = async (name) => {
    if (!parts.has(name)) {
      parts.set(name, load(`search/w-${plain(name)}`).then(([isWhole, things]) => {
        const search = new MiniSearch({
          fields: ["label", "note", "also"], storeFields: ["label", "kind", "place", "note"], tokenize: wordsIn, processTerm: (word) => word,
          searchOptions: { combineWith: "AND", prefix: true, boost: { label: 3 }, fuzzy: (word) => (/\d/.test(word) ? 0 : word.length > 7 ? 2 : word.length > 3 ? 1 : 0), maxFuzzy: 2, weights: { fuzzy: 0.2, prefix: 0.7 } },
        });
        search.addAll(things.map(([label, kind, place, note, also], id) => ({ id, label, kind, place, note, also })));
        return { isWhole, search };
      }));
    }
    return parts.get(name);
  };
  const partFor = ({ things }, word, isLast) => {
    if (!isLast && things.has(`${word} `)) return `${word} `; // nobody types on in it
    for (let end = word.length; end > 0; end -= 1) if (things.has(word.slice(0, end))) return word.slice(0, end);
    return null;
  };
  const named = async (told, words) => {
    const names = [...new Set(words.map((word, at) => partFor(told, word, at === words.length - 1)))].filter((name) => name !== null);
    names.sort((a, b) => b.length - a.length);
    const known = await Promise.all(names.slice(0, 3).map(partOf));
    const found = new Map();
    for (const { search } of known) {
      for (const hit of search.search(words.join(" "))) {
        const key = `${hit.kind} ${hit.place} ${hit.label}`;
        if (!found.has(key) || found.get(key).score < hit.score) found.set(key, hit);
      }
    }
    return { hits: [...found.values()], isAll: known.every((it) => it.isWhole) || known.some((it) => it.isWhole && names.length > 1) };
  };

  // ---- misspelt words: one letter more, less or other, or two that changed places
  const isNear = (a, b) => {
    if (Math.abs(a.length - b.length) > 1) return false;
    let at = 0;
    while (at < a.length && a[at] === b[at]) at += 1;
    const [restA, restB] = [a.slice(at), b.slice(at)];
    return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)
      || (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2));
  };
  const near = async (told, word) => {
    if (word.length < 4) return [];
    const names = [`t-${plain(word[0])}`, `t-${plain(word[1])}`, `s-${plain(word[0])}`, `s-${plain(word[1])}`].filter((name) => told.terms.has(name));
    const lists = await Promise.all([...new Set(names)].map((name) => load(`search/${name}`)));
    const found = new Set(lists.flat().filter((term) => isNear(word, term) || (word.length > 4 && term.length > word.length && isNear(word, term.slice(0, word.length)))));
    return [...found].sort((a, b) => Math.abs(a.length - word.length) - Math.abs(b.length - word.length)).slice(0, MOST_WORDS);
  };
  // The words as they may have been meant: each word in turn, and all that are not known at once.
  const meant = async (told, words) => {
    const options = await Promise.all(words.map(async (word) => [word, ...await near(told, word)]));
    const single = options.flatMap((list, at) => list.slice(1).map((it) => words.toSpliced(at, 1, it)));
    const all = options.map((list) => list[1] ?? list[0]);
    return [...single, ...(words.length > 1 ? [all] : [])].slice(0, MOST_WORDS);
  };

  // ---- words of the texts
  const placesOf = async (told, word) => {
    const name = word.slice(0, 2);
    if (word.length < 3 || !told.texts.has(name)) return null;
    const words = await load(`search/x-${plain(name)}`);
    const known = Object.hasOwn(words, word) ? [word] : Object.keys(words).filter((it) => it.startsWith(word)).slice(0, 20);
    if (!known.length) return null;
    const places = new Map(known.flatMap((it) => words[it].slice(1)).map((place) => [Math.floor(place / 1000), place]));
    return { count: Math.max(...known.map((it) => words[it][0])), places };
  };
  const texts = async (told, words) => {
    const lists = await Promise.all(words.filter((word) => word.length > 2).map((word) => placesOf(told, word)));
    if (!lists.length || lists.includes(null)) return { hits: [], total: 0 };
    lists.sort((a, b) => a.count - b.count);
    const numbers = [...lists[0].places.keys()].filter((number) => lists.every(({ places, count }) => places.has(number) || count > places.size));
    const hits = await Promise.all(numbers.map(async (number) => {
      const names = await load(`search/m-${Math.floor(number / NAMES_IN_A_FILE)}`);
      const [id, title] = names[number % NAMES_IN_A_FILE];
      const section = lists[0].places.get(number) % 1000;
      return { kind: "text", label: title, note: words.join(" "), href: catalogue.monograph(id, `r-sections-${section}`), score: 0 };
    }));
    return { hits, total: lists[0].count };
  };

  // The words as the texts spell them, if one is in no text: the most frequent of those that are one edit away.
  const spelled = (told, words) => Promise.all(words.map(async (word) => {
    if (word.length < 4 || await placesOf(told, word)) return word;
    const names = [...told.texts].filter((name) => name[0] === word[0] || name === word.slice(1, 3) || name === word[1] + word[0]);
    const lists = await Promise.all(names.map((name) => load(`search/x-${plain(name)}`)));
    const near = lists.flatMap(Object.entries).filter(([term]) => isNear(word, term)).sort((a, b) => b[1][0] - a[1][0]);
    return near.length ? near[0][0] : word;
  }));

  const rank = (hit, typed) => {
    const label = fold(hit.label);
    const isCode = hit.kind === "code" && fold(hit.note).startsWith(`${typed} `);
    return (label === typed || isCode ? 0 : label.startsWith(typed) ? 1 : 2) * 10 + KINDS.indexOf(hit.kind);
  };
  // Everything that was found: named things in the order of their nearness, then texts.
  const find = async (typed) => {
    const told = await start();
    const words = wordsIn(typed);
    if (!words.length) return { found: [], isAll: true, total: 0, instead: "" };
    let { hits, isAll } = await named(told, words);
    let instead = "";
    if (!hits.length) {
      for (const other of await meant(told, words)) {
        ({ hits } = await named(told, other));
        if (hits.length) { instead = other.join(" "); break; }
      }
    }
    const whole = fold((instead || typed).trim());
    hits.sort((a, b) => rank(a, whole) - rank(b, whole) || b.score - a.score || a.label.length - b.label.length);
    let inTexts = await texts(told, instead ? wordsIn(instead) : words);
    if (!hits.length && !inTexts.hits.length) {
      const other = await spelled(told, words);
      inTexts = await texts(told, other);
      if (inTexts.hits.length) instead = other.join(" ");
    }
    for (const hit of hits) hit.href = new URL(hit.place, site).href;
    return { found: [...hits, ...inTexts.hits], isAll, total: inTexts.total, instead };
  };

  const noteOf = ({ kind, note }) => (["drug", "class", "reaction"].includes(kind) ? `${Number(note).toLocaleString("en")} monograph${note === "1" ? "" : "s"}` : note);
  const item = (hit) => element("li", {}, element("a", { href: hit.href },
    element("bdi", { className: "kind" }, hit.kind), " ", element("bdi", { className: "label" }, catalogue.visible(hit.label)), " ", element("bdi", { className: "note" }, catalogue.visible(noteOf(hit)))));
  const pageOf = (typed) => new URL(`search.html?q=${encodeURIComponent(typed)}`, site).href;

  // ---- the field at the top of every page
  const MOST = 12;
  const form = document.querySelector(".search");
  const input = form.querySelector("input");
  const panel = form.querySelector(".results");
  const list = panel.querySelector("ul");
  const said = panel.querySelector("p");
  const all = element("a", { className: "all" });
  panel.append(all);
  let last = "";
  const close = () => { panel.hidden = true; };
  const show = async () => {
    const typed = input.value.trim();
    last = typed;
    if (!typed) return close();
    const told = await find(typed).catch(() => null);
    if (last !== typed) return undefined; // somebody typed on
    panel.hidden = false;
    const found = told?.found ?? [];
    list.replaceChildren(...found.slice(0, MOST).map(item));
    all.href = pageOf(typed);
    all.textContent = found.length ? `All results for “${typed}”` : "";
    if (!told) said.textContent = "The index could not be loaded.";
    else if (!found.length) said.textContent = `Nothing is called “${typed}”, and no text has it.`;
    else if (told.instead) said.textContent = `Nothing for “${typed}”; this is for “${told.instead}”.`;
    else if (!told.isAll || found.length > MOST) said.textContent = `The first ${Math.min(MOST, found.length)}; type on to see others.`;
    else said.textContent = `${found.length} found.`;
    return undefined;
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", () => { start().catch(() => {}); if (input.value) show(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await show();
    location.href = (list.querySelector("a") ?? { href: pageOf(input.value.trim()) }).href;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.focus(); close(); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const places = [input, ...panel.querySelectorAll("a[href]")];
    const at = places.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    places[(at + places.length) % places.length].focus();
  });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) { event.preventDefault(); input.focus(); }
  });

  // ---- the page of results
  const results = document.querySelector(".all-results");
  const asked = new URLSearchParams(location.search).get("q");
  if (results && asked) {
    input.value = asked;
    const line = document.querySelector(".all-said");
    document.title = `${asked} · ${document.title}`;
    find(asked).then(({ found, total, instead }) => {
      line.textContent = found.length ? `${instead ? `Nothing for “${asked}”; this is for “${instead}”. ` : `For “${asked}”. `}` : `Nothing is called “${asked}”, and no text has it.`;
      for (const kind of new Set(found.map((hit) => hit.kind))) {
        const own = found.filter((hit) => hit.kind === kind);
        const more = kind === "text" && total > own.length ? ` of ${total.toLocaleString("en")}` : "";
        const inside = [element("h2", { id: kind }, `${NAMES[kind]}: ${own.length.toLocaleString("en")}${more}`), element("ul", { className: "hits" }, ...own.slice(0, 100).map(item))];
        if (more && wordsIn(asked).length === 1) inside.push(element("p", {}, element("a", { href: catalogue.table("sections", { "body_text.has": instead || asked }) }, "Every section that has it")));
        results.append(element("section", { ariaLabel: NAMES[kind] }, ...inside));
      }
    }).catch((error) => { line.textContent = `The index could not be loaded: ${error.message}.`; });
  }
})();
