import { useState, type FormEvent } from "react";
import type { Lineage } from "../api/lineage";
import { post, Refused } from "../api/client";
import type { ChangedEdge, WhatIfAnswer } from "../api/types";
import { SearchBox } from "../graph/SearchBox";
import { useView } from "../ui/address";
import { DataTable, type Field } from "../ui/DataTable";
import { Go } from "../ui/Go";
import { Failure, Loading, Notice } from "../ui/Notice";

type Asked = { text: string; body: Record<string, string> };

/** What a change reaches: of one column, or of a model with other SQL. */
export function WhatIf({ lineage }: { lineage: Lineage }) {
  const { tables, columns } = lineage;
  const [asked, setAsked] = useState<Asked | null>(null);
  const [answer, setAnswer] = useState<WhatIfAnswer | null>(null);
  const [error, setError] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = async (question: Asked) => {
    setAsked(question);
    setAnswer(null);
    setError(null);
    setBusy(true);
    try {
      setAnswer(await post<WhatIfAnswer>("what-if", question.body));
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const models = tables.nodes.filter((node) => node.kind === "model").map((node) => node.id);
  return (
    <section className="dbtl-view">
      <h2>What if a column changes?</h2>
      <p className="dbtl-quiet">Choose a column. The answer lists all that it reaches, down to the charts.</p>
      <SearchBox
        tables={tables}
        columns={columns}
        columnsOnly
        jump={(hit) => {
          const node = tables.nodes[hit.node];
          const column = columns!.names[hit.column!];
          void ask({ text: `${node.name}.${column}`, body: { node: node.id, column } });
        }}
      />
      <h2>What if a model has other SQL?</h2>
      <OtherSql models={models} ask={(model, sql) => {
        const node = tables.nodes[tables.index.get(model)!];
        void ask({ text: `the new SQL of ${node.name}`, body: { node: node.id, sql } });
      }} />
      {busy && <Loading what="what it reaches" />}
      {error && asked && <Failure error={error} retry={() => void ask(asked)} />}
      {answer && asked && <Reached lineage={lineage} asked={asked} answer={answer} />}
    </section>
  );
}

function OtherSql({ models, ask }: { models: string[]; ask: (model: string, sql: string) => void }) {
  const [model, setModel] = useState("");
  const [sql, setSql] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    ask(model, sql);
  };
  return (
    <form className="dbtl-form" onSubmit={send}>
      <label>
        Model
        <select value={model} required onChange={(event) => setModel(event.target.value)}>
          <option value="">Choose …</option>
          {models.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      <label>
        Its new SQL
        <textarea value={sql} required rows={6} spellCheck={false} onChange={(event) => setSql(event.target.value)} />
      </label>
      <label>
        or a file
        <input type="file" accept=".sql,text/plain" onChange={(event) => {
          void event.target.files?.[0]?.text().then(setSql);
        }} />
      </label>
      <button type="submit" className="dbtl-button strong">What does it reach?</button>
    </form>
  );
}

type Reaches = [node: string, column: string | null, how: string];

function rowsOf(answer: WhatIfAnswer): Reaches[] {
  const byValue = answer.columns.map(([node, column]): Reaches => [node, column, "value"]);
  const byCondition = (answer.conditional ?? []).map(([node, column]): Reaches => [node, column, "condition"]);
  const known = new Set([...byValue, ...byCondition].map(([node]) => node));
  const whole = [...new Set([...answer.nodes, ...answer.charts])].filter((id) => !known.has(id));
  return [...byValue, ...byCondition, ...whole.map((id): Reaches => [id, null, ""])];
}

function Reached({ lineage: { tables }, asked, answer }: { lineage: Lineage; asked: Asked; answer: WhatIfAnswer }) {
  const { view } = useView();
  const found = (id: string) => tables.nodes[tables.index.get(id) ?? -1];
  const name = (id: string) => found(id)?.name ?? id;
  const rows = rowsOf(answer);
  const fields: Field<Reaches>[] = [
    {
      title: "Table or chart",
      value: ([node]) => node,
      show: ([node, column]) => (
        <Go to={{ tab: "graph", node, column, of: null, projects: view.projects }}>{name(node)}</Go>
      ),
    },
    { title: "Column", value: ([, column]) => column },
    { title: "By", value: ([, , how]) => how },
    { title: "Owner", value: ([node]) => found(node)?.owner ?? null },
  ];
  const texts: [title: string, list: string[]][] = [
    ["New columns", answer.new_columns ?? []],
    ["Columns that are gone", answer.gone_columns ?? []],
    ["Columns made otherwise", answer.changed ?? []],
    ["New edges", (answer.added ?? []).map(edgeText)],
    ["Edges that are gone", (answer.removed ?? []).map(edgeText)],
  ];
  const owners = answer.owners ?? [];
  return (
    <section aria-label="Reached">
      <h3>A change of {asked.text}</h3>
      <p role="status">
        reaches {count(answer.nodes, "table")}, {count(answer.columns, "column")} by value,{" "}
        {count(answer.conditional ?? [], "column")} by condition only, and {count(answer.charts, "chart")}.
        {owners.length > 0 && ` Owners: ${owners.join(", ")}.`}
      </p>
      {texts.map(([title, list]) =>
        list.length === 0 ? null : (
          <div key={title}>
            <h4>{title}</h4>
            <ul className="dbtl-plainlist">
              {list.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </div>
        ),
      )}
      {answer.unresolved.map((gap) => (
        <Notice key={`${gap.column} ${gap.reason}`} title={`Not resolved: ${gap.column ?? "all columns"}`} tone="warn">
          {gap.reason}
        </Notice>
      ))}
      {rows.length === 0 ? (
        <Notice title="Nothing reads it">No table and no chart depends on it.</Notice>
      ) : (
        <DataTable caption="Reached" fields={fields} rows={rows} id={(row) => row.join(" ")} file="what-if.csv" />
      )}
    </section>
  );
}

const count = (list: unknown[], what: string): string => `${list.length} ${what}${list.length === 1 ? "" : "s"}`;

const edgeText = ([node, column, to, kind]: ChangedEdge): string =>
  `${node}.${column} → ${to} (${kind.toLowerCase().replaceAll("_", " ")})`;
