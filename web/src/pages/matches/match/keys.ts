import { useEffect, useRef } from 'react';
import { keyed, type Press } from './playback';

/** Where keys have a meaning of their own. */
const OWN =
  'input, textarea, select, [contenteditable], [role="slider"], [role="tab"], [role="radio"], [role="option"]';
const PRESSABLE = 'button, a, summary, [role="button"]';
const SCROLLED = '[role="region"], [role="log"], [role="group"][tabindex]';

/** The keys of a player, wherever the focus is, unless it is where they mean something else. */
export function usePlayerKeys(press: (press: Press) => void) {
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const found = keyed(event.key, event.shiftKey);
      if (!found || elsewhere(event.target, event.key)) return;
      event.preventDefault();
      latest.current(found);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

function elsewhere(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(OWN)) return true;
  if (key === ' ') return target.closest(PRESSABLE) !== null;
  return (key === 'Home' || key === 'End') && target.matches(SCROLLED);
}
