/** The maps on this screen, by pane. */
import type { Screen } from "./screen";

export const panes = new Map<number, Screen>();
