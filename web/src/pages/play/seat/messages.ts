// What a seat and the platform say to each other (docs/protocol.md).

export interface Turn {
  match: string;
  game: string;
  seat: number;
  ply: number;
  observation: unknown;
  /** Where the game knows which actions are legal. */
  legal?: number[] | null;
  /** Of a discrete action space: the first action, and how many there are. */
  actions?: [first: number, count: number] | null;
  reward?: number;
  left_ms: number;
  strikes?: number;
}

export interface Over {
  match: string;
  seat: number;
  placement: number;
  scores: number[];
  placements: number[];
  cause: string;
  faults?: string[];
}

export interface Notice {
  code: string;
  message: string;
  match?: string | null;
}

export interface Welcome {
  type: 'welcome';
  beat_ms: number;
}

export interface Refusal {
  type: 'refusal';
  code: string;
  message: string;
}

/** A turn is one of its ply and of the faults before it: the same one may come again. */
export const keyOf = (turn: Pick<Turn, 'match' | 'ply' | 'strikes'>) =>
  `${turn.match} ${turn.ply} ${turn.strikes ?? 0}`;
