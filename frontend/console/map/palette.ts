/** The colours of the map and of what lies on it, dark and light. Alarm colours are for alarms alone. */
import type { Colour } from "../boot";

export type Theme = "dark" | "light";

export interface Palette {
  ground: string;
  hill: string;
  park: string;
  water: string;
  waterEdge: string;
  building: string;
  buildingEdge: string;
  rail: string;
  casing: string;
  /** widest rank first */
  roads: readonly [string, string, string, string];
  border: string;
  label: string;
  labelStrong: string;
  waterLabel: string;
  parkLabel: string;
  halo: string;
  ink: string;
  things: Record<Colour, string>;
  accent: string;
  alarms: readonly [info: string, minor: string, major: string, critical: string];
}

export const palettes: Record<Theme, Palette> = {
  dark: {
    ground: "#15181c",
    hill: "#191e1b",
    park: "#17221c",
    water: "#11202f",
    waterEdge: "#1a3145",
    building: "#1c2025",
    buildingEdge: "#262b31",
    rail: "#3a3f47",
    casing: "#101215",
    roads: ["#4b525c", "#414851", "#343a42", "#272c32"],
    border: "#5b6673",
    label: "#98a2ad",
    labelStrong: "#c3cad2",
    waterLabel: "#5f86a8",
    parkLabel: "#6f9a7d",
    halo: "#15181c",
    ink: "#f2f4f6",
    things: {
      blue: "#5b9bff",
      cyan: "#45c8e6",
      teal: "#35c2a8",
      green: "#6fcf7a",
      lime: "#b3d465",
      violet: "#a58bff",
      pink: "#ec86d2",
      sand: "#cdb48c",
      slate: "#8397ae",
      grey: "#7d8792",
    },
    accent: "#86aff9",
    alarms: ["#9fb4cc", "#ffd84d", "#ff9d2e", "#ff4d4f"],
  },
  light: {
    ground: "#f2f3f1",
    hill: "#e6ebe2",
    park: "#dbe9d6",
    water: "#c8dceb",
    waterEdge: "#b1cbe0",
    building: "#e5e6e4",
    buildingEdge: "#d3d5d3",
    rail: "#b9bec5",
    casing: "#c6cbd1",
    roads: ["#ccd6e4", "#e3e8ef", "#ffffff", "#fbfbfa"],
    border: "#8592a1",
    label: "#535e6a",
    labelStrong: "#2d353d",
    waterLabel: "#44749c",
    parkLabel: "#4b7a55",
    halo: "#f7f8f6",
    ink: "#1e2124",
    things: {
      blue: "#1c63e0",
      cyan: "#077f9e",
      teal: "#0b7d6b",
      green: "#2c7d38",
      lime: "#5d7410",
      violet: "#6a45d6",
      pink: "#b1328f",
      sand: "#84653a",
      slate: "#4d627a",
      grey: "#68727c",
    },
    accent: "#0b50d0",
    alarms: ["#4a6079", "#8a6a00", "#b85400", "#c81e1e"],
  },
};
