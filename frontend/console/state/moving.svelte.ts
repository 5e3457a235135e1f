/** What is known of a moving thing at the moment that is shown, in words. */
import { t } from "../../parts/words";
import type { Fact } from "../data/things";
import { clock } from "./clock.svelte";
import { scene } from "./scene.svelte";

/** Facts of the thing with this number; none while it is not seen. Reads the clock, so it stays fresh. */
export function movingFacts(number: number): Fact[] {
  void clock.tick;
  const crowd = scene.now;
  const slot = crowd?.things.slot(number);
  if (!crowd || slot === undefined) return [fact(t("On the map"), t("not seen now"))];
  const look = crowd.look(slot);
  const now = clock.moment();
  const speed = crowd.value(number, "speed");
  const heading = crowd.things.heading(slot, now);
  const seen = crowd.things.seen(slot);
  return [
    ...(look ? [fact(t("State"), look.title)] : []),
    fact(t("Speed"), speed === null ? null : `${Math.round(speed * 3.6)} km/h`),
    fact(t("Heading"), heading === null ? null : `${Math.round(heading)}° ${compass(heading)}`),
    { ...fact(t("Last heard"), null), time: new Date(seen * 1000).toISOString() },
    ...(crowd.isStale(slot, now) ? [fact(t("Note"), t("Old: it has not been heard since."))] : []),
  ];
}

function fact(title: string, text: string | null): Fact {
  return { title, text, time: null, measure: null, link: "" };
}

function compass(degrees: number): string {
  const points = [t("N"), t("NE"), t("E"), t("SE"), t("S"), t("SW"), t("W"), t("NW")];
  return points[Math.round(degrees / 45) % 8]!;
}
