/** Playback: what was recorded of a camera, on a timeline. */
import "./playback.css";
import { mount } from "svelte";
import { loadWords } from "../parts/words";

await loadWords();
const { default: Playback } = await import("./Playback.svelte");
const place = document.getElementById("playback");
if (place) {
  place.replaceChildren();
  mount(Playback, { target: place });
}
