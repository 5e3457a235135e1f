/** Playback: what was recorded of a camera on a timeline, or of several cameras in step. */
import "./playback.css";
import { mount } from "svelte";
import { loadWords } from "../parts/words";

await loadWords();
const one = document.getElementById("playback");
if (one) {
  const { default: Playback } = await import("./Playback.svelte");
  one.replaceChildren();
  mount(Playback, { target: one });
}
const several = document.getElementById("together");
if (several) {
  const { default: Together } = await import("./Together.svelte");
  several.replaceChildren();
  mount(Together, { target: several });
}
