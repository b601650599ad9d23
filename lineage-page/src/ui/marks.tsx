import { useSyncExternalStore } from "react";
import type { Kind, Time } from "../api/types";

/** Each state has a sign beside its colour. */
const STATES: Record<string, [sign: string, tone: string, text: string]> = {
  success: ["✓", "ok", "succeeded"],
  failed: ["✕", "failed", "failed"],
  running: ["▶", "running", "running"],
  queued: ["…", "queued", "queued"],
  retry: ["↻", "warn", "will be retried"],
  up_for_retry: ["↻", "warn", "will be retried"],
  upstream_failed: ["⊘", "failed", "upstream failed"],
  skipped: ["»", "queued", "skipped"],
  ok: ["✓", "ok", "kept"],
  pass: ["✓", "ok", "passed"],
  passed: ["✓", "ok", "passed"],
  warn: ["!", "warn", "warning"],
  fail: ["✕", "failed", "failed"],
  error: ["✕", "failed", "error"],
  unknown: ["?", "queued", "unknown"],
  none: ["–", "queued", "not run"],
};

export const stateText = (state: string): string => STATES[state]?.[2] ?? state;

export function StateMark({ state, text = true }: { state: string; text?: boolean }) {
  const [sign, tone, name] = STATES[state] ?? ["?", "queued", state];
  return (
    <span className={`dbtl-state ${tone}`} title={text ? undefined : name}>
      <span className="sign" aria-hidden="true">
        {sign}
      </span>
      <span className={text ? undefined : "dbtl-hidden"}>{name}</span>
    </span>
  );
}

export const KINDS: Record<Kind, string> = {
  source: "source",
  seed: "seed",
  model: "model",
  snapshot: "snapshot",
  table: "table",
  chart: "chart",
  dashboard: "dashboard",
};

export function KindMark({ kind }: { kind: Kind }) {
  return <span className={`dbtl-kind ${kind}`}>{KINDS[kind] ?? kind}</span>;
}

const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const shortly = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const STEPS: [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [Infinity, 86_400, "day"],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export function ago(time: string, now: number): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const [, size, unit] = STEPS.find(([limit]) => Math.abs(seconds) < limit)!;
  return relative.format(Math.round(seconds / size), unit);
}

/** A time in the reader's zone; how long ago it was, or its clock, with the whole of it as a title. */
export function When({ time, as = "ago" }: { time: Time; as?: "ago" | "clock" | "full" }) {
  const now = useNow();
  if (time === null) return <span className="dbtl-quiet">–</span>;
  const date = new Date(time);
  const text = as === "ago" ? ago(time, now) : (as === "clock" ? shortly : local).format(date);
  return (
    <time dateTime={time} title={local.format(date)}>
      {text}
    </time>
  );
}

let minute = Date.now();
const everyMinute = (changed: () => void) => {
  const timer = setInterval(() => {
    minute = Date.now();
    changed();
  }, 30_000);
  return () => clearInterval(timer);
};

const useNow = (): number => useSyncExternalStore(everyMinute, () => minute);

/** How long something took. */
export function lasted(from: Time, to: Time): string {
  if (from === null || to === null) return "";
  const seconds = (new Date(to).getTime() - new Date(from).getTime()) / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${(minutes / 60).toFixed(1)} h`;
}
