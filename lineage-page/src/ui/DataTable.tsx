import { useMemo, useState, type ReactNode } from "react";
import { csvOf, type Cell } from "../maths/csv";

export interface Field<Row> {
  title: string;
  /** What is sorted by, searched and written into the CSV. */
  value: (row: Row) => Cell;
  show?: (row: Row) => ReactNode;
  number?: boolean;
}

interface Props<Row> {
  caption: string;
  fields: Field<Row>[];
  rows: Row[];
  id: (row: Row) => string;
  /** Name of the CSV file; without one there is no download. */
  file?: string;
  sortedBy?: number;
}

const PAGE = 200;

/** A table that is sorted by its heads and can be taken as CSV. Long ones show a part, and more when asked. */
export function DataTable<Row>({ caption, fields, rows, id, file, sortedBy }: Props<Row>) {
  const [order, setOrder] = useState<[field: number, sign: number] | null>(sortedBy === undefined ? null : [sortedBy, 1]);
  const [shown, setShown] = useState(PAGE);
  const sorted = useMemo(() => {
    if (order === null) return rows;
    const { value } = fields[order[0]];
    return [...rows].sort((a, b) => order[1] * compare(value(a), value(b)));
  }, [rows, fields, order]);
  const download = () => save(file!, csvOf(titles(fields), sorted.map((row) => fields.map((field) => field.value(row)))));
  return (
    <div className="dbtl-table">
      {/* Scrolled by the keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="dbtl-table-scroll" role="region" aria-label={caption} tabIndex={0}>
        <table>
          <caption>
            {caption} <span className="dbtl-quiet">{rows.length.toLocaleString()}</span>
          </caption>
          <thead>
            <tr>
              {fields.map((field, at) => (
                <Head key={field.title} field={field} sign={order?.[0] === at ? order[1] : 0}
                  sort={() => setOrder([at, order?.[0] === at ? -order[1] : 1])} />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, shown).map((row) => (
              <tr key={id(row)}>
                {fields.map((field) => (
                  <td key={field.title} className={field.number ? "number" : undefined}>
                    {field.show ? field.show(row) : field.value(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="dbtl-row">
        {sorted.length > shown && (
          <button type="button" className="dbtl-button" onClick={() => setShown(shown + 10 * PAGE)}>
            Show more ({(sorted.length - shown).toLocaleString()} left)
          </button>
        )}
        {file && (
          <button type="button" className="dbtl-button" onClick={download}>
            Download as CSV
          </button>
        )}
      </div>
    </div>
  );
}

function Head<Row>({ field, sign, sort }: { field: Field<Row>; sign: number; sort: () => void }) {
  const direction = sign === 0 ? undefined : sign > 0 ? "ascending" : "descending";
  return (
    <th scope="col" className={field.number ? "number" : undefined} aria-sort={direction}>
      <button type="button" onClick={sort}>
        {field.title}
        <span aria-hidden="true">{sign === 0 ? "" : sign > 0 ? " ↑" : " ↓"}</span>
      </button>
    </th>
  );
}

const titles = <Row,>(fields: Field<Row>[]) => fields.map((field) => field.title);

function compare(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

/** Give the browser a file to keep. */
export function save(name: string, text: string, type = "text/csv"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
