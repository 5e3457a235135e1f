/** A view of the city, as it is saved, shared between windows and pushed to a board. */
export interface Camera {
  lon: number;
  lat: number;
  zoom: number;
  bearing: number;
  pitch: number;
}

export interface Selection {
  kind: string;
  id: string;
}

export interface Past {
  /** ISO 8601, UTC */
  at: string;
  speed: number;
}

export interface View {
  panes: Camera[];
  linked: boolean;
  layers: string[];
  hidden: Record<string, string[]>;
  selection: Selection | null;
  past: Past | null;
  mode: "map" | "table";
}

export const PANES = [1, 2, 4] as const;
