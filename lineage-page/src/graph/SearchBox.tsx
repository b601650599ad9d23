import { useDeferredValue, useId, useMemo, useState, type KeyboardEvent } from "react";
import type { Columns } from "../maths/columns";
import { search, searchIndex, selector, type Hit, type Selector } from "../maths/search";
import type { Tables } from "../maths/tables";
import { KindMark } from "../ui/marks";

interface Props {
  tables: Tables;
  columns: Columns | null;
  /** Offer no tables. */
  columnsOnly?: boolean;
  jump: (hit: Hit, selector: Selector) => void;
}

/** One box for tables and columns. Enter jumps to the best answer; dbt's `+` signs choose the direction. */
export function SearchBox({ tables, columns, columnsOnly = false, jump }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const index = useMemo(() => searchIndex(tables, columns), [tables, columns]);
  const wanted = useDeferredValue(text);
  const hits = useMemo(() => search(index, selector(wanted).name, columnsOnly), [index, wanted, columnsOnly]);
  const choose = (hit: Hit) => {
    jump(hit, selector(text));
    setOpen(false);
    setText("");
  };
  const press = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((hits.length + at + step) % Math.max(1, hits.length));
    else if (event.key === "Enter" && hits[at]) choose(hits[at]);
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
  };
  const wording = columnsOnly ? "Search columns" : "Search tables and columns";
  const shown = isOpen && wanted.trim() !== "";
  return (
    <div className="dbtl-search">
      <input
        type="search"
        role="combobox"
        aria-label={wording}
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && hits.length > 0 ? `${id}-${at}` : undefined}
        placeholder={wording}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
          setAt(0);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Found" hidden={!shown}>
        {hits.map((hit, place) => (
          // The keys are the input's: the list follows it by aria-activedescendant.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={`${hit.node} ${hit.column}`}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === at}
            tabIndex={-1}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(hit)}
          >
            <KindMark kind={tables.nodes[hit.node].kind} />
            <span className="found">
              {hit.column !== null && <b>{columns!.names[hit.column]}</b>}
              <span className={hit.column === null ? undefined : "dbtl-quiet"}>{tables.nodes[hit.node].name}</span>
            </span>
            <span className="dbtl-quiet place">{tables.nodes[hit.node].schema}</span>
          </li>
        ))}
        {hits.length === 0 && (
          <li className="dbtl-quiet" role="option" aria-selected={false} aria-disabled="true">
            Nothing is called so{columns ? "" : " (columns are still loading)"}
          </li>
        )}
      </ul>
    </div>
  );
}
