import { useMemo, useState } from "react";
import { path, useResource } from "../api/client";
import type { EventHead } from "../api/types";
import { useView } from "../ui/address";
import { DataTable, type Field } from "../ui/DataTable";
import { When } from "../ui/marks";
import { Failure, Loading, Notice } from "../ui/Notice";
import { Json } from "./DeadLetters";

interface Props {
  dag: string | null;
  run: string | null;
}

/** The events of one run, each as it was sent. */
export function Events({ dag, run }: Props) {
  const { view } = useView();
  const [dagId, runId] = [view.dag ?? dag, view.run ?? run];
  const query = new URLSearchParams();
  if (dagId !== null) query.set("dag_id", dagId);
  if (runId !== null) query.set("run_id", runId);
  if (view.model !== null) query.set("model", view.model);
  const { data, error, reload } = useResource<EventHead[]>(runId === null ? null : `events?${query}`, () => 10_000);
  const [chosen, setChosen] = useState<string | null>(null);
  const fields = useMemo<Field<EventHead>[]>(
    () => [
      { title: "Job", value: (event) => event.job },
      { title: "Type", value: (event) => event.type },
      { title: "Emitted", value: emitted, show: (event) => <When time={emitted(event)} as="clock" /> },
      { title: "In Kafka", value: (event) => event.acknowledged_at, show: (event) => <When time={event.acknowledged_at} as="clock" /> },
      { title: "In catalogue", value: (event) => event.ingested_at ?? null, show: (event) => <When time={event.ingested_at ?? null} as="clock" /> },
      { title: "Read back", value: (event) => event.verified_at, show: (event) => <When time={event.verified_at} as="clock" /> },
      {
        title: "Event",
        value: (event) => event.event_id,
        show: (event) => (
          <button type="button" className="dbtl-link" onClick={() => setChosen(event.event_id)}>
            Show JSON
          </button>
        ),
      },
      { title: "Reason", value: (event) => event.reason ?? null },
    ],
    [],
  );
  if (runId === null) {
    return <Notice title="Choose a run">Open a receipt, and its events from there.</Notice>;
  }
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="events" />;
  return (
    <section className="dbtl-view">
      <h2>Events</h2>
      <p className="dbtl-quiet dbtl-break">
        {dagId}, run {runId}
        {view.model !== null && `, model ${view.model}`}
      </p>
      {data.length === 0 ? (
        <Notice title="No event of this run is known">It has not emitted one yet, or they are older than the ledger keeps.</Notice>
      ) : (
        <DataTable caption="Events" fields={fields} rows={data} id={(event) => event.event_id} file={`events-${runId}.csv`} />
      )}
      {chosen !== null && <OneEvent id={chosen} />}
    </section>
  );
}

const emitted = (event: EventHead) => event.emitted_at ?? event.at ?? null;

function OneEvent({ id }: { id: string }) {
  const { data, error, reload } = useResource<unknown>(path("events", id));
  if (error) return <Failure error={error} retry={reload} />;
  if (data === null) return <Loading what="the event" />;
  return (
    <section aria-label={`Event ${id}`}>
      <h3>As it was sent</h3>
      <p className="dbtl-quiet">{id}</p>
      <Json text={JSON.stringify(data)} />
    </section>
  );
}
