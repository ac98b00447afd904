// Data without a server: values come as files of script that call `catalogue.give`, because a page on a disk may read
// nothing else. What pages and scripts share stands here too: which page a monograph has, and how its words are shown.
"use strict";
const catalogue = (() => {
  const site = new URL("../", document.currentScript.src);
  const waiting = new Map(); // name: { promise, resolve }

  const run = (address) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(address, site);
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} could not be loaded`));
    document.head.append(script);
  });
  // The value that a file gives; asked for twice, it is loaded once.
  const load = (name) => {
    if (!waiting.has(name)) {
      const one = {};
      one.promise = new Promise((resolve, reject) => {
        one.resolve = resolve;
        run(`${name}.js`).catch((error) => { waiting.delete(name); reject(error); });
      });
      waiting.set(name, one);
    }
    return waiting.get(name).promise;
  };
  const give = (name, value) => waiting.get(name)?.resolve(value);
  const programs = new Map();
  const program = (file) => {
    if (!programs.has(file)) programs.set(file, run(`assets/vendor/${file}`));
    return programs.get(file);
  };

  // As in places.py: letters, digits and `.`, `_`, `-` stand for themselves, every other byte is named.
  const LONGEST = 120;
  const digest = (bytes) => {
    let sum = 0xcbf29ce484222325n;
    for (const byte of bytes) sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n);
    return sum.toString(16).padStart(16, "0");
  };
  const fileName = (id) => {
    const bytes = new TextEncoder().encode(id);
    const name = [...bytes].map((byte) => (/[a-z0-9._-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `~${byte.toString(16).padStart(2, "0")}`)).join("");
    return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - 20)}~~${digest(bytes)}`;
  };
  const monograph = (id, anchor) => new URL(`monographs/${fileName(id)}.html${anchor ? `#${encodeURIComponent(anchor)}` : ""}`, site).href;
  const table = (name, filters = {}) => {
    const hash = new URLSearchParams(filters).toString();
    return new URL(`tables/${name}.html${hash ? `#${hash}` : ""}`, site).href;
  };

  const HIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  const visible = (text) => text.replace(HIDDEN, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
  const element = (name, attributes = {}, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key in made && key !== "list") made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...inside);
    return made;
  };
  const save = (name, lines) => {
    const link = element("a", { href: URL.createObjectURL(new Blob(lines, { type: "text/csv" })), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  return { element, give, load, monograph, program, save, site, table, visible };
})();
