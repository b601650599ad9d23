const STEPS: [seconds: number, name: string][] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** An amount as people read it: a time in its two largest units, a share in per cent, anything else to three digits. */
export function inWords(value: number, unit: string | null): string {
  if (unit === "seconds") return duration(value);
  if (unit === "share") return `${rounded(value * 100)} %`;
  return unit ? `${rounded(value)} ${unit}` : rounded(value);
}

function duration(seconds: number): string {
  if (seconds < 1) return `${rounded(seconds * 1000)} ms`;
  if (seconds < 60) return `${rounded(seconds)} s`;
  const at = STEPS.findIndex(([size]) => seconds >= size);
  const [size, name] = STEPS[at];
  const [smaller, smallName] = STEPS[at + 1] ?? [1, "s"];
  const rest = Math.floor((seconds % size) / smaller);
  return `${Math.floor(seconds / size)} ${name}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
