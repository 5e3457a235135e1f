/**
 * Signs that must be read among what moves: counts of clusters over the small darts, alarms over everything.
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

/** CSS pixels of the largest sign, with its rim */
const CELL = 48;
const COLUMNS = 16;

const vertex = `#version 300 es
precision highp float;
layout(location = 0) in vec3 sign;
uniform mat4 plane;
uniform float size;
flat out vec2 corner;
void main() {
  vec4 centre = plane * vec4(sign.xy, 0.0, 1.0);
  gl_Position = vec4(centre.xy, 0.0, centre.w);
  gl_PointSize = size;
  corner = vec2(mod(sign.z, ${COLUMNS}.0), floor(sign.z / ${COLUMNS}.0));
}`;

const fragment = `#version 300 es
precision mediump float;
uniform sampler2D pictures;
uniform highp float rows;
flat in highp vec2 corner;
out vec4 colour;
void main() {
  colour = texture(pictures, (corner + gl_PointCoord) / vec2(${COLUMNS}.0, rows));
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

  /** One picture for each key. */
  private picture(signs: readonly Sign[]): void {
    const painters = new Map(signs.map(({ key, paint }) => [key, paint]));
    this.cells = new Map([...painters.keys()].map((key, at) => [key, at]));
    const cell = CELL * this.ratio;
    this.canvas.width = COLUMNS * cell;
    this.canvas.height = Math.ceil(painters.size / COLUMNS) * cell;
    const pen = this.canvas.getContext("2d")!;
    [...painters.values()].forEach((paint, at) => {
      pen.setTransform(this.ratio, 0, 0, this.ratio, ((at % COLUMNS) + 0.5) * cell, (Math.floor(at / COLUMNS) + 0.5) * cell);
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
    gl.uniform1f(gl.getUniformLocation(this.program, "size"), CELL * this.ratio);
    gl.uniform1f(gl.getUniformLocation(this.program, "rows"), this.canvas.height / (CELL * this.ratio));
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
