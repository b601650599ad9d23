import type { Kind } from "../api/types";
import { KindMark, KINDS } from "../ui/marks";

const LINES: [kind: string, text: string][] = [
  ["by-value", "a value flows"],
  ["by-condition", "a condition only"],
];

/** What colours and lines mean. */
export function Legend({ kinds, traced, proved }: { kinds: Set<Kind>; traced: boolean; proved: boolean }) {
  const lines = traced ? LINES : [];
  const shown = proved ? [...lines, [`${traced ? "by-value" : "plain"} proved`, "seen in the data"]] : lines;
  return (
    <div className="dbtl-legend">
      {(Object.keys(KINDS) as Kind[]).filter((kind) => kinds.has(kind)).map((kind) => (
        <KindMark key={kind} kind={kind} />
      ))}
      {shown.map(([kind, text]) => (
        <span key={text} className="item">
          <svg width="30" height="10" className="dbtl-lines" aria-hidden="true">
            <g className={`line ${kind}`}>
              {kind.includes("proved") && <path className="case" d="M1,5 H29" />}
              <path className="stroke" d="M1,5 H29" />
            </g>
          </svg>
          {text}
        </span>
      ))}
    </div>
  );
}
