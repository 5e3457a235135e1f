/** The keyboard: what each key does. Letters go by their place, so that a Korean keyboard works as well. */
import { t } from "../../parts/words";
import { alarms } from "../data/alarms.svelte";
import { micro } from "../micro/window.svelte";
import { kept } from "../data/kept.svelte";
import { boot, type Boot } from "../boot";
import { clock } from "./clock.svelte";
import { desk, home } from "./desk.svelte";
import { go, goTo } from "./going";
import { spot } from "./spot.svelte";
import { look } from "./theme.svelte";
import { tools } from "./tools.svelte";
import { openWindow } from "./windows.svelte";

export interface Key {
  /** KeyboardEvent.code, or the character it must type */
  code?: string;
  type?: string;
  shift?: boolean;
  keys: string[];
  does: string;
  act: () => void;
}

export interface KeyGroup {
  title: string;
  keys: Key[];
}

const letter = (name: string, does: string, act: () => void): Key => ({ code: `Key${name}`, keys: [name], does, act });
const may = (right: string): boolean => boot.rights[right] === true;

export function keysOf(): KeyGroup[] {
  return [
    {
      title: t("Find"),
      keys: [
        { type: "/", keys: ["/"], does: t("Search"), act: () => searching?.("") },
        { keys: ["0…9", "Enter"], does: t("To the camera with this number"), act: () => undefined },
        letter("G", t("To the selected thing"), toSelected),
        letter("F", t("Follow the selected thing"), () => (spot.follows = desk.selection !== null && !spot.follows)),
        { code: "Home", keys: ["Home"], does: t("The whole city"), act: wholeCity },
      ],
    },
    {
      title: t("Panels and tools"),
      keys: [
        letter("L", t("Layers"), () => desk.openPanel("layers")),
        ...(may("alarms") ? [letter("I", t("Alarms"), () => desk.openPanel("alarms"))] : []),
        ...(may("keep") ? [letter("V", t("Views and bookmarks"), () => desk.openPanel("kept"))] : []),
        letter("C", t("In figures"), () => desk.openPanel("figures")),
        letter("H", t("What this screen knows"), () => desk.openPanel("honest")),
        letter("T", t("Table"), openTable),
        letter("N", t("Net"), () => tools.aim()),
        letter("M", t("Measure distance"), () => tools.measure()),
        ...(boot.tools.some((tool) => tool.key === "window") ? [letter("O", t("Microscopic window"), () => micro.aim())] : []),
        { code: "Escape", keys: ["Esc"], does: t("Close what is open"), act: back },
      ],
    },
    ...(may("alarms") ? [{ title: t("Alarms"), keys: alarmKeys() }] : []),
    {
      title: t("Time"),
      keys: [
        { code: "Space", keys: [t("Space")], does: t("Play or pause the past"), act: playPause },
        { code: "Comma", keys: [","], does: t("A minute back"), act: () => clock.goTo(clock.moment() - 60) },
        { code: "Period", keys: ["."], does: t("A minute on"), act: minuteOn },
        { code: "End", keys: ["End"], does: t("Back to live"), act: () => clock.goLive() },
      ],
    },
    {
      title: t("Screen"),
      keys: [
        letter("S", t("Split the screen"), () => desk.split(desk.panes.length === 4 ? 1 : desk.panes.length * 2)),
        { code: "BracketRight", keys: ["]"], does: t("The next map"), act: () => (desk.active = (desk.active + 1) % desk.panes.length) },
        letter("W", t("Window for another monitor"), openWindow),
        ...(may("push") ? [letter("P", t("Show this on the situation board"), () => void kept.push("", desk.view(clock.said())))] : []),
        letter("D", t("Dark or light"), () => look.choose(look.theme === "dark" ? "light" : "dark")),
        { type: "?", keys: ["?"], does: t("This help"), act: () => (desk.help = true) },
      ],
    },
    ...(boot.shortcuts.length ? [{ title: t("Systems"), keys: boot.shortcuts.map(systemKey) }] : []),
  ];
}

function alarmKeys(): Key[] {
  return [
    letter("J", t("The next alarm"), () => stepAlarm(1)),
    letter("K", t("The alarm before"), () => stepAlarm(-1)),
    ...(alarms.mayAcknowledge ? [letter("A", t("Acknowledge the selected alarm"), acknowledge)] : []),
  ];
}

function systemKey(shortcut: Boot["shortcuts"][number]): Key {
  const name = shortcut.key.toUpperCase();
  const act = (): void => {
    if (shortcut.panel) desk.openPanel(`system:${shortcut.panel}`);
    else if (shortcut.layer) desk.show(shortcut.layer, !desk.isShown(shortcut.layer));
    else if (shortcut.page) location.assign(`/${boot.city.key}/${shortcut.page}`);
  };
  return { code: `Key${name}`, shift: true, keys: ["Shift", name], does: shortcut.title, act };
}

/** What takes letters itself, and what takes the space bar: whoever has ticked a layer types a number next. */
const TYPED = "input:not([type=checkbox]), select, textarea, dialog, dialog *";
const PRESSED = "button, input[type=checkbox]";

let searching: ((typed: string) => void) | null = null;

/** Listen to the keyboard; search opens the box with what was typed. Returns how to stop. */
export function listenToKeys(search: (typed: string) => void): () => void {
  searching = search;
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target instanceof Element && event.target.matches(TYPED);
  if (typing && event.code !== "Escape") return;
  if (toolKey(event)) return;
  if (/^[0-9]$/.test(event.key)) searching?.(event.key);
  else {
    const key = found(event);
    if (!key || (key.code === "Space" && event.target instanceof Element && event.target.matches(PRESSED))) return;
    key.act();
  }
  event.preventDefault();
}

/** While a way is measured, some keys are the tool's. */
function toolKey(event: KeyboardEvent): boolean {
  if (desk.tool !== "measure" || (event.code !== "Enter" && event.code !== "Backspace")) return false;
  if (event.target instanceof HTMLButtonElement) return false;
  if (event.code === "Enter") tools.close();
  else tools.back();
  event.preventDefault();
  return true;
}

function found(event: KeyboardEvent): Key | undefined {
  return keysOf()
    .flatMap((group) => group.keys)
    .find((key) =>
      key.type ? key.type === event.key : key.code === event.code && Boolean(key.shift) === event.shiftKey,
    );
}

function toSelected(): void {
  const at = spot.now();
  if (at) goTo(at[0], at[1]);
}

export function wholeCity(): void {
  desk.panes = desk.panes.map((camera, i) => (i === desk.active || desk.linked ? home() : camera));
}

export function openTable(): void {
  desk.table = desk.table ? null : firstTable();
}

/** The table that is opened where none is asked for: of what is shown, and rather of things than of the ground. */
export function firstTable(): string | null {
  const things = boot.layers.filter((layer) => layer.source.type !== "tiles");
  return (things.find((layer) => desk.isShown(layer.key)) ?? things[0] ?? boot.layers[0])?.key ?? null;
}

function back(): void {
  if (desk.help) desk.help = false;
  else if (desk.tool !== "none") tools.end();
  else if (desk.selection) desk.select(null);
  else if (desk.table && desk.mode === "map") desk.table = null;
  else if (micro.at) micro.close();
  else desk.panel = null;
}

function playPause(): void {
  if (clock.live) return;
  clock.play(clock.speed > 0 ? 0 : 4);
}

function minuteOn(): void {
  if (clock.live) return;
  const next = clock.moment() + 60;
  if (next >= clock.now()) clock.goLive();
  else clock.goTo(next);
}

function stepAlarm(by: number): void {
  const all = alarms.sorted;
  if (!all.length) return;
  const at = all.findIndex((alarm) => desk.selection?.kind === "alarm" && alarm.id === desk.selection.id);
  const next = all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]!;
  desk.panel = "alarms";
  go({ kind: "alarm", id: next.id, lon: next.lon, lat: next.lat, zoom: 16 });
}

function acknowledge(): void {
  const chosen = desk.selection;
  if (chosen?.kind === "alarm") void alarms.acknowledge(chosen.id);
  else if (alarms.open.length) stepAlarm(1); // nobody acknowledges what they have not seen
}
