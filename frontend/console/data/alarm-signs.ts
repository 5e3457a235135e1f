/** Alarms of any moment as the map draws them, and those of the past as they were then. */
import { SEVERITIES } from "../map/severities";

/** An alarm with all its times, as the record has it; times are epoch milliseconds. */
export interface PastAlarm {
  id: string;
  kind: string;
  severity: number;
  subject: string;
  place: string;
  district: string;
  lon: number | null;
  lat: number | null;
  raised: number;
  acknowledged: number | null;
  closed: number | null;
}

/** What is drawn and listed of an alarm, whether it waits now or waited then. */
export type ShownAlarm = Omit<PastAlarm, "acknowledged" | "closed"> & { state: "open" | "acknowledged" | "closed" };

/** The alarms that waited or were taken at a moment (epoch milliseconds), as they stood then: the gravest first. */
export function alarmsAt(alarms: readonly PastAlarm[], moment: number): ShownAlarm[] {
  return alarms
    .filter(({ raised, closed }) => raised <= moment && (closed === null || moment < closed))
    .map((alarm): ShownAlarm => ({ ...alarm, state: alarm.acknowledged !== null && alarm.acknowledged <= moment ? "acknowledged" : "open" }))
    .sort((a, b) => Number(a.state !== "open") - Number(b.state !== "open") || b.severity - a.severity || a.raised - b.raised);
}

/** What an alarm is about and where; a place that its words name already is not said twice. */
export function about({ subject, place }: Pick<PastAlarm, "subject" | "place">): string {
  return place && !subject.includes(place) ? `${subject} · ${place}` : subject;
}

export function alarmFeatures(alarms: readonly ShownAlarm[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: alarms
      .filter(({ lon, lat }) => lon !== null && lat !== null)
      .map((alarm) => ({
        type: "Feature",
        properties: { id: alarm.id, severity: alarm.severity, picture: pictureOf(alarm) },
        geometry: { type: "Point", coordinates: [alarm.lon!, alarm.lat!] },
      })),
  };
}

function pictureOf({ severity, state }: ShownAlarm): string {
  const level = SEVERITIES[Math.min(Math.max(severity, 1), 4) - 1];
  return `alarm:${level}:${state === "open" ? "open" : "taken"}`;
}
