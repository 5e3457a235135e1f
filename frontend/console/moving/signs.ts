/**
 * Signs that must be read among what moves: counts of clusters and values of gauges over vehicles, alarms over
 * everything.
 *
 * They are drawn on the canvas of the moving things, as points with a picture each: whatever lies on the
 * map's own canvas lies under every vehicle.
 */
import { link } from "./program";

/** A sign at a point of the plane; signs of one key look alike. paint draws around 0, 0 in CSS pixels. */
export interface Sign {
  x: number;
  y: number;
  key: string;
  paint: (pen: CanvasRenderingContext2D) => void;
}

/** How large the pictures of signs may be, in CSS pixels, and how many of them stand in a row of the canvas. */
export interface Cell {
  width: number;
  height: number;
  columns: number;
  /** they stand to the right of their points, not around them */
  beside: boolean;
}

/** a disc or an alarm, with its rim */
export const ROUND: Cell = { width: 48, height: 48, columns: 16, beside: false };
/** a line of words, or two, beginning at its point; wider points than 255 pixels are not everywhere to be had */
export const LINE: Cell = { width: 104, height: 32, columns: 8, beside: true };

const vertex = `#version 300 es
precision highp float;
layout(location = 0) in vec3 sign;
uniform mat4 plane;
uniform float size;
uniform float columns;
uniform float shift;
flat out vec2 corner;
void main() {
  vec4 centre = plane * vec4(sign.xy, 0.0, 1.0);
  gl_Position = vec4(centre.x + shift * centre.w, centre.y, 0.0, centre.w);
  gl_PointSize = size;
  corner = vec2(mod(sign.z, columns), floor(sign.z / columns));
}`;

const fragment = `#version 300 es
precision mediump float;
uniform sampler2D pictures;
uniform highp float columns;
uniform highp float rows;
uniform highp float flatness;
flat in highp vec2 corner;
out vec4 colour;
void main() {
  // A point is a square; a picture that is wider than high fills a band of it.
  highp vec2 at = vec2(gl_PointCoord.x, (gl_PointCoord.y - 0.5) * flatness + 0.5);
  if (at.y < 0.0 || at.y > 1.0) discard;
  colour = texture(pictures, (corner + at) / vec2(columns, rows));
}`;

export class Signs {
  private readonly program: WebGLProgram;
  private readonly vao: WebGLVertexArrayObject;
  private readonly buffer: WebGLBuffer;
  private readonly texture: WebGLTexture;
  private readonly canvas = document.createElement("canvas");
  private cells = new Map<string, number>();
  private count = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly ratio: number,
    private readonly cell: Cell = ROUND,
  ) {
    this.program = link(gl, vertex, fragment);
    this.vao = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    this.texture = gl.createTexture();
    gl.bindVertexArray(this.vao);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 12, 0);
    gl.bindVertexArray(null);
  }

  /** Draw these from now on, the last on top. */
  put(signs: readonly Sign[]): void {
    const gl = this.gl;
    if (signs.some((sign) => !this.cells.has(sign.key))) this.picture(signs);
    const floats = new Float32Array(signs.length * 3);
    signs.forEach(({ x, y, key }, at) => floats.set([x, y, this.cells.get(key)!], at * 3));
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, floats, gl.DYNAMIC_DRAW);
    this.count = signs.length;
  }

  /** One picture for each key; the pen stands on the sign's point. */
  private picture(signs: readonly Sign[]): void {
    const painters = new Map(signs.map(({ key, paint }) => [key, paint]));
    this.cells = new Map([...painters.keys()].map((key, at) => [key, at]));
    const { columns, beside } = this.cell;
    const [width, height] = [this.cell.width * this.ratio, this.cell.height * this.ratio];
    this.canvas.width = columns * width;
    this.canvas.height = Math.ceil(painters.size / columns) * height;
    const pen = this.canvas.getContext("2d")!;
    [...painters.values()].forEach((paint, at) => {
      pen.setTransform(this.ratio, 0, 0, this.ratio, ((at % columns) + (beside ? 0 : 0.5)) * width, (Math.floor(at / columns) + 0.5) * height);
      paint(pen);
    });
    this.upload();
  }

  private upload(): void {
    const gl = this.gl;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, this.canvas);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  draw(plane: Float32Array): void {
    if (!this.count) return;
    const gl = this.gl;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.vao);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniformMatrix4fv(gl.getUniformLocation(this.program, "plane"), false, plane);
    const { width, height, columns, beside } = this.cell;
    gl.uniform1f(gl.getUniformLocation(this.program, "shift"), beside ? (width * this.ratio) / gl.drawingBufferWidth : 0);
    gl.uniform1f(gl.getUniformLocation(this.program, "size"), width * this.ratio);
    gl.uniform1f(gl.getUniformLocation(this.program, "columns"), columns);
    gl.uniform1f(gl.getUniformLocation(this.program, "flatness"), width / height);
    gl.uniform1f(gl.getUniformLocation(this.program, "rows"), this.canvas.height / (height * this.ratio));
    gl.drawArrays(gl.POINTS, 0, this.count);
    gl.bindVertexArray(null);
  }

  close(): void {
    this.gl.deleteTexture(this.texture);
    this.gl.deleteBuffer(this.buffer);
    this.gl.deleteVertexArray(this.vao);
    this.gl.deleteProgram(this.program);
  }
}
