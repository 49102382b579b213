"use strict";
// Makes the figures of the page follow the chosen period, and opens what is behind a number. Amounts are whole cents,
// days are numbers since 1970-01-01, and the page's address (#period=2026-q2&city=DE/Köln) is the only state.
(async () => {
  const $ = (id) => document.getElementById(id);
  const every = (selector) => [...document.querySelectorAll(selector)];

  // A page left open, or whose pipeline is dead, says so by itself.
  const until = Date.parse(document.body.dataset.checkedUntil);
  const watch = () => {
    $("outdated").hidden = !(Date.now() - until > 1000 * document.body.dataset.maxAge);
  };
  watch();
  setInterval(watch, 30000);

  if (!window.DecompressionStream) return; // the page is complete without
  const packed = Uint8Array.from(atob($("data").textContent), (c) => c.charCodeAt(0));
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const page = JSON.parse(await new Response(plain).text());
  const { docs, words } = page;
  const amount = docs.big ? BigInt : Number;
  const ZERO = amount(0);

  // ---- columns
  const filled = (values, map) => Array.from({ length: docs.rows }, (_, i) => map(values[i] ?? 0, i));
  let last = 0;
  const day = filled(docs.days, (d) => (last += d));
  const net = filled(docs.net, amount);
  const tax = filled(docs.tax, amount);
  const gross = net.map((n, i) => n + tax[i]);
  const open = filled(docs.open, amount);
  const due = docs.due.length ? docs.due.map((d, i) => (d === null ? null : day[i] + d)) : filled([], () => null);
  const [bucket, customer, city, kind, status] = ["bucket", "customer", "city", "kind", "status"].map((name) =>
    filled(docs[name], Number)
  );
  const count = filled(docs.count, (n) => n || 1);
  const country = city.map((c) => docs.cities[c]?.[2]);
  let before = "";
  const number = Array.from({ length: docs.rows }, (_, i) => {
    const given = docs.number[i] ?? "";
    if (typeof given === "string") return (before = given);
    const digits = before.match(/\d+$/)[0];
    before = before.slice(0, -digits.length) + String(digits - given).padStart(digits.length, "0");
    return before;
  });

  // ---- notation
  const german = page.language === "de";
  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, german ? "." : ",");
  const counted = (n) => grouped(String(n));
  const money = (cents) => {
    const digits = String(cents < 0 ? -cents : cents).padStart(3, "0");
    return (cents < 0 ? "−" : "") + grouped(digits.slice(0, -2)) + (german ? "," : ".") + digits.slice(-2);
  };
  const euro = (cents) => {
    const text = money(cents);
    return german ? text + "\u00a0€" : text.startsWith("−") ? "−€" + text.slice(1) : "€" + text;
  };
  const percent = (share, signed) => {
    if (!isFinite(share)) return "–";
    const text = Math.abs(share).toFixed(1).replace(".", german ? "," : ".");
    const sign = share < 0 && Number(share.toFixed(1)) ? "−" : signed ? "+" : "";
    return sign + text.replace(/^\d+/, grouped) + (german ? "\u00a0%" : "%");
  };
  const say = (word, values) => words[word].replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const calendar = (d) => new Date(d * 864e5);
  const two = (n) => String(n).padStart(2, "0");
  const date = (d) => {
    const t = calendar(d);
    const [y, m, n] = [t.getUTCFullYear(), t.getUTCMonth(), t.getUTCDate()];
    return german ? `${two(n)}.${two(m + 1)}.${y}` : `${n} ${page.months[m]} ${y}`;
  };
  const ratio = (part, whole) => (whole > ZERO ? (100 * Number(part)) / Number(whole) : NaN);

  // ---- elements
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "onclick") element.onclick = value;
      else if (value !== null && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };
  const draw = (tag, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  };
  const bar = (part, whole) => {
    const svg = draw("svg", { class: "bar", "aria-hidden": "true" });
    const width = part > ZERO ? ratio(part, whole) || 0 : 0;
    svg.append(draw("rect", { width: width.toFixed(2) + "%", height: "100%" }));
    return svg;
  };
  const cell = (cents, cls = "") =>
    make("td", { class: (cls + (cents < ZERO ? " minus" : "")).trim() || null }, money(cents));
  const td = (text, cls = null) => make("td", { class: cls }, text);
  const headed = (...names) => {
    const row = make("tr");
    for (const [name, cls] of names) row.append(make("th", { scope: "col", class: cls }, name));
    return make("thead", null, row);
  };
  const fill = (table, head, rows, total) => {
    const caption = table.caption;
    table.replaceChildren(...[caption, head, make("tbody", null, ...rows)].filter(Boolean));
    if (total) table.append(make("tfoot", null, total));
  };
  const rowed = (name, ...cells) => make("tr", null, make("th", { scope: "row" }, name), ...cells);

  // ---- state: all of it is in the address
  const state = () => {
    const found = new URLSearchParams(location.hash.slice(1));
    const period = page.periods.find((p) => p[0] === found.get("period")) || page.periods[0];
    return { found, period };
  };
  const go = (changes) => {
    const { found } = state();
    for (const [name, value] of Object.entries(changes)) value === null ? found.delete(name) : found.set(name, value);
    if (found.get("period") === "all") found.delete("period");
    const text = found.toString().replace(/%2F/g, "/");
    if (text === location.hash.slice(1)) return;
    history.pushState(null, "", text ? "#" + text : location.pathname + location.search);
    show();
  };

  // ---- sums
  // days fall from the newest to the oldest: the entries of a span stand together
  const first = (limit) => {
    let low = 0;
    let high = docs.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (day[middle] > limit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const span = (from, to) => (from === null ? [0, docs.rows] : [first(to), first(from - 1)]);
  const empty = () => ({ n: 0, net: ZERO, gross: ZERO, open: ZERO, overdue: ZERO, owed: 0, oldest: null });
  const late = (i) => bucket[i] > 1;
  const put = (sum, i) => {
    sum.n += count[i];
    sum.net += net[i];
    sum.gross += gross[i];
    sum.open += open[i];
    if (open[i]) {
      sum.owed += count[i];
      if (late(i)) {
        sum.overdue += open[i];
        if (due[i] !== null && (sum.oldest === null || due[i] < sum.oldest)) sum.oldest = due[i];
      }
    }
  };
  const sums = ([start, end], key, keep) => {
    const found = new Map();
    for (let i = start; i < end; i++) {
      if (keep && !keep(i)) continue;
      const k = key(i);
      let sum = found.get(k);
      if (!sum) found.set(k, (sum = empty()));
      put(sum, i);
    }
    return found;
  };
  const total = (range, keep) => sums(range, () => 0, keep).get(0) || empty();
  const order = (by, name) => (a, b) =>
    a[1][by] === b[1][by] ? (name(a[0]) < name(b[0]) ? -1 : 1) : a[1][by] < b[1][by] ? 1 : -1;

  // ---- parts of the page
  const cityName = (c) => docs.cities[c][1];
  const cityKey = (c) => docs.countries[docs.cities[c][2]][0] + "/" + docs.cities[c][0];
  const countryName = (c) => docs.countries[c][1];
  const customerName = (c) => docs.customers[c][1];
  const link = (text, changes) =>
    make("button", { type: "button", class: "link", onclick: () => go(changes) }, text);
  const expanded = new Set();
  const cut = (id, rows, least, render) => {
    // the first rows, the sum of the rest, and a button for all of them
    const all = expanded.has(id) ? rows.length : least;
    const shown = rows.slice(0, all);
    const rest = rows.slice(all);
    const button = every(`button[data-for="${id}"]`)[0];
    if (button) button.remove();
    if (rows.length > least) {
      const toggle = () => {
        expanded.has(id) ? expanded.delete(id) : expanded.add(id);
        render();
        every(`button[data-for="${id}"]`)[0].focus();
      };
      const label = rest.length ? say("showAll", { number: counted(rows.length) }) : words.showLess;
      $(id).after(make("button", { type: "button", class: "more", "data-for": id, onclick: toggle }, label));
    }
    return [shown, rest];
  };
  const joined = (entries) => {
    const sum = empty();
    for (const [, s] of entries) {
      for (const name of ["n", "net", "gross", "open", "overdue", "owed"]) sum[name] += s[name];
    }
    return sum;
  };

  // Whether all documents from a day on are there to compare with; a firm may begin in the middle of a month.
  const complete = (d) => (page.since === null || d >= page.since) && docs.rows > 0 && d >= day[docs.rows - 1] - 31;
  const changeCell = (now, then) => {
    if (then === undefined || then <= ZERO) return td(now > ZERO ? words.new : "–", "change");
    const change = ratio(now - then, then);
    return make("td", { class: "change " + (change < 0 ? "minus" : "plus") }, percent(change, true));
  };
  // A ranking: place and move of place, share of the total, change against the same days before.
  const ranking = (id, heading, range, compared, column, name, changes, least, code, filter) => {
    const rows = [...sums(range, (i) => column[i])].sort(order("net", name));
    const whole = joined(rows);
    const places = new Map(rows.map(([key], place) => [key, place]));
    let now, then, placesThen;
    if (compared) {
      now = sums(compared[0], (i) => column[i]);
      then = sums(compared[1], (i) => column[i]);
      placesThen = new Map([...then].sort(order("net", name)).map(([key], place) => [key, place]));
    }
    const largest = rows.length ? rows[0][1].net : ZERO;
    const matching = filter ? rows.filter(([key]) => name(key).toLowerCase().includes(filter)) : rows;
    const render = () => {
      const [shown, rest] = cut(id, matching, least, render);
      const line = ([key, sum]) => {
        const move = placesThen?.has(key) ? placesThen.get(key) - places.get(key) : 0;
        const arrow = move
          ? make("em", { class: move > 0 ? "up" : "down" }, (move > 0 ? "▲" : "▼") + Math.abs(move))
          : null;
        const label = make("span", { class: "place" }, make("b", null, String(places.get(key) + 1)),
          make("span", null, link(name(key), changes(key)), code ? make("abbr", null, code(key)) : null, arrow, bar(sum.net, largest)));
        return rowed(label, td(counted(sum.n), "docs"), cell(sum.net), cell(sum.gross, "gross"),
          td(percent(ratio(sum.net, whole.net)), "extra"),
          compared ? changeCell(now.get(key)?.net ?? ZERO, then.get(key)?.net) : null);
      };
      const lines = shown.map(line);
      if (rest.length) {
        const sum = joined(rest);
        lines.push(rowed(make("span", { class: "place" }, make("b"), make("span", null, say("others", { number: counted(rest.length) }))),
          td(counted(sum.n), "docs"), cell(sum.net), cell(sum.gross, "gross"),
          td(percent(ratio(sum.net, whole.net)), "extra"), compared ? td("", "change") : null));
      }
      const foot = compared ? changeCell(total(compared[0]).net, total(compared[1]).net) : null;
      fill($(id), headed([heading], [words.documents, "docs"], [words.net], [words.gross, "gross"], [words.share, "extra"],
        ...(compared ? [[words.change, "change"]] : [])), lines,
        rowed(words.total, td(counted(whole.n), "docs"), cell(whole.net), cell(whole.gross, "gross"), td("", "extra"), foot));
    };
    render();
    return matching.length;
  };

  // ---- over time
  const monthOf = (d) => calendar(d).getUTCFullYear() * 12 + calendar(d).getUTCMonth();
  const firstDay = (m) => Date.UTC(Math.floor(m / 12), m % 12, 1) / 864e5;
  const units = {
    day: [(d) => d, (k) => k, (k) => k, (k) => date(k), () => null],
    month: [monthOf, firstDay, (k) => firstDay(k + 1) - 1, (k) => `${page.months[k % 12]} ${Math.floor(k / 12)}`,
      (k) => `${Math.floor(k / 12)}-${two((k % 12) + 1)}`],
    quarter: [(d) => Math.floor(monthOf(d) / 3), (k) => firstDay(3 * k), (k) => firstDay(3 * k + 3) - 1,
      (k) => `${german ? "" : "Q"}${(k % 4) + 1}${german ? ". Q." : ""} ${Math.floor(k / 4)}`, (k) => `${Math.floor(k / 4)}-q${(k % 4) + 1}`],
    year: [(d) => calendar(d).getUTCFullYear(), (k) => firstDay(12 * k), (k) => firstDay(12 * k + 12) - 1, String, String],
  };
  const short = (cents) => {
    const euros = Number(cents) / 100;
    const [unit, size] = page.units.find(([, size]) => Math.abs(euros) >= size) ?? ["", 1];
    return (size > 1 ? String(euros / size).replace(".", german ? "," : ".") : counted(Math.round(euros))).replace("-", "−") + unit;
  };
  const time = (range, from, to) => {
    if (range[0] === range[1]) {
      $("chart").replaceChildren(make("p", { class: "quiet" }, words.quiet));
      fill($("months"), headed([words.month]), []);
      return;
    }
    const newest = day[range[0]];
    const oldest = day[range[1] - 1];
    const begin = from ?? oldest;
    const end = from === null ? newest : to;
    const length = monthOf(end) - monthOf(begin) + 1;
    const unit = length === 1 && from !== null ? "day" : length <= 36 ? "month" : length <= 120 ? "quarter" : "year";
    const [of, start, stop, label, key] = units[unit];
    const found = sums(range, (i) => of(day[i]));
    const keys = [];
    for (let k = of(begin); k <= of(end); k++) keys.push(k);
    const year = unit === "day" ? null : unit === "month" ? 12 : unit === "quarter" ? 4 : 1;
    const running = (k) => start(k) <= page.today && page.today < stop(k);

    // the chart
    const tops = keys.map((k) => found.get(k)?.net ?? ZERO);
    const high = Math.max(0, ...tops.map(Number));
    const low = Math.min(0, ...tops.map(Number));
    const power = 10 ** (Math.floor(Math.log10(Math.max(high, -low, 500))) - 1);
    const step = [2, 5, 10, 20, 50].map((f) => f * power).find((s) => s >= 100 && s * 5 >= Math.max(high, -low));
    const top = Math.ceil(high / step) * step || step;
    const height = top - low;
    const y = (v) => ((100 * (top - v)) / height).toFixed(2) + "%";
    const svg = draw("svg", { class: "bars" });
    for (let k = Math.ceil(low / step); k * step <= top; k++) {
      svg.append(draw("line", { x1: 0, x2: "100%", y1: y(k * step), y2: y(k * step), class: k ? "" : "zero" }));
      svg.append(draw("text", { x: -8, y: y(k * step), dy: ".35em", "text-anchor": "end" }, short(k * step)));
    }
    const slot = 100 / keys.length;
    const wide = Math.min(slot * .78, 12);
    const at = (place) => (slot * (place + .5) - wide / 2).toFixed(2) + "%";
    keys.forEach((k, place) => {
      const value = Number(tops[place]);
      const rect = draw("rect", { x: at(place), width: wide + "%",
        y: y(Math.max(value, 0)), height: ((100 * Math.abs(value)) / height).toFixed(2) + "%",
        class: (value < 0 ? "minus" : "") + (running(k) ? " running" : "") });
      rect.append(draw("title", {}, `${label(k)}${running(k) ? ", " + words.running : ""}: ${euro(tops[place])}`));
      const target = key(k);
      if (target) {
        rect.classList.add("opens");
        rect.onclick = () => go({ period: target });
      }
      svg.append(rect);
    });
    // a label each year, or as many as there is room for
    const gap = unit === "month" && length > 14 ? 12 : Math.max(1, Math.ceil(keys.length / (unit === "day" ? 10 : 8)));
    keys.forEach((k, place) => {
      if (unit === "month" && length > 14 ? k % 12 === 0 || (place === 0 && k % 12 < 9) : place % gap === 0) {
        const text = unit === "day" ? two(calendar(k).getUTCDate()) + "." : unit === "month" && length > 14 ? String(Math.floor(k / 12)) :
          unit === "month" ? page.months[k % 12] : label(k);
        svg.append(draw("text", { x: at(place), y: "100%", dy: "1.5em" }, text));
      }
    });
    $("chart").replaceChildren(make("div", { class: "chart" }, svg));

    // and as a table, the newest first; what is still running is set against the same days only, so that what is to
    // come is set against none
    const rows = [...keys].reverse().map((k) => {
      const sum = found.get(k) || empty();
      const before = start(k - year);
      const then = total(span(before, page.today < stop(k) ? before + page.today - start(k) : stop(k - year)));
      const name = make("span", null, label(k), running(k) ? make("small", null, " " + words.running) : null);
      const soFar = total(span(start(k), Math.min(stop(k), page.today))).net;
      return rowed(name, td(counted(sum.n)), cell(sum.net), cell(sum.gross),
        year === null ? null : complete(before) ? changeCell(soFar, then.n ? then.net : undefined) : td("–", "change"));
    });
    const whole = total(range);
    fill($("months"), headed([words[unit]], [words.documents], [words.net], [words.gross],
      ...(year === null ? [] : [[words.yearBefore, "change"]])), rows,
      rowed(words.total, td(counted(whole.n)), cell(whole.net), cell(whole.gross), year === null ? null : td("")));
  };

  // ---- who owes
  const owedBy = new Map(page.owed.map((o) => [o[0], o]));
  const owing = (range, all) => {
    const byBucket = sums(range, (i) => bucket[i], (i) => bucket[i] > 0);
    const largest = [...byBucket.values()].reduce((most, s) => (s.open > most ? s.open : most), ZERO);
    const numbers = page.buckets.map((_, b) => b).slice(1);
    const whole = joined([...byBucket]);
    fill($("buckets"), headed([words.due], [words.documents], [words.open]), numbers.map((b) => {
      const sum = byBucket.get(b) || empty();
      const name = sum.n ? link(page.buckets[b], { bucket: b }) : page.buckets[b];
      return rowed(make("span", { class: "place" }, make("span", null, name, bar(sum.open, largest))), td(counted(sum.n)), cell(sum.open));
    }), rowed(words.total, td(counted(whole.n)), cell(whole.open)));

    const found = sums(range, (i) => customer[i], (i) => open[i] !== ZERO);
    if (all) {
      // credit notes that are set against nothing stand here, too
      docs.customers.forEach(([key], c) => {
        if (!found.has(c) && owedBy.has(key) && amount(owedBy.get(key)[2])) found.set(c, empty());
      });
    }
    const rows = [...found].sort(order("open", customerName));
    const render = () => {
      const [shown] = cut("owing", rows, page.shown[2], render);
      if (!rows.length) return fill($("owing"), null, [rowed(words.none)]);
      fill($("owing"), headed([words.customer], [words.open], [words.overdue], [words.since],
        ...(all ? [[words.creditNotes], [words.balance], [words.daysToPay]] : [])),
        shown.map(([c, sum]) => {
          const known = owedBy.get(docs.customers[c][0]);
          return rowed(link(customerName(c), { customer: docs.customers[c][0], open: "1" }), cell(all && known ? amount(known[5]) : sum.open), cell(all && known ? amount(known[6]) : sum.overdue),
            td(sum.oldest === null ? "–" : `${date(sum.oldest)} · ${say("days", { number: counted(page.today - sum.oldest) })}`),
            ...(all ? [known ? cell(amount(known[2])) : td("–"), known ? cell(amount(known[3])) : td("–"), td(known?.[4] != null ? String(known[4]) : "–")] : []));
        }));
    };
    render();
    $("open-all").hidden = all;
    $("open-all").textContent = say("openAll", { amount: euro(total([0, docs.rows]).open) });
  };

  // ---- what is not in the total
  const outside = (from, to) => {
    for (const [key, entries] of page.outside) {
      const line = every(`[data-line="${CSS.escape(key)}"]`)[0];
      const inside = entries.filter(([d]) => from === null || d === null || (from <= d && d <= to));
      let n = 0;
      let sum = ZERO;
      let known = false;
      for (const [, each, cents] of inside) {
        n += each;
        if (cents !== null) {
          known = true;
          sum += amount(cents);
        }
      }
      line.querySelector(".n").textContent = counted(n);
      line.querySelector("b").textContent = known ? euro(sum) : "";
    }
  };

  // ---- behind a number
  const dialog = $("detail");
  const STEP = 200;
  const detail = (range, period) => {
    const { found } = state();
    const keys = { city: found.get("city"), country: found.get("country"), customer: found.get("customer"), bucket: found.get("bucket") };
    if (!Object.values(keys).some(Boolean)) {
      if (dialog.open) dialog.close();
      return;
    }
    const c = keys.city ? docs.cities.findIndex((_, i) => cityKey(i) === keys.city) : -1;
    const land = keys.country ? docs.countries.findIndex(([code]) => code === keys.country) : -1;
    const who = keys.customer !== null ? docs.customers.findIndex(([key]) => key === keys.customer) : -1;
    const onlyOpen = Boolean(keys.bucket || found.get("open"));
    const keep = (i) => (!keys.city || city[i] === c) && (!keys.country || country[i] === land) &&
      (keys.customer === null || customer[i] === who) && (!keys.bucket || bucket[i] === Number(keys.bucket)) && (!onlyOpen || open[i] !== ZERO);
    const names = [
      keys.country ? [land < 0 ? keys.country : countryName(land), { customer: null }] : null,
      keys.city ? [c < 0 ? keys.city : cityName(c), { customer: null }] : null,
      keys.bucket ? [page.buckets[keys.bucket] ?? "", { customer: null }] : null,
      keys.customer !== null ? [who < 0 ? keys.customer : customerName(who), {}] : null,
    ].filter(Boolean);
    const path = make("ol", { class: "path" }, make("li", null, link(words.back, closing)));
    names.slice(0, -1).forEach(([name, changes]) => path.append(make("li", null, link(name, changes))));
    const sum = total(range, keep);
    const [title] = names.at(-1);
    const table = make("table", null, make("caption", { class: "sr" }, title));
    const more = make("div");
    const customersOf = (keys.city || keys.country) && keys.customer === null;
    if (customersOf) {
      const rows = [...sums(range, (i) => customer[i], keep)].sort(order("net", customerName));
      const render = (most) => {
        fill(table, headed([words.customer], [words.documents], [words.net], [words.gross, "gross"], [words.open]),
          rows.slice(0, most).map(([who, s]) => rowed(link(customerName(who), { customer: docs.customers[who][0] }), td(counted(s.n)),
            cell(s.net), cell(s.gross, "gross"), cell(s.open))),
          rowed(words.total, td(counted(sum.n)), cell(sum.net), cell(sum.gross, "gross"), cell(sum.open)));
        more.replaceChildren(...(rows.length > most ? [moreButton(rows.length - most, () => render(most + STEP))] : []));
      };
      render(STEP);
    } else {
      const found = [];
      let unlisted = 0;
      for (let i = range[0]; i < range[1]; i++) if (keep(i)) number[i] || count[i] === 1 ? found.push(i) : (unlisted += count[i]);
      const render = (most) => {
        fill(table, headed([words.number], [words.date], [words.customer, keys.customer !== null ? "hide" : null], [words.net], [words.gross], [words.open], [words.due], [words.status]),
          found.slice(0, most).map((i) => rowed(make("span", null, number[i] || "–", make("small", null, " " + docs.kinds[kind[i]])), td(date(day[i])),
            td(customerName(customer[i]), keys.customer !== null ? "hide" : "words"), cell(net[i]), cell(gross[i]), cell(open[i]),
            td(due[i] === null ? "–" : date(due[i]), open[i] && late(i) ? "late" : null), td(docs.statuses[status[i]]))),
          rowed(words.total, td(counted(sum.n)), td("", keys.customer !== null ? "hide" : null), cell(sum.net), cell(sum.gross), cell(sum.open), td(""), td("")));
        more.replaceChildren(...(found.length > most ? [moreButton(found.length - most, () => render(most + STEP))] : []));
        if (unlisted) more.append(make("p", { class: "note" }, say("unlisted", { number: counted(unlisted) })));
      };
      render(STEP);
    }
    dialog.replaceChildren(
      make("header", null, make("nav", { "aria-label": words.back }, path),
        make("button", { type: "button", class: "close", "aria-label": words.back, onclick: () => go(closing) }, "×")),
      make("h2", { id: "detail-title", tabindex: "-1" }, title, make("small", null, " " + period[1] + (onlyOpen ? ", " + words.owes : ""))),
      make("p", { class: "figure" }, euro(onlyOpen ? sum.open : sum.net), make("small", null, " " + (onlyOpen ? words.open : words.net) + " · " + counted(sum.n) + " " + words.documents)),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table), more);
    if (!dialog.open) dialog.showModal();
    $("detail-title").focus();
  };
  const closing = { city: null, country: null, customer: null, bucket: null, open: null };
  const moreButton = (left, onclick) =>
    make("button", { type: "button", class: "more", onclick }, say("showMore", { number: counted(Math.min(left, STEP)) }));
  dialog.oncancel = (event) => {
    event.preventDefault();
    go(closing);
  };
  dialog.onclick = (event) => {
    if (event.target === dialog) go(closing);
  };

  // ---- the page
  let came = null;
  const show = () => {
    const { period } = state();
    const [key, label, from, to, comparisons] = period;
    const range = span(from, to);
    if (came !== key) {
      came = key;
      overview(key, label, from, to, comparisons, range);
    }
    detail(range, period);
  };
  const overview = (key, label, from, to, comparisons, range) => {
    const sum = total(range);
    const [begin, end] = from === null ? [day[docs.rows - 1], day[0]] : [from, to];
    $("period").textContent = label + (begin === undefined ? "" : `, ${date(begin)} – ${date(end)}`);
    $("net").textContent = euro(sum.net);
    $("gross").textContent = euro(sum.gross);
    $("documents").textContent = counted(sum.n);
    $("open").textContent = euro(sum.open);
    $("overdue").textContent = euro(sum.overdue);
    $("comparisons").replaceChildren(...comparisons.map(([name, a, b, c, d]) => {
      const [now, then] = [total(span(a, b)).net, total(span(c, d)).net];
      const change = complete(c) ? ratio(now - then, then) : NaN;
      return make("li", null, make("b", { class: change < 0 ? "minus" : change > 0 && "plus" }, percent(change, true)), " " + name,
        make("span", null, `${date(a)} – ${date(b)}: ${euro(now)}`),
        make("span", null, complete(c) ? `${date(c)} – ${date(d)}: ${euro(then)}` : words.noComparison));
    }));
    every("#periods button").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.period === key)));
    every("#periods select").forEach((s) => {
      s.value = [...s.options].some((o) => o.value === key) ? key : "";
      s.classList.toggle("chosen", s.value !== "");
    });
    const compared = from !== null && comparisons.length && complete(comparisons[0][3])
      ? [span(comparisons[0][1], comparisons[0][2]), span(comparisons[0][3], comparisons[0][4])] : null;
    time(range, from, to);
    const cities = () => {
      const sought = $("search").value.trim().toLowerCase();
      const hits = ranking("cities", words.place, range, compared, city, cityName, (c) => ({ city: cityKey(c) }), page.shown[0],
        (c) => docs.countries[docs.cities[c][2]][0], sought);
      $("found").textContent = sought ? say("found", { number: counted(hits) }) : "";
    };
    $("search").oninput = cities;
    cities();
    ranking("countries", words.country, range, compared, country, countryName, (c) => ({ country: docs.countries[c][0] }), page.shown[0]);
    ranking("customers", words.customer, range, compared, customer, customerName, (c) => ({ customer: docs.customers[c][0] }), page.shown[1]);
    owing(range, from === null);
    outside(from, to);
  };
  every("#periods button").forEach((b) => (b.onclick = () => go({ period: b.dataset.period })));
  every("#periods select").forEach((s) => (s.onchange = () => go({ period: s.value || "all" })));
  addEventListener("popstate", show);
  addEventListener("hashchange", show);
  $("periods").hidden = false;
  $("search-tools").hidden = false;
  show();
  document.body.dataset.ready = "true";
})();
