// @ts-check
/** The words of the frame around each page. */

const CHINESE = /** @type {Record<string, string>} */ ({
  status: "状态",
  docs: "接口",
  rules: "规则",
  rulesTitle: "排序规则",
  rulesAbout: "从下一次搜索起生效。点击商品，或写一个筛选条件，指明规则针对哪些商品。",
  rulesAll: "全部规则",
  statusTitle: "商店状态",
  jobs: "任务",
  refused: "被拒绝的内容",
  docsTitle: "接口文档",
});

/** Whether the visitor reads Chinese. */
export const inChinese = navigator.language.toLowerCase().startsWith("zh");

/** Put every element with data-word into the visitor's language. */
export function labels() {
  if (!inChinese) return;
  document.documentElement.lang = "zh";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = CHINESE[element.getAttribute("data-word") ?? ""] ?? element.textContent;
  }
}
