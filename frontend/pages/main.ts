/** What script adds to the server's pages. Every page works without it. */
import "virtual:pretendard.css";
import "./main.css";
import icons from "virtual:icons";
import { loadWords } from "../parts/words";
import { watchAccount } from "./account";
import { drawCharts } from "./charts";
import { focusFaults } from "./forms";
import { startHtmx } from "./htmx";
import { showPictures } from "./live-picture";
import { drawEdges } from "./edges";
import { drawMasks } from "./mask-drawing";
import { closeMenus } from "./menus";
import { watchConnection } from "./offline";
import { showTab } from "./tabs";
import { showToasts } from "./toasts";
import { watchUploads } from "./upload";

document.documentElement.dataset["icons"] = icons;
watchAccount();
await loadWords();
showPictures(); // first: somebody waits for them
startHtmx();
closeMenus();
focusFaults();
showTab();
watchConnection();
showToasts();
drawCharts(document);
watchUploads();
drawMasks();
drawEdges();
if (document.querySelector("[data-moving-masks]")) (await import("./moving-masks")).hideByHand();
