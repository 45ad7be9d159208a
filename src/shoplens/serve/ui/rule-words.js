// @ts-check
/** What the page of rules says; {0} stands for a value. */

import { inChinese } from "./labels.js";

const ENGLISH = {
  pin: "Pin", hide: "Hide", boost: "Boost", bury: "Bury",
  pinAbout: "at a place", hideAbout: "never show", boostAbout: "show higher", buryAbout: "show lower",
  action: "What to do", which: "Which products", pickHint: "None picked yet.", filter: "or all that a filter lets through",
  questions: "For which questions", words: "all questions, or only those with these words", use: "Use “{0}”",
  place: "Place", strength: "How much", little: "a little (× {0})", clearly: "clearly (× {0})", strongly: "above nearly all else (× {0})", times: "× {0}",
  starts: "From", ends: "Until", note: "Note, for people", save: "Save rule", saveChange: "Save changes", cancel: "Cancel",
  newRule: "New rule", editRule: "Change a rule", search: "Search as a visitor does", preview: "What visitors see",
  nothing: "Nothing is found.", newest: "The newest products, until you search.", ruled: "moved by a rule", drop: "Not this product: {0}",
  none: "No rules yet. Every product stands where its likeness puts it.",
  now: "speaks now", later: "later", over: "over", problem: "left out",
  forAll: "for all questions", forWords: "for “{0}”", atPlace: "at place {0}", byFactor: "× {0}", since: "from {0}", until: "until {0}",
  andMore: "and {0} more", gone: "no longer in the shop", edit: "Change", remove: "Remove", removed: "The rule is removed.", undo: "Undo",
  saved: "The rule is saved; it counts from now on.", savedLater: "The rule is saved for later.", needsProducts: "Click the products that are meant, or write a filter.",
  offline: "The server does not answer; try again.",
};
/** @type {typeof ENGLISH} */
const CHINESE = {
  pin: "置顶", hide: "隐藏", boost: "提升", bury: "降低",
  pinAbout: "放在指定位置", hideAbout: "不再显示", boostAbout: "排得更高", buryAbout: "排得更低",
  action: "做什么", which: "针对哪些商品", pickHint: "还没有选择商品。", filter: "或符合筛选条件的全部商品",
  questions: "针对哪些搜索", words: "全部搜索，或只限含有这些词的", use: "使用“{0}”",
  place: "位置", strength: "程度", little: "稍微（× {0}）", clearly: "明显（× {0}）", strongly: "几乎高于一切（× {0}）", times: "× {0}",
  starts: "开始", ends: "结束", note: "备注", save: "保存规则", saveChange: "保存修改", cancel: "取消",
  newRule: "新规则", editRule: "修改规则", search: "像顾客一样搜索", preview: "顾客看到的",
  nothing: "没有找到。", newest: "搜索之前显示最新商品。", ruled: "受规则影响", drop: "不选这件商品：{0}",
  none: "还没有规则，商品按相似程度排列。",
  now: "生效中", later: "未开始", over: "已结束", problem: "未生效",
  forAll: "针对全部搜索", forWords: "针对“{0}”", atPlace: "放在第 {0} 位", byFactor: "× {0}", since: "从 {0}", until: "到 {0}",
  andMore: "以及另外 {0} 件", gone: "店里已没有", edit: "修改", remove: "删除", removed: "规则已删除。", undo: "撤销",
  saved: "规则已保存，立即生效。", savedLater: "规则已保存，到时生效。", needsProducts: "请点击商品，或写一个筛选条件。",
  offline: "服务器没有回应，请重试。",
};

/** @typedef {keyof typeof ENGLISH} RuleWord */

/** @param {RuleWord} word @param {...(string | number)} values @returns {string} */
export function say(word, ...values) {
  return (inChinese ? CHINESE : ENGLISH)[word].replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)] ?? ""));
}
