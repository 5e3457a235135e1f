/** Going somewhere: whoever finds a thing calls this, and the active map goes there. */
import type { Hit } from "../data/things";
import { desk } from "./desk.svelte";

type Goer = (lon: number, lat: number, zoom?: number) => void;

const goers = new Map<number, Goer>();

/** The map of a pane takes orders; returns how to stop. */
export function takeOrders(pane: number, goer: Goer): () => void {
  goers.set(pane, goer);
  return () => void (goers.get(pane) === goer && goers.delete(pane));
}

export function goTo(lon: number, lat: number, zoom?: number): void {
  (goers.get(desk.active) ?? [...goers.values()][0])?.(lon, lat, zoom);
}

/** Show a thing that was found: select it, and go where it is. */
export function go(hit: Pick<Hit, "kind" | "id" | "lon" | "lat" | "zoom">): void {
  desk.select({ kind: hit.kind, id: hit.id });
  if (hit.lon !== null && hit.lat !== null) goTo(hit.lon, hit.lat, hit.zoom ?? undefined);
  else onTheWay = `${hit.kind} ${hit.id}`;
}

/** What was found without a place (it moves): the map goes there once its place is known. */
let onTheWay = "";

export function arrive(kind: string, id: string, at: [lon: number, lat: number] | null): void {
  if (at && onTheWay === `${kind} ${id}`) goTo(at[0], at[1]);
  onTheWay = "";
}
