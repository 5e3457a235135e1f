/** Talking with the city's API: errors come as problems that say what is wrong and what to do. */
import { boot } from "./boot";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly remedy: string,
  ) {
    super(detail || title);
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {}

const PATIENCE = 15_000;
const LONG_PATIENCE = 60_000; // the first picture after a start waits for the city's surfaces

export interface Ask {
  method?: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
  patience?: number;
  words?: Record<string, string | number | boolean | undefined>;
}

/** The answer of path under the city's API, as JSON. */
export async function ask<Answer>(path: string, options: Ask = {}): Promise<Answer> {
  const response = await send(boot.addresses["api"] + path + query(options.words), options);
  if (!response.ok) throw await problem(response);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** The answer of path as bytes. */
export async function askBytes(path: string, words: Ask["words"] = {}): Promise<ArrayBuffer> {
  const response = await send(boot.addresses["api"] + path + query(words), {});
  if (!response.ok) throw await problem(response);
  return response.arrayBuffer();
}

/** A picture, by a path that has its own words. */
export async function askBlob(path: string, signal?: AbortSignal): Promise<Blob> {
  const response = await send(boot.addresses["api"] + path, { patience: LONG_PATIENCE, ...(signal ? { signal } : {}) });
  if (!response.ok) throw await problem(response);
  return response.blob();
}

function query(words: Ask["words"] = {}): string {
  const all = { ...words, ...(boot.guest ? { guest: true } : {}) };
  const said = Object.entries(all).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return said.length ? `?${new URLSearchParams(said)}` : "";
}

async function send(url: string, options: Ask): Promise<Response> {
  const patience = AbortSignal.timeout(options.patience ?? PATIENCE);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  try {
    return await fetch(url, {
      method: options.method ?? "GET",
      signal,
      headers: headers(options),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
}

function headers(options: Ask): Record<string, string> {
  const said: Record<string, string> = { Accept: "application/json", "Accept-Language": boot.language };
  if (options.body !== undefined) said["Content-Type"] = "application/json";
  if ((options.method ?? "GET") !== "GET") said["X-CSRFToken"] = boot.csrf;
  return said;
}

async function problem(response: Response): Promise<Problem> {
  const said = (await response.json().catch(() => ({}))) as Partial<Record<string, string>>;
  return new Problem(
    response.status,
    said["title"] ?? String(response.status),
    said["detail"] ?? "",
    said["remedy"] ?? "",
  );
}
