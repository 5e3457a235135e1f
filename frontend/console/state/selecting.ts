/** What a click on the map selects. */
import { alarms } from "../data/alarms.svelte";
import { history } from "../data/history.svelte";
import { halfway } from "../map/lines";
import type { Found } from "../map/picking";
import { desk } from "./desk.svelte";
import { spot } from "./spot.svelte";

export function selectFound(found: Found | null): void {
  if (!found) {
    desk.select(null);
    return;
  }
  if (found.what === "moving") desk.select(movingSelection(found.number));
  else if (found.what === "alarm") desk.select({ kind: "alarm", id: found.id });
  else if (found.what === "ground") desk.select({ kind: found.kind, id: found.id });
  else if (found.what === "feature") {
    const { geometry, properties } = found.feature;
    const place = halfway(geometry);
    if (place) spot.put(...place);
    desk.select({ kind: found.layer.thing, id: String(properties?.["id"]) });
  }
}

/** A thing that moves is a device: its number on the log tells which. */
export function movingSelection(number: number): { kind: string; id: string } {
  return { kind: "moving", id: String(number) };
}

export function titleOf(found: Found): string {
  if (found.what === "moving") {
    const slot = found.crowd.things.slot(found.number);
    const look = slot === undefined ? undefined : found.crowd.look(slot);
    const name = found.crowd.names.get(found.number)?.label ?? String(found.number);
    return look && look.title !== name ? `${name} · ${look.title}` : name;
  }
  if (found.what === "alarm") {
    const alarm = alarms.find(found.id) ?? history.find(found.id);
    return alarm ? `${alarms.title(alarm)} · ${alarm.subject}` : "";
  }
  if (found.what === "ground") return found.name;
  if (found.what === "cluster") return "";
  const { properties } = found.feature;
  const look = found.layer.looks.find((one) => one.key === String(properties?.[found.layer.by]));
  const name = String(properties?.["name"] || properties?.["site"] || properties?.["key"] || "");
  return [name, look?.title ?? found.layer.title].filter(Boolean).join(" · ");
}
