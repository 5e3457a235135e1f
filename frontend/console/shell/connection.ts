/** The state of the live connection in words: short for the top bar, long for who asks. */
import type { State } from "../../parts/live/live";
import { t } from "../../parts/words";
import { timeOf } from "../state/clock.svelte";

export interface Words {
  tone: "good" | "waiting" | "bad" | "none";
  short: string;
  long: string;
}

export function connectionWords(state: State | null, now: number): Words {
  if (!state) return { tone: "none", short: t("Not live"), long: t("Nothing live is shown to you; sign in to see what moves.") };
  const since = timeOf(state.since / 1000);
  switch (state.phase) {
    case "open":
      return state.fed
        ? { tone: "good", short: t("Live"), long: t("Connected since {time}.", { time: since }) }
        : { tone: "bad", short: t("No data"), long: t("Connected, but the server hears no device since {time}: all that is shown is getting old.", { time: since }) };
    case "connecting":
      return { tone: "waiting", short: t("Connecting…"), long: t("Connecting since {time}.", { time: since }) };
    case "waiting": {
      const left = Math.max(0, Math.ceil(((state.retryAt ?? now) - now) / 1000));
      return {
        tone: "bad",
        short: t("No connection"),
        long: t("No connection since {time}: all that is shown is from before. Next try in {count} s.", { time: since, count: left }),
      };
    }
    case "retrying":
      return { tone: "bad", short: t("No connection"), long: t("No connection since {time}: all that is shown is from before. Trying now.", { time: since }) };
    case "signed_out":
      return { tone: "bad", short: t("Signed out"), long: t("Your session has ended. Sign in again to go on.") };
    default:
      return { tone: "none", short: t("Not live"), long: t("The live connection is closed.") };
  }
}
