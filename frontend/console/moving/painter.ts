/**
 * Draws the things where and how the columns say, in a few draws of points, and the signs among them.
 *
 * Points, not instanced quads: a software renderer sets up every instance anew and takes thirty times as
 * long, and a card does not care.
 */
import { BYTES, FIELDS, type Things } from "./things";
import { MOST_KINDS, type Atlas, type PassLook } from "./atlas";
import { link } from "./program";
import { LINE, Signs, type Sign } from "./signs";

/** What one frame is drawn with. matrix leads from the plane to clip space; sizes are CSS pixels. */
export interface Frame {
  matrix: Float32Array;
  zoom: number;
  bearing: number;
  now: number;
  /** kinds that are shown, a bit each */
  shown: number;
  /** seconds after which a thing of a kind is stale */
  stale: Float32Array;
}

const vertex = `#version 300 es
precision highp float;
layout(location = 0) in vec4 path;
layout(location = 1) in vec3 clock;
layout(location = 2) in vec2 headings;
layout(location = 3) in uvec4 marks;
uniform mat4 plane;
uniform float now;
uniform float bearing;
uniform float size;
uniform float column;
uniform uint kinds;
uniform bool turned;
uniform bool headedOnly;
uniform uint quiet[${MOST_KINDS}];
uniform int which;
uniform float stale[${MOST_KINDS}];
flat out vec2 turn;
flat out vec2 cell;

void main() {
  bool wanted = (kinds & (1u << marks.x)) != 0u && (marks.z & 2u) == 0u;
  bool headed = (marks.z & 1u) != 0u;
  bool hushed = (quiet[marks.x] & (1u << marks.y)) != 0u;
  bool passed = which == 1 ? !hushed : which == 2 && hushed;
  if (!wanted || passed || (headedOnly && !headed)) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 0.0;
    return;
  }
  float t = clamp((now - clock.x) / clock.y, 0.0, 1.0);
  vec4 centre = plane * vec4(mix(path.xy, path.zw, t), 0.0, 1.0);
  gl_Position = vec4(centre.xy, 0.0, centre.w);
  gl_PointSize = size;
  float way = mod(headings.y - headings.x + 540.0, 360.0) - 180.0;
  float angle = turned && headed ? radians(headings.x + way * t - bearing) : 0.0;
  turn = vec2(cos(angle), sin(angle));
  bool old = now - clock.z > stale[marks.x];
  cell = vec2(column + float(marks.y) + (old ? 8.0 : 0.0), float(marks.x)) + 0.5;
}`;

const fragment = `#version 300 es
precision mediump float;
uniform sampler2D atlas;
uniform highp vec2 cells;
uniform float part;
flat in vec2 turn;
flat in highp vec2 cell;
out vec4 colour;
void main() {
  vec2 at = gl_PointCoord - 0.5;
  vec2 spun = vec2(turn.x * at.x + turn.y * at.y, turn.x * at.y - turn.y * at.x);
  vec2 inside = step(abs(spun), vec2(0.5));
  colour = texture(atlas, (cell + spun * part) / cells) * (inside.x * inside.y);
}`;

const WHICH = { all: 0, quiet: 1, loud: 2 };

export class Painter {
  private readonly program: WebGLProgram;
  private readonly vao: WebGLVertexArrayObject;
  private readonly buffer: WebGLBuffer;
  private readonly texture: WebGLTexture;
  private readonly uniforms: Record<string, WebGLUniformLocation | null>;
  /** over the small darts, over every vehicle, and over everything */
  private readonly counts: Signs;
  private readonly values: Signs;
  private readonly alarms: Signs;
  private uploaded = -1;
  private capacity = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly things: Things,
    private readonly atlas: Atlas,
  ) {
    this.program = link(gl, vertex, fragment);
    this.uniforms = Object.fromEntries(
      ["plane", "now", "bearing", "size", "column", "part", "cells", "kinds", "turned", "headedOnly", "quiet", "which", "stale"].map(
        (name) => [name, gl.getUniformLocation(this.program, name)],
      ),
    );
    this.vao = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    this.texture = gl.createTexture();
    this.counts = new Signs(gl, atlas.ratio);
    this.values = new Signs(gl, atlas.ratio, LINE);
    this.alarms = new Signs(gl, atlas.ratio);
    this.describe();
  }

  /** Counts of what gathers far out, values of gauges, and alarms, as they are from now on. */
  put(counts: readonly Sign[], values: readonly Sign[], alarms: readonly Sign[]): void {
    this.counts.put(counts);
    this.values.put(values);
    this.alarms.put(alarms);
  }

  close(): void {
    this.counts.close();
    this.values.close();
    this.alarms.close();
    this.gl.deleteTexture(this.texture);
    this.gl.deleteBuffer(this.buffer);
    this.gl.deleteVertexArray(this.vao);
    this.gl.deleteProgram(this.program);
  }

  private describe(): void {
    const gl = this.gl;
    gl.bindVertexArray(this.vao);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    const floats: [number, number, number][] = [
      [0, 4, FIELDS.x0],
      [1, 3, FIELDS.start],
      [2, 2, FIELDS.heading0],
    ];
    for (const [location, size, field] of floats) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, gl.FLOAT, false, BYTES, field * 4);
    }
    gl.enableVertexAttribArray(3);
    gl.vertexAttribIPointer(3, 4, gl.UNSIGNED_BYTE, BYTES, FIELDS.bytes * 4);
    gl.bindVertexArray(null);
  }

  /** Put the atlas on the card; again after it was drawn anew. */
  dress(): void {
    const gl = this.gl;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, this.atlas.canvas);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  private upload(): void {
    if (this.uploaded === this.things.version) return;
    const gl = this.gl;
    const { floats } = this.things;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (this.capacity !== floats.byteLength) {
      gl.bufferData(gl.ARRAY_BUFFER, floats.byteLength, gl.DYNAMIC_DRAW);
      this.capacity = floats.byteLength;
    }
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, floats, 0, this.things.count * (BYTES / 4));
    this.uploaded = this.things.version;
  }

  clear(): void {
    const gl = this.gl;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  draw(frame: Frame): void {
    const gl = this.gl;
    this.upload();
    gl.activeTexture(gl.TEXTURE0);
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const layers = this.atlas.layers(frame.zoom);
    this.passes(frame, layers.filter((layer) => !layer.over));
    this.counts.draw(frame.matrix);
    this.passes(frame, layers.filter((layer) => layer.over));
    this.values.draw(frame.matrix);
    this.alarms.draw(frame.matrix);
  }

  private passes(frame: Frame, layers: PassLook[]): void {
    const gl = this.gl;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.vao);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniformMatrix4fv(this.uniforms.plane!, false, frame.matrix);
    gl.uniform2f(this.uniforms.cells!, this.atlas.columns, this.atlas.rows);
    gl.uniform1f(this.uniforms.now!, this.things.clock(frame.now));
    gl.uniform1f(this.uniforms.bearing!, frame.bearing);
    gl.uniform1uiv(this.uniforms.quiet!, this.atlas.quiet);
    gl.uniform1fv(this.uniforms.stale!, frame.stale);
    for (const layer of layers) this.pass(layer, frame.shown);
    gl.bindVertexArray(null);
  }

  private pass(layer: PassLook, shown: number): void {
    const gl = this.gl;
    const kinds = layer.kinds & shown;
    if (!kinds) return;
    gl.uniform1f(this.uniforms.column!, layer.column);
    gl.uniform1f(this.uniforms.part!, layer.part);
    gl.uniform1f(this.uniforms.size!, layer.size * this.atlas.ratio);
    gl.uniform1ui(this.uniforms.kinds!, kinds >>> 0);
    gl.uniform1i(this.uniforms.turned!, layer.turned ? 1 : 0);
    gl.uniform1i(this.uniforms.which!, WHICH[layer.states]);
    gl.uniform1i(this.uniforms.headedOnly!, layer.headedOnly ? 1 : 0);
    gl.drawArrays(gl.POINTS, 0, this.things.count);
  }
}
