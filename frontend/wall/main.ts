/** The wall: many cameras beside each other, live, with a map to find them by. */
import "./wall.css";
import { mount } from "svelte";
import { loadWords } from "../parts/words";

await loadWords();
const { default: Wall } = await import("./Wall.svelte");
mount(Wall, { target: document.getElementById("content")! });
