import { useState, type ReactNode } from "react";
import { path as pathTo, useResource } from "../api/client";
import type { NodeDetail } from "../api/types";
import { columnsOfNode, WHOLE } from "../maths/columns";
import { neighbours } from "../maths/tables";
import { Go } from "../ui/Go";
import { useView } from "../ui/address";
import { KindMark, lasted, StateMark, When } from "../ui/marks";
import { Failure, Loading } from "../ui/Notice";
import type { Shared } from "./context";

/** All that is known of one table: columns, SQL, tests, runs, owner, links. */
export function NodePanel({ shared, id }: { shared: Shared; id: string }) {
  const { tables, states } = shared;
  const { data, error, reload } = useResource<NodeDetail>(`nodes/${pathTo(...id.split("/"))}`, () => 30_000);
  const index = tables.index.get(id)!;
  const node = tables.nodes[index];
  const state = states[id];
  return (
    <aside className="dbtl-panel" aria-label={`About ${node.name}`}>
      <header>
        <h2>{node.name}</h2>
        <Go to={{ node: null, column: null, of: null }} className="dbtl-button">
          Close
        </Go>
      </header>
      <p className="dbtl-row">
        <KindMark kind={node.kind} /> {node.materialized && <span className="dbtl-quiet">{node.materialized}</span>}
        {state && <StateMark state={state.state} />}
      </p>
      <p className="dbtl-quiet dbtl-break">{id}</p>
      <Links links={node.links} />
      <dl className="dbtl-facts">
        <Fact name="Owner">{node.owner}</Fact>
        <Fact name="Project">{node.project}</Fact>
        <Fact name="Tags">{node.tags.length > 0 ? node.tags.join(", ") : null}</Fact>
        <Fact name="Ran">{state?.ended_at ? <><When time={state.ended_at} /> {duration(state)}</> : null}</Fact>
        <Fact name="Tests">{state?.tests ? testCounts(state.tests) : null}</Fact>
        <Fact name="Read back"><When time={state?.verified_at ?? node.verified_at} /></Fact>
      </dl>
      {error && !data && <Failure error={error} retry={reload} />}
      {!data && !error && <Loading what="details" />}
      {data && <Details data={data} shared={shared} index={index} />}
    </aside>
  );
}

function Details({ data, shared, index }: { data: NodeDetail; shared: Shared; index: number }) {
  const { tables } = shared;
  return (
    <>
      {data.description && <p>{data.description}</p>}
      {data.freshness && (
        <p>
          Freshness: <StateMark state={data.freshness.state} /> last event <When time={data.freshness.last_event_at} />
          <span className="dbtl-quiet">
            {data.freshness.warn_after && `, warns after ${data.freshness.warn_after}`}
            {data.freshness.error_after && `, fails after ${data.freshness.error_after}`}
          </span>
        </p>
      )}
      {data.unresolved.length > 0 && (
        <Section title="Not resolved" count={data.unresolved.length} open>
          <ul className="dbtl-plainlist">
            {data.unresolved.map((gap) => (
              <li key={`${gap.column} ${gap.reason}`}>
                <b>{gap.column ?? "all columns"}</b> <span className="dbtl-quiet">{gap.reason}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {data.kind === "chart" ? (
        <button type="button" className="dbtl-button" onClick={() => shared.trace(index, WHOLE)}>
          Light up what it shows
        </button>
      ) : (
        <ColumnList data={data} shared={shared} index={index} />
      )}
      {data.tests.length > 0 && (
        <Section title="Tests" count={data.tests.length} open={data.tests.some((test) => test.state !== "pass")}>
          <ul className="dbtl-plainlist">
            {data.tests.map((test) => (
              <li key={test.name}>
                <StateMark state={test.state} /> {test.name}
                {test.message && <div className="dbtl-quiet dbtl-break">{test.message}</div>}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {data.sql_hidden && <p className="dbtl-quiet">You may not read the code of its DAG, so its SQL is not shown.</p>}
      {data.sql && (
        <Section title="SQL">
          {/* Scrolled by the keyboard too. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className="dbtl-code" tabIndex={0} role="region" aria-label="SQL">
            {data.sql}
          </pre>
        </Section>
      )}
      <Section title="Upstream" count={data.upstream.length}>
        <Neighbours shared={shared} nodes={neighbours(tables.up, index)} />
      </Section>
      <Section title="Downstream" count={data.downstream.length}>
        <Neighbours shared={shared} nodes={neighbours(tables.down, index)} />
      </Section>
      {data.runs.length > 0 && (
        <Section title="Runs" count={data.runs.length}>
          <ul className="dbtl-plainlist">
            {data.runs.map((run) => (
              <li key={run.run_id}>
                <StateMark state={run.state} text={false} />{" "}
                <Go to={{ tab: "receipts", dag: data.dag_id, run: run.run_id }}>{run.run_id}</Go>{" "}
                <span className="dbtl-quiet">
                  <When time={run.started_at} /> {duration(run)}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {data.times && (
        <Section title="Its last event">
          <dl className="dbtl-facts">
            <Fact name="Emitted"><When time={data.times.emitted} as="full" /></Fact>
            <Fact name="In Kafka"><When time={data.times.acknowledged} as="full" /></Fact>
            <Fact name="In catalogue"><When time={data.times.ingested} as="full" /></Fact>
            <Fact name="Read back"><When time={data.times.verified} as="full" /></Fact>
          </dl>
        </Section>
      )}
    </>
  );
}

const MANY = 30;

function ColumnList({ data, shared, index }: { data: NodeDetail; shared: Shared; index: number }) {
  const { view } = useView();
  const [wanted, setWanted] = useState("");
  const [all, setAll] = useState(false);
  const known = new Set(shared.columns ? columnsOfNode(shared.columns, index).map((at) => shared.columns!.names[at]) : []);
  const found = data.columns.filter((column) => column.name.toLowerCase().includes(wanted.toLowerCase()));
  const shown = all ? found : found.slice(0, MANY);
  return (
    <Section title="Columns" count={data.columns.length} open>
      {data.columns.length > MANY && (
        <input type="search" className="dbtl-filter" aria-label="Filter the columns" placeholder="Filter" value={wanted}
          onChange={(event) => setWanted(event.target.value)} />
      )}
      <ul className="dbtl-columns">
        {shown.map((column) => (
          <li key={column.name}>
            <button type="button" className="dbtl-link" disabled={!known.has(column.name)}
              aria-pressed={view.column === column.name && (view.of ?? view.node) === data.id}
              onClick={() => shared.trace(index, column.name)}>
              {column.name}
            </button>
            <code>{column.type}</code>
            {column.description && <div className="dbtl-quiet">{column.description}</div>}
            {column.expression && column.expression !== column.name && (
              <div>
                <code className="dbtl-break">{column.expression}</code>
              </div>
            )}
            {column.tests.length > 0 && <div className="dbtl-quiet tests">tested: {column.tests.join(", ")}</div>}
          </li>
        ))}
      </ul>
      {found.length > shown.length && (
        <button type="button" className="dbtl-button" onClick={() => setAll(true)}>
          All {found.length}
        </button>
      )}
    </Section>
  );
}

function Neighbours({ shared: { tables, choose }, nodes }: { shared: Shared; nodes: number[] }) {
  return (
    <ul className="dbtl-plainlist">
      {nodes.map((node) => (
        <li key={node}>
          <KindMark kind={tables.nodes[node].kind} />{" "}
          <button type="button" className="dbtl-link" onClick={() => choose(node)}>
            {tables.nodes[node].name}
          </button>
        </li>
      ))}
      {nodes.length === 0 && <li className="dbtl-quiet">none</li>}
    </ul>
  );
}

function Section({ title, count, open, children }: { title: string; count?: number; open?: boolean; children: ReactNode }) {
  return (
    <details open={open}>
      <summary>
        {title} {count !== undefined && <span className="dbtl-quiet">{count}</span>}
      </summary>
      {children}
    </details>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const NAMES: [key: "airflow" | "openmetadata" | "superset", name: string][] = [
  ["airflow", "Airflow task"],
  ["openmetadata", "OpenMetadata"],
  ["superset", "Superset"],
];

function Links({ links }: { links: NodeDetail["links"] }) {
  const known = NAMES.filter(([key]) => links[key]);
  if (known.length === 0) return null;
  return (
    <p className="dbtl-row">
      {known.map(([key, name]) => (
        <a key={key} href={safe(links[key]!)} target="_blank" rel="noreferrer" className="dbtl-button">
          {name} <span aria-hidden="true">↗</span>
        </a>
      ))}
    </p>
  );
}

/** A link of a manifest or catalogue is not trusted: only addresses of the web lead anywhere. */
const safe = (address: string): string | undefined => {
  const url = new URL(address, document.baseURI);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
};

const duration = ({ started_at, ended_at }: { started_at: string | null; ended_at: string | null }): string => {
  const text = lasted(started_at, ended_at);
  return text === "" ? "" : `in ${text}`;
};

const testCounts = ({ passed, failed, warned }: { passed: number; failed: number; warned: number }): string =>
  [`${passed} passed`, failed > 0 && `${failed} failed`, warned > 0 && `${warned} warned`].filter(Boolean).join(", ");
