import { useState, type FormEvent } from "react";
import type { Lineage } from "../api/lineage";
import { post, Refused } from "../api/client";
import type { WhatIfAnswer } from "../api/types";
import { SearchBox } from "../graph/SearchBox";
import { useView } from "../ui/address";
import { DataTable, type Field } from "../ui/DataTable";
import { Go } from "../ui/Go";
import { Failure, Loading, Notice } from "../ui/Notice";

type Asked = { text: string; body: Record<string, string | null> };

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
      <p className="dbtl-quiet">Choose a column, or the table as a whole. The answer lists all that it reaches, down to the charts.</p>
      <SearchBox
        tables={tables}
        columns={columns}
        jump={(hit) => {
          const node = tables.nodes[hit.node];
          const column = hit.column === null ? null : columns!.names[hit.column];
          const text = column === null ? node.name : `${node.name}.${column}`;
          void ask({ text, body: { project: node.project, node: node.id, column } });
        }}
      />
      <h2>What if a model has other SQL?</h2>
      <OtherSql models={models} ask={(model, sql) => {
        const node = tables.nodes[tables.index.get(model)!];
        void ask({ text: `the new SQL of ${node.name}`, body: { project: node.project, model: node.name, sql } });
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
        Its new SQL, compiled
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

function Reached({ lineage: { tables }, asked, answer }: { lineage: Lineage; asked: Asked; answer: WhatIfAnswer }) {
  const { view } = useView();
  const name = (id: string) => tables.nodes[tables.index.get(id) ?? -1]?.name ?? id;
  const owner = (id: string) => tables.nodes[tables.index.get(id) ?? -1]?.owner ?? null;
  type Row = [node: string, column: string | null];
  const withColumns = new Set(answer.columns.map(([node]) => node));
  const rows: Row[] = [...answer.columns, ...[...answer.nodes, ...answer.charts].filter((id) => !withColumns.has(id)).map((id): Row => [id, null])];
  const fields: Field<Row>[] = [
    {
      title: "Table or chart",
      value: ([node]) => node,
      show: ([node, column]) => <Go to={{ tab: "graph", node, column, of: null, projects: view.projects }}>{name(node)}</Go>,
    },
    { title: "Column", value: ([, column]) => column },
    { title: "Owner", value: ([node]) => owner(node) },
  ];
  const differences = [["Added", answer.added], ["Removed", answer.removed]] as const;
  return (
    <section aria-label="Reached">
      <h3>A change of {asked.text}</h3>
      <p role="status">
        reaches {answer.nodes.length} tables, {answer.columns.length} columns and {answer.charts.length} charts.
      </p>
      {differences.map(([title, list]) =>
        list && list.length > 0 ? (
          <div key={title}>
            <h4>{title} edges</h4>
            <ul className="dbtl-plainlist">
              {list.map((one) => (
                <li key={JSON.stringify(one)} className="dbtl-break">{plain(one)}</li>
              ))}
            </ul>
          </div>
        ) : null,
      )}
      {answer.unresolved.map((gap) => (
        <Notice key={`${gap.column} ${gap.reason}`} title={`Not resolved: ${gap.column ?? "all columns"}`} tone="warn">{gap.reason}</Notice>
      ))}
      {rows.length === 0 ? (
        <Notice title="Nothing reads it">No table and no chart depends on it.</Notice>
      ) : (
        <DataTable caption="Reached" fields={fields} rows={rows} id={([node, column]) => `${node} ${column}`} file="what-if.csv" />
      )}
    </section>
  );
}

const plain = (value: unknown): string =>
  typeof value === "string" ? value : Array.isArray(value) ? value.map(plain).join(" → ") : JSON.stringify(value);
