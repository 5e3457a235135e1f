/**
 * The canvas of moving things over the map's.
 *
 * It is a canvas of its own because things move all the time and the map beneath hardly ever: while the
 * camera stands, a frame costs the things alone. When the camera moves, both are drawn in one frame.
 */
import type { CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import type { Crowd } from "./crowd";
import { Painter, type Frame } from "./painter";
import { WORLD_METRES } from "./plane";
import type { Sign } from "./signs";

/** Glides are drawn at most so often: smooth to the eye, and two cores stay free for the rest. */
const FRAMES_A_SECOND = 30;
/** Metres a second of a fast thing in a city, and how many frames a pixel of its way is worth. */
const FAST = 20;
const FRAMES_A_PIXEL = 2;

export interface Pace {
  /** seconds since the epoch, as the data's clock has them */
  now: () => number;
  /** false: no frames between updates (the person asked for less motion) */
  glides: () => boolean;
  /** what stands over the small darts, asked whenever the map is drawn; the same list: as before */
  counts?: () => readonly Sign[];
  /** what stands over every vehicle, as words beside a place; likewise */
  values?: () => readonly Sign[];
}

const AGEING = 1000;

export class Overlay {
  readonly canvas = document.createElement("canvas");
  drawn = 0;
  private painter: Painter | null = null;
  private mercator: ArrayLike<number> | null = null;
  private asked = 0;
  private last = 0;
  private movingUntil = 0;
  /** something changed since the last frame: it is drawn soon, however far out the map is */
  private changed = true;
  private dressed = -1;
  private counts: readonly Sign[] = [];
  private values: readonly Sign[] = [];
  private alarms: readonly Sign[] = [];
  private posted = false;
  private silent = 0;
  private readonly watcher: ResizeObserver;
  private readonly ageing: ReturnType<typeof setInterval>;

  constructor(
    private readonly map: MapLibre,
    private crowd: Crowd,
    private readonly pace: Pace,
    private readonly afterwards: () => void = () => undefined,
    private readonly failed: (why: string) => void = (why) => console.error(why),
  ) {
    this.canvas.className = "moving";
    this.canvas.setAttribute("aria-hidden", "true");
    map.getCanvasContainer().append(this.canvas);
    this.canvas.addEventListener("webglcontextlost", this.lost);
    this.canvas.addEventListener("webglcontextrestored", this.open);
    this.watcher = new ResizeObserver(this.resize);
    this.watcher.observe(map.getContainer());
    this.ageing = setInterval(this.age, AGEING);
    this.open();
    this.resize();
  }

  /** MapLibre's layer that tells us its matrix; it draws nothing itself. */
  readonly layer = {
    id: "moving",
    type: "custom" as const,
    render: (_gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void => {
      this.mercator = input.defaultProjectionData.mainMatrix;
      this.attempt(() => this.count());
      this.draw();
    },
  };

  private readonly open = (): void => {
    this.attempt(() => {
      const gl = this.canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false });
      this.painter = gl && new Painter(gl, this.crowd.things, this.crowd.atlas);
      this.dressed = -1;
      this.posted = false;
    });
  };

  private count(): void {
    const [counts, values] = [this.pace.counts?.() ?? this.counts, this.pace.values?.() ?? this.values];
    if (counts !== this.counts || values !== this.values) this.posted = false;
    [this.counts, this.values] = [counts, values];
  }

  /** These alarms stand over everything from now on, the gravest last. */
  alarm(alarms: readonly Sign[]): void {
    [this.alarms, this.posted] = [alarms, false];
    this.refresh();
  }

  /** Who falls silent says nothing: it is looked for, and then drawn as stale. */
  private readonly age = (): void => {
    const silent = this.crowd.silent(this.pace.now());
    if (silent !== this.silent) this.refresh();
    this.silent = silent;
  };

  /** What fails here is given up and said once: it must not take the map beneath with it, nor fail each frame. */
  private attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.painter = null;
      this.canvas.width = this.canvas.height = 0;
      this.failed(error instanceof Error ? error.message : String(error));
    }
  }

  /** Draw another crowd from now on: that of the past, or of now. */
  follow(crowd: Crowd): void {
    if (crowd === this.crowd) return;
    this.crowd = crowd;
    this.painter?.close();
    this.open();
    this.refresh();
  }

  private readonly lost = (event: Event): void => {
    event.preventDefault();
    this.painter = null;
  };

  private readonly resize = (): void => {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const ratio = Math.min(devicePixelRatio, 2);
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.refresh();
  };

  /** New positions came, to be reached in so many seconds: keep drawing until then. */
  moved(glide: number): void {
    this.movingUntil = Math.max(this.movingUntil, performance.now() + glide * 1000);
    this.refresh();
  }

  refresh(): void {
    this.changed = true;
    this.ask();
  }

  private ask(): void {
    this.asked ||= requestAnimationFrame(this.frame);
  }

  private readonly frame = (time: number): void => {
    this.asked = 0;
    const pace = this.changed ? FRAMES_A_SECOND : this.worth();
    const early = time - this.last < 1000 / pace - 4;
    if (!early) this.draw();
    const gliding = this.pace.glides() && time < this.movingUntil;
    if (early || gliding) this.ask();
  };

  /** Frames a second that a glide is worth: far out a second's way is less than a pixel. */
  private worth(): number {
    const pixels = (FAST * 512 * 2 ** this.map.getZoom()) / WORLD_METRES;
    return Math.min(Math.max(pixels * FRAMES_A_PIXEL, 1), FRAMES_A_SECOND);
  }

  private draw(): void {
    if (!this.painter || !this.mercator) return;
    this.last = performance.now();
    this.changed = false;
    this.attempt(() => this.paint(this.painter!));
    this.drawn++;
    this.afterwards();
  }

  private paint(painter: Painter): void {
    if (this.dressed !== this.crowd.dressed) painter.dress();
    this.dressed = this.crowd.dressed;
    if (!this.posted) painter.put(this.counts, this.values, this.alarms);
    this.posted = true;
    painter.clear();
    painter.draw(this.scene());
  }

  private scene(): Frame {
    return {
      matrix: this.crowd.plane.matrix(this.mercator!),
      zoom: this.map.getZoom(),
      bearing: this.map.getBearing(),
      now: this.pace.now(),
      shown: this.crowd.shown,
      stale: this.crowd.stale,
    };
  }

  close(): void {
    cancelAnimationFrame(this.asked);
    clearInterval(this.ageing);
    this.watcher.disconnect();
    this.painter?.close();
    this.painter = null;
    this.canvas.remove();
  }
}
