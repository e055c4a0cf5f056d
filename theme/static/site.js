// The portal's one script: what makes reading easier. Every page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, scope = document) => scope.querySelector(selector);
  const $$ = (selector, scope = document) => [...scope.querySelectorAll(selector)];
  root.classList.add("js");

  // ---- storage that may be forbidden (private windows, strict settings): then choices last for the page
  const stored = (area, key) => { try { return window[area].getItem(key); } catch { return null; } };
  const store = (area, key, value) => { try { window[area].setItem(key, value); } catch { /* not kept */ } };

  const toast = (text) => { const box = $("[data-toast]"); if (box) { box.textContent = text; setTimeout(() => { box.textContent = ""; }, 4000); } };
  const element = (name, attributes = {}) => {
    const made = name === "svg" || name === "path" ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  // ---- views: elder, size, contrast, underlined links, pointer, ruler
  const KEY = "portal.view";
  const view = { elder: false, size: 0, contrast: false, underline: false, pointer: false, ruler: false };
  try { Object.assign(view, JSON.parse(stored("localStorage", KEY) || "{}")); } catch { store("localStorage", KEY, "{}"); }
  const wanted = new URLSearchParams(location.search).get("view");
  if (wanted) view.elder = wanted === "elder";

  const mark = (name, value) => (value ? root.setAttribute(`data-${name}`, value) : root.removeAttribute(`data-${name}`));
  const showView = () => {
    mark("view", view.elder && "elder");
    mark("size", view.size || "");
    mark("contrast", view.contrast && "high");
    mark("underline", view.underline && "on");
    mark("pointer", view.pointer && "large");
    showRuler(view.ruler);
    for (const name of ["elder", "contrast", "underline", "pointer", "ruler"])
      for (const button of $$(`button[data-tool="${name}"]`)) button.setAttribute("aria-pressed", String(Boolean(view[name])));
    for (const link of $$("a[data-tool=elder]")) {
      link.textContent = view.elder ? "退出长者模式" : "长者模式";
      link.href = view.elder ? "?view=normal" : "?view=elder";
    }
  };
  const changeView = (change) => { Object.assign(view, change); store("localStorage", KEY, JSON.stringify(view)); showView(); };

  let ruler = null;
  const followPointer = (event) => { ruler.style.top = `${event.clientY - ruler.offsetHeight / 2}px`; };
  function showRuler(on) {
    if (on === Boolean(ruler)) return;
    if (on) {
      ruler = element("div", { class: "ruler", "aria-hidden": "true" });
      document.body.append(ruler);
      addEventListener("pointermove", followPointer);
    } else {
      removeEventListener("pointermove", followPointer);
      ruler.remove();
      ruler = null;
    }
  }

  // ---- reading aloud, paragraph by paragraph, by the browser's own voice
  const speech = window.speechSynthesis;
  let queue = [];
  const stopSpeaking = () => {
    queue = [];
    speech?.cancel();
    for (const block of $$(".is-spoken")) block.classList.remove("is-spoken");
    for (const button of $$("[data-tool=speak]")) button.setAttribute("aria-pressed", "false");
  };
  const speakNext = () => {
    for (const block of $$(".is-spoken")) block.classList.remove("is-spoken");
    const block = queue.shift();
    if (!block) return stopSpeaking();
    block.classList.add("is-spoken");
    block.scrollIntoView({ block: "nearest" });
    const words = new SpeechSynthesisUtterance(block.textContent.trim());
    words.lang = "zh-CN";
    words.rate = view.elder ? 0.85 : 1;
    words.onend = speakNext;
    words.onerror = ({ error }) => {
      stopSpeaking();
      if (!["canceled", "interrupted"].includes(error)) toast("这台设备没有可用的朗读语音");
    };
    speech.speak(words);
  };
  const speak = () => {
    if (!speech) return toast("这个浏览器不能朗读");
    if (queue.length || speech.speaking) return stopSpeaking();
    const scopes = $$("[data-speak]");
    const blocks = scopes.length ? scopes.flatMap((scope) => $$("p, li, h2, h3, h4, tr, dt, dd", scope)) : $$("main :is(h1, h2, h3, p, li)");
    queue = [$("main h1"), ...blocks].filter((block, index, all) => block && all.indexOf(block) === index && block.textContent.trim() && !$("p, li", block));
    for (const button of $$("[data-tool=speak]")) button.setAttribute("aria-pressed", "true");
    speakNext();
  };

  const TOOLS = {
    elder: () => changeView({ elder: !view.elder }),
    larger: () => changeView({ size: Math.min(3, view.size + 1) }),
    smaller: () => changeView({ size: Math.max(0, view.size - 1) }),
    contrast: () => changeView({ contrast: !view.contrast }),
    underline: () => changeView({ underline: !view.underline }),
    pointer: () => changeView({ pointer: !view.pointer }),
    ruler: () => changeView({ ruler: !view.ruler }),
    reset: () => changeView({ elder: false, size: 0, contrast: false, underline: false, pointer: false, ruler: false }),
    speak,
  };

  // ---- QR code (ISO/IEC 18004, byte mode, correction level M, versions 1 to 10) as an SVG of our own
  const TOTAL = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
  const CHECK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26];
  const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
  const ALIGN = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
  const MASKS = [
    (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
    (x, y) => ((x / 3 | 0) + (y / 2 | 0)) % 2, (x, y) => (x * y) % 2 + (x * y) % 3,
    (x, y) => ((x * y) % 2 + (x * y) % 3) % 2, (x, y) => ((x + y) % 2 + (x * y) % 3) % 2,
  ];
  const multiply = (a, b) => { let z = 0; for (let i = 7; i >= 0; i--) { z = (z << 1) ^ ((z >> 7) * 0x11d); z ^= ((b >> i) & 1) * a; } return z; };

  function checkWords(data, degree) {
    const divisor = new Array(degree - 1).fill(0).concat(1);
    for (let i = 0, power = 1; i < degree; i++, power = multiply(power, 2))
      for (let j = 0; j < degree; j++) divisor[j] = multiply(divisor[j], power) ^ (divisor[j + 1] || 0);
    const rest = new Array(degree).fill(0);
    for (const byte of data) {
      const factor = byte ^ rest.shift();
      rest.push(0);
      divisor.forEach((value, i) => { rest[i] ^= multiply(value, factor); });
    }
    return rest;
  }

  function codewords(bytes, version) {
    const [total, check, blocks] = [TOTAL, CHECK, BLOCKS].map((table) => table[version - 1]);
    const room = total - check * blocks;
    const bits = [];
    const put = (value, count) => { for (let i = count - 1; i >= 0; i--) bits.push((value >> i) & 1); };
    put(4, 4);
    put(bytes.length, version < 10 ? 8 : 16);
    for (const byte of bytes) put(byte, 8);
    put(0, Math.min(4, room * 8 - bits.length));
    put(0, (8 - bits.length % 8) % 8);
    const data = [];
    for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(""), 2));
    for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);
    const short = blocks - total % blocks, size = (total / blocks | 0) - check;
    const parts = [];
    for (let i = 0, from = 0; i < blocks; i++) {
      const part = data.slice(from, from += size + (i < short ? 0 : 1));
      parts.push([part, checkWords(part, check)]);
    }
    const out = [];
    for (const which of [0, 1])
      for (let i = 0; i <= Math.max(size, check); i++)
        for (const part of parts) if (i < part[which].length) out.push(part[which][i]);
    return out;
  }

  function fixedModules(version) {
    const size = version * 4 + 17;
    const grid = Array.from({ length: size }, () => new Array(size).fill(null));
    const set = (x, y, dark) => { if (x >= 0 && y >= 0 && x < size && y < size) grid[y][x] = dark; };
    for (let i = 0; i < size; i++) { set(6, i, i % 2 === 0); set(i, 6, i % 2 === 0); }
    for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]])
      for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        set(cx + dx, cy + dy, ring !== 2 && ring !== 4);
      }
    const centres = ALIGN[version - 1], last = centres.length - 1;
    centres.forEach((cx, i) => centres.forEach((cy, j) => {
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }));
    if (version >= 7) {
      let rest = version;
      for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
      const bits = (version << 12) | rest;
      for (let i = 0; i < 18; i++) {
        const a = size - 11 + i % 3, b = i / 3 | 0, dark = ((bits >> i) & 1) === 1;
        set(a, b, dark); set(b, a, dark);
      }
    }
    return grid;
  }

  function writeFormat(grid, mask) {
    const size = grid.length;
    let rest = mask; // level M is 00
    for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((mask << 10) | rest) ^ 0x5412;
    const bit = (i) => ((bits >> i) & 1) === 1;
    for (let i = 0; i < 15; i++) {
      const near = i < 6 ? i : i < 8 ? i + 1 : null;
      if (near !== null) grid[near][8] = bit(i);
      else grid[8][i === 8 ? 7 : 14 - i] = bit(i);
      if (i < 8) grid[8][size - 1 - i] = bit(i); else grid[size - 15 + i][8] = bit(i);
    }
    grid[size - 8][8] = true;
  }

  function penalty(grid) {
    const size = grid.length;
    const columns = grid[0].map((_, x) => grid.map((row) => row[x]));
    let cost = 0;
    for (const line of [...grid, ...columns]) {
      const text = line.map((dark) => (dark ? 1 : 0)).join("");
      for (const run of text.match(/0{5,}|1{5,}/g) || []) cost += run.length - 2;
      for (let i = 0; i + 11 <= size; i++) if (/^(10111010000|00001011101)/.test(text.slice(i, i + 11))) cost += 40;
    }
    for (let y = 0; y + 1 < size; y++) for (let x = 0; x + 1 < size; x++)
      if (grid[y][x] === grid[y][x + 1] && grid[y][x] === grid[y + 1][x] && grid[y][x] === grid[y + 1][x + 1]) cost += 3;
    const dark = grid.flat().filter(Boolean).length;
    return cost + Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size)) * 10;
  }

  function masked(fixed, words, mask) {
    const grid = fixed.map((row) => [...row]);
    writeFormat(grid, mask);
    const free = grid.map((row) => row.map((dark) => dark === null));
    const size = grid.length;
    let i = 0;
    for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2)
      for (let step = 0; step < size; step++) for (const x of [right, right - 1]) {
        const y = ((right + (right < 6 ? 1 : 0)) & 2) === ((size - 1) & 2) ? size - 1 - step : step;
        if (!free[y][x]) continue;
        const dark = i < words.length * 8 && ((words[i >> 3] >> (7 - (i & 7))) & 1) === 1;
        grid[y][x] = dark !== (MASKS[mask](x, y) === 0);
        i++;
      }
    return grid;
  }

  /** The modules of a QR code for `text`: rows of booleans; null when it is too long. */
  function qrCode(text) {
    const bytes = new TextEncoder().encode(text);
    const version = TOTAL.findIndex((total, i) => bytes.length + (i < 9 ? 2 : 3) <= total - CHECK[i] * BLOCKS[i]) + 1;
    if (!version) return null;
    const fixed = fixedModules(version), words = codewords(bytes, version);
    const all = MASKS.map((_, mask) => masked(fixed, words, mask));
    return all.reduce((best, grid) => (penalty(grid) < penalty(best) ? grid : best));
  }

  function qrPicture(text) {
    const grid = qrCode(text);
    if (!grid) return null;
    const size = grid.length + 8;
    const svg = element("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "本页网址的二维码" });
    const path = grid.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
    svg.append(element("path", { d: path, fill: "#000" }));
    return svg;
  }

  const address = () => $("link[rel=canonical]")?.href || location.href.split("#")[0];
  const toggleQr = (button) => {
    const box = $("#qr");
    if (!box.firstChild) {
      const picture = qrPicture(address());
      if (!picture) return toast("网址太长，生成不了二维码");
      box.append(picture);
    }
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
  };
  const copyAddress = async () => {
    try {
      await navigator.clipboard.writeText(`${document.title} ${address()}`);
      toast("已复制标题和链接");
    } catch {
      toast(address());
    }
  };

  // ---- leaving for a site that is no government's: one notice, then the link as it was
  const leave = $("#leave");
  const isForeign = (link) => /^https?:$/.test(link.protocol) && link.hostname !== location.hostname && !/(^|\.)gov\.cn$/.test(link.hostname);
  const askToLeave = (link, event) => {
    if (!leave?.showModal || stored("sessionStorage", "portal.leave") === "mute") return;
    event.preventDefault();
    $("[data-leave-url]", leave).textContent = link.hostname;
    const go = $("[data-leave-go]", leave);
    go.href = link.href;
    go.target = link.target;
    leave.showModal();
  };

  // ---- carousel: moves by itself only when motion is welcome, and stops for good at the first touch
  const startCarousel = (box) => {
    const slides = $(".slides", box), count = slides.children.length;
    const pause = $("[data-pause]", box);
    const quiet = matchMedia("(prefers-reduced-motion: reduce)");
    let playing = !quiet.matches && !view.elder && count > 1;
    const at = () => Math.round(slides.scrollLeft / slides.clientWidth);
    const show = (index) => slides.scrollTo({ left: slides.clientWidth * ((index + count) % count) });
    const state = (on) => {
      playing = on;
      pause.setAttribute("aria-pressed", String(!on));
      $("use", pause).setAttribute("href", $("use", pause).getAttribute("href").replace(/#.*/, on ? "#pause" : "#play"));
      $(".visually-hidden", pause).textContent = on ? "暂停轮播" : "开始轮播";
    };
    state(playing);
    setInterval(() => { if (playing && !view.elder && !document.hidden && !box.matches(":hover, :focus-within")) show(at() + 1); }, 6000);
    box.addEventListener("click", (event) => {
      const step = event.target.closest("[data-slide]");
      if (step) { state(false); show(at() + Number(step.dataset.slide)); }
      if (event.target.closest("[data-pause]")) state(!playing);
    });
    slides.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) { event.preventDefault(); state(false); show(at() + step); }
    });
  };

  // ---- float: shown once, remembers being closed
  const startFloat = (box) => {
    const key = `portal.float.${box.dataset.float}`;
    if (stored("localStorage", key)) return;
    box.hidden = false;
    const close = () => { box.hidden = true; store("localStorage", key, "closed"); };
    $("[data-float-close]", box).addEventListener("click", close);
    box.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  };

  // ---- search: conditions take effect at once; without the script, or when the network fails, the page loads anew
  const startSearch = (desk) => {
    const form = $("form", desk), status = $("[data-search-status]", desk);
    let latest = 0, shown = location.search;
    const take = (fresh) => {
      for (const field of form.elements) {
        const other = field.name && $(`[name="${field.name}"]`, fresh);
        if (other) [field.value, field.disabled] = [other.value, other.disabled];
      }
      $("[data-search-results]", desk).replaceWith($("[data-search-results]", fresh));
      status.textContent = $("[data-search-status]", fresh).textContent;
    };
    const show = async (url, { isNew, focus }) => {
      const mine = ++latest;
      desk.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(url);
        if (!answer.ok) throw new Error(answer.statusText);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (mine !== latest) return; // overtaken by a later question
        take($("[data-search]", page));
        document.title = page.title;
        if (isNew) history.pushState(null, "", url);
        shown = location.search;
        if (focus) status.focus();
        desk.removeAttribute("aria-busy");
      } catch {
        if (mine === latest) location.assign(url);
      }
    };
    const ask = () => {
      const wanted = [...new FormData(form)].filter(([, value]) => value);
      show(`/search?${new URLSearchParams(wanted)}`, { isNew: true });
    };
    form.addEventListener("change", (event) => { if (event.target.matches("select") && form.elements.q.value) ask(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
    desk.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="/search"]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(link.href, { isNew: true, focus: true });
    });
    addEventListener("popstate", () => { if (location.search !== shown) show(location.href, {}); });
  };

  // ---- one listener for everything that is clicked
  document.addEventListener("click", (event) => {
    const target = event.target.closest("a, button");
    for (const open of $$(".menu-all[open], .tools[open]")) if (!open.contains(event.target)) open.open = false;
    if (!target) return;
    const { tool, print, copy, qr, leaveGo, leaveStay } = target.dataset;
    if (tool) { event.preventDefault(); TOOLS[tool](); }
    else if (print !== undefined) window.print();
    else if (copy !== undefined) copyAddress();
    else if (qr !== undefined) toggleQr(target);
    else if (leaveGo !== undefined || leaveStay !== undefined) {
      if ($("[data-leave-mute]", leave).checked) store("sessionStorage", "portal.leave", "mute");
      leave.close();
    } else if (target.matches("a[href]") && isForeign(target) && !event.ctrlKey && !event.metaKey) askToLeave(target, event);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of $$(".menu-all[open], .tools[open], .official[open]")) { open.open = false; $("summary", open).focus(); }
    if (queue.length || speech?.speaking) stopSpeaking();
  });
  addEventListener("pagehide", () => speech?.cancel());

  showView();
  if (wanted) store("localStorage", KEY, JSON.stringify(view));
  $$("[data-carousel]").forEach(startCarousel);
  $$("[data-float]").forEach(startFloat);
  $$("[data-search]").forEach(startSearch);
  const summary = $(".error-summary");
  if (summary) { summary.tabIndex = -1; summary.focus(); }
  const path = $("[data-from-path]");
  if (path) path.value = decodeURIComponent(location.pathname).replace(/\.\w+$/, "").replace(/[^\p{Script=Han}]+/gu, " ").trim();
  root.dataset.ready = "";
  window.portalQr = qrPicture; // read back by the tests
})();
