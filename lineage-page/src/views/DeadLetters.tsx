import { useState } from "react";
import { post, Refused, useResource } from "../api/client";
import type { DeadLetters as Answer } from "../api/types";
import { useView } from "../ui/address";
import { Go } from "../ui/Go";
import { When } from "../ui/marks";
import { Failure, Loading, Notice } from "../ui/Notice";

const PAGE = 50;

/** Events that never arrived, each with its reason and what was sent; they are replayed by a DAG. */
export function DeadLetters() {
  const { view } = useView();
  const [before, setBefore] = useState<string[]>([]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const last = before.at(-1);
  const { data, error, reload } = useResource<Answer>(
    `dead-letters?limit=${PAGE}${last === undefined ? "" : `&before=${encodeURIComponent(last)}`}`,
    () => 15_000,
  );
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="dead letters" />;
  const letters = data.letters.filter(({ project }) => view.projects.length === 0 || project === null || view.projects.includes(project));
  if (data.total === 0) return <Notice title="No dead letters">Every event was valid, and has arrived.</Notice>;
  const choose = (id: string) =>
    setChosen((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const mayReplay = data.may_replay !== false;
  return (
    <section className="dbtl-view">
      <h2>{data.total} dead {data.total === 1 ? "letter" : "letters"}</h2>
      <p className="dbtl-quiet">Events that were not valid, or never arrived. A replay sends them again.</p>
      {error && <Failure error={error} retry={reload} />}
      {mayReplay && <Replay ids={[...chosen]} />}
      <ul className="dbtl-letters">
        {letters.map((letter) => (
          <li key={letter.id}>
            {mayReplay && (
              <input type="checkbox" aria-label={`Choose ${letter.job ?? letter.id}`} checked={chosen.has(letter.id)}
                onChange={() => choose(letter.id)} />
            )}
            <div>
              <b className="dbtl-break">{letter.job ?? "unknown job"}</b>{" "}
              <span className="dbtl-quiet">
                <When time={letter.at} /> {letter.project} {letter.id}
              </span>
              <p className="dbtl-break">{letter.reason}</p>
              <details>
                <summary>Payload</summary>
                <Json text={letter.payload} />
              </details>
            </div>
          </li>
        ))}
      </ul>
      <p className="dbtl-row">
        {before.length > 0 && (
          <button type="button" className="dbtl-button" onClick={() => setBefore(before.slice(0, -1))}>Newer</button>
        )}
        {data.letters.length === PAGE && (
          <button type="button" className="dbtl-button" onClick={() => setBefore([...before, data.letters.at(-1)!.id])}>Older</button>
        )}
      </p>
    </section>
  );
}

function Replay({ ids }: { ids: string[] }) {
  const [sent, setSent] = useState<{ dag_id: string; run_id: string } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const replay = async () => {
    setBusy(true);
    setFailed(null);
    try {
      setSent(await post("dead-letters/replay", ids.length > 0 ? { ids } : {}));
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
        {ids.length > 0 ? `Replay ${ids.length} chosen` : "Replay all"}
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
