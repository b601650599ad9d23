import { useMemo, useState } from "react";
import { apiUrl, path, read, Refused, useResource } from "../api/client";
import { STATIONS, type Receipt, type ReceiptHead, type ReceiptRow, type Station } from "../api/types";
import { useView } from "../ui/address";
import { DataTable, save, type Field } from "../ui/DataTable";
import { Go } from "../ui/Go";
import { StateMark, When } from "../ui/marks";
import { Failure, Loading, Notice } from "../ui/Notice";

const TITLES: Record<Station, string> = {
  ran: "Ran",
  on_disk: "On disk",
  in_kafka: "In Kafka",
  in_catalogue: "In catalogue",
  read_back: "Read back",
  dashboard_equal: "Dashboard equal",
};

/** The receipts of runs, and one of them: how far each model's lineage has come. */
export function Receipts({ dag }: { dag: string | null }) {
  const { view } = useView();
  const { data, error, reload } = useResource<ReceiptHead[]>(
    `receipts?limit=50${dag === null ? "" : `&dag_id=${encodeURIComponent(dag)}`}`,
    () => 10_000,
  );
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="receipts" />;
  const wanted = data.filter((head) => view.projects.length === 0 || view.projects.includes(head.project));
  const chosen = view.run !== null && (view.dag ?? dag) !== null ? { dag_id: (view.dag ?? dag)!, run_id: view.run } : wanted[0];
  if (!chosen) {
    return <Notice title="Nothing has run yet">A run of a dbt project&apos;s DAG has a receipt as soon as it starts.</Notice>;
  }
  return (
    <section className="dbtl-view dbtl-master">
      <nav aria-label="Runs" className="dbtl-runs">
        <ul>
          {wanted.map((head) => (
            <li key={`${head.dag_id} ${head.run_id}`}>
              <Go to={{ dag: head.dag_id, run: head.run_id }}
                current={head.dag_id === chosen.dag_id && head.run_id === chosen.run_id}>
                <StateMark state={head.state} text={false} /> <b>{head.project}</b>{" "}
                <span className="dbtl-quiet"><When time={head.started_at} /></span>
                {head.models > 0 && (
                  <span className={head.read_back === head.models ? "dbtl-whole" : "dbtl-waits"}>
                    {head.read_back} of {head.models} read back
                  </span>
                )}
              </Go>
            </li>
          ))}
        </ul>
      </nav>
      <OneReceipt key={`${chosen.dag_id} ${chosen.run_id}`} dag={chosen.dag_id} run={chosen.run_id} />
    </section>
  );
}

function OneReceipt({ dag, run }: { dag: string; run: string }) {
  const where = path("receipts", dag, run);
  const { data, error, reload } = useResource<Receipt>(where, (receipt) => (receipt?.whole ? 30_000 : 2_000));
  const fields = useMemo(() => fieldsOf(data), [data]);
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="the receipt" />;
  const waiting = data.rows.filter((row) => row.reason !== null || row.read_back === null);
  return (
    <div className="dbtl-receipt">
      <h2>
        {data.project} <StateMark state={data.state} />
      </h2>
      <p className="dbtl-quiet dbtl-break">{data.run_id}</p>
      {error && <Failure error={error} retry={reload} />}
      <p role="status" className={data.whole ? "dbtl-whole big" : "dbtl-waits big"}>
        {data.whole
          ? `Whole: the lineage of all ${data.rows.length} models was read back from the catalogue.`
          : `Not whole: ${waiting.length} of ${data.rows.length} models wait.`}
      </p>
      <Progress receipt={data} />
      {data.dashboards.map(({ dashboard, problem }) =>
        problem === null ? null : <Notice key={dashboard} title={`Dashboard ${dashboard}`} tone="warn">{problem}</Notice>,
      )}
      <p className="dbtl-row">
        <a className="dbtl-button" href={apiUrl(where)} download={`receipt-${run}.json`}>JSON</a>
        <a className="dbtl-button" href={apiUrl(`${where}?format=csv`)} download={`receipt-${run}.csv`}>CSV</a>
        <Statement where={`${where}/statement`} file={`receipt-${run}.dsse.json`} />
        <Go className="dbtl-button" to={{ tab: "events", dag, run }}>Events</Go>
        <Go className="dbtl-button" to={{ tab: "graph", run, dag }}>Graph</Go>
      </p>
      <DataTable caption="Models" fields={fields} rows={data.rows} id={(row) => row.unique_id} />
    </div>
  );
}

/** The signed statement is fetched first: a server without a key says so here, not in a file. */
function Statement({ where, file }: { where: string; file: string }) {
  const [failed, setFailed] = useState<string | null>(null);
  const take = async () => {
    setFailed(null);
    try {
      save(file, await read(where), "application/json");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setFailed(error.message);
    }
  };
  return (
    <>
      <button type="button" className="dbtl-button" onClick={() => void take()}>Signed statement</button>
      {failed !== null && <Notice title="There is no signed statement" tone="warn">{failed}</Notice>}
    </>
  );
}

function Progress({ receipt: { rows, dashboards } }: { receipt: Receipt }) {
  const ofModels = STATIONS.filter((station) => station !== "dashboard_equal").map((station) => ({
    ...{ title: TITLES[station], done: rows.filter((row) => row[station] !== null).length, all: rows.length, what: "" },
  }));
  const ofDashboards = dashboards.map(({ dashboard, charts, charts_equal: done }) => ({
    ...{ title: `Equal in ${dashboard}`, done, all: charts, what: " charts" },
  }));
  return (
    <ol className="dbtl-stations">
      {[...ofModels, ...ofDashboards].map(({ title, done, all, what }) => (
        <li key={title} className={done === all ? "done" : undefined}>
          <span>{title}</span>
          <b>{done} of {all}{what}</b>
          <progress value={done} max={Math.max(1, all)} aria-label={title} />
        </li>
      ))}
    </ol>
  );
}

function fieldsOf(receipt: Receipt | null): Field<ReceiptRow>[] {
  const stations = STATIONS.filter(
    (station) => station !== "dashboard_equal" || receipt?.rows.some((row) => row.dashboard_equal !== null),
  );
  return [
    {
      title: "Model",
      value: (row) => row.model,
      show: (row) => (row.node === null ? row.model : <Go to={{ tab: "graph", node: row.node }}>{row.model}</Go>),
    },
    ...stations.map((station): Field<ReceiptRow> => ({
      title: TITLES[station],
      value: (row) => row[station],
      show: (row) =>
        row[station] === null ? (
          <span className="dbtl-quiet">{station === "dashboard_equal" && row.dashboards.length === 0 ? "on none" : "waits"}</span>
        ) : (
          <>
            <span aria-hidden="true" className="dbtl-tick">✓</span> <When time={row[station]} as="clock" />
          </>
        ),
    })),
    { title: "Reason", value: (row) => row.reason },
  ];
}
