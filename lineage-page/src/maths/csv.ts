export type Cell = string | number | boolean | null;

/** Write rows as CSV, in the form that spreadsheets read; a text that would be read as a formula is kept a text. */
export function csvOf(head: string[], rows: Cell[][]): string {
  const field = (value: Cell) => {
    let text = value === null ? "" : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}
