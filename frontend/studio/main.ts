/** The studio: plans of trees, roofs and parks, drawn over the city while carbon and heat answer. */
import "./studio.css";
import { mount } from "svelte";
import { boot } from "../console/boot";
import { loadWords } from "../parts/words";

const fonts = ["12px Pretendard", "600 12px Pretendard"].map((face) => document.fonts.load(face, boot.city.name));
await Promise.all([loadWords(), Promise.race([Promise.all(fonts), new Promise((done) => setTimeout(done, 700))])]);
const { default: Studio } = await import("./Studio.svelte");
mount(Studio, { target: document.getElementById("content")! });
