// The page stands in a frame and is the very page that would be published; this script only looks at it.
const frame = document.getElementById("page");
const state = document.getElementById("state");
const broken = document.getElementById("broken");
const count = document.getElementById("count");
const list = document.getElementById("findings");
const BLOCKS = "h1, h2, h3, h4, h5, h6, p, li, td, th, dt, dd, figcaption, pre";
const NAMES = { veto: "疑似否决项", error: "错误", warning: "警告", info: "提示" };

const squeeze = (text) => text.replace(/\s+/g, "");

function blockOf(finding) {
  const page = frame.contentDocument;
  const link = [...page.querySelectorAll("main a[href], main img[src]")].find(
    (node) => (node.getAttribute("href") || node.getAttribute("src")) === finding.text,
  );
  if (link) return link;
  const blocks = [...page.querySelectorAll("main " + BLOCKS.replaceAll(", ", ", main "))];
  const paragraph = squeeze(finding.paragraph);
  const words = squeeze(finding.text);
  const same = (block) => squeeze(block.textContent) === paragraph;
  const within = (block) => block.textContent.length > 1 && paragraph.includes(squeeze(block.textContent));
  const says = (block) => words && squeeze(block.textContent).includes(words);
  return (
    (paragraph && blocks.find(same)) ||
    (paragraph && blocks.find((block) => within(block) && says(block))) ||
    blocks.findLast(says) ||
    page.querySelector("h1")
  );
}

function show(finding) {
  const block = blockOf(finding);
  if (!block) return;
  block.scrollIntoView({ block: "center" });
  block.style.outline = "3px solid #b3261e";
  block.style.outlineOffset = "4px";
  setTimeout(() => (block.style.outline = ""), 4000);
}

function row(finding) {
  const item = document.createElement("li");
  item.className = finding.severity;
  const jump = document.createElement("button");
  jump.type = "button";
  jump.textContent = finding.message;
  const more = document.createElement("small");
  more.textContent = [NAMES[finding.severity], finding.suggestion, `第 ${finding.line} 行`].filter(Boolean).join(" · ");
  jump.append(more);
  jump.addEventListener("click", () => show(finding));
  const edit = document.createElement("a");
  edit.href = finding.editor;
  edit.textContent = "在编辑器里打开";
  item.append(jump, edit);
  return item;
}

async function findings() {
  const answer = await fetch(`/__preview/findings?path=${encodeURIComponent(frame.contentWindow.location.pathname)}`);
  const rows = await answer.json();
  count.textContent = rows.length ? `本页有 ${rows.length} 个问题` : isChecked ? "本页没有发现问题" : "";
  list.replaceChildren(...rows.map(row));
}

frame.addEventListener("load", () => {
  const place = frame.contentWindow.location;
  if (place.protocol === "about:") return;
  history.replaceState(null, "", place.pathname + place.search + place.hash);
  document.title = `预览：${frame.contentDocument.title}`;
  findings();
});
frame.src = location.pathname + location.search + location.hash;

const events = new EventSource("/__preview/events");
let shown = null;
let isChecked = false;
events.addEventListener("message", (event) => {
  const told = JSON.parse(event.data);
  isChecked = told.checked;
  broken.hidden = !told.problem;
  broken.textContent = told.problem;
  state.textContent = told.problem ? "没有构建成功，显示的是上一次的页面" : told.text;
  if (shown !== null && told.build !== shown) frame.contentWindow.location.reload();
  else if (shown !== null) findings();
  shown = told.build;
});
events.addEventListener("error", () => (state.textContent = "预览服务已停止"));
