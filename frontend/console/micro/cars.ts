/**
 * The canvas of a microscopic window: its lanes, lights and every vehicle, over the map and under the signs.
 *
 * A canvas of its own, as for everything that moves: the map beneath is not drawn again while cars glide.
 */
import type { CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import type { Palette } from "../map/palette";
import { WORLD_METRES, type Plane } from "../moving/plane";
import { link } from "../moving/program";
import { lightOf } from "./lights";
import { rgb, Shapes } from "./shapes";
import type { MicroWindow } from "./window.svelte";

const FRAMES_A_SECOND = 24;
/** … for who asked for less motion */
const STEPS_A_SECOND = 1;
const BYTES = 20;

const vertex = `#version 300 es
precision highp float;
layout(location = 0) in vec2 place;
layout(location = 1) in vec3 ink;
uniform mat4 plane;
out vec3 colour;
void main() {
  gl_Position = plane * vec4(place, 0.0, 1.0);
  gl_Position.z = 0.0;
  colour = ink;
}`;

const fragment = `#version 300 es
precision mediump float;
in vec3 colour;
uniform float alpha;
out vec4 shown;
void main() {
  shown = vec4(colour * alpha, alpha);
}`;

interface Drawing {
  gl: WebGL2RenderingContext;
  program: WebGLProgram;
  lanes: WebGLBuffer;
  moving: WebGLBuffer;
}

export class Cars {
  readonly canvas = document.createElement("canvas");
  private drawing: Drawing | null = null;
  private mercator: ArrayLike<number> | null = null;
  private asked = 0;
  private last = 0;
  private laid: unknown = null;
  private laneCount = 0;
  private readonly lanes: Shapes;
  private readonly moving: Shapes;
  private readonly watcher = new ResizeObserver(() => this.resize());

  constructor(
    private readonly map: MapLibre,
    private readonly plane: Plane,
    private readonly source: MicroWindow,
    private readonly palette: () => Palette,
    private readonly still: () => boolean,
    private readonly failed: (why: string) => void,
  ) {
    this.lanes = new Shapes(plane);
    this.moving = new Shapes(plane);
    this.canvas.className = "moving";
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.addEventListener("webglcontextlost", (event) => (event.preventDefault(), (this.drawing = null)));
    this.canvas.addEventListener("webglcontextrestored", () => (this.open(), this.refresh()));
  }

  /** MapLibre's layer that tells us its matrix; it draws nothing itself. */
  readonly layer = {
    id: "microscopic",
    type: "custom" as const,
    render: (_gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void => {
      this.mercator = input.defaultProjectionData.mainMatrix;
      if (this.source.street) this.draw();
    },
  };

  /** Something to be drawn came or went. */
  refresh(): void {
    if (this.source.street) this.begin();
    else if (this.canvas.isConnected) this.leave();
  }

  private begin(): void {
    if (!this.canvas.isConnected) {
      const container = this.map.getCanvasContainer();
      container.insertBefore(this.canvas, container.querySelector("canvas.moving"));
      this.watcher.observe(this.map.getContainer());
      this.resize();
      this.open();
      this.map.triggerRepaint();
    }
    this.asked ||= requestAnimationFrame(this.frame);
  }

  private leave(): void {
    this.watcher.disconnect();
    this.canvas.remove();
    this.laid = null;
  }

  private open(): void {
    if (this.drawing) return;
    try {
      const gl = this.canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: true });
      if (!gl) return;
      this.drawing = { gl, program: link(gl, vertex, fragment), lanes: gl.createBuffer(), moving: gl.createBuffer() };
      this.laid = null;
    } catch (error) {
      this.failed(error instanceof Error ? error.message : String(error));
    }
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const ratio = Math.min(devicePixelRatio, 2);
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    if (this.drawing) this.draw();
  }

  private readonly frame = (time: number): void => {
    this.asked = 0;
    if (!this.source.street) return this.leave();
    if (time - this.last >= 1000 / (this.still() ? STEPS_A_SECOND : FRAMES_A_SECOND) - 4) {
      this.last = time;
      this.draw();
    }
    if (this.source.runs) this.asked = requestAnimationFrame(this.frame);
  };

  private draw(): void {
    const { drawing, mercator } = this;
    const street = this.source.street;
    if (!drawing || !mercator || !street) return;
    const { gl, program } = drawing;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.source.drawn) return;
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniformMatrix4fv(gl.getUniformLocation(program, "plane"), false, this.plane.matrix(mercator));
    this.lay(drawing);
    this.put(drawing, drawing.lanes, null, this.laneCount, 0.22);
    this.move();
    const { vertices } = this.moving;
    this.put(drawing, drawing.moving, vertices, vertices.length / 5, 1);
  }

  /** The lanes, laid out once for a street and a theme. */
  private lay({ gl, lanes }: Drawing): void {
    const palette = this.palette();
    const street = this.source.street!;
    const key = `${this.source.id} ${palette.halo}`;
    if (this.laid === key) return;
    this.laid = key;
    this.lanes.clear();
    for (const line of street.lanes) this.lanes.lane(line, rgb(palette.things.slate));
    gl.bindBuffer(gl.ARRAY_BUFFER, lanes);
    gl.bufferData(gl.ARRAY_BUFFER, this.lanes.vertices, gl.STATIC_DRAW);
    this.laneCount = this.lanes.vertices.length / 5;
  }

  private move(): void {
    const [now, palette, metre] = [performance.now() / 1000, this.palette(), this.metresPerPixel()];
    const { player, street } = this.source;
    const second = player.moment(now);
    this.moving.clear();
    if (second === null) return;
    for (const stop of street!.stops) {
      this.moving.light(stop, lightOf(street!.signals[stop.signal]!, stop.columns, second), metre, palette);
    }
    for (const car of player.cars(now)) this.moving.car(car, metre, palette, this.source.hurrying.has(car.id));
  }

  private metresPerPixel(): number {
    const { lat } = this.map.getCenter();
    return (WORLD_METRES * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
  }

  private put({ gl, program }: Drawing, buffer: WebGLBuffer, floats: Float32Array | null, count: number, alpha: number): void {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    if (floats) gl.bufferData(gl.ARRAY_BUFFER, floats, gl.STREAM_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, BYTES, 0);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 3, gl.FLOAT, false, BYTES, 8);
    gl.uniform1f(gl.getUniformLocation(program, "alpha"), alpha);
    gl.drawArrays(gl.TRIANGLES, 0, count);
  }

  close(): void {
    cancelAnimationFrame(this.asked);
    this.leave();
  }
}
