/** The console: one screen for the desk, one for the wall. */
import "./console.css";
import { mount } from "svelte";
import { loadWords } from "../parts/words";
import { boot } from "./boot";

/** Labels of the map are drawn from the page's own fonts, so these must be here before the map is. */
const FACES = ["12px Pretendard", "600 12px Pretendard"];

async function open(): Promise<void> {
  const fonts = FACES.map((face) => document.fonts.load(face, boot.city.name));
  await Promise.all([loadWords(), Promise.race([Promise.all(fonts), new Promise((done) => setTimeout(done, 700))])]);
  const { default: Screen } = boot.screen === "board" ? await import("./Board.svelte") : await import("./App.svelte");
  mount(Screen, { target: document.getElementById("content")! });
}

await open();
