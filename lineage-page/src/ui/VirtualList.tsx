import { useState, type ReactNode } from "react";

interface Props {
  count: number;
  row: number;
  rows: number;
  children: (index: number) => ReactNode;
}

const BEYOND = 4;

/** A list of rows of one height, of which only those in sight are in the document. */
export function VirtualList({ count, row, rows, children }: Props) {
  const [top, setTop] = useState(0);
  const first = Math.max(0, Math.floor(top / row) - BEYOND);
  const last = Math.min(count, Math.ceil(top / row) + rows + BEYOND);
  return (
    <div
      className="dbtl-list nowheel nodrag"
      style={{ height: Math.min(rows, count) * row }}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div style={{ height: count * row, paddingTop: first * row }}>
        {Array.from({ length: last - first }, (_, at) => children(first + at))}
      </div>
    </div>
  );
}
