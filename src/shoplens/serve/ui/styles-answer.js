// @ts-check
/** The look of an answer: the line above it, its chips, what must be said, its cards. */

export const ANSWER = `
.body { display: grid; grid-template-columns: 220px minmax(0, 1fr); gap: 0 40px; max-width: 1240px; margin: 20px auto 0; }
.body.narrow, .body.plain { grid-template-columns: minmax(0, 1fr); }
.toolbar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; min-height: 40px; margin-bottom: 14px; }
.said { color: var(--soft); font-size: 14px; font-variant-numeric: tabular-nums; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 20px; margin-left: auto; font-size: 14px; }
.handle { display: none; min-height: 38px; font-size: 14px; }
.handle b { min-width: 20px; padding: 0 6px; border-radius: 999px; background: var(--accent); color: var(--on-accent); font-size: 12px; line-height: 20px; text-align: center; }
.narrow .handle { display: inline-flex; }
.narrow.plain .handle { display: none; }
.order select {
  height: 38px; padding: 0 30px 0 14px; border: 1px solid var(--line); border-radius: 999px; appearance: none;
  background: var(--paper) url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 6'%3E%3Cpath d='M1 1l4 4 4-4' fill='none' stroke='%23888' stroke-width='1.4'/%3E%3C/svg%3E") right 13px center / 10px no-repeat;
}
.switch { display: flex; align-items: center; justify-content: space-between; gap: 10px; cursor: pointer; }
.switch input {
  position: relative; flex: none; width: 36px; height: 21px; margin: 0; border-radius: 999px; appearance: none;
  background: color-mix(in srgb, var(--soft) 38%, transparent); cursor: pointer; transition: background .15s;
}
.switch input::after { content: ""; position: absolute; inset: 2.5px auto auto 2.5px; width: 16px; height: 16px; border-radius: 50%; background: #fff; transition: translate .15s; }
.switch input:checked { background: var(--accent); }
.switch input:checked::after { translate: 15px; }
.chips { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.chips:not(:empty) { margin-bottom: 18px; }
.chip {
  display: inline-flex; align-items: center; gap: 8px; max-width: min(340px, 82vw); min-height: 34px; padding: 0 10px 0 14px;
  border: 0; border-radius: 999px; background: color-mix(in srgb, var(--accent) 12%, var(--paper)); font-size: 13.5px;
}
.chip:hover { background: color-mix(in srgb, var(--accent) 20%, var(--paper)); }
.chip span:not(.swatch), .chip code { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip .icon { width: 14px; height: 14px; stroke-width: 2; color: var(--soft); }
.chips .link { margin-left: 4px; }
.mended { margin-bottom: 16px; font-size: 17px; }
.mended .link { padding: 0; font-size: inherit; font-weight: 600; }
.unsure {
  display: flex; flex-wrap: wrap; align-items: center; gap: 12px 16px; margin-bottom: 24px; padding: 16px 20px;
  border-radius: var(--radius); background: var(--well);
}
.unsure > .icon { width: 26px; height: 26px; color: var(--soft); stroke-width: 1.4; }
.unsure div { flex: 1 1 200px; }
.unsure strong { font-weight: 600; }
.unsure p { color: var(--soft); font-size: 14.5px; }
.unsure .quiet { background: var(--paper); }
.nearest { margin-bottom: 14px; font-size: 17px; font-weight: 600; }
.grid {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(184px, 1fr)); gap: 26px 20px;
  transition: opacity .15s;
}
.grid.busy { opacity: .45; }
.cell { position: relative; min-width: 0; }
.does {
  position: absolute; top: 8px; right: 8px; display: flex; padding: 2px; border-radius: 999px;
  background: color-mix(in srgb, var(--paper) 92%, transparent); box-shadow: 0 1px 6px rgb(0 0 0 / 14%);
}
.does button { display: grid; place-items: center; width: 32px; height: 32px; padding: 0; border: 0; border-radius: 50%; background: none; }
.does button:hover { background: var(--well); color: var(--accent); }
.does .icon { width: 17px; height: 17px; }
@media (hover: hover) {
  .does { opacity: 0; transition: opacity .12s; }
  .cell:hover .does, .cell:focus-within .does { opacity: 1; }
}
@media (hover: none) { .does { position: static; width: max-content; margin: 6px 0 0 -8px; padding: 0; background: none; box-shadow: none; color: var(--soft); } .does button { width: 40px; height: 36px; } }
.card { display: block; border-radius: var(--radius); color: inherit; text-decoration: none; }
.well {
  position: relative; display: grid; place-items: center; aspect-ratio: 1; overflow: hidden;
  border-radius: var(--radius); background: var(--well);
}
.well img {
  width: 100%; height: 100%; object-fit: contain; mix-blend-mode: multiply;
  transition: transform .3s ease; animation: appear .25s ease;
}
@media (hover: hover) {
  .card:hover .well img { transform: scale(1.035); }
  .card:hover .title { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
}
.well:has(img) { background: var(--shoplens-well, #f3f1ec); } /* light always: photos are taken on white */
.blank { display: grid; justify-items: center; gap: 4px; color: var(--soft); font-size: 12.5px; }
.score { position: absolute; inset: auto 0 0; height: 4px; background: rgb(128 128 120 / 16%); }
.score span { display: block; height: 100%; background: var(--accent); border-radius: 0 2px 2px 0; }
.badge {
  position: absolute; top: 8px; left: 8px; padding: 1px 9px; border-radius: 999px;
  background: var(--paper); color: var(--soft); font-size: 12px;
}
.told { display: grid; gap: 1px; padding: 9px 2px 0; }
.brand { min-height: 1.45em; color: var(--soft); font-size: 12.5px; }
.title {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
  font-weight: 500; line-height: 1.35; overflow-wrap: anywhere;
}
.prices { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; padding-top: 2px; font-variant-numeric: tabular-nums; }
.prices .reduced { color: var(--sale); font-weight: 600; }
.prices s { color: var(--soft); font-size: .9em; }
.stock { color: var(--good); font-size: 14px; }
.stock.out { color: var(--soft); }

.skeleton .well, .line { animation: breathe 1.4s ease-in-out infinite alternate; }
.line { display: block; height: 11px; margin: 5px 0; border-radius: 6px; background: var(--well); }
.line.short { width: 55%; }

.below { display: grid; justify-items: center; gap: 14px; margin: 30px auto 0; }
.below > .grid { width: 100%; }
.more { padding: 0 26px; min-height: 44px; }
.notice { display: grid; justify-items: center; gap: 6px; max-width: 46ch; padding: 34px 0 12px; text-align: center; }
.notice strong { font-size: 18px; font-weight: 600; }
.notice p { color: var(--soft); overflow-wrap: anywhere; }
.notice .quiet { margin-top: 12px; }
.key { display: flex; align-items: center; gap: 10px; color: var(--soft); }
.key input { width: 220px; height: 44px; padding: 0 14px; border: 1px solid var(--line); border-radius: 999px; background: var(--paper); color: var(--ink); }
.hushed { color: var(--soft); font-size: 14px; }
@media (max-width: 560px) {
  .grid { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 20px 12px; }
  .body { margin-top: 14px; }
  .tools { display: contents; }
  .order { order: 1; margin-left: auto; font-size: 14px; }
  .said { order: 2; flex: 1 1 40%; }
  .switch { order: 3; font-size: 14px; }
}
`;
