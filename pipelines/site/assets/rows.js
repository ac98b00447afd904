// All rows of a table: filtered, sorted and counted here, shown by Tabulator a page at a time. What is chosen stands in
// the hash of the address: `#route_name=ORAL&value.min=5&words.has=acid&null=route_code&sort=-value&columns=a,b&page=2`.
"use strict";
(() => {
  const { element, save, visible } = catalogue;
  const box = document.querySelector(".rows");
  if (!box) return;
  const tableName = box.dataset.table;
  const MOST_CHOICES = 40;
  const PAGE = 50;
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // ---- what is chosen, and how it stands in the address
  const isNumber = (column) => column.type === "int64" || column.type === "double";
  const fromHash = (columns, about) => {
    const state = { filters: new Map(), sort: [], columns: about.shown, page: 1 };
    const filter = (name) => {
      if (!state.filters.has(name)) state.filters.set(name, {});
      return state.filters.get(name);
    };
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
      const [, name, kind] = /^(.*?)(?:\.(min|max|has))?$/.exec(key);
      if (key === "sort") state.sort = value.split(",").filter((it) => columns.has(it.replace(/^-/, "")));
      else if (key === "page") state.page = Math.max(1, Number.parseInt(value, 10) || 1);
      else if (key === "columns") state.columns = value.split(",").filter((it) => columns.has(it));
      else if (key === "null" && columns.has(value)) filter(value).isNull = true;
      else if (columns.has(name) && kind) filter(name)[kind] = value;
      else if (columns.has(name)) (filter(name).is ??= []).push(value);
    }
    return state;
  };
  const toHash = (state, about) => {
    const told = new URLSearchParams();
    for (const [name, { is = [], isNull, min, max, has }] of state.filters) {
      for (const value of is) told.append(name, value);
      if (isNull) told.append("null", name);
      for (const [kind, value] of Object.entries({ min, max, has })) if (value) told.append(`${name}.${kind}`, value);
    }
    if (state.sort.length) told.append("sort", state.sort.join(","));
    if (state.columns.join() !== about.shown.join()) told.append("columns", state.columns.join(","));
    if (state.page > 1) told.append("page", state.page);
    return told.toString();
  };

  // ---- which rows are chosen, in which order, and how many there are of each value
  const testOf = ({ is, isNull, min, max, has }) => {
    const wanted = is && new Set(is);
    const words = has?.toLowerCase();
    return (value) => {
      if (value === null) return Boolean(isNull);
      if (isNull && !wanted && !words && !min && !max) return false;
      return (!wanted || wanted.has(String(value))) && (!min || value >= Number(min)) && (!max || value <= Number(max))
        && (!words || String(value).toLowerCase().includes(words));
    };
  };
  const choose = async (data, filters) => {
    const { rows } = data.about;
    const failed = new Uint8Array(rows); // how many filters a row fails
    const by = new Map();
    for (const [name, filter] of filters) {
      const { values, codes } = await data.whole(name);
      const test = testOf(filter);
      const passes = Uint8Array.from(values, (value) => (test(value) ? 0 : 1));
      const own = new Uint8Array(rows);
      for (let row = 0; row < rows; row += 1) { own[row] = passes[codes[row]]; failed[row] += own[row]; }
      by.set(name, own);
    }
    const chosen = new Uint32Array(rows);
    let count = 0;
    for (let row = 0; row < rows; row += 1) if (failed[row] === 0) { chosen[count] = row; count += 1; }
    return { chosen: chosen.slice(0, count), failed, by };
  };
  // Of each value, how many rows there would be if it were the only one chosen in its column.
  const countsOf = async (data, name, { failed, by }) => {
    const { values, codes } = await data.whole(name);
    const counts = new Uint32Array(values.length);
    const own = by.get(name);
    for (let row = 0; row < failed.length; row += 1) if (failed[row] === (own ? own[row] : 0)) counts[codes[row]] += 1;
    return counts;
  };
  const sorted = async (data, rows, sort) => {
    let ordered = rows;
    for (const it of [...sort].reverse()) {
      const name = it.replace(/^-/, "");
      const { values, codes } = await data.whole(name);
      const sign = it.startsWith("-") ? -1 : 1;
      const places = Array.from(values.keys()).slice(1);
      const isOfNumbers = isNumber(data.columns.get(name));
      places.sort((a, b) => sign * (isOfNumbers ? values[a] - values[b] : order.compare(String(values[a]), String(values[b]))));
      const rank = new Uint32Array(values.length).fill(places.length); // nulls last
      places.forEach((code, at) => { rank[code] = at; });
      const begins = new Uint32Array(places.length + 2);
      for (const row of ordered) begins[rank[codes[row]] + 1] += 1;
      for (let at = 1; at < begins.length; at += 1) begins[at] += begins[at - 1];
      const next = new Uint32Array(ordered.length);
      for (const row of ordered) { const at = rank[codes[row]]; next[begins[at]] = row; begins[at] += 1; }
      ordered = next;
    }
    return ordered;
  };

  // ---- cells and lines of CSV
  const LONGEST = 240;
  const shown = (value) => {
    const text = visible(String(value));
    return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  };
  const told = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
  const addressOf = (about, name, row) => {
    if (name === about.words && about.key.includes("monograph_id") && row.monograph_id) {
      const own = about.key.filter((key) => key !== "monograph_id").map((key) => row[key]);
      return catalogue.monograph(row.monograph_id, ["r", about.name, ...own].join("-"));
    }
    if ((name === "monograph_id" || name === "title") && row.monograph_id && about.name !== "retired") return catalogue.monograph(row.monograph_id);
    const reference = about.references.find(({ columns }) => columns.at(-1) === name && columns.every((it) => row[it] !== null));
    return reference && catalogue.table(reference.table, reference.columns.map((column, at) => [reference.key[at], row[column]]));
  };
  const cell = (about, column, row) => {
    const value = row[column.name];
    if (value === null) return element("span", { className: "null" }, "null");
    const address = addressOf(about, column.name, row);
    return address ? element("a", { href: address }, element("bdi", {}, shown(value))) : element("bdi", {}, shown(value));
  };
  const csv = async (data, rows, names) => {
    const columns = await Promise.all(names.map((name) => data.cells(name, rows)));
    const lines = [`${names.join(",")}\r\n`];
    for (let at = 0; at < rows.length; at += 1) lines.push(`${columns.map((cells) => catalogue.field(cells[at])).join(",")}\r\n`);
    return lines;
  };

  // ---- the page
  const start = async () => {
    const data = await catalogue.store(tableName);
    const { about, columns } = data;
    const part = (name) => box.querySelector(`.rows-${name}`);
    let state = fromHash(columns, about);
    let selection;
    let ordered = new Uint32Array(0);
    let grid;
    const listed = () => [...new Set([...about.key, ...state.columns, ...about.references.flatMap((it) => it.columns)])];

    const page = async (url, settings, { page: number, size }) => {
      const rows = ordered.slice((number - 1) * size, number * size);
      const names = listed();
      const cells = await Promise.all(names.map((name) => data.cells(name, rows)));
      const made = Array.from(rows, (row, at) => Object.fromEntries([["_row", row], ...names.map((name, no) => [name, cells[no][at]])]));
      return { data: made, last_page: Math.max(1, Math.ceil(ordered.length / size)), last_row: ordered.length };
    };
    const keep = () => {
      const hash = toHash(state, about);
      history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    };

    const sortBy = (name) => {
      const now = state.sort.find((it) => it.replace(/^-/, "") === name);
      state.sort = now === undefined ? [name] : now.startsWith("-") ? [] : [`-${name}`];
      update(false);
    };
    const head = (column) => () => {
      const button = element("button", { type: "button", className: "sort" }, column.name);
      button.addEventListener("click", (event) => { event.stopPropagation(); sortBy(column.name); });
      return button;
    };
    const definitions = () => [
      { title: "Row", field: "_row", headerSort: false, width: 76, formatter: (it) => {
        const row = it.getData();
        const filters = about.key.map((key) => [key, row[key]]);
        return element("a", { href: catalogue.table(about.name, filters), title: "This row alone" }, (row._row + 1).toLocaleString("en"));
      } },
      ...state.columns.map((name) => {
        const column = columns.get(name);
        return { title: name, field: name, headerSort: false, titleFormatter: head(column), hozAlign: isNumber(column) ? "right" : "left",
          maxInitialWidth: 340, minWidth: 90, formatter: (it) => cell(about, column, it.getData()) };
      }),
    ];
    const marks = () => {
      for (const it of box.querySelectorAll(".tabulator-col[tabulator-field]")) {
        const sort = state.sort.find((one) => one.replace(/^-/, "") === it.getAttribute("tabulator-field"));
        it.setAttribute("aria-sort", sort === undefined ? "none" : sort.startsWith("-") ? "descending" : "ascending");
      }
    };

    // ---- filters
    const panels = new Map();
    const setFilter = (name, filter) => {
      const isEmpty = !filter.is?.length && !filter.isNull && !filter.min && !filter.max && !filter.has;
      if (isEmpty) state.filters.delete(name);
      else state.filters.set(name, filter);
      update(true);
    };
    const typed = (input, change) => {
      let waiting;
      input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => change(input.value.trim()), 250); });
      return input;
    };
    const filterOf = (name) => state.filters.get(name) ?? {};
    const nullChoice = (column, count) => choice(column, null, count);
    const choice = (column, value, count) => {
      const input = element("input", { type: "checkbox" });
      const filter = filterOf(column.name);
      input.checked = value === null ? Boolean(filter.isNull) : (filter.is ?? []).includes(String(value));
      input.addEventListener("change", () => {
        const now = filterOf(column.name);
        if (value === null) setFilter(column.name, { ...now, isNull: input.checked });
        else setFilter(column.name, { ...now, is: [...(now.is ?? []).filter((it) => it !== String(value)), ...(input.checked ? [String(value)] : [])] });
      });
      const words = value === null ? element("span", { className: "null" }, "null") : element("bdi", {}, shown(value));
      return element("label", {}, input, " ", words, " ", element("span", { className: "number" }, count.toLocaleString("en")));
    };
    const fill = async (column, inside) => {
      const filter = filterOf(column.name);
      const counts = column.few || column.values < about.rows ? await countsOf(data, column.name, selection) : null;
      const made = [];
      if (column.few) {
        const all = column.few.map(([value], at) => [value, counts[at + 1]]).filter(([value, count]) => count || (filter.is ?? []).includes(String(value)));
        all.sort((a, b) => b[1] - a[1]);
        made.push(...all.slice(0, MOST_CHOICES).map(([value, count]) => choice(column, value, count)));
        if (all.length > MOST_CHOICES) made.push(element("p", { className: "small" }, `and ${told(all.length - MOST_CHOICES, "rarer value")}`));
      } else if (isNumber(column)) {
        for (const kind of ["min", "max"]) {
          const input = element("input", { type: "number", step: "any", value: filter[kind] ?? "" });
          typed(input, (value) => setFilter(column.name, { ...filterOf(column.name), [kind]: value }));
          made.push(element("label", {}, kind === "min" ? "at least " : "at most ", input));
        }
        for (const value of filter.is ?? []) made.push(choice(column, value, 0));
      }
      if (!isNumber(column) && (!column.few || column.few.length > 12)) {
        const input = element("input", { type: "search", value: filter.has ?? "" });
        typed(input, (value) => setFilter(column.name, { ...filterOf(column.name), has: value }));
        made.unshift(element("label", {}, "contains ", input));
        if (!column.few) for (const value of filter.is ?? []) made.push(choice(column, value, 0));
      }
      if (column.values < about.rows && counts) made.push(nullChoice(column, counts[0]));
      // Somebody types or ticks in it: what has the focus keeps it.
      const focused = [...inside.querySelectorAll("input")].indexOf(document.activeElement);
      if (focused >= 0 && inside.querySelectorAll("input")[focused].type !== "checkbox") return;
      inside.replaceChildren(...made);
      if (focused >= 0) inside.querySelectorAll("input")[focused]?.focus();
    };
    const panel = (column) => {
      const said = element("span", { className: "chosen" });
      const summary = element("summary", {}, column.name, " ", said);
      const inside = element("div", { className: "choices" });
      const details = element("details", {}, summary, inside);
      details.addEventListener("toggle", () => { if (details.open && selection) fill(column, inside); });
      panels.set(column.name, { details, inside, said, column });
      return details;
    };
    const chosenWords = ({ is = [], isNull, min, max, has }) => [
      ...is, ...(isNull ? ["null"] : []), ...(min ? [`≥ ${min}`] : []), ...(max ? [`≤ ${max}`] : []), ...(has ? [`“${has}”`] : []),
    ].join(", ");
    const showFilters = () => {
      for (const { details, inside, said, column } of panels.values()) {
        said.textContent = visible(chosenWords(filterOf(column.name)));
        if (details.open) fill(column, inside);
      }
      const chips = [...state.filters].map(([name, filter]) => {
        const words = visible(chosenWords(filter));
        const button = element("button", { type: "button", title: "Take this filter away", ariaLabel: `Take away ${name}: ${words}` }, `${name}: ${words} ×`);
        button.addEventListener("click", () => setFilter(name, {}));
        return button;
      });
      part("chosen").replaceChildren(...chips);
    };

    // ---- columns: which, and in which order
    const showColumns = () => {
      const others = about.columns.map((it) => it.name).filter((name) => !state.columns.includes(name));
      const lines = [...state.columns, ...others].map((name) => {
        const input = element("input", { type: "checkbox", checked: state.columns.includes(name) });
        input.addEventListener("change", () => {
          state.columns = input.checked ? [...state.columns, name] : state.columns.filter((it) => it !== name);
          changeColumns();
        });
        const earlier = element("button", { type: "button", ariaLabel: `${name}: earlier`, title: "Earlier" }, "↑");
        earlier.disabled = state.columns.indexOf(name) < 1;
        earlier.addEventListener("click", () => {
          const at = state.columns.indexOf(name);
          state.columns = state.columns.toSpliced(at, 1).toSpliced(at - 1, 0, name);
          changeColumns();
        });
        return element("li", {}, element("label", {}, input, " ", name), " ", earlier);
      });
      part("columns").querySelector("ul").replaceChildren(...lines);
    };
    const changeColumns = async () => {
      keep();
      showColumns();
      grid.setColumns(definitions());
      await grid.setData();
      marks();
    };

    const showCounts = () => {
      const { rows } = about;
      part("said").textContent = ordered.length === rows ? told(rows, "row") : `${told(ordered.length, "row")} of ${rows.toLocaleString("en")}`;
      part("csv").textContent = `CSV of ${told(ordered.length, "row")}`;
      part("csv").disabled = false;
    };
    let turn = 0;
    const update = async (isFiltered) => {
      const own = turn += 1;
      if (isFiltered !== null) state.page = 1;
      keep();
      const found = await choose(data, state.filters);
      const put = await sorted(data, found.chosen, state.sort);
      if (own !== turn) return; // somebody chose on
      selection = found;
      ordered = put;
      showCounts();
      showFilters();
      if (grid) { await grid.setPage(state.page); marks(); }
    };

    part("filters").append(...about.columns.filter((it) => it.values || it.few).map(panel));
    if (matchMedia("(min-width: 70rem)").matches) {
      const first = about.columns.filter((it) => it.few && it.few.length > 1 && it.few.length < 60 && it.name !== "monograph_id" && state.columns.includes(it.name)).slice(0, 2);
      for (const { name } of first) panels.get(name).details.open = true;
      part("panel").open = true;
    }
    part("csv").addEventListener("click", async () => save(`${tableName}.csv`, await csv(data, ordered, state.columns)));
    showColumns();
    await update(null);
    grid = new Tabulator(part("grid"), {
      columns: definitions(), layout: "fitDataFill", renderVertical: "basic", movableColumns: true, index: "_row",
      pagination: true, paginationMode: "remote", paginationSize: PAGE, paginationInitialPage: state.page, paginationButtonCount: 3,
      ajaxURL: tableName, ajaxRequestFunc: page, placeholder: "No row is so.", columnHeaderSortMulti: false,
    });
    grid.on("columnMoved", (_, moved) => {
      state.columns = moved.map((it) => it.getField()).filter((name) => columns.has(name));
      keep();
      showColumns();
    });
    grid.on("pageLoaded", (number) => { if (state.page !== number) { state.page = number; keep(); } });
    // Tabulator calls itself a grid with its footer in it; the grid is what has rows: its head and its body.
    // Shown when it is whole, so that nothing moves.
    grid.on("dataProcessed", () => { setTimeout(() => part("body").classList.add("ready"), 0); });
    grid.on("tableBuilt", () => {
      marks();
      const whole = part("grid");
      for (const name of ["role", "aria-owns"]) whole.removeAttribute(name);
      whole.querySelector(".tabulator-header").id = "rows-head";
      whole.querySelector(".tabulator-header-contents").removeAttribute("role");
      const body = whole.querySelector(".tabulator-tableholder");
      for (const [name, value] of [["role", "grid"], ["aria-label", "Rows"], ["aria-owns", "rows-head"]]) body.setAttribute(name, value);
    });
    addEventListener("hashchange", () => {
      state = fromHash(columns, about);
      showColumns();
      update(null).then(() => changeColumns());
    });
  };
  start().catch((error) => { box.querySelector(".rows-said").textContent = `The rows could not be loaded: ${error.message}.`; });
})();
