/** The rows of a layer's table: the same things, looks and filters as on the map. */
import { halfway } from "../map/lines";
import { t } from "../../parts/words";
import { alarms } from "../data/alarms.svelte";
import { features } from "../data/features.svelte";
import { history } from "../data/history.svelte";
import { boot, type Layer } from "../boot";
import { age, unitText } from "../shell/words";
import { clock, momentOf, numbers } from "../state/clock.svelte";
import { desk } from "../state/desk.svelte";
import { scene } from "../state/scene.svelte";
import { movingSelection } from "../state/selecting";
import type { Selection } from "../state/view";

export interface Cell {
  text: string;
  /** what it is sorted by */
  by: string | number;
}

export interface Row {
  selection: Selection;
  lon: number | null;
  lat: number | null;
  cells: Cell[];
}

export interface Table {
  heads: string[];
  rows: Row[];
}

const text = (value: unknown): Cell => {
  if (value === null || value === undefined || value === "") return { text: t("Unknown"), by: "" };
  const round = typeof value === "number" && Math.abs(value) >= 100 ? Math.round(value) : value;
  return typeof value === "number" ? { text: numbers.format(Number(round)), by: value } : { text: String(value), by: String(value) };
};

export function alarmTable(): Table {
  const levels = ["", t("Information"), t("Minor"), t("Major"), t("Critical")];
  const states = { open: t("Waiting"), acknowledged: t("Taken"), closed: t("Closed") };
  return {
    heads: [t("Severity"), t("Alarm"), t("What"), t("Where"), t("State"), t("Raised")],
    rows: (clock.live ? alarms.sorted : history.then).map((alarm) => ({
      selection: { kind: "alarm", id: alarm.id },
      lon: alarm.lon,
      lat: alarm.lat,
      cells: [
        { text: levels[alarm.severity] ?? "", by: -alarm.severity },
        text(alarms.title(alarm)),
        text(alarm.subject),
        text(alarm.place || alarm.district),
        text(states[alarm.state]),
        { text: momentOf(alarm.raised / 1000), by: -alarm.raised },
      ],
    })),
  };
}

export function layerTable(layer: Layer): Table {
  return layer.source.type === "live" ? movingTable(layer) : featureTable(layer);
}

function featureTable(layer: Layer): Table {
  const looks = new Map(layer.looks.map((look) => [look.key, look.title]));
  const hidden = desk.hidden[layer.key] ?? [];
  const rows = (features.of(layer.key)?.features ?? []).flatMap((feature): Row[] => {
    const said = feature.properties ?? {};
    const look = String(said[layer.by] ?? "");
    if (layer.by && hidden.includes(look)) return [];
    const place = halfway(feature.geometry);
    if (!place) return [];
    const [lon, lat] = place;
    const [name, ...more] = layer.columns.map((column) => text(inTongue(said, column.key)));
    const kind = layer.by ? [text(looks.get(look) ?? look)] : [];
    return [
      {
        selection: selectionOf(layer, said, lon, lat),
        lon,
        lat,
        cells: [name ?? text(null), ...kind, ...more],
      },
    ];
  });
  const [name, ...more] = layer.columns.map(({ title, unit }) => (unit ? `${title} (${unitText(unit)})` : title));
  return { heads: [name ?? "", ...(layer.by ? [t("Kind")] : []), ...more], rows };
}

/** A name in the language of the page, where there is one. */
function inTongue(said: Record<string, unknown>, key: string): unknown {
  return said[`${key}_${boot.language}`] || said[key];
}

/** What the inspector is asked for: the thing itself, or the ground where it lies. */
function selectionOf(layer: Layer, said: Record<string, unknown>, lon: number, lat: number): Selection {
  const id = said[layer.source.type === "tiles" && layer.source.id ? layer.source.id : "id"];
  return layer.thing && id ? { kind: layer.thing, id: String(id) } : { kind: "point", id: `${lat.toFixed(6)}, ${lon.toFixed(6)}` };
}

function movingTable(layer: Layer): Table {
  const crowd = scene.now;
  const now = clock.moment();
  const rows: Row[] = [];
  for (let slot = 0; crowd && slot < crowd.things.count; slot++) {
    const look = crowd.look(slot);
    if (crowd.layer(slot) !== layer || (look && desk.hides(layer.key, look.key))) continue;
    const number = Number(crowd.things.name(slot));
    const name = crowd.names.get(number);
    const { x, y } = crowd.things.where(slot, now);
    const [lon, lat] = crowd.plane.toDegrees(x, y);
    const speed = crowd.value(number, "speed");
    const old = now - crowd.things.seen(slot);
    rows.push({
      selection: movingSelection(number),
      lon,
      lat,
      cells: [
        text(name?.label ?? number),
        text(look?.title ?? ""),
        speed === null ? text(null) : { text: `${Math.round(speed * 3.6)}`, by: speed },
        { text: age(old), by: old },
        text(name?.simulated ? t("Simulated") : t("Real")),
      ],
    });
  }
  return { heads: [t("Name"), t("State"), t("Speed (km/h)"), t("Last heard"), t("Origin")], rows };
}

/** The rows in which each word of typed stands somewhere. */
export function matching(rows: Row[], typed: string): Row[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return rows;
  return rows.filter((row) => {
    const all = row.cells.map((cell) => cell.text).join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

export function sorted(rows: Row[], column: number, down: boolean): Row[] {
  const order = down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [a.cells[column]?.by ?? "", b.cells[column]?.by ?? ""];
    if (typeof left === "number" && typeof right === "number") return (left - right) * order;
    return String(left).localeCompare(String(right), undefined, { numeric: true }) * order;
  });
}
