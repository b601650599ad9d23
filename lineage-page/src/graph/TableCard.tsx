import { memo } from "react";
import { BY_VALUE, NOT, vertexOf, WHOLE } from "../maths/columns";
import { CARD, listed, type Card } from "../maths/scene";
import { KindMark, StateMark } from "../ui/marks";
import { VirtualList } from "../ui/VirtualList";
import { useShared } from "./context";

/** Id in the document of a table's card. */
export const cardId = (node: number): string => `dbtl-card-${node}`;

/** A table of the focus view: its name and state, the lit columns, and all columns when it is open. */
export const TableCard = memo(function TableCard({ data: card }: { data: Card }) {
  const { tables, columns, states, focus, cursor, choose, toggle, trace } = useShared();
  const node = tables.nodes[card.node];
  const state = states[node.id]?.state ?? "none";
  const classes = ["dbtl-card", node.kind, card.faded && "faded", focus === card.node && "focus"];
  if (cursor === card.node) classes.push("cursor");
  if (card.mark !== NOT) classes.push(card.mark === BY_VALUE ? "by-value" : "by-condition");
  const gaps = columns?.unresolved.get(card.node);
  const rest = columns && card.open ? listed(columns, card) : [];
  const verified = states[node.id]?.verified_at ?? node.verified_at;
  return (
    <div id={cardId(card.node)} role="group" aria-label={`${node.kind} ${node.name}`} className={classes.filter(Boolean).join(" ")}>
      <div className="head" style={{ height: CARD.head }}>
        <div>
          <button type="button" className="name" tabIndex={-1} title={node.id} onClick={() => choose(card.node)}>
            {node.name}
          </button>
          {state !== "none" && <StateMark state={state} text={false} />}
        </div>
        <div className="sub">
          <KindMark kind={node.kind} />
          {verified && !gaps && (
            <span className="verified" title="Its lineage was read back from the catalogue">
              read back
            </span>
          )}
          {gaps && (
            <span className="gap" title={gaps.map((gap) => gap.reason).join("; ")}>
              ! gaps
            </span>
          )}
          {node.columns > 0 && (
            <button type="button" className="columns" tabIndex={-1} aria-expanded={card.open} onClick={() => toggle(card.node)}>
              {node.columns} {node.columns === 1 ? "column" : "columns"} <span aria-hidden="true">{card.open ? "▴" : "▾"}</span>
            </button>
          )}
          {node.kind === "chart" && columns && (
            <button type="button" className="columns" tabIndex={-1} onClick={() => trace(card.node, WHOLE)}>
              what it shows
            </button>
          )}
        </div>
      </div>
      {card.rows.map((row) => (
        <ColumnRow key={row.column} node={card.node} column={row.column} mark={row.mark} />
      ))}
      {card.more > 0 && (
        <div className="row more" style={{ height: CARD.row }}>
          and {card.more} more on the path
        </div>
      )}
      {card.open && (
        <VirtualList count={rest.length} row={CARD.row} rows={CARD.rows}>
          {(index) => <ColumnRow key={rest[index]} node={card.node} column={rest[index]} mark={NOT} />}
        </VirtualList>
      )}
    </div>
  );
});

function ColumnRow({ node, column, mark }: { node: number; column: number; mark: number }) {
  const { columns, path, trace } = useShared();
  const name = columns!.names[column];
  const start = path?.start === vertexOf(columns!, node, name);
  const how = mark === NOT ? "" : mark === BY_VALUE ? "by-value" : "by-condition";
  return (
    <button
      type="button"
      className={`row ${how} ${start ? "start" : ""}`}
      style={{ height: CARD.row }}
      tabIndex={-1}
      aria-pressed={start}
      title={mark === BY_VALUE ? "Its value is on the path" : mark !== NOT ? "Only by a condition" : `Light up the path of ${name}`}
      onClick={() => trace(node, name)}
    >
      <span className="sign" aria-hidden="true">
        {start ? "◉" : mark === BY_VALUE ? "●" : mark !== NOT ? "◌" : ""}
      </span>
      {name}
    </button>
  );
}
