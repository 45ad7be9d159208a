// @ts-check
/** From question to question, and back: over the address of a page, or a trail inside a widget. */

import { Album } from "./history.js";
import { NOTHING } from "./question.js";

/** @typedef {import("./question.js").Question} Question */

/**
 * @template {{top: number}} Kept what "back" shows again without asking
 */
export class Journey {
  /**
   * @param {boolean} isPage whether the address is ours
   * @param {(question: Question, how: {lost?: boolean, typing?: boolean}) => void} show
   */
  constructor(isPage, show) {
    this.isPage = isPage;
    this.show = show;
    this.album = new Album();
    this.question = NOTHING;
    /** Whether the newest entry of the history is what somebody is still typing. */
    this.isTyping = false;
    /** @type {Map<string, Kept>} */
    this.known = new Map();
    /** @type {Question[]} */
    this.trail = [];
  }

  /** What is kept of the question that is shown. @returns {Kept | undefined} */
  get kept() {
    return this.known.get(this.album.hash(this.question));
  }

  /** @param {Kept} kept */
  keep(kept) {
    this.known.set(this.album.hash(this.question), kept);
  }

  /** Follow the address from now on. */
  start() {
    if (this.isPage) {
      history.scrollRestoration = "manual";
      addEventListener("popstate", () => this.restore());
    }
    this.restore();
  }

  /** @param {Question} question asked now @param {boolean} [typing] it may still change */
  go(question, typing = false) {
    this.leave();
    const hash = this.album.hash(question);
    this.known.delete(hash);
    const replaces = typing && this.isTyping;
    if (this.isPage && hash !== location.hash) {
      history[replaces ? "replaceState" : "pushState"]({ ours: true }, "", hash || location.pathname);
    } else if (!this.isPage && !replaces) this.trail.push(this.question);
    this.isTyping = typing;
    this.arrive(question, { typing });
    if (this.isPage) scrollTo({ top: 0 });
  }

  back() {
    this.leave();
    this.isTyping = false;
    if (!this.isPage) this.arrive(this.trail.pop() ?? NOTHING, {});
    else if (history.state?.ours) history.back();
    else this.go(NOTHING);
  }

  /** Remember how far down the visitor was. */
  leave() {
    if (this.kept) this.kept.top = scrollY;
  }

  /** Show what the address says: at the start, and after "back". */
  restore() {
    this.isTyping = false;
    if (!this.isPage) {
      this.arrive(NOTHING, {});
      return;
    }
    const { lost, ...question } = this.album.question(location.hash);
    if (lost) history.replaceState(history.state, "", this.album.hash(question) || location.pathname);
    this.arrive(question, { lost });
  }

  /** @param {Question} question @param {{lost?: boolean, typing?: boolean}} how */
  arrive(question, how) {
    this.question = question;
    this.show(question, how);
  }
}
