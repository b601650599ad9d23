/** The answers of the page's API, as `include/dbt_lineage/airflow/page/` gives them. Times are ISO 8601 in UTC. */

export type Time = string | null;

export interface Run {
  run_id: string;
  state: string;
  started_at: Time;
  ended_at: Time;
}

export interface Project {
  name: string;
  dag_id: string;
  models: number;
  columns: number;
  dashboards: number;
  lineage_on: boolean;
  lineage_reason: string | null;
  last_run: Run | null;
  problem?: string | null;
}

export type Kind = "source" | "seed" | "model" | "snapshot" | "table" | "chart" | "dashboard";

export interface GraphNode {
  id: string;
  kind: Kind;
  name: string;
  schema: string | null;
  database: string | null;
  project: string | null;
  package: string | null;
  folder: string | null;
  tags: string[];
  materialized: string | null;
  layer: number;
  order: number;
  columns: number;
  owner: string | null;
  dag_id: string | null;
  task_id: string | null;
  verified_at: Time;
  links: { openmetadata?: string | null; superset?: string | null; airflow?: string | null };
}

export interface GraphAnswer {
  version: string;
  made_at: Time;
  projects: string[];
  source: "ledger" | "manifest";
  problem?: string | null;
  notes?: string[];
  nodes: GraphNode[];
  edges: [number, number][];
}

export interface ColumnsAnswer {
  version: string;
  problem?: string | null;
  columns: [number, string][];
  edges: [number, number, number, number][];
  node_edges?: [number, number, number, number][];
  kinds: string[];
  proofs: string[];
  unresolved: [number, number | null, string][];
}

export interface NodeState {
  state: string;
  started_at: Time;
  ended_at: Time;
  tests: { passed: number; failed: number; warned: number } | null;
  verified_at: Time;
}

export interface StateAnswer {
  runs: (Run & { project: string; dag_id: string })[];
  now: Time;
  nodes: Record<string, NodeState>;
}

export interface NodeDetail extends GraphNode2 {
  description: string | null;
  sql: string | null;
  /** The reader may not see the DAG's code. */
  sql_hidden?: boolean;
  tests: { name: string; column: string | null; state: string; message: string | null; at: Time }[];
  runs: Run[];
  freshness: { last_event_at: Time; warn_after: string | null; error_after: string | null; state: string } | null;
  upstream: string[];
  downstream: string[];
  unresolved: { column: string | null; reason: string }[];
  event_id: string | null;
  times: { emitted: Time; acknowledged: Time; ingested: Time; verified: Time } | null;
}

/** A node of `/graph`, but with its columns described instead of counted. */
type GraphNode2 = Omit<GraphNode, "columns" | "layer" | "order"> & {
  columns: { name: string; type: string | null; description: string | null; expression?: string | null; tests: string[] }[];
};

export interface Course {
  at: string;
  value: number | null;
  ok: boolean | null;
}

export interface Promised {
  name: string;
  title: string;
  target: string | number | null;
  value: number | null;
  unit: string | null;
  state: "ok" | "warn" | "failed" | "unknown";
  since: Time;
  message: string | null;
  runbook: string | null;
  project: string | null;
  course: Course[];
}

export interface HealthAnswer {
  state: string;
  checked_at: Time;
  promises: Promised[];
  alerts: { title: string; since: Time; project: string | null }[];
}

export interface ReceiptHead {
  dag_id: string;
  run_id: string;
  project: string;
  state: string;
  started_at: Time;
  models: number;
  read_back: number;
}

export const STATIONS = ["ran", "on_disk", "in_kafka", "in_catalogue", "read_back", "dashboard_equal"] as const;
export type Station = (typeof STATIONS)[number];

export type ReceiptRow = Record<Station, Time> & {
  model: string;
  unique_id: string;
  node: string | null;
  /** Ids of the dashboards that show it. */
  dashboards: string[];
  reason: string | null;
  event_id: string | null;
};

export interface Receipt {
  dag_id: string;
  run_id: string;
  project: string;
  state: string;
  made_at: Time;
  whole: boolean;
  rows: ReceiptRow[];
  dashboards: {
    dashboard: string;
    equal: boolean | null;
    charts: number;
    charts_equal: number;
    problem: string | null;
    at: Time;
  }[];
}

export interface DeadLetters {
  total: number;
  may_replay?: boolean;
  letters: {
    id: string;
    at: Time;
    reason: string;
    job: string | null;
    run_id: string | null;
    project: string | null;
    attempts?: number | null;
    /** Null for who may not read the DAG's code. */
    payload: string | null;
  }[];
}

export interface EventHead {
  event_id: string;
  type: string;
  job: string;
  at?: Time;
  emitted_at?: Time;
  acknowledged_at: Time;
  ingested_at?: Time;
  verified_at: Time;
  reason?: string | null;
}

/** From a column of a table, to a column, and how. */
export type ChangedEdge = [node: string, column: string, to: string, kind: string];

export interface WhatIfAnswer {
  /** Reached by value. */
  columns: [string, string][];
  /** Reached by a condition alone. */
  conditional?: [string, string][];
  nodes: string[];
  charts: string[];
  owners?: string[];
  added?: ChangedEdge[];
  removed?: ChangedEdge[];
  changed?: string[];
  new_columns?: string[];
  gone_columns?: string[];
  unresolved: { column: string | null; reason: string }[];
}
