import { memo } from "react";
import { BY_CONDITION, BY_VALUE } from "../maths/columns";
import { CARD, type Line } from "../maths/scene";

/** From one end to the other, level through each passage between cards. */
function curve({ x1, y1, x2, y2, way }: Line): string {
  let [x, y, path] = [x1, y1, `M${x1},${y1}`];
  for (const next of [...way, { x: x2 - 5, y: y2 }]) {
    const bend = Math.max(30, Math.abs(next.x - x) / 2);
    path += ` C${x + bend},${y} ${next.x - bend},${next.y} ${next.x},${next.y}`;
    [x, y] = [next.x + CARD.width, next.y];
    if (way.includes(next)) path += ` H${x}`;
  }
  return path;
}

const kindOf = (line: Line): string =>
  line.mark === BY_VALUE ? "by-value" : line.mark === BY_CONDITION ? "by-condition" : "plain";

interface Props {
  lines: Line[];
  choose: (from: number, to: number) => void;
}

/** All lines between cards, in one drawing. Solid: a value flows. Dashed: a condition. Doubled: seen in the data. */
export const Lines = memo(function Lines({ lines, choose }: Props) {
  return (
    <svg className="dbtl-lines" width="1" height="1" aria-hidden="true">
      <defs>
        {["plain", "by-value", "by-condition"].map((kind) => (
          <marker key={kind} id={`dbtl-arrow-${kind}`} viewBox="0 0 8 8" refX="3" refY="4" markerWidth="8" markerHeight="8"
            markerUnits="userSpaceOnUse" orient="auto">
            <path className={`arrow ${kind}`} d="M0,0 L8,4 L0,8 z" />
          </marker>
        ))}
      </defs>
      {lines.map((line) => {
        const [kind, d] = [kindOf(line), curve(line)];
        return (
          <g key={line.key} className={`line ${kind} ${line.faded ? "faded" : ""} ${line.proved ? "proved" : ""}`}
            data-from={line.from} data-to={line.to}>
            {line.proved && <path className="case" d={d} />}
            <path className="stroke" d={d} markerEnd={`url(#dbtl-arrow-${kind})`} />
            {/* A wide line that the pointer can hit; the table view and the panel say the same to a keyboard. */}
            <path className="hit" d={d} onClick={() => choose(line.from, line.to)} />
          </g>
        );
      })}
    </svg>
  );
});
