// The mailbox's one script. Every form works without it; with it the code is fetched without leaving
// the page (after a proof of work), the draft is kept in this browser, and typing errors show early.
(() => {
  "use strict";
  const $ = (selector, scope = document) => scope.querySelector(selector);
  const form = $("form[data-letter]");

  // ---- proof of work (altcha 2, PBKDF2): asked for only when a code is wanted
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));

  async function solve({ parameters, signature }) {
    const { nonce, salt, cost, keyLength, keyPrefix } = parameters;
    const start = bytes(nonce), password = new Uint8Array(start.length + 4);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
    password.set(start);
    for (let counter = 0; ; counter++) {
      new DataView(password.buffer).setUint32(start.length, counter);
      const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
      const derivedKey = hex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
      if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge: { parameters, signature }, solution: { counter, derivedKey } }));
    }
  }

  // ---- the SMS code; where there is no crypto (plain http) the button submits the form instead
  const button = $("[data-send-code]");
  const told = $("[data-code-status]");
  const say = (text) => { told.textContent = text; };

  function countDown(seconds) {
    button.disabled = true;
    const label = button.dataset.label;
    const tick = () => {
      button.textContent = seconds > 0 ? `${seconds}秒后可重发` : label;
      button.disabled = seconds > 0;
      if (seconds-- > 0) setTimeout(tick, 1000);
    };
    tick();
  }

  async function sendCode() {
    const mobile = $("#mobile").value;
    button.disabled = true;
    say("正在进行人机验证……");
    const altcha = await solve(await (await fetch("/api/v1/challenge")).json());
    const response = await fetch("/api/v1/otp", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ mobile, purpose: button.dataset.sendCode, altcha }),
    });
    const body = await response.json();
    if (response.ok) {
      say("验证码已发送，5分钟内有效。");
      countDown(60);
      $("#code").focus();
      return;
    }
    say(body.errors ? body.errors.map((error) => error.detail).join("；") : body.detail);
    countDown(Math.min(60, Number(response.headers.get("Retry-After")) || 0));
    if (body.errors?.some((error) => error.pointer === "/mobile")) $("#mobile").focus();
  }

  if (button && window.crypto?.subtle) {
    button.dataset.label = button.textContent;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      sendCode().catch(() => { say("网络不通，请稍后再试。"); button.disabled = false; });
    });
  }

  // ---- the draft: kept in this browser until the letter is sent
  const DRAFT = "mailbox.draft";
  const KEPT = ["name", "title", "content", "category"];
  const stored = () => { try { return localStorage.getItem(DRAFT); } catch { return null; } };
  const keep = (value) => { try { value === null ? localStorage.removeItem(DRAFT) : localStorage.setItem(DRAFT, value); } catch { /* not kept */ } };

  if (form) {
    const clear = $("[data-clear-draft]", form);
    const values = () => Object.fromEntries(KEPT.map((name) => [name, form.elements[name].value]));
    let draft = {};
    try { draft = JSON.parse(stored() || "{}"); } catch { keep(null); }
    for (const name of KEPT) if (draft[name] && !form.elements[name].value) form.elements[name].value = draft[name];
    clear.hidden = !stored();
    form.addEventListener("input", () => { keep(JSON.stringify(values())); clear.hidden = false; });
    clear.addEventListener("click", () => { keep(null); form.reset(); for (const name of ["name", "title", "content"]) form.elements[name].value = ""; clear.hidden = true; });
  }
  if ($("[data-query-code]")) keep(null);

  // ---- how many characters
  for (const area of document.querySelectorAll("textarea[data-most]")) {
    const counter = document.createElement("p");
    counter.className = "counter";
    const count = () => { counter.textContent = `${[...area.value.trim()].length} / ${area.dataset.most}`; };
    area.after(counter);
    area.addEventListener("input", count);
    count();
  }

  // ---- the query code: typing errors are seen by its check symbol before anything is sent
  const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const isCode = (text) => {
    const code = text.normalize("NFKC").toUpperCase().replace(/[\s\-‐-―·.]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
    if (code.length !== 13 || [...code].some((symbol) => !SYMBOLS.includes(symbol))) return false;
    const check = [...code.slice(0, 12)].reduce((value, symbol) => (value * 32 + SYMBOLS.indexOf(symbol)) % 37, 0);
    return SYMBOLS[check] === code[12];
  };
  const query = $("form[data-query] #code");
  if (query) {
    const check = () => query.setCustomValidity(!query.value || isCode(query.value) ? "" : "查询码有误，请对照回执核对");
    query.addEventListener("input", check);
    query.form.addEventListener("submit", check);
  }
  for (const print of document.querySelectorAll("[data-print]")) print.hidden = false;
})();
