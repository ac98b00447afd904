// The cells of a table: loaded column by column and part by part as they are needed; row_parts.py says how they are kept.
"use strict";
(() => {
  const { load } = catalogue;
  catalogue.store = async (tableName) => {
    const about = await load(`rows/${tableName}/table`);
    const columns = new Map(about.columns.map((column) => [column.name, { ...column, parts: [] }]));
    const codesOf = (text, bytes) => {
      const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      return bytes === 1 ? raw : bytes === 2 ? new Uint16Array(raw.buffer) : new Uint32Array(raw.buffer);
    };
    const part = async (column, number) => {
      column.parts[number] ??= load(`rows/${tableName}/${column.name}-${number}`).then(([values, codes]) => {
        if (column.few) return { values: [null, ...column.few.map(([value]) => value)], codes: codesOf(codes, column.bytes) };
        if (codes === null) return { values, codes: null };
        return { values, codes: codesOf(codes, values.length <= 256 ? 1 : values.length <= 65536 ? 2 : 4) };
      });
      return column.parts[number];
    };
    const partOf = (column, row) => {
      let at = column.starts.length - 1;
      while (column.starts[at] > row) at -= 1;
      return at;
    };
    const cells = async (name, rows) => {
      const column = columns.get(name);
      const numbers = [...new Set(Array.from(rows, (row) => partOf(column, row)))];
      const loaded = new Map(await Promise.all(numbers.map(async (number) => [number, await part(column, number)])));
      return Array.from(rows, (row) => {
        const number = partOf(column, row);
        const { values, codes } = loaded.get(number);
        const at = row - column.starts[number];
        return codes ? values[codes[at]] : values[at];
      });
    };
    // A whole column: each distinct value once, and for each row the number of its value.
    const whole = async (name) => {
      const column = columns.get(name);
      column.whole ??= (async () => {
        const codes = new Uint32Array(about.rows);
        const values = column.few ? [null, ...column.few.map(([value]) => value)] : [null];
        const known = new Map([[null, 0]]);
        const numberOf = (value) => {
          let number = known.get(value);
          if (number === undefined) { number = values.length; values.push(value); known.set(value, number); }
          return number;
        };
        const parts = await Promise.all(column.starts.map((_, number) => part(column, number)));
        parts.forEach((one, number) => {
          const start = column.starts[number];
          if (column.few) codes.set(one.codes, start);
          else if (one.codes) {
            const translated = Uint32Array.from(one.values, numberOf);
            one.codes.forEach((code, at) => { codes[start + at] = translated[code]; });
          } else one.values.forEach((value, at) => { codes[start + at] = numberOf(value); });
        });
        return { values, codes };
      })();
      return column.whole;
    };
    return { about, columns, cells, whole };
  };

  // A cell of CSV as in the files of a release: a null is empty, an empty text is "".
  catalogue.field = (value) => {
    if (value === null) return "";
    const text = String(value);
    return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
})();
