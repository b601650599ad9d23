import { useResource } from "../api/client";
import type { Course, HealthAnswer, Promised } from "../api/types";
import { useView } from "../ui/address";
import { StateMark, When } from "../ui/marks";
import { Failure, Loading, Notice } from "../ui/Notice";
import { inWords } from "../maths/amounts";

/** Each promise about the lineage: kept or not, its value against its target, and its course. */
export function Health() {
  const { view } = useView();
  const { data, error, reload } = useResource<HealthAnswer>("health", () => 15_000);
  if (error && !data) return <Failure error={error} retry={reload} />;
  if (!data) return <Loading what="the promises" />;
  const wanted = (project: string | null) => view.projects.length === 0 || project === null || view.projects.includes(project);
  const promises = data.promises.filter((promised) => wanted(promised.project));
  const rank = { failed: 0, warn: 1, unknown: 2, ok: 3 };
  const sorted = [...promises].sort((a, b) => rank[a.state] - rank[b.state]);
  const broken = promises.filter((promised) => promised.state === "failed").length;
  return (
    <section className="dbtl-view">
      <h2>
        {promises.length === 0 ? "No promise was checked yet" : broken === 0 ? "No promise is broken" : `${broken} of ${promises.length} promises are broken`}
      </h2>
      <p className="dbtl-quiet">
        Checked <When time={data.checked_at} />
      </p>
      {error && <Failure error={error} retry={reload} />}
      {promises.length === 0 && (
        <Notice title="Nothing was checked yet">The DAG lineage_checks checks each promise. Unpause it, or run it once.</Notice>
      )}
      {data.alerts.length > 0 && (
        <ul className="dbtl-alerts" aria-label="Open alerts">
          {data.alerts.map((alert) => (
            <li key={alert.title}>
              <StateMark state="failed" text={false} /> {alert.title}
              <span className="dbtl-quiet">
                {" "}
                {alert.project} since <When time={alert.since} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <ul className="dbtl-promises">
        {sorted.map((promised) => (
          <PromiseCard key={`${promised.name} ${promised.project}`} promised={promised} />
        ))}
      </ul>
    </section>
  );
}

function PromiseCard({ promised }: { promised: Promised }) {
  const { title, state, value, unit, target, since, message, runbook, project, course } = promised;
  return (
    <li className={`dbtl-promise ${state}`}>
      <header>
        <h3>{title}</h3>
        <StateMark state={state} />
      </header>
      <p className="value">
        {value !== null && <b>{inWords(value, unit)}</b>}{" "}
        {target && target !== "none" && <span className="dbtl-quiet">target {target}</span>}
      </p>
      {value !== null && <Chart course={course} name={title} />}
      {message && <p className="dbtl-break">{message}</p>}
      <p className="dbtl-quiet dbtl-row">
        {project && <span>{project}</span>}
        {state !== "ok" && since && (
          <span>
            since <When time={since} />
          </span>
        )}
        {runbook && state !== "ok" && (
          <a href={new URL(runbook, document.baseURI).href} target="_blank" rel="noreferrer">
            What to do
          </a>
        )}
      </p>
    </li>
  );
}

const [WIDTH, HEIGHT] = [260, 44];

/** The last values as a line; a value that broke the promise is a cross. */
function Chart({ course, name }: { course: Course[]; name: string }) {
  const known = course.filter((point): point is Course & { value: number } => point.value !== null);
  if (known.length < 2) return <p className="dbtl-quiet nochart">Too few checks for a chart</p>;
  const values = known.map((point) => point.value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const x = (at: number) => 5 + (at * (WIDTH - 10)) / (known.length - 1);
  const y = (value: number) => (most === least ? HEIGHT / 2 : HEIGHT - 6 - ((value - least) * (HEIGHT - 12)) / (most - least));
  const broken = known.filter((point) => point.ok === false).length;
  const label = `${name}: ${known.length} checks, from ${values[0]} to ${values.at(-1)}, ${broken} of them broken`;
  return (
    <svg className="dbtl-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
      <polyline points={known.map((point, at) => `${x(at)},${y(point.value)}`).join(" ")} />
      {known.map((point, at) =>
        point.ok === false ? (
          <path key={point.at} className="bad" d={`M${x(at) - 4},${y(point.value) - 4} l8,8 m0,-8 l-8,8`} />
        ) : at === known.length - 1 ? (
          <circle key={point.at} cx={x(at)} cy={y(point.value)} r="3" />
        ) : null,
      )}
    </svg>
  );
}
