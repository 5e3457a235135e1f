/** A page of the city led here to show one thing: #alarm/<id>, #device/<id>, #place/<id>. */
import { go } from "./going";

export function selectAsked(): void {
  const [kind, ...id] = location.hash.slice(1).split("/").map(decodeURIComponent);
  if (kind && id.length) go({ kind, id: id.join("/"), lon: null, lat: null, zoom: null });
}
