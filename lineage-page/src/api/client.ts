import { useCallback, useEffect, useRef, useState } from "react";

/** What the server said when it did not give what was asked for. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly part: string | null = null,
  ) {
    super(message);
  }
}

/** Relative to the document's base, which Airflow sets to where it is served, below a sub-path too. */
const BASE = "dbt-lineage/api/v1/";

export const apiUrl = (where: string): string => new URL(BASE + where, document.baseURI).href;

export const path = (...parts: string[]): string => parts.map(encodeURIComponent).join("/");

async function answer(response: Response): Promise<string> {
  const text = await response.text();
  if (response.ok) return text;
  let detail = `The server answered ${response.status}`;
  let part: string | null = null;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) {
      if ("detail" in body && typeof body.detail === "string") detail = body.detail;
      if ("part" in body && typeof body.part === "string") part = body.part;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refused(response.status, detail, part);
}

async function ask(where: string, options: RequestInit): Promise<string> {
  let response: Response;
  try {
    response = await fetch(apiUrl(where), { credentials: "same-origin", ...options });
  } catch (error) {
    if (error instanceof DOMException) throw error;
    throw new Refused(0, "Airflow's API server does not answer.");
  }
  return answer(response);
}

/** Read an answer once, as text. */
export const read = (where: string): Promise<string> => ask(where, {});

export async function post<T>(where: string, body: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return JSON.parse(await ask(where, { method: "POST", headers, body: JSON.stringify(body) })) as T;
}

export interface Resource<T> {
  data: T | null;
  error: Refused | null;
  reload: () => void;
}

/**
 * Read one answer of the API, and again after a while where `every` says so.
 *
 * What was read stays while a later attempt fails, together with the error. An unchanged answer changes nothing.
 *
 * @param where path below the API; null asks for nothing
 * @param every how many milliseconds to wait before the next read, by the last answer; null reads once
 */
export function useResource<T>(where: string | null, every?: (data: T | null) => number | null): Resource<T> {
  const [kept, setKept] = useState<{ where: string | null; data: T | null; error: Refused | null }>(NOTHING);
  const [again, setAgain] = useState(0);
  const interval = useRef(every);
  useEffect(() => {
    interval.current = every;
  });
  useEffect(() => {
    if (where === null) return undefined;
    const ended = new AbortController();
    let timer = 0;
    let last: string | null = null;
    let data: T | null = null;
    const read = async () => {
      if (document.hidden && last !== null) return wait();
      try {
        const text = await ask(where, { signal: ended.signal });
        if (text !== last) data = JSON.parse(text) as T;
        last = text;
        const now = data;
        setKept((before) => (before.data === now && before.error === null ? before : { where, data: now, error: null }));
      } catch (error) {
        if (ended.signal.aborted) return;
        const refused = error instanceof Refused ? error : new Refused(0, String(error));
        setKept((before) => ({ where, data: before.where === where ? before.data : null, error: refused }));
      }
      return wait();
    };
    const wait = () => {
      const pause = interval.current?.(data) ?? null;
      if (pause !== null && !ended.signal.aborted) timer = window.setTimeout(() => void read(), pause);
    };
    void read();
    return () => {
      ended.abort();
      window.clearTimeout(timer);
    };
  }, [where, again]);
  const reload = useCallback(() => setAgain((count) => count + 1), []);
  const current = kept.where === where ? kept : NOTHING;
  return { data: current.data as T | null, error: current.error, reload };
}

const NOTHING = { where: null, data: null, error: null };
