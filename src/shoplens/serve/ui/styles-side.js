// @ts-check
/** The look of what stands beside the answer or over it: what narrows it, the drawer, the reasons. */

export const SIDE = `
.side { position: sticky; top: 16px; align-self: start; max-height: calc(100vh - 32px); margin: 0 -8px; padding: 6px 8px 24px; overflow-y: auto; scrollbar-width: thin; }
.narrow .side { display: none; }
.facets { display: grid; gap: 26px; font-size: 14px; }
.facets fieldset { min-width: 0; border: 0; }
.facets legend { padding: 0 0 8px; font-size: 13.5px; font-weight: 620; }
.values label, .level {
  display: flex; align-items: center; gap: 9px; width: 100%; min-height: 31px; padding: 0; border: 0; border-radius: 8px;
  background: none; text-align: left; cursor: pointer;
}
.values label span:not(.swatch), .level span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.values label:hover span, .level:hover span { text-decoration: underline; text-underline-offset: 3px; text-decoration-thickness: 1px; }
.values small, .level small { margin-left: auto; padding-left: 8px; }
.values input { flex: none; width: 16px; height: 16px; margin: 0; accent-color: var(--accent); }
.level .icon { width: 14px; height: 14px; color: var(--soft); }
.level.here { font-weight: 620; }
.levels.under { margin-left: 6px; padding-left: 12px; border-left: 1px solid var(--line); }
.tints { display: grid; grid-template-columns: 1fr 1fr; gap: 0 12px; }
.tints small { display: none; }
.tints label { position: relative; }
.tints input { position: absolute; opacity: 0; }
.tints .swatch { width: 20px; height: 20px; }
.tints input:checked + .swatch { outline: 2px solid var(--accent); outline-offset: 2px; }
.tints input:focus-visible + .swatch { outline: 2px solid var(--ink); outline-offset: 3px; }
.tints label:has(:checked) { font-weight: 620; }
.bars { display: flex; align-items: flex-end; gap: 2px; height: 46px; margin-bottom: 8px; }
.bars span { flex: 1; min-width: 2px; border-radius: 3px 3px 0 0; background: color-mix(in srgb, var(--accent) 62%, var(--paper)); }
.bars .outside { background: var(--line); }
.ends { display: flex; align-items: center; gap: 8px; color: var(--soft); }
.ends input {
  flex: 1; min-width: 0; width: 0; height: 36px; padding: 0 10px; border: 1px solid var(--line); border-radius: 9px;
  background: var(--paper); color: var(--ink); appearance: textfield; font-variant-numeric: tabular-nums;
}
.ends input::-webkit-inner-spin-button { display: none; }

dialog { padding: 0; border: 0; color: var(--ink); background: var(--paper); }
dialog::backdrop { background: rgb(20 20 18 / 42%); }
.drawer { width: min(360px, 90vw); max-width: none; height: 100dvh; max-height: none; margin: 0 auto 0 0; animation: slide .18s ease; }
.drawer .sheet { display: grid; grid-template-rows: auto 1fr auto; height: 100%; }
.drawer .head { display: flex; align-items: center; justify-content: space-between; padding: 8px 8px 8px 20px; border-bottom: 1px solid var(--line); }
.drawer h2 { font-size: 17px; font-weight: 620; }
.held { padding: 20px; overflow-y: auto; }
.held .values label, .held .level { min-height: 42px; }
.held .values input { width: 19px; height: 19px; }
.foot { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding: 12px 20px; border-top: 1px solid var(--line); white-space: nowrap; }

.why { width: min(760px, 100vw - 24px); max-height: min(92dvh, 720px); border-radius: calc(var(--radius) + 8px); overflow: auto; animation: appear .15s ease; }
.why .sheet { display: grid; grid-template-columns: minmax(0, 300px) minmax(0, 1fr); gap: 32px; padding: 28px; }
.mapped { display: grid; justify-items: start; gap: 10px; }
.why .well { width: 100%; }
.why .well img { grid-area: 1 / 1; }
.why .well:has(.map:not([hidden])) > :not(.map) { visibility: hidden; }
.why .quiet[aria-pressed="true"] { border-color: var(--accent); color: var(--accent); }
.reasons { display: grid; align-content: start; gap: 12px; min-width: 0; }
.reasons h2 { padding-right: 40px; font-size: 14px; font-weight: 500; color: var(--soft); }
.reasons .title { font-size: 19px; font-weight: 600; }
.reasons h3 { margin: 10px 0 8px; font-size: 13.5px; font-weight: 620; }
.sure { display: flex; gap: 8px; color: var(--soft); }
.sure .icon { margin-top: 1px; color: var(--accent); }
.stacked { display: flex; gap: 2px; height: 12px; border-radius: 6px; background: var(--well); overflow: hidden; }
.stacked span { min-width: 3px; }
[data-share] { background: #8a8d86; }
[data-share="picture"] { background: light-dark(#2c5f54, #8cc6b5); }
[data-share="text"] { background: light-dark(#4a7fb5, #8fbce8); }
[data-share="words"] { background: light-dark(#9a6bb0, #c9a3dc); }
[data-share="text_picture"] { background: light-dark(#2b8ba0, #7fd0e0); }
[data-share="colour"] { background: light-dark(#c9822e, #eab877); }
[data-share="stock"] { background: light-dark(#7ea38f, #5f8672); }
[data-share="popularity"] { background: light-dark(#b5a04a, #cfc07a); }
[data-share="rule"] { background: light-dark(#b04a2f, #f0a48c); }
.reasons dl { display: grid; grid-template-columns: 1fr auto; gap: 5px 16px; margin-top: 10px; font-size: 14px; }
.reasons dt { display: flex; align-items: center; gap: 9px; }
.reasons dd { font-variant-numeric: tabular-nums; color: var(--soft); }
.key-dot { width: 10px; height: 10px; border-radius: 3px; }
.tags { display: flex; flex-wrap: wrap; gap: 6px; }
.tags li { display: inline-flex; align-items: center; gap: 7px; padding: 3px 11px; border-radius: 999px; background: var(--well); font-size: 13.5px; }
@keyframes slide { from { translate: -40px; opacity: 0; } }
@media (max-width: 640px) {
  .why .sheet { grid-template-columns: minmax(0, 1fr); gap: 20px; padding: 18px; }
  .why .well { max-width: 240px; }
}
`;
