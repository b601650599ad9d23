import type { MouseEvent, ReactNode } from "react";
import type { View } from "../maths/url";
import { useView } from "./address";

interface Props {
  to: Partial<View>;
  children: ReactNode;
  className?: string;
  current?: boolean;
  title?: string;
}

/** A link to another view: a plain click stays in the page, a modified one opens a tab. */
export function Go({ to, children, className, current, title }: Props) {
  const { link, show } = useView();
  const click = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    show(to);
  };
  return (
    <a href={link(to)} onClick={click} className={className} title={title} aria-current={current ? "page" : undefined}>
      {children}
    </a>
  );
}
