// @ts-check
/**
 * The look of `<shoplens-search>`; a shop changes it through the --shoplens-… properties.
 *
 * It is dark where its page's CSS color-scheme is, so a light shop stays light at night.
 */

import { ANSWER } from "./styles-answer.js";
import { SIDE } from "./styles-side.js";

const CSS = `
:host {
  --accent: var(--shoplens-accent, light-dark(#2c5f54, #8cc6b5));
  --on-accent: var(--shoplens-on-accent, light-dark(#fff, #10201b));
  --ink: var(--shoplens-ink, light-dark(#20211f, #ecebe6));
  --soft: var(--shoplens-soft, light-dark(#6d6f69, #a09f98));
  --line: var(--shoplens-line, light-dark(#e4e2dc, #33342f));
  --paper: var(--shoplens-paper, light-dark(#fff, #1e1f1c));
  --well: var(--shoplens-well, light-dark(#f3f1ec, #282924));
  --bad: light-dark(#a8402f, #ef9a88); --bad-paper: light-dark(#fbefec, #36211d);
  --good: light-dark(#39745a, #8cc6a5); --sale: light-dark(#b04a2f, #f0a48c);
  --radius: var(--shoplens-radius, 14px);
  display: block; position: relative; color: var(--ink);
  font: 400 15px/1.45 var(--shoplens-font, system-ui, -apple-system, "Segoe UI", "PingFang SC",
    "Microsoft YaHei", "Noto Sans CJK SC", sans-serif);
  -webkit-text-size-adjust: 100%;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, p, ul, dl, dd, fieldset { margin: 0; padding: 0; }
ul { list-style: none; }
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.icon {
  width: 20px; height: 20px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linecap: round; stroke-linejoin: round;
}

.bar { max-width: 760px; margin: 0 auto; }
.field {
  position: relative; display: flex; align-items: center; gap: 4px; padding: 6px; border: 1px solid var(--line);
  border-radius: 999px; background: var(--paper); transition: border-color .15s, box-shadow .15s;
  box-shadow: 0 1px 2px rgb(0 0 0 / 4%), 0 6px 24px rgb(0 0 0 / 4%);
}
.field:focus-within { border-color: var(--accent); }
.words {
  flex: 1; min-width: 0; height: 44px; padding: 0 8px; border: 0; background: none; outline: 0;
  font-size: 17px; appearance: none; text-overflow: ellipsis;
}
.words::placeholder, .filter input::placeholder { color: var(--soft); opacity: .85; }
.words::-webkit-search-cancel-button { display: none; }
.round {
  display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 0;
  border-radius: 50%; background: none; color: var(--soft); overflow: hidden;
}
.round:hover, .round[aria-expanded="true"] { background: var(--well); color: var(--ink); }
.photo { position: relative; flex: none; }
.photo img { width: 44px; height: 44px; object-fit: cover; display: block; }
.remove {
  position: absolute; top: -5px; right: -5px; display: grid; place-items: center; width: 20px;
  height: 20px; padding: 0; border: 0; border-radius: 50%; background: var(--ink); color: var(--paper);
}
.suggest {
  position: absolute; inset: calc(100% + 8px) 0 auto; z-index: 5; max-height: min(60vh, 440px); padding: 8px;
  overflow: auto; border: 1px solid var(--line); border-radius: 18px; background: var(--paper);
  box-shadow: 0 12px 40px rgb(0 0 0 / 14%);
}
.suggest li { display: flex; align-items: center; gap: 12px; min-height: 42px; padding: 0 12px; border-radius: 10px; cursor: pointer; }
.suggest li[aria-selected="true"], .suggest li:hover { background: var(--well); }
.suggest span { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.suggest .icon { width: 17px; height: 17px; color: var(--soft); }
.suggest b { font-weight: 620; }
small { color: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.swatch { flex: none; display: inline-block; width: 16px; height: 16px; border-radius: 50%; box-shadow: inset 0 0 0 1px rgb(128 128 120 / 45%); }
.colour { position: relative; flex: none; }
.colour > .round .swatch { width: 22px; height: 22px; }
.palette {
  position: absolute; top: calc(100% + 12px); right: -8px; z-index: 5; width: 236px; padding: 14px; border: 1px solid var(--line);
  border-radius: 18px; background: var(--paper); box-shadow: 0 12px 40px rgb(0 0 0 / 14%);
}
.swatches { display: grid; grid-template-columns: repeat(6, 1fr); gap: 4px; }
.swatches button { display: grid; place-items: center; height: 34px; padding: 0; border: 0; border-radius: 50%; background: none; }
.swatches button:hover { background: var(--well); }
.swatches .swatch { width: 24px; height: 24px; }
.any { display: flex; align-items: center; gap: 10px; margin-top: 12px; color: var(--soft); font-size: 14px; cursor: pointer; }
.any input { width: 34px; height: 26px; padding: 0; border: 0; background: none; cursor: pointer; }
.link {
  padding: 4px 0; border: 0; background: none; color: var(--accent); font-size: 13.5px; text-decoration: underline;
  text-decoration-color: transparent; text-underline-offset: 3px;
}
.link:hover { text-decoration-color: currentColor; }
.remove .icon { width: 12px; height: 12px; stroke-width: 2.4; }
.primary {
  display: inline-flex; align-items: center; justify-content: center; gap: 8px; height: 44px;
  padding: 0 20px; border: 0; border-radius: 999px; background: var(--accent);
  color: var(--on-accent); font-weight: 600;
}
.primary:hover { filter: brightness(1.08); }
.quiet, .more, .back {
  display: inline-flex; align-items: center; gap: 8px; min-height: 40px; padding: 0 16px;
  border: 1px solid var(--line); border-radius: 999px; background: none; text-decoration: none;
  color: inherit;
}
.quiet:hover, .more:hover, .back:hover { background: var(--well); }
.quiet .icon, .back .icon { width: 17px; height: 17px; }

.filter { padding: 10px 14px 0; }
.filter input {
  width: 100%; height: 40px; padding: 0 14px; border: 1px solid var(--line); border-radius: 10px;
  background: var(--paper); font: 14px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}
.filter input[aria-invalid] { border-color: var(--bad); }
.fields { display: flex; flex-wrap: wrap; gap: 6px 10px; padding-top: 8px; color: var(--soft); font-size: 13px; }
.names { display: flex; flex-wrap: wrap; gap: 6px; }
.names button {
  padding: 1px 9px; border: 1px solid var(--line); border-radius: 999px; background: none;
  color: inherit; font-size: 13px;
}
.names button:hover { background: var(--well); color: var(--ink); }
.mistake {
  display: grid; gap: 2px; margin-top: 8px; padding: 8px 14px; border-radius: 10px;
  background: var(--bad-paper); color: var(--bad); font-size: 14px; overflow-wrap: anywhere;
}
.mistake code { font: 14px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: pre-wrap; }
.mistake mark {
  padding: 1px 2px; border-radius: 3px; background: var(--bad); color: var(--bad-paper);
  font-weight: 700; white-space: pre;
}

.above { max-width: 1240px; margin: 24px auto 0; }
.invite {
  display: grid; justify-items: center; gap: 2px; max-width: 560px; margin: 0 auto; padding: 30px 20px;
  border: 1.5px dashed color-mix(in srgb, var(--soft) 40%, transparent);
  border-radius: calc(var(--radius) + 6px); color: var(--soft); text-align: center;
}
.invite > .icon { width: 34px; height: 34px; margin-bottom: 8px; color: var(--accent); stroke-width: 1.3; }
.invite strong { color: var(--ink); font-size: 19px; font-weight: 600; }
.invite .actions { justify-content: center; margin-top: 16px; color: var(--ink); }
.tries { margin-top: 18px; font-size: 14px; }
.tries:empty { display: none; }
.tries div { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-top: 8px; }
.tries button { padding: 0; border: 0; border-radius: 10px; min-height: 0; overflow: hidden; background: none; cursor: pointer; }
.tries img { display: block; width: 66px; height: 88px; object-fit: cover; transition: transform .15s; }
.tries button:hover img { transform: scale(1.06); }
.actions { display: flex; flex-wrap: wrap; gap: 10px; }
.touch { display: none; }
@media (pointer: coarse) { .touch { display: inline-flex; } .mouse { display: none; } }

.hint { margin: 0 auto 14px; color: var(--soft); text-align: center; }
.back { margin-bottom: 4px; padding-left: 10px; min-height: 34px; font-size: 14px; color: var(--soft); }
.chosen {
  position: relative; display: flex; gap: 28px; margin-top: 12px; padding: 20px; border: 1px solid var(--line);
  border-radius: calc(var(--radius) + 6px); background: var(--paper);
}
.pictures { flex: none; width: 200px; }
.strip { display: flex; gap: 6px; margin-top: 6px; }
.small.well { width: 44px; padding: 3px; border: 0; border-radius: 8px; }
.facts { display: grid; align-content: center; gap: 6px; min-width: 0; padding-right: 36px; }
.facts h2 { font-size: 22px; line-height: 1.25; font-weight: 600; outline: 0; overflow-wrap: anywhere; }
.facts .prices { font-size: 18px; }
.facts .actions { margin-top: 10px; }
.facts .brand { min-height: 0; font-size: 14px; }
.away { position: absolute; top: 10px; right: 10px; width: 40px; height: 40px; }
.asked .pictures { width: auto; }
.frame { position: relative; overflow: hidden; border-radius: 10px; cursor: crosshair; touch-action: none; user-select: none; }
.frame img { display: block; max-width: min(360px, 60vw); max-height: 220px; pointer-events: none; }
.box { position: absolute; border: 2px solid #fff; border-radius: 4px; box-shadow: 0 0 0 1px var(--accent), 0 0 0 999px rgb(0 0 0 / .45); pointer-events: none; }
.box[hidden] { display: none; }
.description {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
  max-width: 68ch; margin-top: 4px; color: var(--soft);
}

.cover {
  position: fixed; inset: 0; z-index: 10; display: grid; place-items: center; padding: 24px;
  background: color-mix(in srgb, var(--paper) 82%, transparent); backdrop-filter: blur(6px);
  pointer-events: none;
}
.cover div {
  display: grid; justify-items: center; gap: 12px; padding: 60px min(80px, 10vw);
  border: 2px dashed var(--accent); border-radius: 28px; font-size: 20px; font-weight: 600;
}
.cover .icon { width: 44px; height: 44px; color: var(--accent); stroke-width: 1.3; }

@media (max-width: 560px) {
  .field { padding: 4px; }
  .field .primary { width: 44px; padding: 0; flex: none; }
  .field .primary span, .funnel { display: none; }
  .palette { right: -52px; }
  .words { font-size: 16px; padding: 0 4px; }
  .chosen { gap: 16px; padding: 14px; }
  .pictures { width: 112px; }
  .strip { display: none; }
  .facts { align-content: start; }
  .facts h2 { font-size: 17px; }
  .facts .quiet { min-height: 36px; padding: 0 12px; font-size: 13.5px; }
  .facts { padding-right: 26px; }
  .away { top: 4px; right: 4px; }
  .description { display: none; }
  .frame img { max-width: 44vw; max-height: 180px; }
  .invite { padding: 24px 16px; }
}
@keyframes breathe { from { opacity: 1; } to { opacity: .5; } }
@keyframes appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
`;

/** The look of the frame, of the answer, and of what stands beside or over it. */
export const sheets = [CSS, ANSWER, SIDE].map((text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
});
