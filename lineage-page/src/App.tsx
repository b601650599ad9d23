import { Component, useMemo, type ReactNode } from "react";
import { useResource } from "./api/client";
import { queryOfProjects, useLineage } from "./api/lineage";
import type { Project, StateAnswer } from "./api/types";
import { GraphTab } from "./graph/GraphTab";
import type { Tab } from "./maths/url";
import { Styles } from "./styles/Styles";
import { NavigationProvider, useNavigation, useView } from "./ui/address";
import { Go } from "./ui/Go";
import { StateMark, When } from "./ui/marks";
import { Failure, Loading, Notice } from "./ui/Notice";
import { DeadLetters } from "./views/DeadLetters";
import { Events } from "./views/Events";
import { Health } from "./views/Health";
import { Receipts } from "./views/Receipts";
import { WhatIf } from "./views/WhatIf";

/** What Airflow gives a react_app: where in Airflow it is open. */
export interface AppProps {
  dagId?: string;
  runId?: string;
}

const TITLES: Record<Tab, string> = {
  "graph": "Graph",
  "health": "Health",
  "receipts": "Receipts",
  "dead-letters": "Dead letters",
  "events": "Events",
  "what-if": "What if",
};

/** The lineage page. */
export function App(props: AppProps) {
  return (
    <div className="dbtl">
      <Styles />
      <Guard>
        <Page {...props} />
      </Guard>
    </div>
  );
}

function Page({ dagId, runId }: AppProps) {
  const navigation = useNavigation();
  const projects = useResource<Project[]>("projects", () => 60_000);
  // On a DAG's page, its project is shown until another one is chosen.
  const here = dagId === undefined ? undefined : projects.data?.find((project) => project.dag_id === dagId);
  const within = useMemo(() => {
    const { view } = navigation;
    const chosen = view.projects.length === 0 && here ? [here.name] : view.projects;
    return { ...navigation, view: { ...view, projects: chosen, run: view.run ?? runId ?? null } };
  }, [navigation, here, runId]);
  if (projects.error && !projects.data) return <Failure error={projects.error} retry={projects.reload} />;
  if (!projects.data) return <Loading what="projects" />;
  if (dagId !== undefined && !here) {
    return <Notice title="No lineage here">{`The DAG ${dagId} runs no dbt project that is set up.`}</Notice>;
  }
  return (
    <NavigationProvider value={within}>
      <Shell projects={projects.data} dag={dagId ?? null} />
    </NavigationProvider>
  );
}

function Shell({ projects, dag }: { projects: Project[]; dag: string | null }) {
  const { view } = useView();
  const unknown = view.projects.filter((name) => !projects.some((project) => project.name === name));
  const shown = projects.filter((project) => view.projects.length === 0 || view.projects.includes(project.name));
  return (
    <>
      <header className="dbtl-header">
        <nav aria-label="Lineage">
          <ul>
            {(Object.keys(TITLES) as Tab[]).map((tab) => (
              <li key={tab}>
                <Go to={{ tab }} current={view.tab === tab}>{TITLES[tab]}</Go>
              </li>
            ))}
          </ul>
        </nav>
        {dag === null && <ProjectChoice projects={projects} />}
      </header>
      {unknown.length > 0 && (
        <Notice title="This link leads to no project" tone="warn">
          {`There is no project ${unknown.join(", ")}, or you may not read its DAG.`}
        </Notice>
      )}
      {shown.map((project) => (
        <Problems key={project.name} project={project} />
      ))}
      <Content projects={shown} dag={dag} />
    </>
  );
}

function Problems({ project }: { project: Project }) {
  return (
    <>
      {!project.lineage_on && (
        <Notice title={`The lineage of ${project.name} is off`} tone="warn">
          {project.lineage_reason ?? "No event leaves this machine. What is shown is what was known before."}
        </Notice>
      )}
      {project.problem && <Notice title={`${project.name} cannot be read`} tone="failed">{project.problem}</Notice>}
    </>
  );
}

function ProjectChoice({ projects }: { projects: Project[] }) {
  const { view, show } = useView();
  if (projects.length < 2) return <span className="dbtl-quiet">{projects[0]?.name}</span>;
  const several = view.projects.length > 1 ? view.projects.join(", ") : null;
  return (
    <label className="dbtl-row">
      <span className="dbtl-quiet">Project</span>
      <select
        value={several ?? view.projects[0] ?? ""}
        onChange={({ target }) =>
          show({ projects: target.value === "" ? [] : [target.value], node: null, column: null, of: null, dag: null, run: null })
        }
      >
        <option value="">All projects</option>
        {several && <option>{several}</option>}
        {projects.map((project) => (
          <option key={project.name}>{project.name}</option>
        ))}
      </select>
    </label>
  );
}

const POLL = { running: 2_000, quiet: 15_000 };
const LIVE = new Set(["running", "queued"]);

function Content({ projects, dag }: { projects: Project[]; dag: string | null }) {
  const { view } = useView();
  const ofGraph = view.tab === "graph" || view.tab === "what-if";
  const { lineage, error, reload } = useLineage(ofGraph && projects.length > 0 ? view.projects : null);
  const query = queryOfProjects(view.projects);
  const run = view.run === null ? "" : `${query === "" ? "?" : "&"}run_id=${encodeURIComponent(view.run)}`;
  const states = useResource<StateAnswer>(view.tab === "graph" ? `state${query}${run}` : null, (answer) =>
    answer?.runs.some((one) => LIVE.has(one.state)) ? POLL.running : POLL.quiet,
  );
  if (projects.length === 0) {
    return <Notice title="No dbt project">None is set up, or you may read the DAG of none.</Notice>;
  }
  const runId = view.run ?? projects[0].last_run?.run_id ?? null;
  const runDag = dag ?? view.dag ?? projects[0].dag_id;
  if (view.tab === "health") return <Health />;
  if (view.tab === "receipts") return <Receipts dag={dag} />;
  if (view.tab === "dead-letters") return <DeadLetters />;
  if (view.tab === "events") return <Events key={`${runDag} ${runId} ${view.model}`} dag={runDag} run={runId} />;
  if (error && !lineage) return <Failure error={error} retry={reload} />;
  if (!lineage) return <Loading what="the graph" />;
  return (
    <>
      {lineage.problem && <Notice title="Not all is known" tone="warn">{lineage.problem}</Notice>}
      {lineage.graph.notes && lineage.graph.notes.length > 0 && (
        <details>
          <summary>Notes <span className="dbtl-quiet">{lineage.graph.notes.length}</span></summary>
          <ul className="dbtl-plainlist">
            {lineage.graph.notes.map((note) => <li key={note}>{note}</li>)}
          </ul>
        </details>
      )}
      {view.tab === "graph" && <RunLine states={states.data} error={states.error?.message ?? null} />}
      {view.tab === "graph" ? <GraphTab lineage={lineage} states={states.data} /> : <WhatIf lineage={lineage} />}
    </>
  );
}

/** Which run the states on the graph are of. */
function RunLine({ states, error }: { states: StateAnswer | null; error: string | null }) {
  if (error !== null) return <p className="dbtl-runline"><StateMark state="warn" text={false} /> No state of runs: {error}</p>;
  if (!states) return <p className="dbtl-runline dbtl-quiet">…</p>;
  if (states.runs.length === 0) return <p className="dbtl-runline dbtl-quiet">Nothing has run yet</p>;
  return (
    <p className="dbtl-runline" role="status">
      {states.runs.slice(0, 3).map((run) => (
        <span key={`${run.dag_id} ${run.run_id}`}>
          <Go to={{ tab: "receipts", dag: run.dag_id, run: run.run_id }}>{run.project}</Go>{" "}
          <StateMark state={run.state} />{" "}
          <span className="dbtl-quiet"><When time={run.ended_at ?? run.started_at} /></span>
        </span>
      ))}
      {states.runs.length > 3 && <span className="dbtl-quiet">and {states.runs.length - 3} more projects</span>}
    </p>
  );
}

/** What is broken inside stays inside: Airflow around it goes on. */
class Guard extends Component<{ children: ReactNode }, { failed: Error | null }> {
  override state = { failed: null as Error | null };

  static getDerivedStateFromError(failed: Error) {
    return { failed };
  }

  override render() {
    if (this.state.failed === null) return this.props.children;
    return (
      <Notice title="The page has failed" tone="failed" action={
        <button type="button" className="dbtl-button" onClick={() => this.setState({ failed: null })}>Try again</button>
      }>
        {this.state.failed.message}
      </Notice>
    );
  }
}
