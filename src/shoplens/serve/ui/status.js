// @ts-check
/** The status page: counts, jobs with their progress, and what was refused. */

import { Client, Problem } from "./client.js";
import { h } from "./dom.js";
import { askKey } from "./key-box.js";
import { inChinese, labels } from "./labels.js";

const EVERY_MS = 2000;
const ENGLISH = {
  indexed: "products searchable", pending: "products waiting", images: "images",
  rejected_images: "images refused", rejected_rows: "feed rows refused", noJobs: "No jobs yet",
  nothing: "Nothing was refused", encoder: "Encoder", store: "Store", database: "Database",
  data: "Data folder", queued: "waiting", running: "running", done: "done", failed: "failed",
  interrupted: "interrupted", offline: "The server does not answer; trying again.",
};
/** @type {typeof ENGLISH} */
const CHINESE = {
  indexed: "件商品可搜索", pending: "件商品待处理", images: "张图片",
  rejected_images: "张图片被拒绝", rejected_rows: "行数据被拒绝", noJobs: "还没有任务",
  nothing: "没有被拒绝的内容", encoder: "编码器", store: "存储", database: "数据库",
  data: "数据目录", queued: "等待中", running: "进行中", done: "完成", failed: "失败",
  interrupted: "中断", offline: "服务器没有回应，正在重试。",
};
const WORDS = inChinese ? CHINESE : ENGLISH;
const numbers = new Intl.NumberFormat(navigator.language);
const times = new Intl.DateTimeFormat(navigator.language, { dateStyle: "short", timeStyle: "medium" });
const client = new Client("");
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {any} status */
function showCounts(status) {
  const counts = {
    indexed: status.products.indexed ?? 0, pending: status.products.pending ?? 0,
    images: status.images, rejected_images: status.rejected_images,
    rejected_rows: status.rejected_rows,
  };
  at("counts").replaceChildren(...Object.entries(counts).map(([name, count]) =>
    h(name.startsWith("rejected") && count ? "div.count.bad" : "div.count", {},
      h("b", {}, numbers.format(count)), h("span", {}, WORDS[/** @type {keyof typeof ENGLISH} */ (name)]))));
  const facts = {
    encoder: `${status.encoder} (${[status.fingerprint, status.provider].filter(Boolean).join(", ")})`,
    store: status.store,
    database: status.database, data: status.data,
  };
  at("with").replaceChildren(...Object.entries(facts).flatMap(([name, fact]) =>
    [h("dt", {}, WORDS[/** @type {keyof typeof ENGLISH} */ (name)]), h("dd", {}, fact)]));
}

/** @param {any} job */
function jobItem(job) {
  const state = /** @type {keyof typeof ENGLISH} */ (job.state);
  const when = times.format(new Date(job.finished ?? job.started ?? job.created));
  const bar = h("progress", { max: job.total || 1, "aria-label": job.feed });
  if (job.total) bar.value = job.done;
  const told = job.total ? `${job.message} ${numbers.format(job.done)} / ${numbers.format(job.total)}` : job.message;
  return h("li", {},
    h("div.head", {}, h("strong", {}, job.feed || job.kind), h(`span.state.${job.state}`, {}, WORDS[state] ?? job.state),
      h("span.when", {}, when)),
    job.state === "running" && bar,
    (job.message || job.state === "running") && h("span.soft", {}, job.state === "running" ? told : job.message));
}

/** @param {any} rejection */
function refusedItem({ where, reason, product_id: id }) {
  return h("li", {}, h("span", {}, reason), h("code.soft", {}, id ? `${id} · ${where}` : where));
}

/** @param {string} place @param {HTMLElement[]} items @param {string} none */
function list(place, items, none) {
  at(place).replaceChildren(...(items.length ? items : [h("li.empty", {}, none)]));
}

async function refresh() {
  try {
    const [status, { jobs }, { rejections }] = await Promise.all([
      client.ask("/v1/status"), client.ask("/v1/jobs?limit=10"), client.ask("/v1/rejections?limit=50"),
    ]);
    at("key").replaceChildren();
    showCounts(status);
    list("jobs", jobs.map(jobItem), WORDS.noJobs);
    list("refused", rejections.map(refusedItem), WORDS.nothing);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401 || error.status === 403) {
      askKey(at("key"), client, error.status === 403, refresh);
      return;
    }
    at("key").replaceChildren(h("p.empty", {}, error.detail || WORDS.offline));
  }
  setTimeout(refresh, EVERY_MS);
}

labels();
refresh();
