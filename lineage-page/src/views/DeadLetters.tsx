import { useState } from "react";
import { post, Refused, useResource } from "../api/client";
import type { DeadLetters as Answer } from "../api/types";
import { useView } from "../ui/address";
import { Go } from "../ui/Go";
import { When } from "../ui/marks";
import { Failure, Loading, Notice } from "../ui/Notice";

const [FIRST, MOST] = [50, 500];

/** Events that never arrived, each with its reason and what was sent; they are replayed by a DAG. */
export function DeadLetters() {
  const { view } = useView();
  const [limit, setLimit] = useState(FIRST);
  const { data, error, reload } = useResource<Answer>(`dead-letters?limit=${limit}`, () => 15_000);
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="dead letters" />;
  const letters = data.letters.filter(({ project }) => view.projects.length === 0 || project === null || view.projects.includes(project));
  if (data.total === 0) return <Notice title="No dead letters">Every event was valid, and has arrived.</Notice>;
  return (
    <section className="dbtl-view">
      <h2>{data.total} dead {data.total === 1 ? "letter" : "letters"}</h2>
      <p className="dbtl-quiet">Events that were not valid, or never arrived. A replay sends them again.</p>
      {error && <Failure error={error} retry={reload} />}
      {data.may_replay ? <Replay /> : <p>You may not start a replay: that takes the right to trigger the DAG lineage_replay.</p>}
      <ul className="dbtl-letters">
        {letters.map((letter) => (
          <li key={letter.id}>
            <div>
              <b className="dbtl-break">{letter.job ?? "unknown job"}</b>{" "}
              <span className="dbtl-quiet">
                <When time={letter.at} /> {letter.project} {letter.id}
                {letter.attempts ? `, ${letter.attempts} attempts` : ""}
              </span>
              <p className="dbtl-break">{letter.reason}</p>
              {letter.payload === null ? (
                <p className="dbtl-quiet">You may not read the code of its DAG, so its payload is not shown.</p>
              ) : (
                <details>
                  <summary>Payload</summary>
                  <Json text={letter.payload} />
                </details>
              )}
            </div>
          </li>
        ))}
      </ul>
      {data.letters.length >= limit && data.total > limit && limit < MOST && (
        <button type="button" className="dbtl-button" onClick={() => setLimit(MOST)}>Show the newest {MOST}</button>
      )}
    </section>
  );
}

function Replay() {
  const [sent, setSent] = useState<{ dag_id: string; run_id: string } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const replay = async () => {
    setBusy(true);
    setFailed(null);
    try {
      setSent(await post("dead-letters/replay", {}));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setFailed(error.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <button type="button" className="dbtl-button strong" disabled={busy} onClick={() => void replay()}>
        Replay all that are new
      </button>
      <div role="status">
        {sent && (
          <p>
            Started: {sent.dag_id}, run {sent.run_id}. <Go to={{ tab: "receipts", dag: null, run: null }}>Receipts</Go>
          </p>
        )}
      </div>
      {failed !== null && <Notice title="The replay was not started" tone="failed">{failed}</Notice>}
    </div>
  );
}

/** JSON, indented where it is JSON; else as it came. */
export function Json({ text }: { text: string }) {
  return (
    // Scrolled by the keyboard too.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className="dbtl-code" tabIndex={0} role="region" aria-label="JSON">
      {indented(text)}
    </pre>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
