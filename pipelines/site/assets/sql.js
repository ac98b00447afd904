// SQL over the tables of the release, in the page: squirreling reads the same parts that the grids read.
"use strict";
(() => {
  const { element, field, load, program, save, visible } = catalogue;
  const form = document.querySelector(".sql");
  const query = form.querySelector("textarea");
  const said = document.querySelector(".sql-said");
  const result = document.querySelector(".sql-result");
  const MOST_SHOWN = 500;
  const AT_ONCE = 5000; // rows whose cells are put together before they go on
  let answer = { columns: [], rows: [] };

  const source = ([name, { rows, columns }]) => [name, {
    numRows: rows,
    columns,
    scan: ({ columns: wanted = columns }) => ({
      appliedWhere: false,
      appliedLimitOffset: false,
      rows: async function* scanned() {
        const table = await catalogue.store(name);
        for (let start = 0; start < rows; start += AT_ONCE) {
          const numbers = Array.from({ length: Math.min(AT_ONCE, rows - start) }, (_, at) => start + at);
          const cells = await Promise.all(wanted.map((column) => table.cells(column, numbers)));
          for (const at of numbers.keys()) {
            const resolved = Object.fromEntries(wanted.map((column, no) => [column, cells[no][at]]));
            const asked = Object.fromEntries(wanted.map((column) => [column, async () => resolved[column]]));
            yield { columns: wanted, cells: asked, resolved };
          }
        }
      },
    }),
  }];
  const run = async () => {
    said.textContent = "Running.";
    const [told] = await Promise.all([load("rows/tables"), program("squirreling-0.12.11.min.js")]);
    const tables = Object.fromEntries(Object.entries(told).map(source));
    const found = squirreling.executeSql({ tables, query: query.value.trim().replace(/;$/, "") });
    const rows = await squirreling.collect(found);
    return { columns: rows.length ? Object.keys(rows[0]) : found.columns, rows };
  };
  const textOf = (value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : String(value));
  const cell = (value) => (value === null || value === undefined
    ? element("td", {}, element("span", { className: "null" }, "null"))
    : element("td", { className: typeof value === "number" ? "number" : "" }, element("bdi", {}, visible(textOf(value).slice(0, 300)))));
  const show = () => {
    const { columns, rows } = answer;
    const count = `${rows.length.toLocaleString("en")} row${rows.length === 1 ? "" : "s"}`;
    said.textContent = rows.length > MOST_SHOWN ? `${count}; the first ${MOST_SHOWN} are here, all in the CSV.` : `${count}.`;
    const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col", className: typeof rows[0]?.[name] === "number" ? "number" : "" }, name)));
    const body = rows.slice(0, MOST_SHOWN).map((row) => element("tr", {}, ...columns.map((name) => cell(row[name]))));
    result.replaceChildren(element("table", { className: "cells" }, element("thead", {}, head), element("tbody", {}, ...body)));
    form.querySelector(".sql-csv").disabled = !rows.length;
  };
  const submit = async () => {
    history.replaceState(null, "", `#${new URLSearchParams({ q: query.value })}`);
    try {
      answer = await run();
      show();
    } catch (error) {
      said.textContent = `That could not be run: ${error.message}`;
    }
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  query.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit(); } });
  form.querySelector(".sql-csv").addEventListener("click", () => {
    const lines = answer.rows.map((row) => `${answer.columns.map((name) => field(row[name] ?? null)).join(",")}\r\n`);
    save("query.csv", [`${answer.columns.join(",")}\r\n`, ...lines]);
  });
  const asked = new URLSearchParams(location.hash.slice(1)).get("q");
  if (asked) { query.value = asked; submit(); }
})();
